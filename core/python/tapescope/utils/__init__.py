"""Tools around the engine: checkpoints, which compute again in backward what they do not keep."""

from tapescope.utils import checkpoint as checkpoint

__all__ = ["checkpoint"]

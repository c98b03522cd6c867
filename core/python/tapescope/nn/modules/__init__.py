"""PyTorch's places of what nn has."""

from tapescope.nn.modules import module as module
from tapescope.nn.modules.module import Module

__all__ = ["Module"]

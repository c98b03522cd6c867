"""Optimisers."""

from tapescope.optim.adam import Adam, AdamW
from tapescope.optim.optimizer import Optimizer
from tapescope.optim.sgd import SGD

__all__ = ["SGD", "Adam", "AdamW", "Optimizer"]

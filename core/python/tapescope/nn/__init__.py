"""Layers."""

from tapescope.nn import functional, init
from tapescope.nn import modules as modules
from tapescope.nn.activation import ReLU, Sigmoid, Tanh
from tapescope.nn.container import Sequential
from tapescope.nn.linear import Linear
from tapescope.nn.loss import CrossEntropyLoss, MSELoss
from tapescope.nn.module import Module
from tapescope.nn.parameter import Parameter

__all__ = [
    "CrossEntropyLoss",
    "Linear",
    "MSELoss",
    "Module",
    "Parameter",
    "ReLU",
    "Sequential",
    "Sigmoid",
    "Tanh",
    "functional",
    "init",
]

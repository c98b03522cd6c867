"""Losses as modules."""

from __future__ import annotations

from tapescope._C import Tensor
from tapescope.nn import functional as F
from tapescope.nn.module import Module


class CrossEntropyLoss(Module):
    """-log softmax(logits)[target]. logits: (N, C); target: (N,) int64 classes, or (N, C) probabilities."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(logits, target, reduction=self.reduction)


class MSELoss(Module):
    """(input - target)²."""

    def __init__(self, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = reduction

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.mse_loss(input, target, reduction=self.reduction)

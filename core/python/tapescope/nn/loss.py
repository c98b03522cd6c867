"""Losses as modules."""

from tapescope.nn import functional as F
from tapescope.nn.module import Module


class CrossEntropyLoss(Module):
    """-log softmax(logits)[target]. logits: (N, C); target: (N,) int64 classes, or (N, C) probabilities."""

    def __init__(self, reduction="mean"):
        super().__init__()
        self.reduction = reduction

    def forward(self, logits, target):
        return F.cross_entropy(logits, target, reduction=self.reduction)


class MSELoss(Module):
    """(input - target)²."""

    def __init__(self, reduction="mean"):
        super().__init__()
        self.reduction = reduction

    def forward(self, input, target):
        return F.mse_loss(input, target, reduction=self.reduction)

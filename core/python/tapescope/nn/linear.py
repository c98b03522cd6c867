"""Linear layers."""

from __future__ import annotations

import math

from tapescope import _C
from tapescope._C import Tensor
from tapescope.nn import functional as F
from tapescope.nn import init
from tapescope.nn.module import Module
from tapescope.nn.parameter import Parameter


class Linear(Module):
    """y = x Wᵀ + b for x of shape (…, in_features); y has shape (…, out_features).

    weight: (out_features, in_features); bias: (out_features,). Both start uniform in ±1/√in_features.
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True, dtype: _C.dtype | None = None) -> None:
        super().__init__()
        self.in_features, self.out_features = in_features, out_features
        self.weight = Parameter(_C.empty(out_features, in_features, dtype=dtype))
        if bias:
            self.bias = Parameter(_C.empty(out_features, dtype=dtype))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draws weight and bias anew."""
        bound = 1 / math.sqrt(self.in_features) if self.in_features else 0
        init.uniform_(self.weight, -bound, bound)
        if self.bias is not None:
            init.uniform_(self.bias, -bound, bound)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"

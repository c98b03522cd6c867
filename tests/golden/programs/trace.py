import tapescope as ts
from tapescope import jit

weight = ts.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
bias = ts.zeros(2, requires_grad=True)


def layer(x, weight, bias):
    hidden = (x @ weight + bias).tanh()
    left, right = hidden.split(1, 1)
    return (left * right).sum()


# %%
traced = jit.trace(layer, (ts.ones(3, 2), weight, bias), check_trace=False)
# %%
picture = ts.explore(traced)

"""A program as users write it, with types."""

import numpy as np

import tapescope as ts
from tapescope import Tensor, nn, optim
from tapescope.profiler import profile, record_function


def loss_of(x: Tensor, w: Tensor) -> Tensor:
    y = ts.relu(x @ w + 1.0).clamp(min=0, max=6)
    top = y.max(1)
    picked: Tensor = top.values[0]
    larger: Tensor = y.max(x)
    return (2 * y - picked / 3).sum() + larger.mean(dim=(0, 1))


x = ts.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=ts.float32, requires_grad=True)
w = ts.zeros(2, 2)
sizes: tuple[int, ...] = x.shape
handle = x.register_hook(lambda g: g * 2)
loss = loss_of(x, w)
loss.backward(retain_graph=True)
handle.remove()
if x.grad is not None:
    steepest: int = int(x.grad.abs().argmax().item())
if loss.grad_fn is not None:
    name: str = loss.grad_fn.name()
array: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]" = np.ones(3)
shared = ts.from_numpy(array).view(3, 1).expand(3, 4)
(gradient,) = ts.autograd.grad(loss, x)
model = nn.Sequential(nn.Linear(2, 3), nn.Tanh())
optimizer = optim.SGD(model.parameters(), lr=0.1)
with ts.no_grad():
    x.add_(1, alpha=2)
with profile(profile_memory=True) as prof:
    with record_function("forward"):
        model(x)
    optimizer.step()
text: str = prof.key_averages(group_by_input_shape=True).table(sort_by="cpu_time_total", row_limit=5)
prof.export_chrome_trace("trace.json")

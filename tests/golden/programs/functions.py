import tapescope as ts
from tapescope import nn


class Clamped(ts.autograd.Function):
    @staticmethod
    def forward(ctx, x, low, high):
        ctx.save_for_backward(x)
        ctx.low, ctx.high = low, high
        return x.clamp(low, high)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * ((x >= ctx.low) & (x <= ctx.high)), None, None


ts.manual_seed(0)
model = nn.Sequential(nn.Linear(3, 2), nn.Tanh())


# %%
def log(module, args, output):
    pass


def clip(module, grad_input, grad_output):
    return tuple(None if g is None else g.clamp(-0.1, 0.1) for g in grad_input)


model.register_forward_hook(log)
model[0].register_full_backward_hook(clip)
x = ts.ones(2, 3, requires_grad=True)
h = Clamped.apply(model(x), -1, 1)
h.register_hook(lambda grad: grad * 2)
with ts.autograd.graph.saved_tensors_hooks(lambda t: t.tolist(), lambda kept: ts.tensor(kept)):
    loss = h.exp().sum()
loss.backward(retain_graph=True)

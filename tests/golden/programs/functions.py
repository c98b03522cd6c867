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


def check(module, args):
    pass


model.register_forward_hook(log)
model[0].register_forward_pre_hook(check)
x = ts.ones(2, 3, requires_grad=True)
h = Clamped.apply(model(x), -1, 1)
h.register_hook(lambda grad: grad * 2)
with ts.autograd.graph.saved_tensors_hooks(lambda t: t.tolist(), lambda kept: ts.tensor(kept)):
    loss = h.exp().sum()
loss.backward(retain_graph=True)

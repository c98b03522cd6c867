import tapescope as ts
from tapescope import nn

ts.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 3), nn.Tanh(), nn.Linear(3, 2))


def clip(grad):
    return grad.clamp(-0.1, 0.1)


def watch(parameter):
    pass


x, target = ts.randn(5, 4), ts.tensor([0, 1, 0, 1, 1])
# %%
h = model[1](model[0](x))
h.register_hook(clip)
h.retain_grad()
model[0].weight.register_post_accumulate_grad_hook(watch)
loss = nn.functional.cross_entropy(model[2](h), target)
loss.backward(retain_graph=True)

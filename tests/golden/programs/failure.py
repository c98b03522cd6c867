import tapescope as ts

w = ts.ones(4, requires_grad=True)
# %%
loss = (w * w).sum()
(gradient,) = ts.autograd.grad(loss, w, create_graph=True)
penalty = gradient.pow(2).sum()
penalty.backward()
penalty.backward()

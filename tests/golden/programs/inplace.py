import tapescope as ts

# %%
a = ts.ones(3, requires_grad=True)
b = a.exp()
v = b[:2]
v.mul_(2)
b += 1
loss = (b * b).sum()
loss.backward()

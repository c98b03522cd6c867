import tapescope as ts
from tapescope import nn

ts.manual_seed(0)
model = nn.Linear(3, 2)
optimizer = ts.optim.SGD(model.parameters(), lr=0.1)
x = ts.randn(8, 3)
# %%
for _ in range(2000):
    optimizer.zero_grad()
    loss = model(x).pow(2).mean()
    loss.backward()
    optimizer.step()

"""Each marked line is a mistake that a type checker has to find, and it may find no other."""

import tapescope as ts

x = ts.ones(2, 3)
x.sum(dim="rows")  # error: arg-type
x.shape = (3, 2)  # error: misc
x.transpose(0)  # error: call-arg
x.frobnicate()  # error: attr-defined
ts.zeros("two")  # error: arg-type
ts.matmul(x, 3)  # error: arg-type
n: int = x.exp()  # error: assignment
x.grad.sum()  # error: union-attr
ts.tensor([1], dtype=float)  # error: arg-type
x.clamp(minimum=0)  # error: call-arg
x.backward(retain_graph="yes")  # error: arg-type
ts.optim.SGD([x], rate=0.1)  # error: call-arg
ts.nn.Linear("3", 4)  # error: arg-type

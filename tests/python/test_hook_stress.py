"""Eight threads register, remove and fire hooks on one graph while garbage is collected.

TAPESCOPE_STRESS_SECONDS: how long; 1 if it is not set.
"""

import gc
import os
import threading
import time

import tapescope as ts

SECONDS = float(os.environ.get("TAPESCOPE_STRESS_SECONDS", "1"))


class Keep(ts.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        ctx.me = ctx
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * 2 + 0 * x


def test_hooks_come_and_go_in_eight_threads_while_garbage_is_collected():
    x = ts.ones(40_000, requires_grad=True)  # large: kernels let the interpreter's lock go
    shared = Keep.apply(x)
    top = (shared * shared).sum()
    end = time.monotonic() + SECONDS
    errors, runs = [], [0] * 8

    def turn(number):
        fired = []
        handles = [
            shared.register_hook(fired.append),
            shared.grad_fn.register_prehook(fired.append),
            shared.grad_fn.register_hook(lambda *both: fired.append(both)),
            x.register_hook(lambda g: None),
            x.register_post_accumulate_grad_hook(fired.append),
            ts.autograd.graph.register_multi_grad_hook([shared, x], fired.append),
        ]
        top.backward(retain_graph=True)
        assert len(fired) >= 4
        for handle in handles:
            handle.remove()
        with ts.autograd.graph.saved_tensors_hooks(lambda t: (t.detach(), []), lambda kept: kept[0]):
            own = Keep.apply(x * number).sum()
        own.grad_fn.next_functions[0][0].circle = own
        own.backward()
        runs[number] += 1

    def work(number):
        try:
            while time.monotonic() < end:
                turn(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for each in threads:
        each.start()
    while any(each.is_alive() for each in threads):
        gc.collect()
        ts.explore.hooks(top, graph=True)
        ts.explore.saved_variables(top)
        x.grad = None
    for each in threads:
        each.join()
    assert not errors and all(runs)

"""What custom Functions and hooks cost on one library, as JSON: python functions.py tapescope|torch.

CPU seconds, least of several; bytes of resident memory. Of what hooks add there are two figures, with and without: a
difference is small beside them, and is taken where the least of all runs is known.
"""

import gc
import importlib
import json
import os
import sys
import time

LENGTH = 500  # of a chain
ELEMENTS = 4
TURNS = 40


def timed(*works):
    """Least of what each of the works says that it took, in CPU seconds; they are taken turn by turn."""
    out = [[] for _ in works]
    for _ in range(TURNS):
        for times, work in zip(out, works, strict=True):
            gc.collect()
            gc.disable()
            times.append(work())
            gc.enable()
    return [min(times) for times in out]


def cube_of(t):
    class Cube(t.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x * x

        @staticmethod
        def backward(ctx, grad):
            (x,) = ctx.saved_tensors
            return grad * 3 * x**2

    return Cube


def cube(t):
    """Seconds of a call forward, and of one backward, in a chain of calls; and of a call with a backward of its own."""
    f = cube_of(t)
    x, seed = t.ones(ELEMENTS, requires_grad=True), t.zeros(ELEMENTS)
    forward, backward = [], []

    def chain():
        start = time.process_time()
        y = x
        for _ in range(LENGTH):
            y = f.apply(y)
        middle = time.process_time()
        y.backward(seed)
        end = time.process_time()
        forward.append(middle - start)
        backward.append(end - middle)
        return end - start

    def alone():
        start = time.process_time()
        for _ in range(LENGTH):
            f.apply(x).backward(seed)
        return time.process_time() - start

    both, one = timed(chain, alone)
    return {
        "function": both / LENGTH,
        "function_forward": min(forward) / LENGTH,
        "function_backward": min(backward) / LENGTH,
        "function_alone": one / LENGTH,
    }


def hook(t):
    """Seconds of a backward node, with a hook that returns None on its tensor and without."""
    x, a, seed = t.ones(ELEMENTS, requires_grad=True), t.ones(ELEMENTS), t.ones(ELEMENTS)

    def chain(hooked):
        def once():
            y = x
            for _ in range(LENGTH):
                y = y * a
                if hooked:
                    y.register_hook(nothing)
            start = time.process_time()
            y.backward(seed)
            return time.process_time() - start

        return once

    def nothing(grad):
        return None

    with_hooks, without = timed(chain(True), chain(False))
    return {"hook_with": with_hooks / LENGTH, "hook_without": without / LENGTH}


def saved(t):
    """Seconds forward and backward for each tensor that is saved, with hooks on them and without."""
    x, a, seed = t.ones(ELEMENTS, requires_grad=True), t.ones(ELEMENTS, requires_grad=True), t.ones(ELEMENTS)
    packed = []

    def chain():
        start = time.process_time()
        y = x
        for _ in range(LENGTH):
            y = y * a
        y.backward(seed)
        return time.process_time() - start

    def hooked():
        with t.autograd.graph.saved_tensors_hooks(same, same):
            return chain()

    def same(tensor):
        return tensor

    with t.autograd.graph.saved_tensors_hooks(lambda tensor: packed.append(1) or tensor, same):
        chain()
    with_hooks, without = timed(hooked, chain)
    return {"saved_hooks_with": with_hooks / len(packed), "saved_hooks_without": without / len(packed)}


def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def memory(t, count=10_000):
    """Bytes that a live call of a custom Function takes beside its result."""
    f, x = cube_of(t), t.ones(ELEMENTS, requires_grad=True)
    plain = x.detach()
    kept = [f.apply(x) for _ in range(1000)] + [plain * 1 for _ in range(1000)]

    def grown(make):
        gc.collect()
        before = resident()
        kept.extend([make() for _ in range(count)])
        return (resident() - before) / count

    tensor = grown(lambda: plain * 1)
    return {"ctx_bytes": grown(lambda: f.apply(x)) - tensor}


def main():
    t = importlib.import_module(sys.argv[1])
    if sys.argv[1] == "torch":
        t.set_num_threads(1)
    gc.freeze()  # what an import leaves is not looked through at each collection
    print(json.dumps(memory(t) | cube(t) | hook(t) | saved(t)))


if __name__ == "__main__":
    main()

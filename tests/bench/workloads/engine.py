"""The engine's workloads on one library, as JSON: python engine.py tapescope|torch. CPU seconds, best of several."""

import gc
import importlib
import json
import sys
import time


def best(f, repeat=7):
    """Least CPU seconds of one call."""
    times = []
    for _ in range(repeat):
        gc.collect()
        start = time.process_time()
        f()
        times.append(time.process_time() - start)
    return min(times)


def chain(t, elements, length=1000):
    """(seconds a recorded op, seconds a backward node) on y = y * a + b."""
    a, b = t.full((elements,), 0.999), t.full((elements,), 0.001)
    x = t.ones(elements, requires_grad=True)
    forward, backward = [], []
    for _ in range(15):
        gc.collect()
        start = time.process_time()
        y = x
        for _ in range(length):
            y = y * a + b
        middle = time.process_time()
        y.sum().backward()
        end = time.process_time()
        forward.append((middle - start) / (2 * length))
        backward.append((end - middle) / (2 * length))
    return min(forward), min(backward)


def mlp(t):
    """Seconds a training step: batch 64, 784-256-256-10, Adam."""
    nn = t.nn
    t.manual_seed(0)
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
    opt = t.optim.Adam(model.parameters())
    x, target = t.randn(64, 784), t.randint(0, 10, (64,))
    loss_of = nn.CrossEntropyLoss()

    def steps():
        for _ in range(30):
            loss = loss_of(model(x), target)
            opt.zero_grad()
            loss.backward()
            opt.step()

    steps()
    return best(steps) / 30


def large(t):
    """Seconds of x * y + tanh(x) on 1e7 elements, forward and backward."""
    t.manual_seed(0)
    x, y = t.randn(10_000_000), t.randn(10_000_000)
    x.requires_grad_()
    y.requires_grad_()

    def once():
        x.grad = y.grad = None
        (x * y + t.tanh(x)).backward(ones)

    ones = t.ones(10_000_000)
    once()
    return best(once, 5)


def reductions(t):
    """Seconds of sum, mean and softmax over the rows of 4096 × 1024, each forward and backward."""
    t.manual_seed(0)
    x = t.randn(4096, 1024).requires_grad_()
    rows, all_of = t.ones(4096), t.ones(4096, 1024)

    def passes(f, seed):
        def once():
            x.grad = None
            f().backward(seed)

        once()
        return best(once, 7)

    return {
        "sum_rows": passes(lambda: x.sum(1), rows),
        "mean_rows": passes(lambda: x.mean(1), rows),
        "softmax_rows": passes(lambda: t.softmax(x, 1), all_of),
    }


def small_calls(t, count=2000):
    """Seconds a call of recorded in-place ops and of views on a few elements."""
    x = t.ones(4, 4, requires_grad=True)

    def in_place():
        y = x * 1
        for _ in range(count):
            y.add_(1.0)

    def views():
        for _ in range(count // 4):
            x[0]
            x.view(16)
            x.transpose(0, 1)
            x.unsqueeze(0)

    in_place()
    views()
    return {"in_place": best(in_place) / count, "view": best(views) / count}


def main():
    t = importlib.import_module(sys.argv[1])
    if sys.argv[1] == "torch":
        t.set_num_threads(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    out = {}
    for n in (1, 16):
        out[f"op_{n}"], out[f"backward_{n}"] = chain(t, n)
    out["mlp_step"] = mlp(t)
    out["large"] = large(t)
    out |= reductions(t)
    out |= small_calls(t)
    print(json.dumps(out))


if __name__ == "__main__":
    main()

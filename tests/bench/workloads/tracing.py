"""What tracing costs on one library, as JSON: python tracing.py tapescope|torch. CPU seconds, least of several."""

import importlib
import json
import sys
import time
import warnings

TURNS = 30


def least(work, turns=TURNS):
    times = []
    for _ in range(turns):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def mlp(t, nn):
    return nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 10)), t.ones(1, 64)


def main():
    name = sys.argv[1]
    t = importlib.import_module(name)
    nn, jit = importlib.import_module(f"{name}.nn"), importlib.import_module(f"{name}.jit")
    t.set_num_threads(1)
    warnings.simplefilter("ignore")
    model, x = mlp(t, nn)
    traced = jit.trace(model, x)
    for _ in range(5):
        traced(x)
    found = {
        "trace": least(lambda: jit.trace(model, x)),
        "trace_unchecked": least(lambda: jit.trace(model, x, check_trace=False)),
        "run_traced": least(lambda: [traced(x) for _ in range(200)]) / 200,
        "run_eager": least(lambda: [model(x) for _ in range(200)]) / 200,
    }
    print(json.dumps(found))


main()

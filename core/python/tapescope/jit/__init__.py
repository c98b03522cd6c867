"""Tracing: a function or a module run once, and what it did written into a graph that runs without Python.

traced = ts.jit.trace(model, example)
print(traced.graph)
traced(other)          # the interpreter: same results, same backward graph
traced.save("model.trace")
"""

import warnings as _warnings

from tapescope import _C as _C
from tapescope._C import Graph as Graph
from tapescope._C import parse_ir as parse_ir
from tapescope.jit._check import TracingCheckError as TracingCheckError
from tapescope.jit._errors import TracerWarning as TracerWarning
from tapescope.jit._serialization import load as load
from tapescope.jit._serialization import save as save
from tapescope.jit._trace import is_tracing as is_tracing
from tapescope.jit._trace import trace as trace
from tapescope.jit._trace import trace_module as trace_module
from tapescope.jit._traced import ScriptFunction as ScriptFunction
from tapescope.jit._traced import ScriptModule as ScriptModule
from tapescope.jit._traced import TopLevelTracedModule as TopLevelTracedModule
from tapescope.jit._traced import TracedModule as TracedModule

_C._tracer_warn_use_python(TracerWarning)
# What the library itself does with a tensor's elements is none of the user's business.
_warnings.filterwarnings("ignore", category=TracerWarning, module=r"tapescope\.(?!jit)")

__all__ = [
    "Graph",
    "ScriptFunction",
    "ScriptModule",
    "TopLevelTracedModule",
    "TracedModule",
    "TracerWarning",
    "TracingCheckError",
    "is_tracing",
    "load",
    "parse_ir",
    "save",
    "trace",
    "trace_module",
]

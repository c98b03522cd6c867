"""What the program calls its tensors and modules, for pictures. Holds nothing."""

import sys
import weakref

from tapescope import _C

_modules: weakref.WeakValueDictionary = weakref.WeakValueDictionary()  # id → nn.Module


def register_module(module):
    """Makes a module known under its id."""
    _modules[module._module_id] = module


def collect():
    """({tensor id: name}, {module id: (path, type)}, {module id: [(kind, hook, id, runs)]}) of the program."""
    from tapescope.nn.module import Module

    tensors, modules = {}, {}
    main = sys.modules.get("__main__")
    for name, value in list(vars(main).items()) if main is not None else ():
        if name.startswith("_") or isinstance(value, type):
            continue
        if isinstance(value, _C.Tensor):
            tensors.setdefault(value._id, name)
        elif isinstance(value, Module):
            for path, module in value.named_modules(prefix=name):
                modules.setdefault(module._module_id, (path, type(module).__name__))
            for path, parameter in value.named_parameters(prefix=name):
                tensors.setdefault(parameter._id, path)
    for key, module in list(_modules.items()):
        modules.setdefault(key, (f"{type(module).__name__}", type(module).__name__))
    hooks = {key: found for key, module in list(_modules.items()) if (found := _with_runs(module))}
    return tensors, modules, hooks


_TABLES = {
    "_forward_pre_hooks": "module_forward_pre",
    "_forward_hooks": "module_forward",
    "_backward_pre_hooks": "module_backward_pre",
    "_backward_hooks": "module_backward",
}


def _with_runs(module):
    from tapescope.autograd.hooks import runs

    return [(kind, hook, key, runs.get(key, 0)) for kind, hook, key in hooks_of_module(module)]


def hooks_of_module(module):
    """[(kind, hook, id)] in firing order. Makes no table."""
    own = vars(module)
    return [(kind, hook, key) for table, kind in _TABLES.items() for key, hook in list(own.get(table, {}).items())]

"""What the program calls its tensors and modules, for pictures. Holds nothing."""

import sys
import weakref

from tapescope import _C

_modules: weakref.WeakValueDictionary = weakref.WeakValueDictionary()  # id → nn.Module


def register_module(module):
    """Makes a module known under its id."""
    _modules[module._module_id] = module


def collect():
    """({tensor id: name}, {module id: (path, type)}) of the variables of __main__."""
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
    return tensors, modules

"""Modules of modules."""

from collections import OrderedDict

from tapescope.nn.module import Module


class Sequential(Module):
    """Runs modules one after the other. Made of modules, or of one OrderedDict name → module."""

    def __init__(self, *modules):
        super().__init__()
        items = modules[0].items() if len(modules) == 1 and isinstance(modules[0], OrderedDict) else enumerate(modules)
        for name, m in items:
            self.add_module(str(name), m)

    def forward(self, x):
        for m in self._modules.values():
            x = m(x)
        return x

    def __len__(self):
        return len(self._modules)

    def __iter__(self):
        return iter(self._modules.values())

    def __getitem__(self, i):
        modules = list(self._modules.values())
        return Sequential(*modules[i]) if isinstance(i, slice) else modules[i]

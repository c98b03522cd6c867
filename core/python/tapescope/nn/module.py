"""Module: the base of all layers."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from tapescope import _C
from tapescope._C import Tensor
from tapescope._names import register_module
from tapescope.nn.conversion import Convertible
from tapescope.nn.global_hooks import anywhere as _hooks_of_all
from tapescope.nn.global_hooks import ever as _ever_hooked
from tapescope.nn.hook_call import call_with_hooks
from tapescope.nn.hooks import TABLES, Hooked
from tapescope.nn.parameter import Parameter

_ids = itertools.count(1)
_M = TypeVar("_M", bound="Module")


class Module(Hooked, Convertible):
    """A layer: parameters, submodules, and a forward.

    While a module's forward runs, the ops inside are recorded as its own: pictures group by it.
    """

    training: bool
    _parameters: OrderedDict[str, Parameter | None]
    _buffers: OrderedDict[str, Tensor | None]
    _modules: OrderedDict[str, Module | None]
    _module_id: int

    def __init__(self) -> None:
        object.__setattr__(self, "_parameters", OrderedDict())
        object.__setattr__(self, "_buffers", OrderedDict())
        object.__setattr__(self, "_modules", OrderedDict())
        object.__setattr__(self, "_module_id", next(_ids))
        object.__setattr__(self, "_hooked", False)
        object.__setattr__(self, "training", True)
        register_module(self)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        object.__setattr__(self, "_module_id", next(_ids))  # a copy is a module of its own
        register_module(self)

    def __setattr__(self, name: str, value: Any) -> None:
        tables = self.__dict__
        if "_parameters" not in tables and isinstance(value, (Parameter, Module)):
            raise AttributeError(f"cannot assign {name} before Module.__init__() call")
        if isinstance(value, Parameter):
            self._drop(name)
            self._parameters[name] = value
        elif isinstance(value, Module):
            self._drop(name)
            self._modules[name] = value
        elif name in tables.get("_parameters", ()):
            if value is not None:
                raise TypeError(
                    f"cannot assign '{type(value).__name__}' as parameter '{name}' (nn.Parameter or None expected)"
                )
            self._parameters[name] = None
        elif name in tables.get("_buffers", ()):
            self._buffers[name] = value
        else:
            object.__setattr__(self, name, value)

    def _drop(self, name: str) -> None:
        for table in (self.__dict__, self._parameters, self._buffers, self._modules):
            table.pop(name, None)

    def __getattr__(self, name: str) -> Any:
        for table in ("_parameters", "_buffers", "_modules"):
            found = self.__dict__.get(table)
            if found is not None and name in found:
                return found[name]
        if name in TABLES:
            return self._hook_table(name)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __delattr__(self, name: str) -> None:
        for table in (self._parameters, self._buffers, self._modules):
            if name in table:
                del table[name]
                return
        object.__delattr__(self, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if _ever_hooked and (self._hooked or _hooks_of_all):
            return call_with_hooks(self, args, kwargs)
        outer = _C._push_module(self._module_id)
        try:
            return self.forward(*args, **kwargs)
        finally:
            _C._pop_module(outer)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Adds a parameter under a name."""
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Tensor | None) -> None:
        """Adds a tensor that belongs to the state but is not trained."""
        self._buffers[name] = tensor

    def add_module(self, name: str, module: Module | None) -> None:
        """Adds a submodule under a name."""
        self._modules[str(name)] = module

    def children(self) -> Iterator[Module]:
        """The direct submodules."""
        return iter(m for m in self._modules.values() if m is not None)

    def named_modules(self, memo: set[Module] | None = None, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """(dotted path, module) for this one and all below, each once."""
        memo = set() if memo is None else memo
        if self in memo:
            return
        memo.add(self)
        yield prefix, self
        for name, m in self._modules.items():
            if m is not None:
                yield from m.named_modules(memo, f"{prefix}.{name}" if prefix else name)

    def modules(self) -> Iterator[Module]:
        """This module and all below."""
        return iter(m for _, m in self.named_modules())

    def named_parameters(self, prefix: str = "", recurse: bool = True) -> Iterator[tuple[str, Parameter]]:
        """(dotted path, parameter), each once."""
        seen: set[int] = set()
        for path, m in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
            for name, p in m._parameters.items():
                if p is not None and id(p) not in seen:
                    seen.add(id(p))
                    yield (f"{path}.{name}" if path else name), p

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters of this module and all below."""
        return iter(p for _, p in self.named_parameters(recurse=recurse))

    def named_buffers(self, prefix: str = "") -> Iterator[tuple[str, Tensor]]:
        """(dotted path, buffer)."""
        for path, m in self.named_modules(prefix=prefix):
            for name, b in m._buffers.items():
                if b is not None:
                    yield (f"{path}.{name}" if path else name), b

    def state_dict(self) -> OrderedDict[str, Tensor]:
        """dotted path → tensor, detached."""
        return OrderedDict((n, t.detach()) for n, t in itertools.chain(self.named_parameters(), self.named_buffers()))

    def load_state_dict(self, state_dict: Mapping[str, Tensor], strict: bool = True) -> None:
        """Copies tensors into the parameters and buffers of the same path.

        Raises RuntimeError if strict and paths are missing or unknown, or if a shape differs.
        """
        own: dict[str, Tensor] = dict(itertools.chain(self.named_parameters(), self.named_buffers()))
        missing = [n for n in own if n not in state_dict]
        unexpected = [n for n in state_dict if n not in own]
        if strict and (missing or unexpected):
            raise RuntimeError(f"load_state_dict: missing keys {missing}, unexpected keys {unexpected}")
        before = _C.is_grad_enabled()
        _C._set_grad_enabled(False)
        try:
            for name, t in state_dict.items():
                if name in own:
                    if own[name].shape != t.shape:
                        raise RuntimeError(
                            f"load_state_dict: size mismatch for {name}: {tuple(t.shape)} for {tuple(own[name].shape)}"
                        )
                    own[name].copy_(t)
        finally:
            _C._set_grad_enabled(before)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients of all parameters."""
        for p in self.parameters():
            if p.grad is not None:
                if set_to_none:
                    p.grad = None
                else:
                    p.grad.detach().zero_()

    def train(self: _M, mode: bool = True) -> _M:
        """Switches to training, this module and all below."""
        for m in self.modules():
            object.__setattr__(m, "training", mode)
        return self

    def eval(self: _M) -> _M:
        """Switches to evaluation."""
        return self.train(False)

    def requires_grad_(self: _M, requires_grad: bool = True) -> _M:
        """Says for all parameters whether gradients are computed."""
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def apply(self: _M, fn: Callable[[Module], Any]) -> _M:
        """Calls fn on every submodule, then on this one."""
        for m in self.children():
            m.apply(fn)
        fn(self)
        return self

    def extra_repr(self) -> str:
        """What stands between the brackets of the printed form."""
        return ""

    def __repr__(self) -> str:
        lines = [f"({name}): " + repr(m).replace("\n", "\n  ") for name, m in self._modules.items()]
        extra = self.extra_repr()
        if not lines:
            return f"{type(self).__name__}({extra})"
        return f"{type(self).__name__}({extra}\n  " + "\n  ".join(lines) + "\n)"

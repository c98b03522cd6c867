"""Module, and the hooks of all modules."""

from tapescope.nn.global_hooks import (
    _global_backward_hooks as _global_backward_hooks,
)
from tapescope.nn.global_hooks import (
    _global_backward_pre_hooks as _global_backward_pre_hooks,
)
from tapescope.nn.global_hooks import (
    _global_forward_hooks as _global_forward_hooks,
)
from tapescope.nn.global_hooks import (
    _global_forward_hooks_always_called as _global_forward_hooks_always_called,
)
from tapescope.nn.global_hooks import (
    _global_forward_hooks_with_kwargs as _global_forward_hooks_with_kwargs,
)
from tapescope.nn.global_hooks import (
    _global_forward_pre_hooks as _global_forward_pre_hooks,
)
from tapescope.nn.global_hooks import (
    register_module_backward_hook,
    register_module_forward_hook,
    register_module_forward_pre_hook,
    register_module_full_backward_hook,
    register_module_full_backward_pre_hook,
)
from tapescope.nn.module import Module

__all__ = [
    "Module",
    "register_module_backward_hook",
    "register_module_forward_hook",
    "register_module_forward_pre_hook",
    "register_module_full_backward_hook",
    "register_module_full_backward_pre_hook",
]

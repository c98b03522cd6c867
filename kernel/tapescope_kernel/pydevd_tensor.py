"""How the debugger shows a tensor: its facts in a line, and a few attributes below. pydevd finds the classes here."""

from __future__ import annotations

import sys
from typing import Any

from _pydevd_bundle.pydevd_extension_api import StrPresentationProvider, TypeResolveProvider

from tapescope_kernel.debugging import summary

__all__ = ["TensorAttributes", "TensorText"]

ATTRIBUTES = ("shape", "dtype", "requires_grad", "is_leaf", "grad_fn", "grad", "_version")


def _is_tensor(type_object: Any) -> bool:
    engine = sys.modules.get("tapescope")
    tensor = getattr(engine, "Tensor", None)
    return isinstance(tensor, type) and isinstance(type_object, type) and issubclass(type_object, tensor)


def name_facts() -> None:
    """Front ends whose tree shows types alone (JupyterLab's) show a tensor's facts there."""
    from _pydevd_bundle.pydevd_suspended_frames import _AbstractVariable

    plain = _AbstractVariable.get_var_data

    def get_var_data(self: Any, *arguments: Any, **options: Any) -> Any:
        data = plain(self, *arguments, **options)
        if _is_tensor(type(self.value)):
            data["type"] = f"{data['type']} {data['value']}"
        return data

    _AbstractVariable.get_var_data = get_var_data


class TensorText(StrPresentationProvider):
    def can_provide(self, type_object: Any, type_name: str) -> bool:
        return _is_tensor(type_object)

    def get_str(self, val: Any) -> str:
        return summary(val)


class TensorAttributes(TypeResolveProvider):
    def can_provide(self, type_object: Any, type_name: str) -> bool:
        return _is_tensor(type_object)

    def resolve(self, var: Any, attribute: str) -> Any:
        return getattr(var, attribute)

    def get_dictionary(self, var: Any) -> dict[str, Any]:
        return {name: getattr(var, name) for name in ATTRIBUTES}

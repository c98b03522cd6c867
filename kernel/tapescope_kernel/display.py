"""Results and displays, to the front end."""

from __future__ import annotations

import sys
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher

from tapescope_kernel import _kernel, parents
from tapescope_kernel.messages import to_json


class KernelDisplayHook(DisplayHook):
    """A cell's value becomes an execute_result."""

    _data: dict[str, Any]
    _metadata: dict[str, Any]

    def start_displayhook(self) -> None:
        self._data, self._metadata = {}, {}

    def write_output_prompt(self) -> None:
        pass  # the front end's

    def write_format_data(self, format_dict: dict[str, Any], md_dict: dict[str, Any] | None = None) -> None:
        self._data, self._metadata = format_dict, md_dict or {}

    def finish_displayhook(self) -> None:
        sys.stdout.flush()
        if self._data:
            content = {"execution_count": self.prompt_count, "data": self._data, "metadata": self._metadata}
            _kernel.publish("execute_result", to_json(content), parent=parents.current())


class KernelDisplayPublisher(DisplayPublisher):
    """display(), update_display() and clear_output()."""

    def publish(
        self,
        data: dict[str, Any],
        metadata: dict[str, Any] | None = None,
        source: str | None = None,
        *,
        transient: dict[str, Any] | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        self._validate_data(data, metadata)
        content = {"data": data, "metadata": metadata or {}, "transient": transient or {}}
        msg_type = "update_display_data" if update else "display_data"
        _kernel.publish(msg_type, to_json(content), parent=parents.current())

    def clear_output(self, wait: bool = False) -> None:
        _kernel.publish("clear_output", to_json({"wait": wait}), parent=parents.current())

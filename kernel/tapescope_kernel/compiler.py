"""Names of cells as files."""

from __future__ import annotations

from IPython.core.compilerop import CachingCompiler

from tapescope_kernel import _kernel


class CellCompiler(CachingCompiler):
    """Names a cell by its text, so that a debugger, the recorder and a traceback mean the same file."""

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return _kernel.cell_file(raw_code.encode("utf-8", "replace"))

    def get_filename(self, code: str) -> str:
        """By this name xeus-python asks."""
        return self.get_code_name(code, code, 0)

    def is_cell(self, filename: str) -> bool:
        return filename in self._filename_map

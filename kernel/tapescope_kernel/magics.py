"""``%explore``."""

from __future__ import annotations

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class

MODES = {"off": 0, "auto": 1, "full": 2}  # TAPESCOPE_MODE_* of kernel_api.h
AUTO = MODES["auto"]


@magics_class
class ExploreMagics(Magics):
    """Whether cells are recorded, and pictures on demand."""

    @line_magic
    def explore(self, line: str) -> object:
        """What is recorded of cells, or the graph of a value.

        %explore            say how cells are recorded
        %explore on|auto    show a graph under each cell that built one (as at the start)
        %explore full       the same, and record everything
        %explore off        record nothing
        %explore EXPR       show the graph behind the value of a Python expression
        """
        argument = line.strip()
        if not argument:
            mode = next(name for name, value in MODES.items() if value == self.shell.explore_mode)
            print(f"Cells are recorded in mode {mode}.")
            return None
        if argument in ("-h", "--help", "help"):
            print(self.explore.__doc__)
            return None
        word = "auto" if argument.lower() == "on" else argument.lower()
        if word in MODES:
            self.shell.explore_mode = MODES[word]
            return None
        try:
            value = self.shell.ev(argument)
        except (NameError, SyntaxError) as error:
            raise UsageError(f"%explore: {error}. It takes on, off, auto, full or an expression.") from None
        try:
            import tapescope
        except ImportError as error:
            raise UsageError(f"%explore: {error}") from None

        return tapescope.explore(value, title=argument)

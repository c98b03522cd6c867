"""``python -m tapescope_kernel -f connection_file``."""

from __future__ import annotations

import argparse
import sys

from tapescope_kernel import __version__
from tapescope_kernel.connection import ConnectionFileError, read_connection_file


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="tapescope_kernel",
        description="The Tapescope kernel. Jupyter starts it; by hand, give a connection file.",
    )
    parser.add_argument("-f", metavar="FILE", dest="connection_file", required=True, help="connection file, JSON")
    parser.add_argument("--version", action="version", version=__version__)
    # Launchers add options of ipykernel's (--debug, --matplotlib=…); they are no reason not to start.
    options, _ = parser.parse_known_args()
    try:
        config = read_connection_file(options.connection_file)
    except ConnectionFileError as error:
        print(f"tapescope_kernel: {error}", file=sys.stderr)
        return 2

    # Only now: a wrong file is told within milliseconds.
    import tapescope_kernel.lean  # noqa: F401  before all that imports IPython
    from tapescope_kernel.host import Host

    sys.argv = [""]
    try:
        Host(options.connection_file).run(config)
    except RuntimeError as error:  # an address in use, a signature scheme that nobody knows
        print(f"tapescope_kernel: {error}", file=sys.__stderr__)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

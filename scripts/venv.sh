#!/bin/sh
# .venv with exactly what requirements-dev.txt says.
set -eu

python=$(command -v python3.11 || command -v python3)
if [ ! -x .venv/bin/python ]; then
  echo "Making .venv with $python"
  "$python" -m venv .venv
fi
.venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || {
  echo "Tapescope needs Python 3.11; .venv has $(.venv/bin/python -V)." >&2
  exit 1
}
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt

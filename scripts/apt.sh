#!/bin/sh
# Installs the Debian packages that are missing, and says so. Nothing is done when nothing is missing.
set -eu

packages="g++ pkg-config cmake ninja-build ccache xeus-dev xeus-python-dev nlohmann-json3-dev pybind11-dev libhwy-dev
libopenblas-dev libtbb-dev libfmt-dev libgtest-dev libgmock-dev libbenchmark-dev librapidcheck-dev uuid-dev
chromium clang-16 clang-format libclang-rt-16-dev fonts-dejavu"

# Debian's own Python comes without headers and without venv.
case "$(command -v python3.11 || command -v python3 || true)" in
  /usr/bin/*) packages="$packages python3-dev python3-venv" ;;
esac

missing=""
for package in $packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "Missing packages:$missing. Install them as root: there is no sudo." >&2; exit 1; }
  as_root="sudo"
fi
echo "Installing with apt-get:$missing"
$as_root apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing

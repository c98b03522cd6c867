#!/bin/sh
# The CUDA compiler, as wheels, into .cache/cuda: 105 MB to fetch, no GPU and no driver needed.
set -eu

# One call: a second one with --target removes what the first installed. Newer compilers make code that the drivers of
# CUDA 13.0 cannot load.
rm -rf .cache/cuda
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --target .cache/cuda \
  nvidia-cuda-nvcc==13.0.88 nvidia-cuda-crt==13.0.88 nvidia-nvvm==13.0.88 \
  nvidia-cuda-runtime==13.0.96 nvidia-cuda-cccl==13.0.85

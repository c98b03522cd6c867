"""Named results."""

from collections import namedtuple

max = namedtuple("max", ["values", "indices"])
min = namedtuple("min", ["values", "indices"])
InputMetadata = namedtuple("InputMetadata", ["dtype", "shape", "device"])

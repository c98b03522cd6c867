"""How much one look may ask for. `hello` tells the front end."""

from __future__ import annotations

VALUES = 1 << 20  # elements in one answer
BYTES = 32 << 20  # of buffers in one message
IN_FLIGHT = 32  # requests of one comm
COMMS = 256
REQUEST_BYTES = 64 << 10
DIMENSIONS = 64
BINS = 512
OWNERS = 256
WATCHED = 1000  # rows of a display whose changes are told
SLICE = 2 << 20  # elements worked on at a time: some milliseconds
WHOLE_BYTES = 16 << 20  # up to here without giving the event loop back
SLICE_SECONDS = 0.05

HELLO = {"values": VALUES, "bytes": BYTES, "in_flight": IN_FLIGHT}

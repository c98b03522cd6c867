"""What the loops of ops run on."""

from tapescope.backends import cpu as cpu

"""What tracing says to its user."""


class TracerWarning(Warning):
    """The trace does not see what is done here, and may be wrong for other inputs."""

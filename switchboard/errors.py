"""Errors, sorted by what one can do about them. A message is written for the user who reads it."""


class SwitchboardError(Exception):
    """Something that the user can mend; the command line prints it without a traceback."""


class CenterInvalid(SwitchboardError):
    """The center has errors; nothing of it was applied."""


class StateUnusable(SwitchboardError):
    """The state directory cannot be read or written as it must be."""

"""How the program ends: the exit codes, and the exception that carries one with its sentence.

The codes are promised to scripts and never change their meaning.
"""

from __future__ import annotations

from enum import IntEnum

__all__ = ["Exit", "Stop"]


class Exit(IntEnum):
    """What a script learns from how the program ended."""

    FINE = 0
    FOUND = 1
    """What was looked for is there: drift, divergence, a broken invariant, a failed check."""
    USAGE = 2
    """The command line or the settings are wrong."""
    NO_JOURNEY = 3
    REFUSED = 4
    """The purpose is missing or refused, or the reading could not be recorded."""
    DAMAGED = 5
    """The journal is damaged."""
    UNKNOWN_VERSION = 6
    """The journal is of a version that this program cannot read."""
    INTERNAL = 70
    INTERRUPTED = 130
    """As shells say it: stopped by Ctrl+C."""
    PIPE_CLOSED = 141
    """As shells say it: whoever read the output has gone."""


class Stop(Exception):
    """Ends the program with a code and one sentence on the error output.

    It need not be an error: a gate that found drift stops so too.

    The sentence must hold no personal value: it is shown, and may be logged.
    """

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

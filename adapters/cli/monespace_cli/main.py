"""The way into the program, which is quiet when Ctrl+C comes while the rest is being imported.

So nothing is imported here but what Python has at hand before it comes this far.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as type checkers know it: the import of typing would come too early
if TYPE_CHECKING:
    from .program import cli

__all__ = ["cli", "main"]

_INTERRUPTED = 130  # as in .exits


def main() -> None:
    """Run the program."""
    try:
        from .program import cli

        cli(prog_name="monespace")
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def __getattr__(name: str) -> object:
    """Import the program for who wants it as an object, and not run."""
    if name != "cli":
        raise AttributeError(name)
    from .program import cli

    return cli

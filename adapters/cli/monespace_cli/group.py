"""The `monespace` program: its help, and the commands in it."""

from __future__ import annotations

import sys

try:
    import click
except ModuleNotFoundError as missing:
    sys.exit(f"monespace needs {missing.name}: pip install 'monespace-flows[cli]'")

from .commands import COMMANDS
from .program import Program

__all__ = ["cli"]

_EPILOG = (
    "Start with: monespace demo. Then, in another terminal: monespace list --dir .monespace-demo"
)


@click.group(cls=Program, entries=COMMANDS, epilog=_EPILOG)
@click.version_option(package_name="monespace-flows", prog_name="monespace")
def cli() -> None:
    """The account journeys of « Mon Espace »: serve them, run them, and see what happened.

    Each command explains itself: monespace COMMAND --help.
    """

"""The program around the commands: one way to end, whatever happened inside.

Data go to the standard output, everything else to the error output.  No sentence written here
repeats what was typed: an RPPS number that lands on the wrong command must not stay on a screen.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from .exits import Exit, Stop
from .lazy import LazyGroup

__all__ = ["Program"]

# By name: importing the core for its classes would cost every `--help` a third of a second.
_CODES = {
    "JourneyUnknown": Exit.NO_JOURNEY,
    "JournalDamaged": Exit.DAMAGED,
    "RowDamaged": Exit.DAMAGED,
    "JournalVersionUnknown": Exit.UNKNOWN_VERSION,
    "ClockFileInvalid": Exit.USAGE,
    "KeysInvalid": Exit.USAGE,
    "RegistryFileInvalid": Exit.USAGE,
    "SchemaMismatch": Exit.USAGE,
    "SettingsInvalid": Exit.USAGE,
    "PortUnavailable": Exit.INTERNAL,
}


class Program(LazyGroup):
    """Runs a command and turns every way in which it can end into an exit code."""

    def main(  # type: ignore[override]  # rich-click says Never where the program exits
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **settings: Any
    ) -> Any:
        """Run the command line, and exit."""
        if not settings.pop("standalone_mode", True):
            return super().main(args, prog_name, standalone_mode=False, **settings)
        sys.exit(self._ended(args, prog_name, settings))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whoever reads its output may leave in the middle."""
        try:
            value = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            # Python would complain once more when it closes the output.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return Exit.PIPE_CLOSED
        return value

    def _ended(
        self, args: Sequence[str] | None, prog_name: str | None, settings: dict[str, Any]
    ) -> int:
        try:
            value = super().main(args, prog_name, standalone_mode=False, **settings)
        except Stop as stop:
            return _complain(stop.code, stop.message)
        except click.UsageError as error:
            return _misused(error, list(self.entries))
        except click.ClickException as error:
            return _complain(Exit.USAGE, error.format_message())
        except click.Abort:
            return Exit.INTERRUPTED
        except Exception as error:  # noqa: BLE001 - whatever broke, it ends in a line of no values
            return _broken(error)
        return value if isinstance(value, int) else Exit.FINE


def _misused(error: click.UsageError, commands: list[str]) -> Exit:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.message)
        return Exit.USAGE
    from .usage import describe

    return _complain(Exit.USAGE, describe(error, commands))


def _complain(code: Exit, message: str) -> Exit:
    click.echo(f"monespace: {message}", err=True)
    return code


def _broken(error: Exception) -> Exit:
    names = [kind.__name__ for kind in type(error).__mro__]
    known = next((_CODES[name] for name in names if name in _CODES), None)
    if known is not None and "MonespaceError" in names:
        return _complain(known, str(error))  # its text is ours, and holds no value
    if isinstance(error, ModuleNotFoundError):
        extra = "pip install 'monespace-flows[all]'"
        return _complain(Exit.USAGE, f"{error.name} is not installed: {extra}")
    # The text of any other error may hold anything, so only its kind and place are told.
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    return _complain(Exit.INTERNAL, f"internal error: {names[0]} at {where}")

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
from .hosted import VARIABLE, know_flows
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

_TOLD = {
    "JournalDamaged": "un journal est abîmé : {}",
    "RowDamaged": "la base de données est abîmée : prévenez l'exploitation",
    "JournalVersionUnknown": "un journal est d'une version que ce programme ne lit pas : {}",
    "KeysInvalid": "les clés ne peuvent pas servir : {}",
    "PortUnavailable": "la base de données ne répond pas",
}
"""What support staff are told, where the error's own words are not for them."""


class Program(LazyGroup):
    """Runs a command and turns every way in which it can end into an exit code."""

    def main(  # type: ignore[override]  # click says NoReturn where the program exits
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **settings: Any
    ) -> Any:
        """Run the command line, and exit."""
        if not settings.pop("standalone_mode", True):
            return super().main(args, prog_name, standalone_mode=False, **settings)
        sys.exit(self._ended(args, prog_name, settings))

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; whoever reads its output may leave in the middle."""
        hosted = os.environ.get(VARIABLE)
        if hosted:
            know_flows(hosted)
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
        name = next(iter(sys.argv[1:] if args is None else args), "")
        french = name in self.entries and self.entries[name].is_french
        try:
            value = super().main(args, prog_name, standalone_mode=False, **settings)
        except Stop as stop:
            return _complain(stop.code, stop.message, french=french)
        except click.UsageError as error:
            return _misused(error, list(self.entries), name if french else None)
        except click.ClickException as error:
            return _complain(Exit.USAGE, error.format_message(), french=french)
        except click.Abort:
            return Exit.INTERRUPTED
        except Exception as error:  # noqa: BLE001 - whatever broke, it ends in a line of no values
            return _broken(error, french=french)
        return value if isinstance(value, int) else Exit.FINE


def _misused(error: click.UsageError, commands: list[str], french: str | None) -> Exit:
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.message)
        return Exit.USAGE
    from .usage import describe, describe_in_french

    told = describe_in_french(error, french) if french else describe(error, commands)
    return _complain(Exit.USAGE, told, french=french is not None)


def _complain(code: Exit, message: str, *, french: bool) -> Exit:
    told = f"monespace: {message}"
    click.echo(_folded(told) if french else told, err=True)
    return code


def _folded(message: str) -> str:
    """Fold what support staff read to 80 columns; a line that is indented is there to be copied."""
    from .output import wrapped

    lines: list[str] = []
    for line in message.splitlines():
        lines += [line] if line.startswith(" ") else wrapped(line, 80, rest="  ")
    return "\n".join(lines)


def _broken(error: Exception, *, french: bool) -> Exit:
    names = [kind.__name__ for kind in type(error).__mro__]
    known = next((_CODES[name] for name in names if name in _CODES), None)
    if known is not None and "MonespaceError" in names:
        # Its text is ours, and holds no value.
        told = _in_french(names, str(error)) if french else str(error)
        return _complain(known, told, french=french)
    if isinstance(error, ModuleNotFoundError):
        extra = "pip install 'monespace-flows[all]'"
        missing = f"il manque {error.name} :" if french else f"{error.name} is not installed:"
        return _complain(Exit.USAGE, f"{missing} {extra}", french=french)
    # The text of any other error may hold anything, so only its kind and place are told.
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    if french:
        told = f"erreur interne, à signaler à l'exploitation\n  {names[0]}, {where}"
    else:
        told = f"internal error: {names[0]} at {where}"
    return _complain(Exit.INTERNAL, told, french=french)


def _in_french(names: list[str], text: str) -> str:
    from .damage import say_damage

    for name, told in _TOLD.items():
        if name in names:
            return told.format(say_damage(text))
    return text

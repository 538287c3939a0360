"""What to say of a command line that is wrong, in the language of the command.

Neither sentence repeats a value: what was typed may be a doctor's.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import click
from click import exceptions, types

__all__ = ["describe", "describe_in_french"]


def describe(error: click.UsageError, commands: Sequence[str]) -> str:
    """Say what is wrong and where help is.

    Args:
        error: what click found.
        commands: the commands there are, for a name that is none.
    """
    context = error.ctx
    path = context.command_path if context is not None else "monespace"
    return f"{_in_english(error, commands)}\nHelp: {path} --help"


def describe_in_french(error: click.UsageError, command: str) -> str:
    """Say it to support staff, of whose commands ``command`` is one."""
    return f"{_in_french(error)}\nAide : monespace {command} --help"


def _in_english(error: click.UsageError, commands: Sequence[str]) -> str:
    match error:
        case click.MissingParameter():
            return f"{_hint(error)} is missing{_choices(error, ': ')}"
        case click.BadParameter():
            return f"{_hint(error)}: {_choices(error, 'one of ') or _wanted(error)[0]}"
        case click.NoSuchOption():
            return f"there is no option {error.option_name}"
        case exceptions.NoSuchCommand():
            near = get_close_matches(error.command_name, commands, 1)
            return "there is no such command" + (f"; did you mean {near[0]}?" if near else "")
        case click.BadOptionUsage():
            return f"{error.option_name} wants a value"
        case _:
            return error.message or "there is one argument too many"


def _in_french(error: click.UsageError) -> str:
    match error:
        case click.MissingParameter():
            return f"il manque {_hint(error)}{_choices(error, ' : ')}"
        case click.BadParameter():
            return f"{_hint(error)} : {_choices(error, 'un choix parmi ') or _wanted(error)[1]}"
        case click.NoSuchOption():
            return f"l'option {error.option_name} n'existe pas"
        case click.BadOptionUsage():
            return f"l'option {error.option_name} attend une valeur"
        case _:
            return error.message or "il y a un argument de trop"


def _hint(error: click.BadParameter) -> str:
    param = error.param
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return param.human_readable_name if param is not None else "?"


def _choices(error: click.BadParameter, before: str) -> str:
    kind = error.param.type if error.param is not None else None
    return before + ", ".join(map(str, kind.choices)) if isinstance(kind, click.Choice) else ""


def _wanted(error: click.BadParameter) -> tuple[str, str]:
    """What should have been typed, in English and in French: click's own words quote the rest."""
    match error.param.type if error.param is not None else None:
        case types.IntParamType() as kind:
            return _whole_number(kind)
        case click.DateTime():
            return (
                "a date as 2026-11-22, or 2026-11-22T14:05",
                "une date comme 2026-11-22, ou 2026-11-22T14:05, est attendue",
            )
        case click.Path():
            return "cannot be read", "ce fichier ou ce dossier ne peut pas être lu"
        case click.Tuple():
            wanted = getattr(error.param, "metavar", None) or "?"
            return f"{wanted} is wanted", f"{wanted} est attendu"
        case _:
            return "is refused", "cette valeur est refusée"


def _whole_number(kind: types.IntParamType) -> tuple[str, str]:
    match kind:
        case click.IntRange(min=low, max=None):
            return f"a whole number from {low} on", f"un nombre entier est attendu, {low} ou plus"
        case click.IntRange(min=low, max=high):
            return (
                f"a whole number from {low} to {high}",
                f"un nombre entier de {low} à {high} est attendu",
            )
        case _:
            return "a whole number", "un nombre entier est attendu"

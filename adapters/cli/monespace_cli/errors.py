"""How the program ends: its exit codes, and what is said of what went wrong.

The codes are promised to scripts and never change their meaning.  No sentence of a wrong command
line repeats a value: what was typed may be a doctor's.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Sequence
from difflib import get_close_matches
from enum import IntEnum

import click
from click import exceptions, types

__all__ = ["Exit", "Stop", "describe", "describe_in_french", "in_french", "say_damage"]


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


_WORDS = {
    errno.EACCES: "ce compte n'en a pas le droit",
    errno.EPERM: "ce compte n'en a pas le droit",
    errno.ENOENT: "ce dossier ou ce fichier n'existe pas",
    errno.ENOTDIR: "ce dossier n'existe pas",
    errno.EISDIR: "c'est un dossier",
    errno.ELOOP: "c'est un lien",
    errno.ENOSPC: "il n'y a plus de place sur le disque",
    errno.EDQUOT: "il n'y a plus de place sur le disque pour ce compte",
    errno.EFBIG: "le fichier serait trop grand",
    errno.EROFS: "le disque est en lecture seule",
    errno.EIO: "le disque ne répond pas bien",
    errno.ENAMETOOLONG: "ce nom est trop long",
}


def in_french(error: OSError) -> str:
    """Say why, without the path."""
    if error.errno in _WORDS:
        return _WORDS[error.errno]
    return f"erreur {error.errno} du système"


_DAMAGE = (
    ("a line is not a journal line", "une ligne n'est pas une ligne de journal"),
    (r"line (\S+) was edited", "la ligne {0} a été modifiée"),
    (r"line (\S+) is missing", "la ligne {0} manque"),
    (r"line (\S+) of (\S+) is missing", "la ligne {0} de {1} manque"),
    (r"line (\S+) does not follow line (\S+)", "la ligne {0} ne suit pas la ligne {1}"),
    (
        r"line (\S+) begins where line (\S+) did not end",
        "la ligne {0} commence ailleurs que là où la ligne {1} finit",
    ),
    ("the journal does not begin with a start", "le journal ne commence pas par un début"),
    ("the journal is empty", "le journal est vide"),
    (r"the journal is cut after line (\S+)", "le journal est coupé après la ligne {0}"),
    (r"the lines of (\S+) are not together", "les lignes de {0} ne se suivent pas"),
    ("lines of another journey", "des lignes sont d'un autre parcours"),
    (r"line (\S+) is not a shape", "la ligne {0} n'est pas un chemin"),
    (r"a line has format (.+), this reads (\S+)", "une ligne est au format {0}, et non {1}"),
    ("a line has a format that is not a number", "le format d'une ligne n'est pas un nombre"),
    (r"a line holds the unknown command (.+)", "une ligne nomme le geste inconnu {0}"),
    (r"line (\S+) holds unknown facts", "la ligne {0} contient des faits inconnus"),
    ("a flow of another version", "sa démarche est d'une autre version"),
    ("there is no key", "le fichier n'en contient pas"),
    ("a key is not of 256 bits", "une clé n'a pas 256 bits"),
    ("a key is there twice", "une clé s'y trouve deux fois"),
    ("is not a file", "ce n'est pas un fichier"),
    ("is not a text", "ce n'est pas un texte"),
    (r"cannot be read \(.*\)", "ce fichier ne peut pas être lu"),
    (
        "belongs to another user",
        "ce fichier appartient à un autre compte : demandez le vôtre à l'exploitation",
    ),
    (r"others may read it, its mode is \d+: chmod 600", "d'autres peuvent le lire : chmod 600"),
    (r"line (\S+) is not a key in base64", "la ligne {0} n'est pas une clé en base64"),
)
_PATTERNS = tuple((re.compile(f"(?:(.+?): )?{english}"), french) for english, french in _DAMAGE)


def say_damage(why: str) -> str:
    """Say it in French, after the path that it may begin with; as it is when it is not known."""
    for pattern, french in _PATTERNS:
        found = pattern.fullmatch(why)
        if found is not None:
            path, *named = found.groups()
            told = french.format(*named)
            return told if path is None else f"{path} : {told}"
    return why


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

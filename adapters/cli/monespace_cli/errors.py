"""How the program ends: its exit codes, and what is said of what went wrong.

The codes are promised to scripts and never change their meaning.  No sentence of a wrong command
line repeats a value: what was typed may be a doctor's.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping, Sequence
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any

import click
from click import exceptions, types

if TYPE_CHECKING:
    from monespace_flows.errors import Reasoned

__all__ = ["Exit", "Stop", "in_french", "say_fault", "say_misuse"]


class Exit(IntEnum):
    """What a script learns from how the program ended."""

    FINE = 0
    """All is well."""
    FOUND = 1
    """What was looked for is there: drift, divergence, a broken invariant, a failed check."""
    USAGE = 2
    """The command line or the settings are wrong."""
    NO_JOURNEY = 3
    """There is no such journey or account."""
    REFUSED = 4
    """The purpose is missing or refused, or the reading could not be recorded."""
    DAMAGED = 5
    """The journal is damaged."""
    UNKNOWN_VERSION = 6
    """The journal is of a version that this program cannot read."""
    INTERNAL = 70
    """The error is ours, or the database does not answer."""
    INTERRUPTED = 130
    """As shells say it: stopped by Ctrl+C."""
    PIPE_CLOSED = 141
    """As shells say it: whoever read the output has gone."""


class Stop(Exception):
    """Ends the program with a code and one sentence on the error output.

    It need not be an error: a gate that found drift stops so too.

    The sentence must hold no personal value: it is shown, and may be logged.  ``english`` is the
    same for who reads the console in English; commands say the message.
    """

    def __init__(self, code: Exit, message: str, english: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.english = english or message


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


def say_fault(error: Reasoned[Any]) -> str:
    """Say in French why a journal, the keys or the tables are refused, after the path if any."""
    told = _faults()[error.reason].format_map(error.place)
    return f"{error.place['path']} : {told}" if "path" in error.place else told


def _faults() -> Mapping[Enum, str]:
    """The French of every reason.  Its English is the reason's value."""
    return {**_journal_faults(), **_keys_faults(), **_schema_faults()}


# Tables in functions: --help must not wait until the core and the backends are imported.


def _journal_faults() -> Mapping[Enum, str]:
    from monespace_flows.errors import JournalFault

    return {
        JournalFault.NOT_A_LINE: "une ligne n'est pas une ligne de journal",
        JournalFault.EDITED: "la ligne {line} a été modifiée",
        JournalFault.MISSING: "la ligne {line} manque",
        JournalFault.MISSING_OF: "la ligne {line} de {reference} manque",
        JournalFault.UNCHAINED: "la ligne {line} ne suit pas la ligne {before}",
        JournalFault.DISJOINT: "la ligne {line} commence ailleurs que "
        "là où la ligne {before} finit",
        JournalFault.NO_START: "le journal ne commence pas par un début",
        JournalFault.EMPTY: "le journal est vide",
        JournalFault.CUT: "le journal est coupé après la ligne {line}",
        JournalFault.SCATTERED: "les lignes de {reference} ne se suivent pas",
        JournalFault.OTHER_JOURNEY: "des lignes sont d'un autre parcours",
        JournalFault.NOT_A_SHAPE: "la ligne {line} n'est pas un chemin",
        JournalFault.FORMAT: "une ligne est au format {found}, et non {known}",
        JournalFault.FORMAT_NOT_A_NUMBER: "le format d'une ligne n'est pas un nombre",
        JournalFault.COMMAND: "une ligne nomme le geste inconnu {command}",
        JournalFault.FACTS: "la ligne {line} contient des faits inconnus",
        JournalFault.FLOW_VERSION: "sa démarche est d'une autre version",
        JournalFault.UNSEALED: "la ligne {line} ne porte pas de sceau, "
        "et date d'un temps où toutes en portent",
        JournalFault.FORGED: "le sceau de la ligne {line} n'est pas de ce service : "
        "elle a été réécrite",
        JournalFault.OTHER_KEY: "la ligne {line} est scellée sous une clé "
        "qui n'est pas parmi celles données",
        JournalFault.OTHER_MESSAGE: "des lignes sont d'un autre message",
        JournalFault.MESSAGE_GONE: "il manque : la ligne {line} du journal l'a envoyé",
        JournalFault.LINES_GONE: "ses lignes manquent, et il date d'un temps où tous en portent",
        JournalFault.UNTOLD: "ses lignes sont coupées après la ligne {line} : "
        "elles ne disent pas la fin qu'il a eue",
        JournalFault.MOVED: "la ligne {line} n'est pas à la place ou à l'heure qu'elle dit",
        JournalFault.ELSEWHERE: "le parcours enregistré n'est pas là où son journal finit",
        **_head_faults(),
    }


def _head_faults() -> Mapping[Enum, str]:
    from monespace_flows.errors import JournalFault

    return {
        JournalFault.HEAD_NOT_ONE: "ce n'est pas une tête",
        JournalFault.HEAD_EDITED: "elle a été modifiée",
        JournalFault.HEAD_FORGED: "son sceau n'est pas de ce service : elle a été réécrite",
        JournalFault.HEAD_OTHER_KEY: "elle est scellée sous une clé "
        "qui n'est pas parmi celles données",
        JournalFault.HEAD_MISSING: "elle manque",
        JournalFault.HEAD_UNCHAINED: "elle ne suit pas la précédente",
        JournalFault.HEAD_DIFFERS: "ce n'est pas celle qui a été exportée",
        JournalFault.LINES_DIFFER: "du {day}, elle couvrait {covered} lignes, il y en a {found}",
        JournalFault.LINES_CHANGED: "du {day}, elle couvrait d'autres lignes "
        "que celles qui sont là",
    }


def _keys_faults() -> Mapping[Enum, str]:
    from monespace_backends.secrets import KeysFault

    return {
        KeysFault.EMPTY: "le fichier n'en contient pas",
        KeysFault.SIZE: "une clé n'a pas 256 bits",
        KeysFault.TWICE: "une clé s'y trouve deux fois",
        KeysFault.UNREADABLE: "ce fichier ne peut pas être lu",
        KeysFault.NOT_A_TEXT: "ce n'est pas un texte",
        KeysFault.NOT_A_FILE: "ce n'est pas un fichier",
        KeysFault.OWNER: "ce fichier appartient à un autre compte : "
        "demandez le vôtre à l'exploitation",
        KeysFault.MODE: "d'autres peuvent le lire : chmod 600",
        KeysFault.NOT_BASE64: "la ligne {line} n'est pas une clé en base64",
        KeysFault.LACKING: "la base connaît {ids}, que ce fichier n'a pas : "
        "demandez le bon à l'exploitation",
        KeysFault.OTHER: "la base connaît {ids}, ce fichier contient {held} : "
        "demandez le bon à l'exploitation",
        KeysFault.DIFFERS: "la clé {ids} n'est pas celle de la base : "
        "demandez la bonne à l'exploitation",
    }


def _schema_faults() -> Mapping[Enum, str]:
    from monespace_backends.storage.database import SchemaFault

    return {
        SchemaFault.NO_TABLES: "elle n'a pas encore de tables : à l'exploitation de les créer",
        SchemaFault.OLDER: "ses tables sont plus anciennes, de la révision {found} : "
        "à l'exploitation de les mettre à jour",
        SchemaFault.CLASH: "d'autres tables y portent les noms des nôtres ({found}) : "
        "à l'exploitation de régler database.table_prefix",
        SchemaFault.NEWER: "ses tables sont plus récentes, de la révision {found}",
    }


def say_misuse(error: click.UsageError) -> str:
    """Say what is wrong with a command line, and where help is."""
    path = "monespace" if error.ctx is None else error.ctx.command_path
    return f"{_misuse(error)}\nAide : {path} --help"


def _misuse(error: click.UsageError) -> str:
    match error:
        case click.MissingParameter():
            return f"il manque {_hint(error)}{_choices(error, ' : ')}"
        case click.BadParameter():
            return f"{_hint(error)} : {_choices(error, 'un choix parmi ') or _wanted(error)}"
        case click.NoSuchOption():
            return _no_such_option(error)
        case exceptions.NoSuchCommand():
            return "cette commande n'existe pas" + _near(error.command_name, _commands(error))
        case click.BadOptionUsage():
            return f"l'option {error.option_name} attend une valeur"
        case _:
            return error.message or "il y a un argument de trop"


def _no_such_option(error: click.NoSuchOption) -> str:
    # A name of letters alone: what was typed after a dash may be a number of somebody's.
    is_name = re.fullmatch(r"-{1,2}[a-z-]+", error.option_name)
    named = f"l'option {error.option_name}" if is_name else "cette option"
    options = [] if error.ctx is None else error.ctx.command.params
    known = [name for one in options for name in one.opts if name.startswith("--")]
    return f"{named} n'existe pas{_near(error.option_name, known)}"


def _commands(error: click.UsageError) -> list[str]:
    group = None if error.ctx is None else error.ctx.command
    return group.list_commands(error.ctx) if isinstance(group, click.Group) and error.ctx else []


def _near(typed: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # here: every other run would wait for it

    near = get_close_matches(typed, known, 1)
    return f" ; vouliez-vous dire {near[0]} ?" if near else ""


def _hint(error: click.BadParameter) -> str:
    param = error.param
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return param.human_readable_name if param is not None else "?"


def _choices(error: click.BadParameter, before: str) -> str:
    kind = error.param.type if error.param is not None else None
    return before + ", ".join(map(str, kind.choices)) if isinstance(kind, click.Choice) else ""


def _wanted(error: click.BadParameter) -> str:
    """What should have been typed: click's own words quote the rest."""
    match error.param.type if error.param is not None else None:
        case types.IntParamType() as kind:
            return _whole_number(kind)
        case click.ParamType(name="date"):
            return "une date comme 22/11/2026, hier, aujourd'hui ou 2026-11-22T14:05 est attendue"
        case click.Path():
            return "ce fichier ou ce dossier ne peut pas être lu"
        case click.Tuple():
            return f"{getattr(error.param, 'metavar', None) or '?'} est attendu"
        case _:
            return "cette valeur est refusée"


def _whole_number(kind: types.IntParamType) -> str:
    match kind:
        case click.IntRange(min=low, max=None):
            return f"un nombre entier est attendu, {low} ou plus"
        case click.IntRange(min=low, max=high):
            return f"un nombre entier de {low} à {high} est attendu"
        case _:
            return "un nombre entier est attendu"

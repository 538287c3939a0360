"""Who reads whose journey, and why: recorded before anything is shown, or nothing is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click
from click import get_current_context

from ..errors import Exit, Stop
from .log import AccessLog, AccessRecord
from .place import current_place

__all__ = [
    "ACCOUNT",
    "MANY",
    "PURPOSES",
    "AccessLog",
    "AccessRecord",
    "access_options",
    "is_ticket",
    "read_reference",
    "reading",
]

# As the references are drawn: without 0, 1, I and O, which are taken for one another.
_LETTERS = re.compile(r"[2-9A-HJ-NP-Z]{8}", re.ASCII)


def read_reference(typed: str) -> str:
    """Read a reference in any case, with or without its dash: ``7k3qf9m2`` is ``7K3Q-F9M2``.

    Raises:
        Stop: no journey can be called so.  The sentence does not repeat it: someone may have
            typed a doctor's number.
    """
    letters = re.sub(r"[\s–—-]", "", typed).upper()
    if not _LETTERS.fullmatch(letters):
        raise Stop(
            Exit.NO_JOURNEY,
            "aucun parcours ne porte cette référence : elle a 8 lettres ou chiffres, "
            "comme 7K3Q-F9M2 (jamais 0, 1, I ni O)",
        )
    return f"{letters[:4]}-{letters[4:]}"


PURPOSES = {
    "caller": "appel de la personne",
    "incident": "incident",
    "security": "contrôle de sécurité",
    "legal": "demande légale",
    "test": "essai",
}
"""Why one may read a person's journey, and how it is said in French."""

MANY = "*"
"""The reference of a reading of all journeys at once."""

ACCOUNT = "account"
"""The reference of what is done to someone's account: the record does not name it."""

_TICKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/#:-]{0,63}", re.ASCII)
_LONG_NUMBER = re.compile(r"[0-9]{10}", re.ASCII)


def access_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--purpose`` and ``--ticket`` to a command that reads one person's journeys.

    They are not required to click's mind: their lack must end with a code of its own.
    """
    told = ", ".join(
        name if name == words else f"{name} ({words})" for name, words in PURPOSES.items()
    )
    function = click.option(
        "--ticket", metavar="TICKET", help="Le ticket de la demande, par exemple SD-1423."
    )(function)
    return click.option(
        "--purpose", metavar="MOTIF", help=f"Pourquoi vous lisez : {told}. Obligatoire."
    )(function)


@contextmanager
def reading(reference: str, purpose: str | None, ticket: str | None) -> Iterator[AccessRecord]:
    """Record that someone reads a journey; only then run the block, which may show it.

    Args:
        reference: the journey's, as it was typed, or :data:`MANY`; the record holds it as it is.
        purpose: one of :data:`PURPOSES`.
        ticket: what the reading was asked by.

    Raises:
        Stop: purpose or ticket is missing or refused, the reference cannot be one, or the record
            cannot be written.
    """
    why, what = _checked_purpose(purpose), _checked_ticket(ticket)
    whose = reference if reference == MANY else read_reference(reference)
    command = get_current_context().info_name or ""
    log = AccessLog(current_place().access_log)
    yield log.append(command=command, reference=whose, purpose=why, ticket=what)


def is_ticket(text: str) -> bool:
    """Whether a ticket may be kept and shown: short, plain, without a number of ten digits."""
    return bool(_TICKET.fullmatch(text)) and not _LONG_NUMBER.search(text)


def _checked_purpose(purpose: str | None) -> str:
    if purpose in PURPOSES:
        return purpose
    listed = "\n".join(f"  {name:<10}{words}" for name, words in PURPOSES.items())
    problem = "il manque --purpose" if purpose is None else "ce motif n'existe pas"
    raise Stop(Exit.REFUSED, f"{problem} : dites pourquoi vous lisez\n{listed}")


def _checked_ticket(ticket: str | None) -> str:
    if ticket is None:
        raise Stop(Exit.REFUSED, "il manque --ticket : le ticket de la demande, comme SD-1423")
    if not _TICKET.fullmatch(ticket):
        wanted = "64 caractères au plus, lettres sans accent, chiffres et . _ / # : -"
        raise Stop(Exit.REFUSED, f"ce ticket est refusé : {wanted}")
    if _LONG_NUMBER.search(ticket):
        # It is kept and shown: no doctor's number or telephone may end up there.
        raise Stop(Exit.REFUSED, "ce ticket est refusé : il contient un nombre de 10 chiffres")
    return ticket

"""Who reads whose journey, and why: recorded before anything is shown, or nothing is shown."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click
from attrs import frozen
from click import get_current_context

from monespace_flows.wording import Text

from ..command import completed_from
from ..errors import Exit, Stop
from .log import AccessLog, AccessRecord
from .place import Place

__all__ = [
    "PURPOSES",
    "Grounds",
    "grounds_options",
    "purpose_words",
    "read_reference",
    "reading",
]

PURPOSES = {
    "caller": "appel de la personne",
    "incident": "incident",
    "security": "contrôle de sécurité",
    "legal": "demande légale",
    "test": "essai",
}
"""Why one may read a person's journey, and how it is said in French."""

_IN_ENGLISH = {
    "caller": "call from the person",
    "incident": "incident",
    "security": "security check",
    "legal": "legal request",
    "test": "test",
}

_IN_FRENCH = {
    "appel": "caller",
    "incident": "incident",
    "securite": "security",
    "sécurité": "security",
    "legal": "legal",
    "légal": "legal",
    "essai": "test",
}
"""The same purposes as support types them; records keep the English ones."""

_ASKED = "appel, incident, securite, legal ou essai"

# As the references are drawn: without 0, 1, I and O, which are taken for one another.
_LETTERS = re.compile(r"[2-9A-HJ-NP-Z]{8}", re.ASCII)
_TICKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/#:-]{0,63}", re.ASCII)
_LONG_NUMBER = re.compile(r"[0-9]{10}", re.ASCII)


_SHORTEST = {english: french for french, english in _IN_FRENCH.items() if french.isascii()}
_LISTED = "\n".join(f"  {_SHORTEST[name]:<10}{words}" for name, words in PURPOSES.items())
_EXPLAINED = ", ".join(
    _SHORTEST[name] if _SHORTEST[name] == words else f"{_SHORTEST[name]} ({words})"
    for name, words in PURPOSES.items()
)

_PURPOSE_HELP = (
    f"Pourquoi vous agissez : {_EXPLAINED}. Obligatoire. [ou la variable MONESPACE_PURPOSE]"
)
_TICKET_HELP = "Le ticket de la demande, par exemple SD-1423. [ou la variable MONESPACE_TICKET]"


@frozen
class Grounds:
    """On what grounds someone reads, as typed: a purpose, and the ticket that asked for it."""

    purpose: str | None
    ticket: str | None

    def checked(self, act: str = "lisez") -> tuple[str, str]:
        """The purpose, one of :data:`PURPOSES`, and the ticket, which may be kept and shown.

        Args:
            act: what is done on these grounds, after « vous ».

        Raises:
            Stop: telling all that is missing or refused.
        """
        wrong = [it.fr for it in self.wrong(act)]
        if wrong or self.purpose is None or self.ticket is None:
            if not self._names_a_purpose:
                wrong.insert(1, _LISTED)
            raise Stop(Exit.REFUSED, "\n".join(wrong))
        return _canonical(self.purpose), self.ticket

    def wrong(self, act: str = "lisez") -> list[Text]:
        """What is missing or refused, in words: nothing when all is well."""
        return [*self._wrong_purpose(act), *self._wrong_ticket()]

    @staticmethod
    def asked(purpose: str | None, ticket: str | None) -> Grounds:
        """Ask for what was not given, where somebody sits at a terminal to answer."""
        if is_answered():
            purpose = purpose or _ask(f"Motif ({_ASKED})")
            ticket = ticket or _ask("Ticket, comme SD-1423")
        return Grounds(purpose, ticket)

    @property
    def _names_a_purpose(self) -> bool:
        return self.purpose is not None and _canonical(self.purpose) in PURPOSES

    def _wrong_purpose(self, act: str) -> Iterator[Text]:
        if self._names_a_purpose:
            return
        why = Text(f"dites pourquoi vous {act}", "say why you read")
        if self.purpose is None:
            yield Text(f"il manque --purpose : {why.fr}", f"--purpose is missing: {why.en}")
        else:
            yield Text(f"ce motif n'existe pas : {why.fr}", f"there is no such purpose: {why.en}")

    def _wrong_ticket(self) -> Iterator[Text]:
        if self.ticket is None:
            yield Text(
                "il manque --ticket : le ticket de la demande, comme SD-1423",
                "--ticket is missing: what asked for it, as in SD-1423",
            )
        elif not _TICKET.fullmatch(self.ticket):
            yield Text(
                "ce ticket est refusé : 64 caractères au plus, lettres sans accent, chiffres et "
                ". _ / # : -",
                "this ticket is refused: at most 64 letters, digits and . _ / # : -",
            )
        elif _LONG_NUMBER.search(self.ticket):
            # It is kept and shown: no doctor's number or telephone may end up there.
            yield Text(
                "ce ticket est refusé : il contient un nombre de 10 chiffres",
                "this ticket is refused: it holds a number of 10 digits",
            )


def is_answered() -> bool:
    """Whether somebody sits at a terminal, to read a question and to answer it."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask(question: str) -> str:
    answer: str = click.prompt(question, err=True, prompt_suffix=" : ")
    return answer.strip()


def purpose_words(purpose: str) -> Text:
    """Say one of :data:`PURPOSES`."""
    return Text(PURPOSES[purpose], _IN_ENGLISH[purpose])


def _canonical(purpose: str) -> str:
    """A purpose as it is recorded, typed in French or in English."""
    typed = purpose.strip().lower()
    return _IN_FRENCH.get(typed, typed)


def grounds_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--purpose`` and ``--ticket`` to a command, which receives ``grounds``.

    They are not required to click's mind: their lack must end with a code of its own.
    """

    @wraps(function)
    def on_grounds(*args: Any, purpose: str | None, ticket: str | None, **rest: Any) -> Any:
        return function(*args, grounds=Grounds.asked(purpose, ticket), **rest)

    ticket = click.option(
        "--ticket", envvar="MONESPACE_TICKET", metavar="TICKET", help=_TICKET_HELP
    )(on_grounds)
    return click.option(
        "--purpose",
        envvar="MONESPACE_PURPOSE",
        metavar="MOTIF",
        shell_complete=completed_from(_SHORTEST.values),
        help=_PURPOSE_HELP,
    )(ticket)


@contextmanager
def reading(reference: str, grounds: Grounds) -> Iterator[AccessRecord]:
    """Record that someone reads a journey; only then run the block, which may show it.

    Args:
        reference: the journey's, as it was typed, or ``AccessRecord.MANY``; the record holds it
            as it is read.
        grounds: why, as typed.

    Raises:
        Stop: purpose or ticket is missing or refused, the reference cannot be one, or the record
            cannot be written.
    """
    whose = reference if reference == AccessRecord.MANY else read_reference(reference)
    purpose, ticket = grounds.checked()
    command = get_current_context().info_name or ""
    log = AccessLog(Place.used().access_log)
    yield log.append(command=command, reference=whose, purpose=purpose, ticket=ticket)


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
            "no journey has this reference: it has 8 letters or digits, as in 7K3Q-F9M2 (never 0, "
            "1, I or O)",
        )
    return f"{letters[:4]}-{letters[4:]}"

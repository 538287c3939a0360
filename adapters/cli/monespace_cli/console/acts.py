"""What an agent may change, where the console may write: each act is recorded before it is done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from attrs import frozen
from starlette.responses import Response

from monespace_backends.emails import Emails
from monespace_flows.driver import Eraser
from monespace_flows.rules.identity import read_rpps
from monespace_flows.wording import Text

from ..access.log import AccessRecord
from ..access.place import Place
from ..access.reading import read_reference
from ..errors import Exit, Stop
from ..operating.account import keeper_of, opened_for_accounts
from ..operating.outbox import opened
from .pages import Asked

__all__ = ["act_page", "ask_erasure", "do_act", "do_erase", "do_retry", "name_erased"]

_ACTS = {
    "unlock": Text("débloquer : oublier les essais manqués", "unlock: forget the failed tries"),
    "disable": Text("désactiver le compte", "disable the account"),
    "enable": Text("réactiver le compte", "enable the account again"),
}
_WORD = Text("EFFACER", "ERASE")
_NO_ACCOUNT = Text(
    "Rien n'est fait : ce compte n'existe pas.", "Nothing is done: there is no such account."
)
_UNSURE = Text("Rien n'est fait : choisissez et confirmez.", "Nothing is done: choose and confirm.")


@frozen(kw_only=True)
class Done:
    """What an act did, in words; ``reference`` is that of the account's journal, if it was."""

    words: Text
    reference: str | None = None


def act_page(
    asked: Asked, *, status: int = 200, error: Text | None = None, done: Done | None = None
) -> Response:
    """Show what may be done."""
    return asked.page("acts", status, acts=_ACTS, error=error, done=done)


def do_act(asked: Asked) -> Response:
    """Unlock, disable or enable the account of whom was typed, once that was confirmed."""
    act = asked.fields.get("act", "")
    if act not in _ACTS or not asked.fields.get("sure"):
        return act_page(asked, status=422, error=_UNSURE)
    return _with_person(asked, partial(_do_act, asked, act))


def _do_act(asked: Asked, act: str, named: dict[str, str]) -> Response:
    with opened_for_accounts(asked.place) as outside:
        keeper = keeper_of(outside)
        asked.visit.record(asked.place, act, AccessRecord.ACCOUNT)
        acts = {"unlock": keeper.unlock, "disable": keeper.disable, "enable": keeper.enable}
        kept = acts[act](**named)
    if kept is None:
        return act_page(asked, status=404, error=_NO_ACCOUNT)
    if kept.reference is None:
        already = Text("Rien à faire : il en est déjà ainsi.", "Nothing to do: it is so already.")
        return act_page(asked, done=Done(words=already))
    words = Text(
        "C'est fait, et inscrit au journal du compte :",
        "It is done, and written in the account's journal:",
    )
    return act_page(asked, done=Done(words=words, reference=kept.reference))


def do_retry(asked: Asked) -> Response:
    """Put back the messages of a journey that the way out refused, once that was confirmed."""
    if not asked.fields.get("sure"):
        return act_page(asked, status=422, error=_UNSURE)
    try:
        reference = read_reference(asked.fields.get("reference", ""))
    except Stop as refused:
        return act_page(asked, status=404, error=Text(refused.message, refused.english))
    with opened(asked.place) as (storage, now):
        asked.visit.record(asked.place, "outbox-retry", reference)
        with storage.writing() as unit:
            refused_ones = [it.id for it in unit.outbox.unsent() if it.journey == reference]
            count = unit.outbox.put_back(refused_ones, now)
    return act_page(asked, done=Done(words=_put_back(count)))


def _put_back(count: int) -> Text:
    if not count:
        return Text(
            "Aucun message de ce parcours ne peut être renvoyé.",
            "No message of this journey can be sent again.",
        )
    if count == 1:
        return Text("1 message remis en attente.", "1 message put back.")
    return Text(f"{count} messages remis en attente.", f"{count} messages put back.")


# --- an account erased, in two steps -------------------------------------------------------------


def name_erased(asked: Asked) -> Response:
    """Remember whose account is to be erased, and ask whether that is sure."""

    def named(person: dict[str, str]) -> Response:
        asked.visit.name(person)
        return asked.go("/effacement")

    return _with_person(asked, named)


def ask_erasure(asked: Asked, error: Text | None = None) -> Response:
    """Say what is lost, and ask for the word that confirms it."""
    if not asked.visit.has_named:
        return asked.go("/gestes")
    days = asked.place.policy.journeys.retention.days
    return asked.page("erasure", 422 if error else 200, word=_WORD, days=days, error=error)


def do_erase(asked: Asked) -> Response:
    """Erase the account, once the word was typed; whose it is was typed before."""
    if asked.fields.get("word", "").strip().upper() not in {_WORD.fr, _WORD.en}:
        told = Text(
            f"Rien n'est effacé : tapez {_WORD.fr}.", f"Nothing is erased: type {_WORD.en}."
        )
        return ask_erasure(asked, told)
    named = asked.visit.take_named()
    if named is None:
        return asked.go("/gestes")
    with opened_for_accounts(asked.place) as outside:
        eraser = Eraser(**outside)
        asked.visit.record(asked.place, "erase", AccessRecord.ACCOUNT)
        gone = eraser.erase(**named)
    if gone is None:
        return act_page(asked, status=404, error=_NO_ACCOUNT)
    words = Text(
        "Le compte est effacé, avec {} session(s), {} lien(s), {} parcours et {} message(s) en "
        "attente.",
        "The account is erased, with {} session(s), {} link(s), {} journey(s) and {} waiting "
        "message(s).",
    )
    counts = (gone.sessions, gone.links, gone.journeys, gone.messages)
    return act_page(
        asked, done=Done(words=Text(words.fr.format(*counts), words.en.format(*counts)))
    )


def _with_person(asked: Asked, act: Callable[[dict[str, str]], Response]) -> Response:
    """Act on whom was typed, who is never shown again."""
    try:
        named = _named(asked.place, asked.fields.get("person", "").strip())
    except Stop as refused:
        return act_page(asked, status=422, error=Text(refused.message, refused.english))
    return act(named)


def _named(place: Place, typed: str) -> dict[str, str]:
    if "@" in typed and Emails().read(typed) is not None:
        return {"email": typed}
    if isinstance(read_rpps(typed, place.policy.identity), str):
        return {"rpps": typed}
    raise Stop(
        Exit.USAGE,
        "ce n'est ni un numéro RPPS (11 chiffres) ni une adresse e-mail",
        "that is neither an RPPS number (11 digits) nor an e-mail address",
    )

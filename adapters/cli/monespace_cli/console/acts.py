"""What an agent may change, where the console may write: each act is recorded before it is done."""

from __future__ import annotations

from starlette.responses import Response

from monespace_backends.emails import Emails
from monespace_flows.rules.identity import read_rpps

from ..access.log import AccessRecord
from ..access.place import Place
from ..access.reading import read_reference
from ..errors import Exit, Stop
from ..operating.account import keeper_of, opened_for_accounts
from ..operating.outbox import opened
from .pages import Asked

__all__ = ["ACTS", "act_page", "do_act", "do_retry"]

ACTS = {
    "unlock": "débloquer : oublier les essais manqués",
    "disable": "désactiver le compte",
    "enable": "réactiver le compte",
}


def act_page(asked: Asked, *, status: int = 200, error: str = "", done: str = "") -> Response:
    """Show what may be done."""
    return asked.page("acts", status, acts=ACTS, error=error, done=done)


def do_act(asked: Asked) -> Response:
    """Unlock, disable or enable the account of whom was typed, once that was confirmed."""
    act = asked.fields.get("act", "")
    if act not in ACTS or not asked.fields.get("sure"):
        return act_page(asked, status=422, error="Rien n'est fait : choisissez et confirmez.")
    named = _named(asked.place, asked.fields.get("person", "").strip())
    with opened_for_accounts(asked.place) as outside:
        keeper = keeper_of(outside)
        asked.visit.record(asked.place, act, AccessRecord.ACCOUNT)
        acts = {"unlock": keeper.unlock, "disable": keeper.disable, "enable": keeper.enable}
        kept = acts[act](**named)
    if kept is None:
        return act_page(asked, status=404, error="Rien n'est fait : ce compte n'existe pas.")
    if kept.reference is None:
        return act_page(asked, done="Rien à faire : il en est déjà ainsi.")
    return act_page(asked, done=f"C'est fait, et inscrit au journal du compte : {kept.reference}.")


def do_retry(asked: Asked) -> Response:
    """Put back the messages of a journey that the way out refused, once that was confirmed."""
    if not asked.fields.get("sure"):
        return act_page(asked, status=422, error="Rien n'est fait : confirmez.")
    reference = read_reference(asked.fields.get("reference", ""))
    with opened(asked.place) as (storage, now):
        asked.visit.record(asked.place, "outbox-retry", reference)
        with storage.writing() as unit:
            refused = [it.id for it in unit.outbox.unsent() if it.journey == reference]
            done = unit.outbox.put_back(refused, now)
    if not done:
        return act_page(asked, done="Aucun message de ce parcours ne peut être renvoyé.")
    return act_page(asked, done=f"{done} message(s) remis en attente.")


def _named(place: Place, typed: str) -> dict[str, str]:
    if "@" in typed and Emails().read(typed) is not None:
        return {"email": typed}
    if isinstance(read_rpps(typed, place.policy.identity), str):
        return {"rpps": typed}
    raise Stop(Exit.USAGE, "ce n'est ni un numéro RPPS (11 chiffres) ni une adresse e-mail")

"""What became of the code or the link that a person waits for, and when that is the cause."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from ..journal.deliveries import PATIENCE, Delivery, Fate
from ..journal.entry import Entry
from ..wording import Text

__all__ = ["ALWAYS_SENT", "FATES", "OURS", "cause_of_message", "left_late", "say_message"]

_SENDING = ("SendCode", "SendResetLink")
ALWAYS_SENT = frozenset((*_SENDING, "SendNothing"))
"""The effects that never go without a message, which has their key."""

_AWAITED = {"waiting.enter_code", "waiting.link_sent", "send.too_soon", "link.throttled"}
_LATE = {"code.expired", "entry.erased"}
"""Once a code is dead, what had not left by then never does any good."""

_PENDING = {Fate.QUEUED, Fate.PUT_OFF}
_OF_FATE = {
    Fate.QUEUED: "message.waiting",
    Fate.PUT_OFF: "message.waiting",
    Fate.REFUSED: "message.refused",
    Fate.GIVEN_UP: "message.given_up",
    Fate.EXPIRED: "message.given_up",
}
OURS = frozenset(_OF_FATE.values())
"""The causes that no answer of the person changes."""

_OF_LINK = {Fate.LINK_EXPIRED: "link.expired", Fate.LINK_USED: "link.used"}
_OPENED = {"waiting.link_sent", "waiting.choose_new_password", "link.invalid", "link.throttled"}

FATES = {
    Fate.QUEUED: Text("mis en attente d'envoi", "queued"),
    Fate.HANDED_OVER: Text("remis pour acheminement", "handed over"),
    Fate.PUT_OFF: Text("refusé pour l'instant", "refused for now"),
    Fate.REFUSED: Text("refusé définitivement", "refused for good"),
    Fate.GIVEN_UP: Text("abandonné", "given up"),
    Fate.EXPIRED: Text("périmé avant l'envoi", "expired before it left"),
    Fate.LINK_EXPIRED: Text("lien ouvert trop tard", "link opened too late"),
    Fate.LINK_USED: Text("lien rouvert après usage", "link opened again after its use"),
}
"""What happened to a message, in words."""


def cause_of_message(
    cause_id: str,
    entries: Sequence[Entry],
    deliveries: Sequence[Sequence[Delivery]],
    *,
    now: datetime | None,
    is_over: bool,
) -> str | None:
    """Say the cause that wins over what the person did or did not do, if there is one.

    Args:
        cause_id: the cause that the journal alone tells.
        entries: the journal.
        deliveries: what became of the journey's messages.
        now: the present, where it is known.
        is_over: whether the journey expired: nothing can arrive in time any more.
    """
    told = _awaited(entries, deliveries)
    if not told:
        return None
    last = told[-1]
    if last.fate in _OF_LINK:
        return _OF_LINK[last.fate] if cause_id in _OPENED else None
    if not _is_awaited(cause_id) or last.fate is Fate.HANDED_OVER:
        return None
    if last.fate in _PENDING and (is_over or cause_id in _LATE):
        return "message.given_up"
    is_fresh = last.fate is Fate.QUEUED and (now is None or now - last.at < PATIENCE)
    return None if is_fresh else _OF_FATE[last.fate]


def left_late(
    cause_id: str, entries: Sequence[Entry], deliveries: Sequence[Sequence[Delivery]]
) -> bool:
    """Say whether the message that the person waited for left, but was put off before."""
    fates = [it.fate for it in _awaited(entries, deliveries)]
    return _is_awaited(cause_id) and fates[-1:] == [Fate.HANDED_OVER] and Fate.PUT_OFF in fates


def _is_awaited(cause_id: str) -> bool:
    return cause_id in _AWAITED | _LATE or cause_id.startswith("code.")


def say_message(
    entries: Sequence[Entry], deliveries: Sequence[Sequence[Delivery]], zone: tzinfo
) -> Text:
    """Say what became of that message, at which hours."""
    told = _awaited(entries, deliveries)
    channel = {"sms": Text("SMS", "SMS")}.get(told[0].channel, Text("E-mail", "E-mail"))
    hours = [it.at.astimezone(zone) for it in told]
    said = [(FATES[it.fate], _when(at, hours[0])) for it, at in zip(told, hours, strict=True)]
    tries = told[-1].attempts
    count = (f" ({tries} essais)", f" ({tries} tries)") if tries > 1 else ("", "")
    return Text(
        f"{channel.fr} " + ", ".join(f"{text.fr} {at.fr}" for text, at in said) + f"{count[0]}.",
        f"{channel.en} " + ", ".join(f"{text.en} {at.en}" for text, at in said) + f"{count[1]}.",
    )


def _when(at: datetime, first: datetime) -> Text:
    """The hour; with the day, where it is another than that of the first line."""
    if at.date() == first.date():
        return Text(f"à {at:%H:%M}", f"at {at:%H:%M}")
    return Text(f"le {at:%d/%m/%Y} à {at:%H:%M}", f"on {at:%d/%m/%Y} at {at:%H:%M}")


def _awaited(
    entries: Sequence[Entry], deliveries: Sequence[Sequence[Delivery]]
) -> Sequence[Delivery]:
    """The lines of the newest code or link that was sent; none where they are unknown."""
    keys = (wish.key for it in reversed(entries) for wish in it.effects if wish.kind in _SENDING)
    newest = next(keys, None)
    return next((told for told in deliveries if told[0].message == newest), ())

"""A notice explained: its text, the guide's rows, where it may be said, and its usual causes."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from ..chart import rows
from ..flows import FLOWS
from ..notices import NOTICES
from ..wording import Cause
from .catalogue import CAUSES, OWN_CAUSES

__all__ = ["Explanation", "explain"]


@frozen(kw_only=True)
class Explanation:
    """What to tell someone who reads a sentence from their screen."""

    id: str
    kind: str
    text: str
    guide: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    causes: tuple[Cause, ...]


def explain(notice: str) -> Explanation:
    """Explain a notice by its id; ``KeyError`` when there is none."""
    found = NOTICES[notice]
    return Explanation(
        id=found.id,
        kind=found.kind,
        text=found.text,
        guide=_GUIDE.get(notice, ()),
        places=tuple(dict.fromkeys(_places(notice))),
        causes=tuple(CAUSES[cause] for cause in _usual(notice)),
    )


def _usual(notice: str) -> tuple[str, ...]:
    own = (notice,) if notice in OWN_CAUSES else ()
    return _USUAL.get(notice, own)


def _places(notice: str) -> Iterator[tuple[str, str]]:
    for flow in FLOWS.values():
        for row in rows(flow.chart):
            said = (name for action in row.actions for name in _said(action))
            if notice in said:
                yield flow.name, row.source


def _said(action: str) -> list[str]:
    """The notices of an action that ``say`` made, from its name."""
    if not action.startswith("say("):
        return []
    return action.removeprefix("say(").removesuffix(")").split(", ")


_GUIDE = {
    "identity.unknown": ("C3", "R2", "D3"),
    "account.exists": ("C4", "R3", "D1"),
    "email.taken": ("R7",),
    "terms.required": ("C1",),
    "code.wrong": ("C7", "D4"),
    "code.expired": ("D4",),
    "code.exhausted": ("D4",),
    "code.resent": ("C7",),
    "code.too_soon": ("D4",),
    "send.exhausted": ("D4",),
    "password.wrong": ("T2",),
    "credentials.refused": ("S4",),
    "link.sent": ("P2",),
    "link.used": ("P3",),
    "link.invalid": ("P2", "P3"),
    "entry.erased": ("C2", "D5"),
    "journey.expired": ("D5",),
    "settings.saved": ("T1",),
    "email.changed_often": ("T1",),
}

_USUAL = {
    "identity.unknown": (
        "identity.birth_date_differs",
        "identity.rpps_unknown",
        "identity.not_admitted",
        "identity.no_contact",
        "send.contact_gone",
        "doctor.gone",
    ),
    "identity.throttled": ("identity.throttled", "email.throttled"),
    "account.exists": ("account.exists", "account.blocked", "account.appeared"),
    "email.taken": ("email.taken", "email.order_taken"),
    "terms.required": ("terms.required",),
    "code.wrong": ("code.differs", "code.last_try"),
    "code.expired": ("code.expired",),
    "code.exhausted": ("code.exhausted", "code.exhausted_today", "code.last_try"),
    "code.too_soon": ("send.too_soon",),
    "send.exhausted": ("send.exhausted",),
    "send.sms_closed": ("send.sms_closed",),
    "confirmation.mismatch": ("email.mismatch", "password.mismatch"),
    "password.weak": ("password.weak",),
    "password.wrong": ("settings.wrong", "settings.locked"),
    "credentials.refused": (
        "signin.wrong",
        "signin.unknown",
        "signin.locked",
        "account.locked",
        "account.disabled",
        "account.frozen",
    ),
    "link.sent": ("link.unknown", "link.unconfirmed", "link.throttled", "link.disabled"),
    "link.invalid": ("link.invalid", "account.changed"),
    "entry.erased": ("entry.erased",),
    "journey.expired": ("account.renewed", "account.frozen"),
    "email.changed_often": ("email.spent",),
}

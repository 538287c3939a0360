"""Why one step refused something, from its verdicts and the notices that were told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..facts import (
    AccountVerdict,
    CodeFacts,
    CredentialsFacts,
    Deadline,
    DoctorVerdict,
    EmailVerdict,
    Facts,
    IdentityFacts,
    LinkFacts,
    LinkRequestFacts,
    LinkRequestVerdict,
    NewPasswordFacts,
    NoFacts,
    SendFacts,
    SettingsFacts,
    SignInFacts,
    SignInVerdict,
    TickFacts,
)
from ..journal.entry import Entry
from .catalogue import OWN_CAUSES

__all__ = ["refusal"]


def refusal(entry: Entry) -> str | None:
    """The id of the cause for which a step refused something, or ``None`` when it did not."""
    own = next((notice for notice in entry.notices if notice in OWN_CAUSES), None)
    found = own or _REFUSALS.get(type(entry.facts), _of_a_host)(entry, entry.facts)
    if found is not None:
        return found
    return "form" if entry.facts.problems else None


def _of_identity(entry: Entry, facts: IdentityFacts) -> str | None:
    if "account.exists" in entry.notices:
        if entry.after != entry.before:
            return None if facts.offer_recovery else "account.blocked"
        return "account.exists"
    if "identity.unknown" in entry.notices:
        return f"identity.{facts.identity.value}"
    return _first_said(entry, {"terms.required", "identity.throttled"})


def _of_credentials(
    entry: Entry, facts: CredentialsFacts | NewPasswordFacts | SettingsFacts
) -> str | None:
    if isinstance(facts, NewPasswordFacts) and facts.doctor is DoctorVerdict.GONE:
        is_there = facts.account is AccountVerdict.EXISTS
        return "account.disabled" if is_there else _translated(entry, _CREDENTIALS)
    if getattr(facts, "account", None) is AccountVerdict.FROZEN:
        return "account.frozen" if entry.notices else None
    if "confirmation.mismatch" in entry.notices:
        email = getattr(facts, "email", None)
        differs = email is EmailVerdict.DIFFERS_FROM_CONFIRMATION
        return "email.mismatch" if differs else "password.mismatch"
    if isinstance(facts, CredentialsFacts) and facts.email is EmailVerdict.UNCHANGED:
        own = "email.taken" in entry.notices
        return "email.own" if own else _translated(entry, _CREDENTIALS)
    if "email.taken" in entry.notices and entry.command == "create":
        return "email.order_taken"
    return _translated(entry, _CREDENTIALS)


def _of_link_request(entry: Entry, facts: LinkRequestFacts) -> str | None:
    if entry.command == "send_reset_link":
        return _translated(entry, _OWN_LINKS)
    if facts.request is LinkRequestVerdict.SEND or "link.sent" not in entry.notices:
        return None
    return f"link.{facts.request.value}"


def _of_send(entry: Entry, _: SendFacts) -> str | None:
    return _translated(entry, _SENDS) if entry.after == entry.before else None


def _of_code(entry: Entry, _: CodeFacts) -> str | None:
    last_try = {"code.wrong", "code.exhausted"} <= set(entry.notices)
    if last_try:
        return "code.last_try"
    found = _translated(entry, _CODES)
    # The day's tries are used up where a wait begins, of which the screen says nothing.
    is_of_today = found == "code.exhausted" and entry.until is not None
    return "code.exhausted_today" if is_of_today else found


def _of_link(entry: Entry, _: LinkFacts) -> str | None:
    return _first_said(entry, {"link.invalid"})


def _of_sign_in(entry: Entry, facts: SignInFacts) -> str | None:
    if "credentials.refused" not in entry.notices:
        return None
    if facts.sign_in in _SHUT:
        return _SHUT[facts.sign_in]
    is_besieged = facts.sign_in is SignInVerdict.LOCKED and facts.many
    return "account.locked" if is_besieged else f"signin.{facts.sign_in.value}"


def _of_settings(entry: Entry, facts: SettingsFacts) -> str | None:
    if facts.current in _SHUT:
        return _SHUT[facts.current]
    if "password.wrong" in entry.notices:
        locked = facts.current is SignInVerdict.LOCKED
        return "settings.locked" if locked else "settings.wrong"
    return _of_credentials(entry, facts)


def _of_nothing(entry: Entry, _: NoFacts) -> str | None:
    if entry.command in _CLOSING:
        return _CLOSING[entry.command]
    stays = entry.command == "continue_recovery" and entry.after == entry.before
    return "account.blocked" if stays else None


def _of_tick(_: Entry, facts: TickFacts) -> str | None:
    return "entry.erased" if facts.deadline is Deadline.ENTRY else None


def _of_a_host(entry: Entry, _: Facts) -> str | None:
    """A host's own facts: what its rows say in the common words is known by them."""
    return _translated(entry, _CREDENTIALS)


def _first_said(entry: Entry, ids: set[str]) -> str | None:
    return next((notice for notice in entry.notices if notice in ids), None)


def _translated(entry: Entry, causes: dict[str, str]) -> str | None:
    return next((causes[notice] for notice in entry.notices if notice in causes), None)


_CLOSING = {
    "disable": "account.disabled",
    "strike_off": "account.disabled",
    "freeze": "account.frozen",
}
_SHUT = {
    SignInVerdict.DISABLED: "account.disabled",
    SignInVerdict.NOT_ADMITTED: "account.disabled",
    SignInVerdict.FROZEN: "account.frozen",
}
_SENDS = {
    "identity.unknown": "send.contact_gone",
    "code.too_soon": "send.too_soon",
    "send.exhausted": "send.exhausted",
    "send.sms_closed": "send.sms_closed",
}
_CODES = {
    "code.expired": "code.expired",
    "code.exhausted": "code.exhausted",
    "code.wrong": "code.differs",
}
_OWN_LINKS = {
    "identity.throttled": "link.throttled",
    "journey.expired": "account.renewed",
}
_CREDENTIALS = {
    "identity.unknown": "doctor.gone",
    "account.exists": "account.appeared",
    "journey.expired": "account.renewed",
    "link.invalid": "account.changed",
    "password.weak": "password.weak",
    "identity.throttled": "email.throttled",
    "email.taken": "email.taken",
    "email.changed_often": "email.spent",
}


_REFUSALS: dict[type[Facts], Callable[[Entry, Any], str | None]] = {
    IdentityFacts: _of_identity,
    SendFacts: _of_send,
    CodeFacts: _of_code,
    CredentialsFacts: _of_credentials,
    NewPasswordFacts: _of_credentials,
    LinkRequestFacts: _of_link_request,
    LinkFacts: _of_link,
    SignInFacts: _of_sign_in,
    SettingsFacts: _of_settings,
    NoFacts: _of_nothing,
    TickFacts: _of_tick,
}

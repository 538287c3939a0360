"""Why one step refused something, from what it said and knew."""

from __future__ import annotations

from collections.abc import Callable

from ..facts import (
    CodeFacts,
    CredentialsFacts,
    Deadline,
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
from ..journal import Entry

__all__ = ["refusal"]


def refusal(entry: Entry) -> str | None:
    """The id of the cause for which a step refused something, or ``None`` when it did not."""
    found = _REFUSALS.get(type(entry.facts), _of_a_host)(entry, entry.facts)
    if found is not None:
        return found
    return "form" if entry.facts.problems else None


def _of_identity(entry: Entry, facts: Facts) -> str | None:
    assert isinstance(facts, IdentityFacts)  # noqa: S101 - narrows
    moved = entry.after != entry.before
    if "account.exists" in entry.notices:
        if moved:
            return None if facts.offer_recovery else "account.blocked"
        return "account.exists"
    if "identity.unknown" in entry.notices:
        return f"identity.{facts.identity.value}"
    return _first_said(entry, {"terms.required", "identity.throttled"})


def _of_send(entry: Entry, facts: Facts) -> str | None:  # noqa: ARG001 - one shape for all
    if entry.after != entry.before:
        return None
    return _translated(entry, _SENDS)


def _of_code(entry: Entry, facts: Facts) -> str | None:  # noqa: ARG001 - one shape for all
    if {"code.wrong", "code.exhausted"} <= set(entry.notices):
        return "code.last_try"
    return _translated(entry, _CODES)


def _of_a_host(entry: Entry, facts: Facts) -> str | None:  # noqa: ARG001 - one shape for all
    """A host's own facts: what its rows say in the common words is known by them."""
    return _translated(entry, _CREDENTIALS)


def _of_credentials(entry: Entry, facts: Facts) -> str | None:
    assert isinstance(facts, CredentialsFacts | NewPasswordFacts | SettingsFacts)  # noqa: S101
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


def _of_link_request(entry: Entry, facts: Facts) -> str | None:
    assert isinstance(facts, LinkRequestFacts)  # noqa: S101 - narrows
    if entry.command == "send_reset_link":
        return _translated(entry, _OWN_LINKS)
    if facts.request is LinkRequestVerdict.SEND or "link.sent" not in entry.notices:
        return None
    return f"link.{facts.request.value}"


def _of_link(entry: Entry, facts: Facts) -> str | None:  # noqa: ARG001 - one shape for all
    return _first_said(entry, {"link.invalid"})


def _of_sign_in(entry: Entry, facts: Facts) -> str | None:
    assert isinstance(facts, SignInFacts)  # noqa: S101 - narrows
    return f"signin.{facts.sign_in.value}" if "credentials.refused" in entry.notices else None


def _of_settings(entry: Entry, facts: Facts) -> str | None:
    assert isinstance(facts, SettingsFacts)  # noqa: S101 - narrows
    if "password.wrong" in entry.notices:
        locked = facts.current is SignInVerdict.LOCKED
        return "settings.locked" if locked else "settings.wrong"
    return _of_credentials(entry, facts)


def _of_nothing(entry: Entry, facts: Facts) -> str | None:  # noqa: ARG001 - one shape for all
    stays = entry.command == "continue_recovery" and entry.after == entry.before
    return "account.blocked" if stays else None


def _of_tick(entry: Entry, facts: Facts) -> str | None:  # noqa: ARG001 - one shape for all
    assert isinstance(facts, TickFacts)  # noqa: S101 - narrows
    return "entry.erased" if facts.deadline is Deadline.ENTRY else None


def _first_said(entry: Entry, ids: set[str]) -> str | None:
    return next((notice for notice in entry.notices if notice in ids), None)


def _translated(entry: Entry, causes: dict[str, str]) -> str | None:
    return next((causes[notice] for notice in entry.notices if notice in causes), None)


_SENDS = {
    "identity.unknown": "send.contact_gone",
    "code.too_soon": "send.too_soon",
    "send.exhausted": "send.exhausted",
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
}
_REFUSALS: dict[type[Facts], Callable[[Entry, Facts], str | None]] = {
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

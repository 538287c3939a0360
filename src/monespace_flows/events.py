"""What happened, for the host: told after the commit, at least once, never undoing a journey."""

from __future__ import annotations

from datetime import datetime

from attrs import frozen

from .facts import Role

__all__ = [
    "EVENTS",
    "AccountCreated",
    "AccountErased",
    "AccountRecovered",
    "CredentialsChanged",
    "Event",
    "SignedIn",
]


@frozen(kw_only=True)
class Event:
    """The root of all events: ``id`` tells repeats apart, ``at`` is UTC."""

    id: str
    at: datetime
    account_id: str


@frozen(kw_only=True)
class AccountCreated(Event):
    """A doctor, intern or junior doctor has an account."""

    role: Role


@frozen(kw_only=True)
class AccountRecovered(Event):
    """An account has new credentials after a recovery."""


@frozen(kw_only=True)
class AccountErased(Event):
    """An account is gone; what the host keeps under its id should go too."""


@frozen(kw_only=True)
class CredentialsChanged(Event):
    """An account's password, e-mail address or both have changed."""


@frozen(kw_only=True)
class SignedIn(Event):
    """Someone signed in to an account."""


EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (AccountCreated, AccountErased, AccountRecovered, CredentialsChanged, SignedIn)
}
"""Every event by its name."""

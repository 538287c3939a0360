"""What happened, for the host: told after the commit, at least once, never undoing a journey."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Literal

from attrs import field, frozen

from .facts import Channel, Role

__all__ = [
    "EVENTS",
    "AccountCreated",
    "AccountDisabled",
    "AccountEnabled",
    "AccountErased",
    "AccountFrozen",
    "AccountLocked",
    "AccountRecovered",
    "AccountUnlocked",
    "Alarm",
    "AlarmKind",
    "CredentialsChanged",
    "Event",
    "MessageGivenUp",
    "SignedIn",
]


@frozen(kw_only=True)
class Event:
    """The root of all events.

    Attributes:
        id: tells repeats apart.
        at: when it happened, in UTC.
        account_id: whose account; empty in what is about none.
    """

    id: str
    at: datetime
    account_id: str = ""


@frozen(kw_only=True)
class AccountCreated(Event):
    """A doctor, intern or junior doctor has an account.

    Attributes:
        role: which of the three.
    """

    role: Role


@frozen(kw_only=True)
class AccountRecovered(Event):
    """An account has new credentials after a recovery."""


@frozen(kw_only=True)
class AccountErased(Event):
    """An account is gone; what the host keeps under its id should go too."""


@frozen(kw_only=True)
class AccountFrozen(Event):
    """Somebody who was told of a recovery said that it was not theirs: the account opens no more.

    An operator who has found out whose it is opens it again.
    """


@frozen(kw_only=True)
class AccountLocked(Event):
    """So many wrong passwords came that the account's holder is told; at most once a day."""


@frozen(kw_only=True)
class AccountUnlocked(Event):
    """An operator had the wrong tries that kept an account's holder out forgotten."""


@frozen(kw_only=True)
class AccountDisabled(Event):
    """An account opens no more and its sessions are over.

    Attributes:
        by: an operator or the host said so, or the registry no longer admits the person.
    """

    by: Literal["operator", "registry"] = "operator"


@frozen(kw_only=True)
class AccountEnabled(Event):
    """A disabled account opens again, with the credentials that it had."""


@frozen(kw_only=True)
class CredentialsChanged(Event):
    """An account's password, e-mail address or both have changed.

    Attributes:
        email: the address that signs in to it from now on, where the policy says that events hold
            addresses (``events.addresses``), and the account has one; else ``None``.
    """

    email: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class SignedIn(Event):
    """Someone signed in to an account.

    Attributes:
        how: by our ``"password"``, or what a host called the service that vouched for them.
    """

    how: str = "password"


class AlarmKind(Enum):
    """What can go wrong with everybody together; ``TotalsPolicy`` has the numbers.

    Attributes:
        IDENTITY_FAILURES: many wrong pairs of birth date and RPPS number.
        SIGN_IN_FAILURES: many wrong passwords.
        SLOW_MODE: so many wrong pairs that checks of identity are slowed for everybody.
        SMS_BUDGET: no code leaves by SMS any more that day.
        EMAIL_VOLUME: more e-mails than usual.
        CONVERSION: too few of the codes that are sent are typed.
    """

    IDENTITY_FAILURES = "identity_failures"
    SIGN_IN_FAILURES = "sign_in_failures"
    SLOW_MODE = "slow_mode"
    SMS_BUDGET = "sms_budget"
    EMAIL_VOLUME = "email_volume"
    CONVERSION = "conversion"


@frozen(kw_only=True)
class Alarm(Event):
    """An episode of trouble begins, or is over: told once each, by whichever process sees it.

    One that lasts is told again each day.  That it is over is told by the next step that counts.

    Attributes:
        kind: which.
        is_over: whether it ends.
    """

    kind: AlarmKind
    is_over: bool


@frozen(kw_only=True)
class MessageGivenUp(Event):
    """A message did not reach anybody, and no relay tries again.

    ``monespace outbox list`` shows what can still be done.

    Attributes:
        channel: the way by which it did not leave.
        purpose: what it was for: ``code``, ``confirmation``, ``reset_link`` or ``notice``.
        reference: that of the journey that wrote it.
    """

    channel: Channel
    purpose: str
    reference: str | None


EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        AccountCreated,
        AccountDisabled,
        AccountEnabled,
        AccountErased,
        AccountFrozen,
        AccountLocked,
        AccountRecovered,
        AccountUnlocked,
        Alarm,
        CredentialsChanged,
        MessageGivenUp,
        SignedIn,
    )
}
"""Every event by its name."""

"""Signed-in browsers: which session is alive, and what its holder may know of the account."""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import field, frozen

from ..errors import PortUnavailable, SessionRequired
from ..facts import Role
from ..policy import SessionPolicy
from ..ports import Account, Doctor, Ports, Secrets, Session, Unit
from .case import digest_token

__all__ = ()

_TOUCH_EVERY = timedelta(minutes=1)


@frozen(kw_only=True)
class SessionView:
    """What a signed-in person may know of their own session.

    ``since`` is UTC; ``terms_version`` is the version of the terms that they last accepted.
    """

    account_id: str
    email: str = field(repr=False)
    role: Role
    since: datetime
    email_confirmed: bool
    terms_version: str
    family_name: str | None = field(default=None, repr=False)
    given_name: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class SessionLine:
    """One browser where the person is signed in, as they may see it; instants are UTC."""

    since: datetime
    seen_at: datetime
    is_this: bool


def open_session(unit: Unit, secrets: Secrets, account: Account, now: datetime) -> tuple[str, str]:
    """Open a session of an account as it is now; its token, and the token's digest."""
    token = secrets.token()
    digest = digest_token(token)
    epoch = account.credential_epoch
    unit.sessions.add(
        Session(digest=digest, account_id=account.id, epoch=epoch, created_at=now, seen_at=now)
    )
    return token, digest


def list_sessions(
    unit: Unit, session: Session, account: Account, now: datetime, policy: SessionPolicy
) -> tuple[SessionLine, ...]:
    """List the sessions of an account that are alive, this one first, then the newest."""
    alive = (
        it for it in unit.sessions.of_account(account.id) if _alive(unit, it.digest, now, policy)
    )
    listed = (
        SessionLine(since=it.created_at, seen_at=it.seen_at, is_this=it.digest == session.digest)
        for it in alive
    )
    return tuple(sorted(listed, key=lambda it: not it.is_this))


def find_session(
    unit: Unit, token: str, now: datetime, policy: SessionPolicy
) -> tuple[Session, Account] | None:
    """Find the live session of a token and its account, or nothing."""
    return _alive(unit, digest_token(token), now, policy)


def require_session(
    unit: Unit, token: str | None, now: datetime, policy: SessionPolicy
) -> tuple[Session, Account]:
    """Find the live session of a token, in a unit that writes for it.

    Raises:
        SessionRequired: there is none.
    """
    digest = digest_token(token) if token else None
    _, account = require_bound(unit, digest, now, policy)
    # Whoever erases the account comes before or after, never between this look and the commit.
    unit.lock(f"account:{account.id}")
    return require_bound(unit, digest, now, policy)


def is_bound(unit: Unit, digest: str | None, now: datetime, policy: SessionPolicy) -> bool:
    """Whether the session that a journey is bound to is still alive."""
    return digest is not None and _alive(unit, digest, now, policy) is not None


def require_bound(
    unit: Unit, digest: str | None, now: datetime, policy: SessionPolicy
) -> tuple[Session, Account]:
    """Find the live session that a journey is bound to, by its digest.

    Raises:
        SessionRequired: there is none.
    """
    found = _alive(unit, digest, now, policy) if digest else None
    if found is None:
        raise SessionRequired("sign in first")
    return found


def _alive(
    unit: Unit, digest: str, now: datetime, policy: SessionPolicy
) -> tuple[Session, Account] | None:
    session = unit.sessions.get(digest)
    account = unit.accounts.get(session.account_id) if session else None
    if session is None or account is None or account.disabled_at is not None:
        return None
    in_time = now < session.seen_at + policy.idle and now < session.created_at + policy.absolute
    return (session, account) if in_time and account.credential_epoch == session.epoch else None


def touch_session(ports: Ports, session: Session, now: datetime) -> None:
    """Move the end of the idle time, at most once a minute."""
    if now - session.seen_at >= _TOUCH_EVERY:
        with ports.storage.writing() as unit:
            unit.sessions.touch(session.digest, now)


def view_session(ports: Ports, account: Account, email: str, since: datetime) -> SessionView:
    """Show a session to its holder; the registry gives the name."""
    doctor = _doctor(ports, account)
    return SessionView(
        account_id=account.id,
        email=email,
        role=account.role,
        since=since,
        email_confirmed=account.email_confirmed_at is not None,
        terms_version=account.terms_version,
        family_name=doctor.family_name if doctor else None,
        given_name=doctor.given_name if doctor else None,
    )


def _doctor(ports: Ports, account: Account) -> Doctor | None:
    """The registry's word on a signed-in person: a greeting, so its absence is no error."""
    try:
        return ports.registry.doctor(ports.secrets.unseal(account.sealed_rpps))
    except PortUnavailable:
        return None

"""A session opens where someone may come in; its holder ends the others; browsers are known."""

from __future__ import annotations

from typing import Any

from attrs import evolve

from ...commands import CloseSessions
from ...effects import Budget, EndOtherSessions, OpenSession
from ...events import SignedIn
from ...facts import SessionsFacts
from ...ports import Account, LinkPurpose, Session, StoredLink, Unit
from ..case import Case, digest_token
from ..sessions import is_bound, open_session
from .base import EffectContext, Executors, Findings, Gatherers, Inside
from .signin import FoundSignIn, bound_account, browser_of, is_known

__all__ = ()


class _Sessions(Inside[CloseSessions, SessionsFacts, Findings]):
    """Brings :class:`~monespace_flows.facts.SessionsFacts`."""

    def outside(self, case: Case[CloseSessions]) -> Findings:
        """Ask nothing: sessions are in the store."""
        del case
        return Findings()

    def inside(
        self, case: Case[CloseSessions], found: Findings, unit: Unit
    ) -> tuple[SessionsFacts, Findings]:
        """Look for other sessions, while this one is still the account's own."""
        account = bound_account(case, unit)
        alive = (
            is_bound(unit, other.digest, case.at, case.policy.sessions)
            for other in _others(case, unit, account)
        )
        return SessionsFacts(has_others=any(alive)), evolve(found, account=account)


def _others(case: Case[Any], unit: Unit, account: Account) -> list[Session]:
    every = unit.sessions.of_account(account.id)
    return [it for it in every if it.digest != case.stored.session_digest]


GATHERERS: Gatherers = {SessionsFacts: _Sessions()}


def _end_other_sessions(context: EffectContext[Findings], _: EndOtherSessions) -> None:
    """End them, and forget their browsers: what this one is known by stays good."""
    case, unit, account = context.case, context.unit, context.own_account
    for session in _others(case, unit, account):
        unit.sessions.end(session.digest)
    kept = unit.links.get(digest_token(case.browser or ""))
    unit.links.void(account.id, LinkPurpose.BROWSER)
    if kept is not None and is_known(case, kept, account):
        unit.links.add(kept)


def _open_session(context: EffectContext[Findings], effect: OpenSession) -> None:
    case, unit = context.case, context.unit
    account = _renewed(context) if effect.by_password else context.own_account
    context.session_token, digest = open_session(unit, case.ports.secrets, account, case.at)
    case.keep(account_id=account.id, session_digest=digest)
    _know_browser(context, account)
    if effect.by_password:
        _forget_failures(context)
        context.events.append(SignedIn(id=context.key, at=case.at, account_id=account.id))


def _renewed(context: EffectContext[Findings]) -> Account:
    """Write what signing in found newer: a hash under new parameters, the registry's role."""
    account, found = context.own_account, context.found
    changed = account
    if found.password_hash is not None:
        changed = evolve(changed, password_hash=found.password_hash)
    if found.doctor is not None:
        changed = evolve(changed, role=found.doctor.role)
    if changed != account:
        changed = evolve(changed, version=account.version + 1)
        context.unit.accounts.update(changed, account.version)
    return changed


def _forget_failures(context: EffectContext[Findings]) -> None:
    """Forget the tries that the right password ends.

    A known browser ends its own alone: who guesses elsewhere must not be given fresh tries each
    time that the holder signs in.
    """
    found, budgets = context.found, context.unit.budgets
    if isinstance(found, FoundSignIn) and found.browser is not None:
        budgets.clear(Budget.BROWSER, (browser_of(found),))
    else:
        budgets.clear(Budget.PASSWORD, found.email_digests)


def _know_browser(context: EffectContext[Findings], account: Account) -> None:
    """Give a browser that keeps cookies the next token to be known by; the last is used up."""
    case, unit = context.case, context.unit
    if case.browser is None:
        return
    earlier = unit.links.get(digest_token(case.browser))
    if earlier is not None and earlier.purpose is LinkPurpose.BROWSER:
        unit.links.consume(earlier.digest, case.at)
    context.browser_token = case.ports.secrets.token()
    unit.links.add(
        StoredLink(
            digest=digest_token(context.browser_token),
            purpose=LinkPurpose.BROWSER,
            account_id=account.id,
            epoch=account.credential_epoch,
            journey=None,
            created_at=case.at,
            expires_at=case.at + case.policy.passwords.known_browser,
        )
    )


EXECUTORS: Executors = {OpenSession: _open_session, EndOtherSessions: _end_other_sessions}

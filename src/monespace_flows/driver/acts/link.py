"""Reset links: whether one leaves, and what one is worth (``P2``, ``P3``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from attrs import evolve, field, frozen

from ...chart import Flow
from ...commands import Command, RequestLink, RequestResetLink, UseLink
from ...effects import BeginReset, Budget, ConsumeLink, SendNothing, SendResetLink
from ...errors import LostSwap
from ...facts import Channel, LinkFacts, LinkRequestFacts, LinkRequestVerdict, LinkVerdict, Problem
from ...ports import LinkPurpose, StoredLink, Unit
from ...rules.typed import visible
from ...rules.waits import DAY, HOUR, window_wait
from ..case import Application, Case, Dossier, digest_token, email_digests, lock_digests
from .base import (
    Beginning,
    EffectContext,
    Executors,
    Findings,
    Gatherers,
    Inside,
    judge_link,
    required,
    seconds,
)
from .letters import Recipient, add_link, post, post_nothing

__all__ = ()


@frozen(kw_only=True)
class FoundLink(Findings):
    """The link that is used; whether too many were asked for."""

    link: StoredLink | None = field(default=None, repr=False)
    must_wait: bool = False


class _LinkRequest(Inside[RequestLink | RequestResetLink, LinkRequestFacts, FoundLink]):
    """Brings :class:`~monespace_flows.facts.LinkRequestFacts`."""

    def outside(self, case: Case[RequestLink | RequestResetLink]) -> FoundLink:
        """Ask nothing: what is known of an address is in the store."""
        del case
        return FoundLink()

    def inside(
        self, case: Case[RequestLink | RequestResetLink], found: FoundLink, unit: Unit
    ) -> tuple[LinkRequestFacts, FoundLink]:
        """Look for the account; known and unknown addresses do the same reads."""
        command, ports = case.command, case.ports
        if isinstance(command, RequestResetLink):
            return _to_own_address(case, unit)
        email = ports.emails.read(command.email)
        if email is None:
            problem = Problem.EMAIL_SHAPE if visible(command.email) else Problem.EMAIL_REQUIRED
            return LinkRequestFacts(problems=(problem,)), found
        case.remember(email=email.address)
        digests = ports.secrets.digests("email", email.key)
        lock_digests(unit, "link", digests)
        wait = link_wait(case.app, digests, case.at, unit)
        found = evolve(
            found,
            email_digests=digests,
            account=unit.accounts.by_email(digests),
            must_wait=bool(wait),
        )
        subject = found.account.rpps_digest if found.account else digests[0]
        verdict = _judge_request(case, found)
        if verdict is LinkRequestVerdict.THROTTLED:  # told to support alone
            found = evolve(found, until=case.at + wait)
        return LinkRequestFacts(request=verdict, subject=subject), found


def _to_own_address(case: Case[Any], unit: Unit) -> tuple[LinkRequestFacts, FoundLink]:
    """Judge a link for who has proved who they are: the address need not be confirmed."""
    ports, rpps = case.ports, case.dossier.rpps
    subjects = ports.secrets.digests("subject", rpps) if rpps else ()
    account = unit.accounts.by_rpps(subjects) if subjects else None
    if account is None or account.credential_epoch != case.dossier.epoch:
        unknown = LinkRequestFacts(request=LinkRequestVerdict.UNKNOWN)
        return unknown, FoundLink(subjects=subjects)
    digests = email_digests(ports.secrets, ports.emails, account)
    found = FoundLink(subjects=subjects, account=account, email_digests=digests)
    lock_digests(unit, "link", digests)
    wait = link_wait(case.app, digests, case.at, unit)
    if account.disabled_at is not None:
        return LinkRequestFacts(request=LinkRequestVerdict.DISABLED), found
    if wait:
        throttled = LinkRequestVerdict.THROTTLED
        return LinkRequestFacts(request=throttled, wait=seconds(wait)), found
    return LinkRequestFacts(request=LinkRequestVerdict.SEND), found


def _judge_request(case: Case[Any], found: FoundLink) -> LinkRequestVerdict:
    account = found.account
    if account is None:
        return LinkRequestVerdict.UNKNOWN
    if account.disabled_at is not None:
        return LinkRequestVerdict.DISABLED
    if account.email_confirmed_at is None and case.policy.links.require_confirmed_email:
        return LinkRequestVerdict.UNCONFIRMED
    return LinkRequestVerdict.THROTTLED if found.must_wait else LinkRequestVerdict.SEND


def link_wait(app: Application, digests: Sequence[str], now: datetime, unit: Unit) -> timedelta:
    """How long until another link may leave for an address; asked where one may be written."""
    policy = app.policy.links
    times = unit.budgets.times(Budget.LINK, digests, now - DAY)
    wait = max(
        window_wait(times, now, policy.requests_per_hour, HOUR),
        window_wait(times, now, policy.requests_per_day, DAY),
    )
    if wait:
        unit.budgets.redate(Budget.LINK, digests, now)
    return wait


class _Link(Inside[UseLink, LinkFacts, FoundLink]):
    """Brings :class:`~monespace_flows.facts.LinkFacts`."""

    def outside(self, case: Case[UseLink]) -> FoundLink:
        """Ask nothing: what a link is worth is in the store."""
        del case
        return FoundLink()

    def inside(
        self, case: Case[UseLink], found: FoundLink, unit: Unit
    ) -> tuple[LinkFacts, FoundLink]:
        """Judge the link in the transaction that uses it up."""
        link = unit.links.get(digest_token(case.command.token))
        account = unit.accounts.get(link.account_id) if link else None
        valid = (
            judge_link(case.at, link, account, LinkPurpose.RESET)
            and link is not None
            and link.journey == case.journey.reference
        )
        facts = LinkFacts(link=LinkVerdict.VALID if valid else LinkVerdict.INVALID)
        return facts, evolve(found, link=link, account=account)


GATHERERS: Gatherers = {LinkRequestFacts: _LinkRequest(), LinkFacts: _Link()}

_NOBODY = ""
"""The account of a link that nobody received."""

_LETTER = "reset.link"


def _send_reset_link(context: EffectContext[FoundLink], _: SendResetLink) -> None:
    case, account = context.case, context.own_account
    expires_at = case.at + case.policy.links.life
    context.unit.budgets.add(Budget.LINK, context.found.email_digests[0], case.at)
    context.unit.links.void(account.id, LinkPurpose.RESET)
    token = add_link(context, LinkPurpose.RESET, expires_at, context.after.reference)
    address = case.ports.secrets.unseal(account.sealed_email)
    post(
        context,
        context.key,
        case.flow.letters[_LETTER],
        Recipient(Channel.EMAIL, address),
        link=token,
        expires_at=expires_at,
    )


def _send_nothing(context: EffectContext[FoundLink], _: SendNothing) -> None:
    """Write what a link would, row for row: the two take the same time (``P2``, TM-03)."""
    case, unit = context.case, context.unit
    expires_at = case.at + case.policy.links.life
    # What is asked for in vain is not counted: whoever goes on asking keeps nobody out (SD-06).
    if not context.found.must_wait:
        unit.budgets.add(Budget.LINK, context.found.email_digests[0], case.at)
    unit.links.void(_NOBODY, LinkPurpose.RESET)
    unit.links.add(
        StoredLink(
            digest=digest_token(case.ports.secrets.token()),
            purpose=LinkPurpose.RESET,
            account_id=_NOBODY,
            epoch=0,
            journey=context.after.reference,
            created_at=case.at,
            expires_at=expires_at,
        )
    )
    post_nothing(context, context.key, case.flow.letters[_LETTER], expires_at)


def _consume_link(context: EffectContext[FoundLink], _: ConsumeLink) -> None:
    case, account = context.case, context.own_account
    link = required(context.found.link, "a link")
    if not context.unit.links.consume(link.digest, case.at):
        raise LostSwap
    context.token = case.ports.secrets.token()
    case.keep(token_digest=digest_token(context.token), account_id=account.id)
    case.remember(
        email=case.ports.secrets.unseal(account.sealed_email), epoch=account.credential_epoch
    )


def _begin_reset(context: EffectContext[FoundLink], _: BeginReset) -> None:
    """Have the step followed by a reset's own first one, in the same transaction."""
    case, found = context.case, context.found
    address = case.ports.secrets.unseal(context.own_account.sealed_email)
    context.beginning = Beginning(
        flow=next(begun_by(case.app.flows.values(), RequestLink)),
        command=RequestLink(address),
        facts=LinkRequestFacts(request=LinkRequestVerdict.SEND, subject=found.subject),
        found=found,
        dossier=Dossier(email=address),
    )


def begun_by(flows: Iterable[Flow], command: type[Command]) -> Iterator[Flow]:
    """The flows whose first screen takes a command."""
    return (it for it in flows if command.event in it.offered[it.initial])


EXECUTORS: Executors = {
    SendResetLink: _send_reset_link,
    SendNothing: _send_nothing,
    ConsumeLink: _consume_link,
    BeginReset: _begin_reset,
}

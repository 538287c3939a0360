"""Reset links: whether one leaves, and what one is worth (``P2``, ``P3``)."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...commands import RequestLink, RequestResetLink, UseLink
from ...effects import Budget
from ...facts import LinkFacts, LinkRequestFacts, LinkRequestVerdict, LinkVerdict, Problem
from ...ports import Account, LinkPurpose, StoredLink, Unit
from ...rules.budgets import DAY, HOUR, window_wait
from ...rules.typed import visible
from ..case import Case, digest_token, email_digests
from .base import seconds

__all__ = ["LinkGatherer", "LinkRequestGatherer", "judge_link"]


class LinkRequestGatherer:
    """Brings :class:`~monespace_flows.facts.LinkRequestFacts`."""

    def outside(self, case: Case) -> None:
        """Ask nothing: what a code or link is worth is in the store."""

    def about(self, case: Case) -> object:
        """Nothing was asked."""

    def inside(self, case: Case, unit: Unit) -> LinkRequestFacts:
        """Look for the account; known and unknown addresses do the same reads."""
        command = case.command
        if isinstance(command, RequestResetLink):
            return self._to_own_address(case, unit)
        assert isinstance(command, RequestLink)  # noqa: S101 - the facts type says so
        case.email = case.ports.emails.read(command.email)
        if case.email is None:
            empty = not visible(command.email)
            problem = Problem.EMAIL_REQUIRED if empty else Problem.EMAIL_SHAPE
            return LinkRequestFacts(problems=(problem,))
        case.remember(email=case.email.address)
        case.email_digests = case.ports.secrets.digests("email", case.email.key)
        unit.lock(f"link:{case.email_digests[0]}")
        case.account = unit.accounts.by_email(case.email_digests)
        subject = case.account.rpps_digest if case.account else case.email_digests[0]
        return LinkRequestFacts(request=self._judge(case, unit), subject=subject)

    def _to_own_address(self, case: Case, unit: Unit) -> LinkRequestFacts:
        """Judge a link for who has proved who they are: the address need not be confirmed."""
        rpps = case.dossier.rpps
        case.subjects = case.ports.secrets.digests("subject", rpps) if rpps else ()
        account = unit.accounts.by_rpps(case.subjects) if case.subjects else None
        if account is None or account.credential_epoch != case.dossier.epoch:
            return LinkRequestFacts(request=LinkRequestVerdict.UNKNOWN)
        case.account = account
        case.email_digests = email_digests(case.ports.secrets, case.ports.emails, account)
        unit.lock(f"link:{case.email_digests[0]}")
        wait = _wait(case, unit)
        if account.disabled_at is not None:
            return LinkRequestFacts(request=LinkRequestVerdict.DISABLED)
        if wait:
            return LinkRequestFacts(request=LinkRequestVerdict.THROTTLED, wait=seconds(wait))
        return LinkRequestFacts(request=LinkRequestVerdict.SEND)

    def _judge(self, case: Case, unit: Unit) -> LinkRequestVerdict:
        case.link_must_wait = bool(_wait(case, unit))
        account = case.account
        if account is None:
            return LinkRequestVerdict.UNKNOWN
        if account.disabled_at is not None:
            return LinkRequestVerdict.DISABLED
        if account.email_confirmed_at is None and case.policy.links.require_confirmed_email:
            return LinkRequestVerdict.UNCONFIRMED
        return LinkRequestVerdict.THROTTLED if case.link_must_wait else LinkRequestVerdict.SEND


def _wait(case: Case, unit: Unit) -> timedelta:
    policy = case.policy.links
    times = unit.budgets.times(Budget.LINK, case.email_digests, case.at - DAY)
    return max(
        window_wait(times, case.at, policy.requests_per_hour, HOUR),
        window_wait(times, case.at, policy.requests_per_day, DAY),
    )


class LinkGatherer:
    """Brings :class:`~monespace_flows.facts.LinkFacts`."""

    def outside(self, case: Case) -> None:
        """Ask nothing: what a code or link is worth is in the store."""

    def about(self, case: Case) -> object:
        """Nothing was asked."""

    def inside(self, case: Case, unit: Unit) -> LinkFacts:
        """Judge the link in the transaction that uses it up."""
        command = case.command
        assert isinstance(command, UseLink)  # noqa: S101 - the facts type says so
        case.link = unit.links.get(digest_token(command.token))
        case.account = unit.accounts.get(case.link.account_id) if case.link else None
        valid = (
            judge_link(case.at, case.link, case.account, LinkPurpose.RESET)
            and case.link is not None
            and case.link.journey == case.journey.reference
        )
        return LinkFacts(link=LinkVerdict.VALID if valid else LinkVerdict.INVALID)


def judge_link(
    now: datetime, link: StoredLink | None, account: Account | None, purpose: LinkPurpose
) -> bool:
    """Whether a link is good now: its purpose, unused, in time, the account unchanged since."""
    return (
        link is not None
        and account is not None
        and link.purpose is purpose
        and link.used_at is None
        and now < link.expires_at
        and account.disabled_at is None
        and account.credential_epoch == link.epoch
    )

"""Who says they are whom: birth date and RPPS number against the registry (``C1``-``C5``)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from attrs import evolve, field, frozen

from ...commands import SubmitIdentity
from ...effects import Budget
from ...facts import (
    AccountVerdict,
    Channel,
    Contact,
    IdentityFacts,
    IdentityVerdict,
    Problem,
    TermsVerdict,
)
from ...ports import Doctor, RegistryAnswer, RegistryVerdict, Unit
from ...rules.codes import mask
from ...rules.identity import read_birth_date, read_rpps
from ...rules.waits import DAY, growing_wait, window_wait
from ..case import Case, lock_digests
from .base import Findings, Gatherer, Gatherers, seconds
from .totals import is_slow

__all__ = ()


@frozen(kw_only=True)
class FoundDoctor(Findings):
    """What the registry answered, if it was asked about the pair that was typed.

    ``may_warn``: one more failure locks the number, so that ``doctor`` was asked for, too.
    """

    pair: tuple[str, date] | None = field(default=None, repr=False)
    is_locked: bool = False
    answer: RegistryAnswer | None = field(default=None, repr=False)
    may_warn: bool = False


class _Identity(Gatherer[SubmitIdentity, IdentityFacts, FoundDoctor]):
    """Brings :class:`~monespace_flows.facts.IdentityFacts`."""

    def look(self, case: Case[SubmitIdentity], unit: Unit) -> FoundDoctor:
        """Read what was typed, and see whether the number is locked."""
        found = self._read(case)
        if not found.problems and _wait(case, found.subjects, unit):
            return evolve(found, is_locked=True)
        return found

    def _read(self, case: Case[SubmitIdentity]) -> FoundDoctor:
        command, policy = case.command, case.policy.identity
        born = read_birth_date(command.birth_date, case.at.date(), policy)
        rpps = read_rpps(command.rpps, policy)
        problems = [answer for answer in (born, rpps) if isinstance(answer, Problem)]
        if not command.accept_terms:
            problems.append(Problem.TERMS_REQUIRED)
        found = FoundDoctor(problems=tuple(problems))
        if isinstance(rpps, Problem):
            return found
        pair = None if problems or isinstance(born, Problem) else (rpps, born)
        return evolve(found, subjects=case.ports.secrets.digests("subject", rpps), pair=pair)

    def outside(self, case: Case[SubmitIdentity]) -> FoundDoctor:
        """Ask the registry, unless a field is ill-formed or the number is locked."""
        found: FoundDoctor = case.looked
        if found.pair is None or found.is_locked:
            return found
        rpps, born = found.pair
        answer = case.ports.registry.verify(rpps, born)
        found = evolve(found, answer=answer, doctor=answer.doctor)
        if _is_reachable(case, answer.doctor) or not self._is_nearly_locked(case, found.subjects):
            return found
        # Whom to tell of it, if there is anyone: all that is refused is asked about alike (TM-01).
        return evolve(found, doctor=case.ports.registry.doctor(rpps), may_warn=True)

    def about(self, case: Case[SubmitIdentity]) -> object:
        """The pair that was typed, whatever the journey."""

    def inside(
        self, case: Case[SubmitIdentity], found: FoundDoctor, unit: Unit
    ) -> tuple[IdentityFacts, FoundDoctor]:
        """Judge the answer, with the wrong pairs of this number counted under a lock."""
        terms = TermsVerdict.ACCEPTED if case.command.accept_terms else TermsVerdict.MISSING
        if found.problems:
            subject = next(iter(found.subjects), None)
            return IdentityFacts(terms=terms, problems=found.problems, subject=subject), found
        lock_digests(unit, "identity", found.subjects)
        wait = _wait(case, found.subjects, unit)
        if wait:
            unit.budgets.redate(Budget.IDENTITY, found.subjects, case.at)
        if wait or found.answer is None:
            refused = IdentityFacts(
                terms=terms,
                identity=IdentityVerdict.THROTTLED,
                subject=found.subject,
                wait=max(1, seconds(wait)),
            )
            return refused, found
        return self._judge(case, found, found.answer, unit)

    def _is_nearly_locked(self, case: Case[SubmitIdentity], subjects: Sequence[str]) -> bool:
        with case.ports.storage.reading() as unit:
            return _locks(case, subjects, unit)

    def _judge(
        self, case: Case[SubmitIdentity], found: FoundDoctor, answer: RegistryAnswer, unit: Unit
    ) -> tuple[IdentityFacts, FoundDoctor]:
        # The account is looked up for every answer: all refusals do the same work.
        account = unit.accounts.by_rpps(found.subjects)
        doctor, terms = answer.doctor, TermsVerdict.ACCEPTED
        if doctor is None or answer.verdict is not RegistryVerdict.MATCH:
            refused = IdentityFacts(
                terms=terms,
                identity=_REFUSALS[answer.verdict],
                subject=found.subject,
                warns=_is_news(case, found, unit),
            )
            return refused, evolve(found, account=account)
        # An account that is made from here on begins at 0 too: any other epoch is a change.
        epoch = account.credential_epoch if account else 0
        case.remember(rpps=doctor.rpps, email=None, epoch=epoch)
        contacts = contacts_of(case, doctor)
        facts = IdentityFacts(
            terms=terms,
            identity=IdentityVerdict.MATCH if contacts else IdentityVerdict.NO_CONTACT,
            account=AccountVerdict.NONE if account is None else AccountVerdict.EXISTS,
            subject=found.subject,
            role=doctor.role,
            contacts=contacts,
            terms_version=case.policy.identity.terms_version,
            offer_recovery=case.policy.recovery.existing_account == "offer",
            warns=not contacts and _is_news(case, found, unit),
        )
        return facts, evolve(found, account=account)


_REFUSALS = {
    RegistryVerdict.MATCH: IdentityVerdict.RPPS_UNKNOWN,
    RegistryVerdict.RPPS_UNKNOWN: IdentityVerdict.RPPS_UNKNOWN,
    RegistryVerdict.BIRTH_DATE_DIFFERS: IdentityVerdict.BIRTH_DATE_DIFFERS,
    RegistryVerdict.NOT_ADMITTED: IdentityVerdict.NOT_ADMITTED,
}

GATHERERS: Gatherers = {IdentityFacts: _Identity()}


def _is_reachable(case: Case[Any], doctor: Doctor | None) -> bool:
    """Whether the Order knows the pair, and a contact where a code could go."""
    if doctor is None:
        return False
    email = doctor.destination(Channel.EMAIL)
    return bool(doctor.mobile or (email and _is_address(case, email)))


def contacts_of(case: Case[Any], doctor: Doctor) -> tuple[Contact, ...]:
    """What the person may choose from, under ids that mean nothing elsewhere (``C6``)."""
    held = ((channel, doctor.destination(channel)) for channel in Channel)
    return tuple(
        Contact(case.ports.secrets.token()[:16], channel, mask(channel, destination))
        for channel, destination in held
        if destination and (channel is Channel.SMS or _is_address(case, destination))
    )


def _is_address(case: Case[Any], text: str) -> bool:
    """Whether the Order's e-mail address could be a login: a code sent there leads to one."""
    return case.ports.emails.read(text) is not None


def _wait(case: Case[SubmitIdentity], subjects: Sequence[str], unit: Unit) -> timedelta:
    policy = case.policy.identity
    # The same for every number, whether anybody has it: slow mode tells nothing (BF-04).
    slow = is_slow(unit, case.policy, case.at)
    free = min(policy.failures, case.policy.totals.slow_failures) if slow else policy.failures
    failures = unit.budgets.times(Budget.IDENTITY, subjects, case.at - DAY)
    return max(
        window_wait(failures, case.at, policy.failures_per_day, DAY),
        growing_wait(
            failures,
            case.at,
            free=free,
            first=policy.lock,
            ceiling=policy.lock_ceiling,
        ),
    )


def _locks(case: Case[SubmitIdentity], subjects: Sequence[str], unit: Unit) -> bool:
    """Whether one more failure locks the number."""
    failures = unit.budgets.times(Budget.IDENTITY, subjects, case.at - DAY)
    return len(failures) + 1 >= case.policy.identity.failures


def _is_news(case: Case[SubmitIdentity], found: FoundDoctor, unit: Unit) -> bool:
    """Whether that is to be told to the number's holder: not twice in a day (BF-16)."""
    unit.lock(f"warning:{found.subject}")
    told = unit.budgets.times(Budget.WARNING, found.subjects, case.at - DAY)
    return _locks(case, found.subjects, unit) and found.may_warn and not told

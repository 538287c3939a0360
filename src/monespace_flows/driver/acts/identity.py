"""Who says they are whom: birth date and RPPS number against the registry (``C1``-``C5``)."""

from __future__ import annotations

from datetime import date, timedelta

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
from ...policy import IdentityPolicy
from ...ports import Doctor, RegistryVerdict, Unit
from ...rules.budgets import DAY, growing_wait, window_wait
from ...rules.identity import read_birth_date, read_rpps
from ...rules.masking import mask
from ..case import Case
from .base import seconds

__all__ = ["IdentityGatherer", "contacts_of"]


class IdentityGatherer:
    """Brings :class:`~monespace_flows.facts.IdentityFacts`."""

    def outside(self, case: Case) -> None:
        """Ask the registry, unless a field is ill-formed or the number is locked."""
        command = case.command
        assert isinstance(command, SubmitIdentity)  # noqa: S101 - the facts type says so
        policy = case.policy.identity
        born = read_birth_date(command.birth_date, case.at.date(), policy)
        rpps = read_rpps(command.rpps, policy)
        case.problems = [answer for answer in (born, rpps) if isinstance(answer, Problem)]
        if not command.accept_terms:
            case.problems.append(Problem.TERMS_REQUIRED)
        if isinstance(rpps, str):
            case.subjects = case.ports.secrets.digests("subject", rpps)
        if case.problems:
            return
        with case.ports.storage.reading() as unit:
            if _wait(case, unit):
                return
        assert isinstance(rpps, str)  # noqa: S101 - there is no problem
        assert isinstance(born, date)  # noqa: S101 - there is no problem
        case.answer = case.ports.registry.verify(rpps, born)
        case.doctor = case.answer.doctor

    def about(self, case: Case) -> object:
        """The pair that was typed, whatever the journey."""

    def inside(self, case: Case, unit: Unit) -> IdentityFacts:
        """Judge the answer, with the wrong pairs of this number counted under a lock."""
        command = case.command
        assert isinstance(command, SubmitIdentity)  # noqa: S101 - the facts type says so
        terms = TermsVerdict.ACCEPTED if command.accept_terms else TermsVerdict.MISSING
        subject = case.subjects[0] if case.subjects else None
        if case.problems:
            return IdentityFacts(terms=terms, problems=tuple(case.problems), subject=subject)
        unit.lock(f"identity:{subject}")
        wait = _wait(case, unit)
        if wait or case.answer is None:
            return IdentityFacts(
                terms=terms,
                identity=IdentityVerdict.THROTTLED,
                subject=subject,
                wait=max(1, seconds(wait)),
            )
        return self._judge(case, unit, terms)

    def _judge(self, case: Case, unit: Unit, terms: TermsVerdict) -> IdentityFacts:
        assert case.answer is not None  # noqa: S101 - asked outside
        # The account is looked up for every answer: all refusals do the same work.
        account = unit.accounts.by_rpps(case.subjects)
        doctor = case.answer.doctor
        if doctor is None or case.answer.verdict is not RegistryVerdict.MATCH:
            return IdentityFacts(
                terms=terms, identity=_REFUSALS[case.answer.verdict], subject=case.subject()
            )
        case.account = account
        # An account that is made from here on begins at 0 too: any other epoch is a change.
        epoch = account.credential_epoch if account else 0
        case.remember(rpps=doctor.rpps, email=None, epoch=epoch)
        contacts = contacts_of(case, doctor)
        return IdentityFacts(
            terms=terms,
            identity=IdentityVerdict.MATCH if contacts else IdentityVerdict.NO_CONTACT,
            account=AccountVerdict.NONE if account is None else AccountVerdict.EXISTS,
            subject=case.subject(),
            role=doctor.role,
            contacts=contacts,
            terms_version=case.policy.identity.terms_version,
            offer_recovery=case.policy.recovery.existing_account == "offer",
        )


_REFUSALS = {
    RegistryVerdict.MATCH: IdentityVerdict.RPPS_UNKNOWN,
    RegistryVerdict.RPPS_UNKNOWN: IdentityVerdict.RPPS_UNKNOWN,
    RegistryVerdict.BIRTH_DATE_DIFFERS: IdentityVerdict.BIRTH_DATE_DIFFERS,
    RegistryVerdict.NOT_ADMITTED: IdentityVerdict.NOT_ADMITTED,
}


def contacts_of(case: Case, doctor: Doctor) -> tuple[Contact, ...]:
    """What the person may choose from, under ids that mean nothing elsewhere (``C6``)."""
    held = ((channel, doctor.destination(channel)) for channel in Channel)
    return tuple(
        Contact(case.ports.secrets.token()[:16], channel, mask(channel, destination))
        for channel, destination in held
        if destination and (channel is Channel.SMS or _is_address(case, destination))
    )


def _is_address(case: Case, text: str) -> bool:
    """Whether the Order's e-mail address could be a login: a code sent there leads to one."""
    return case.ports.emails.read(text) is not None


def _wait(case: Case, unit: Unit) -> timedelta:
    policy: IdentityPolicy = case.policy.identity
    failures = unit.budgets.times(Budget.IDENTITY, case.subjects, case.at - DAY)
    return max(
        window_wait(failures, case.at, policy.failures_per_day, DAY),
        growing_wait(
            failures,
            case.at,
            free=policy.failures,
            first=policy.lock,
            ceiling=policy.lock_ceiling,
        ),
    )

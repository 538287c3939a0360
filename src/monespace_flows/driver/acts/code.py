"""One-time codes: where one may go, what one typed is worth, and what a miss costs.

Guide ``C6``, ``C7``, ``D4``.
"""

from __future__ import annotations

import hmac

from attrs import evolve, field, frozen

from ...commands import ResendCode, SendCode, SubmitCode
from ...effects import Budget, CancelCode, ClearFailures, CountFailure
from ...effects import SendCode as SendCodeEffect
from ...facts import Channel, CodeFacts, CodeVerdict, Contact, Problem, SendFacts, SendVerdict
from ...ports import Unit
from ...rules.codes import judge_code, judge_send, mask, read_code
from ...rules.waits import DAY, window_wait
from ..case import Case, lock_digests
from .base import (
    EffectContext,
    Executors,
    Findings,
    Gatherer,
    Gatherers,
    Inside,
    required,
    seconds,
)
from .letters import Recipient, post
from .signin import FoundSignIn, browser_of
from .totals import count_code, count_failure, count_verified, may_send_sms

__all__ = ()


@frozen(kw_only=True)
class FoundContact(Findings):
    """The whole contact detail behind the mask, if the Order still holds it, and its digests."""

    destination: str | None = field(default=None, repr=False)
    destinations: tuple[str, ...] = field(default=(), repr=False)


class _Send(Gatherer[SendCode | ResendCode, SendFacts, FoundContact]):
    """Brings :class:`~monespace_flows.facts.SendFacts`."""

    def outside(self, case: Case[SendCode | ResendCode]) -> FoundContact:
        """Read the contact from the registry again: what was offered may be gone (FL-15)."""
        contact, rpps = _contact(case), case.dossier.rpps
        if contact is None or rpps is None:
            return FoundContact()
        subjects = case.ports.secrets.digests("subject", rpps)
        doctor = case.ports.registry.doctor(rpps)
        held = doctor.destination(contact.channel) if doctor else None
        if held is None or mask(contact.channel, held) != contact.masked:
            return FoundContact(subjects=subjects, doctor=doctor)
        return FoundContact(
            subjects=subjects,
            doctor=doctor,
            destination=held,
            destinations=case.ports.secrets.digests("destination", held.casefold()),
        )

    def about(self, case: Case[SendCode | ResendCode]) -> object:
        """The doctor, and the contact where the code goes."""
        return case.dossier.rpps, _contact(case)

    def inside(
        self, case: Case[SendCode | ResendCode], found: FoundContact, unit: Unit
    ) -> tuple[SendFacts, FoundContact]:
        """Judge the send, with what this doctor and this contact were sent, under locks."""
        contact = _contact(case)
        if contact is None:
            return SendFacts(problems=(_problem(case),)), found
        if found.destination is None:
            return SendFacts(send=SendVerdict.CONTACT_GONE), found
        lock_digests(unit, "send", found.subjects)
        lock_digests(unit, "destination", found.destinations)
        verdict, wait = judge_send(
            channel=contact.channel,
            sent=case.journey.sent,
            sends=unit.budgets.times(Budget.SEND, found.subjects, case.at - DAY),
            there=unit.budgets.times(Budget.DESTINATION, found.destinations, case.at - DAY),
            now=case.at,
            policy=case.policy.codes,
        )
        if verdict is SendVerdict.EXHAUSTED:
            unit.budgets.redate(Budget.SEND, found.subjects, case.at)
            unit.budgets.redate(Budget.DESTINATION, found.destinations, case.at)
        if verdict is SendVerdict.POSSIBLE and contact.channel is Channel.SMS:
            verdict = verdict if may_send_sms(case, unit) else SendVerdict.CHANNEL_CLOSED
        code = case.journey.code
        facts = SendFacts(
            send=verdict,
            contact=contact,
            code_is_live=code is not None
            and case.journey.contact == contact
            and case.at - code.sent_at < case.policy.codes.life,
            wait=seconds(wait),
        )
        return facts, found


def _contact(case: Case[SendCode | ResendCode]) -> Contact | None:
    """The contact that was ticked, or where the last code went."""
    if isinstance(case.command, ResendCode):
        return case.journey.contact
    wanted = case.command.channel
    return next((c for c in case.journey.contacts if wanted in (c.id, c.channel.value)), None)


def _problem(case: Case[SendCode | ResendCode]) -> Problem:
    command = case.command
    empty = isinstance(command, SendCode) and not command.channel
    return Problem.CHANNEL_REQUIRED if empty else Problem.CHANNEL_UNKNOWN


class _Code(Inside[SubmitCode, CodeFacts, Findings]):
    """Brings :class:`~monespace_flows.facts.CodeFacts`."""

    def outside(self, case: Case[SubmitCode]) -> Findings:
        """Ask nothing: what a code is worth is in the store."""
        del case
        return Findings()

    def inside(
        self, case: Case[SubmitCode], found: Findings, unit: Unit
    ) -> tuple[CodeFacts, Findings]:
        """Compare in constant time; the verdict leaves only with the count that it costs."""
        code = read_code(case.command.code, case.policy.codes)
        if isinstance(code, Problem):
            return CodeFacts(problems=(code,)), found
        rpps = case.dossier.rpps
        if rpps is None:
            return CodeFacts(code=CodeVerdict.EXPIRED), found
        found = evolve(found, subjects=case.ports.secrets.digests("subject", rpps))
        lock_digests(unit, "code", found.subjects)
        awaited = case.journey.code
        # The clock's own word: the case's instant never goes back, and a clock put back
        # must not give a code a longer life (FT-01).
        now, policy = case.ports.clock.now(), case.policy.codes
        failures = unit.budgets.times(Budget.CODE, found.subjects, case.at - DAY)
        verdict = judge_code(
            matches=self._matches(case, code),
            sent_at=awaited.sent_at if awaited else None,
            tries=awaited.tries if awaited else 0,
            failures=failures,
            now=now,
            policy=policy,
        )
        if verdict is CodeVerdict.EXHAUSTED:
            unit.budgets.redate(Budget.CODE, found.subjects, case.at)
            wait = window_wait(failures, now, policy.failures_per_day, DAY)
            found = evolve(found, until=now + wait if wait else None)
        if verdict is CodeVerdict.MATCHES:
            count_verified(unit, case.at)
        return CodeFacts(code=verdict), found

    def _matches(self, case: Case[SubmitCode], code: str) -> bool:
        expected = (case.stored.code_digest or "").encode()
        message = _message(case.journey.reference, len(case.journey.sent), code)
        digests = case.ports.secrets.digests("code", message)
        return any(hmac.compare_digest(expected, digest.encode()) for digest in digests)


GATHERERS: Gatherers = {SendFacts: _Send(), CodeFacts: _Code()}


def _message(reference: str, number: int, code: str) -> str:
    """What is digested of a code: it works in its own journey only, and only the newest does."""
    return f"{reference}:{number}:{code}"


def _send_code(context: EffectContext[FoundContact], _: SendCodeEffect) -> None:
    case, after = context.case, context.after
    contact = required(after.contact, "a contact")
    destination = required(context.found.destination, "its whole address")
    code = case.ports.secrets.digits(case.policy.codes.digits)
    message = _message(after.reference, len(after.sent), code)
    case.keep(code_digest=case.ports.secrets.digests("code", message)[0])
    case.remember(email=destination if contact.channel is Channel.EMAIL else None)
    context.unit.outbox.cancel(after.reference, "code", case.at)
    context.unit.budgets.add(Budget.SEND, context.found.subject, case.at)
    context.unit.budgets.add(Budget.DESTINATION, context.found.destinations[0], case.at)
    count_code(context)
    post(
        context,
        context.key,
        case.flow.letters[f"code.{contact.channel.value}"],
        Recipient(contact.channel, destination),
        code=code,
        expires_at=case.at + case.policy.codes.life,
    )


def _cancel_code(context: EffectContext[Findings], _: CancelCode) -> None:
    context.case.keep(code_digest=None)
    context.unit.outbox.cancel(context.after.reference, "code", context.case.at)


# --- failures counted against a person, and forgotten when the work is done ---------------------


def _count_failure(context: EffectContext[Findings], effect: CountFailure) -> None:
    found = context.found
    if isinstance(found, FoundSignIn) and effect.budget is Budget.BROWSER:
        digests: tuple[str, ...] = (browser_of(found),)
    else:
        digests = found.email_digests if effect.budget is Budget.PASSWORD else found.subjects
    context.unit.budgets.add(effect.budget, digests[0], context.case.at)
    count_failure(context, effect.budget)


def _clear_failures(context: EffectContext[Findings], _: ClearFailures) -> None:
    for budget in (Budget.IDENTITY, Budget.CODE, Budget.EMAIL):
        context.unit.budgets.clear(budget, context.found.subjects)


EXECUTORS: Executors = {
    SendCodeEffect: _send_code,
    CancelCode: _cancel_code,
    CountFailure: _count_failure,
    ClearFailures: _clear_failures,
}

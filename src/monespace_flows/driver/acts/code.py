"""One-time codes: where one may be sent, and what one typed is worth (``C6``, ``C7``, ``D4``)."""

from __future__ import annotations

import hmac

from ...commands import SendCode, SubmitCode
from ...effects import Budget
from ...facts import CodeFacts, CodeVerdict, Contact, Problem, SendFacts, SendVerdict
from ...ports import Unit
from ...rules.budgets import DAY
from ...rules.codes import judge_code, judge_send, read_code
from ...rules.masking import mask
from ..case import Case
from .base import seconds

__all__ = ["CodeGatherer", "SendGatherer", "code_message"]


def code_message(reference: str, number: int, code: str) -> str:
    """What is digested of a code: it works in its own journey only, and only the newest does."""
    return f"{reference}:{number}:{code}"


class SendGatherer:
    """Brings :class:`~monespace_flows.facts.SendFacts`."""

    def outside(self, case: Case) -> None:
        """Read the contact from the registry again: what was offered may be gone (FL-15)."""
        contact = self._contact(case)
        rpps = case.dossier.rpps
        if contact is None or rpps is None:
            return
        case.subjects = case.ports.secrets.digests("subject", rpps)
        case.doctor = case.ports.registry.doctor(rpps)
        held = case.doctor.destination(contact.channel) if case.doctor else None
        if held is not None and mask(contact.channel, held) == contact.masked:
            case.destination = held

    def about(self, case: Case) -> object:
        """The doctor, and the contact where the code goes."""
        return case.dossier.rpps, self._contact(case)

    def inside(self, case: Case, unit: Unit) -> SendFacts:
        """Judge the send, with this doctor's sends counted under a lock."""
        contact = self._contact(case)
        if contact is None:
            return SendFacts(problems=(self._problem(case),))
        if case.destination is None:
            return SendFacts(send=SendVerdict.CONTACT_GONE)
        unit.lock(f"send:{case.subject()}")
        verdict, wait = judge_send(
            channel=contact.channel,
            sent=case.journey.sent,
            sends=unit.budgets.times(Budget.SEND, case.subjects, case.at - DAY),
            now=case.at,
            policy=case.policy.codes,
        )
        code = case.journey.code
        return SendFacts(
            send=verdict,
            contact=contact,
            code_is_live=code is not None
            and case.journey.contact == contact
            and case.at - code.sent_at < case.policy.codes.life,
            wait=seconds(wait),
        )

    def _contact(self, case: Case) -> Contact | None:
        command = case.command
        if not isinstance(command, SendCode):
            return case.journey.contact
        offered = case.journey.contacts
        wanted = command.channel
        return next((c for c in offered if wanted in (c.id, c.channel.value)), None)

    def _problem(self, case: Case) -> Problem:
        command = case.command
        empty = isinstance(command, SendCode) and not command.channel
        return Problem.CHANNEL_REQUIRED if empty else Problem.CHANNEL_UNKNOWN


class CodeGatherer:
    """Brings :class:`~monespace_flows.facts.CodeFacts`."""

    def outside(self, case: Case) -> None:
        """Ask nothing: what a code or link is worth is in the store."""

    def about(self, case: Case) -> object:
        """Nothing was asked."""

    def inside(self, case: Case, unit: Unit) -> CodeFacts:
        """Compare in constant time; the verdict leaves only with the count that it costs."""
        command = case.command
        assert isinstance(command, SubmitCode)  # noqa: S101 - the facts type says so
        code = read_code(command.code, case.policy.codes)
        if isinstance(code, Problem):
            return CodeFacts(problems=(code,))
        rpps = case.dossier.rpps
        if rpps is None:
            return CodeFacts(code=CodeVerdict.EXPIRED)
        case.subjects = case.ports.secrets.digests("subject", rpps)
        unit.lock(f"code:{case.subject()}")
        awaited = case.journey.code
        return CodeFacts(
            code=judge_code(
                matches=self._matches(case, code),
                sent_at=awaited.sent_at if awaited else None,
                tries=awaited.tries if awaited else 0,
                failures=unit.budgets.times(Budget.CODE, case.subjects, case.at - DAY),
                # The clock's own word: the case's instant never goes back, and a clock put back
                # must not give a code a longer life (FT-01).
                now=case.ports.clock.now(),
                policy=case.policy.codes,
            )
        )

    def _matches(self, case: Case, code: str) -> bool:
        expected = (case.stored.code_digest or "").encode()
        message = code_message(case.journey.reference, len(case.journey.sent), code)
        digests = case.ports.secrets.digests("code", message)
        return any(hmac.compare_digest(expected, digest.encode()) for digest in digests)

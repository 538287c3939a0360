"""What the world may answer to a command: every set of facts that a gatherer can bring.

Facts that no gatherer could bring together (a doctor who is unknown, yet has an account) are left
out, and so are the values that no guard tells apart: one ill-formed field stands for all.  Tests
hold every journal they make against these sets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from itertools import product
from typing import Any, get_type_hints

from attrs import fields

from .. import facts as f
from ..chart import Flow
from ..journey import Journey
from ..policy import Policy

__all__ = ()

PSEUDONYM = "subject"
"""Stands for the pseudonym of whoever the journey is about."""

_SMS = f.Contact("sms", f.Channel.SMS, "3361***78")
_EMAIL = f.Contact("email", f.Channel.EMAIL, "j***@medecin.example")
CONTACTS = ((_SMS,), (_EMAIL,), (_SMS, _EMAIL))
"""The contacts that a doctor may have."""

_WAIT = 60
_SINCE = (f.AccountVerdict.NONE, f.AccountVerdict.EXISTS, f.AccountVerdict.CHANGED)
_PASSWORDS: tuple[tuple[f.PasswordVerdict, tuple[f.Problem, ...]], ...] = (
    (f.PasswordVerdict.ACCEPTED, ()),
    (f.PasswordVerdict.WEAK, (f.Problem.PASSWORD_TOO_SHORT,)),
    (f.PasswordVerdict.DIFFERS_FROM_CONFIRMATION, (f.Problem.PASSWORD_CONFIRMATION_DIFFERS,)),
    (f.PasswordVerdict.NOT_ASKED, (f.Problem.PASSWORD_REQUIRED,)),
)
_Emails = tuple[tuple[f.EmailVerdict, tuple[f.Problem, ...]], ...]
_PROVEN_EMAIL: _Emails = ((f.EmailVerdict.PROVEN, ()), (f.EmailVerdict.CLAIMED, ()))
_ORDERS_EMAIL: _Emails = (*_PROVEN_EMAIL, (f.EmailVerdict.TAKEN, ()))
_TYPED_EMAIL: _Emails = (
    (f.EmailVerdict.FREE, ()),
    (f.EmailVerdict.TAKEN, ()),
    (f.EmailVerdict.THROTTLED, ()),
    (f.EmailVerdict.NOT_ASKED, (f.Problem.EMAIL_SHAPE,)),
)
_EMAIL_TWICE: _Emails = (
    *_TYPED_EMAIL,
    (f.EmailVerdict.DIFFERS_FROM_CONFIRMATION, (f.Problem.EMAIL_CONFIRMATION_DIFFERS,)),
)


def answers(flow: Flow, journey: Journey, event: str, policy: Policy) -> Iterator[f.Facts]:
    """List the facts that may come with an event.

    Args:
        flow: the definition.
        journey: where the person stands; it bounds what a code or a send can be worth.
        event: the event of a command that has a row in the journey's state.
        policy: bounds tries and sends.
    """
    if event == "tick":
        return _ticks(flow, journey)
    known = _ANSWERS.get(event)
    return known(journey, policy) if known else _derived(flow.commands_by_event[event].facts)


def _derived(kind: type[f.Facts]) -> Iterator[f.Facts]:
    """Every combination of what facts may hold, read from their type: for a host's own."""
    hints = get_type_hints(kind)
    sets: dict[str, tuple[Any, ...]] = {}
    for one in fields(kind):
        hint = hints[one.name]
        if isinstance(hint, type) and issubclass(hint, Enum):
            sets[one.name] = tuple(hint)
        elif hint is bool:
            sets[one.name] = (False, True)
        elif hint == tuple[f.Contact, ...]:
            sets[one.name] = ((), *CONTACTS)
    for values in product(*sets.values()):
        yield kind(**dict(zip(sets, values, strict=True)))
    if sets:
        yield kind(problems=(f.Problem.CODE_SHAPE,))


def _ticks(flow: Flow, journey: Journey) -> Iterator[f.Facts]:
    yield f.TickFacts(deadline=f.Deadline.JOURNEY)
    if flow.screens[journey.state].is_typed:
        yield f.TickFacts(deadline=f.Deadline.ENTRY)


def _identity(_: Journey, policy: Policy) -> Iterator[f.Facts]:
    accepted = f.TermsVerdict.ACCEPTED
    yield f.IdentityFacts(problems=(f.Problem.TERMS_REQUIRED,))
    yield f.IdentityFacts(terms=accepted, problems=(f.Problem.RPPS_SHAPE,))
    yield f.IdentityFacts(terms=accepted, identity=f.IdentityVerdict.THROTTLED, wait=_WAIT)
    for refusal in (
        f.IdentityVerdict.RPPS_UNKNOWN,
        f.IdentityVerdict.BIRTH_DATE_DIFFERS,
        f.IdentityVerdict.NOT_ADMITTED,
    ):
        for warns in (False, True):
            yield f.IdentityFacts(terms=accepted, identity=refusal, subject=PSEUDONYM, warns=warns)
    known = (f.AccountVerdict.NONE, f.AccountVerdict.EXISTS)
    for account, (contacts, warns) in product(
        known, (((), False), ((), True), *((it, False) for it in CONTACTS))
    ):
        yield f.IdentityFacts(
            terms=accepted,
            identity=f.IdentityVerdict.MATCH if contacts else f.IdentityVerdict.NO_CONTACT,
            account=account,
            subject=PSEUDONYM,
            role=f.Role.DOCTOR,
            contacts=contacts,
            terms_version=policy.identity.terms_version,
            offer_recovery=policy.recovery.existing_account == "offer",
            warns=warns,
        )


def _send(journey: Journey, policy: Policy) -> Iterator[f.Facts]:
    yield f.SendFacts(problems=(f.Problem.CHANNEL_UNKNOWN,))
    for contact in journey.contacts:
        yield from _send_to(contact, journey, policy)


def _resend(journey: Journey, policy: Policy) -> Iterator[f.Facts]:
    if journey.contact is not None:
        yield from _send_to(journey.contact, journey, policy)


def _send_to(contact: f.Contact, journey: Journey, policy: Policy) -> Iterator[f.Facts]:
    yield f.SendFacts(send=f.SendVerdict.CONTACT_GONE)
    live = (False, True) if journey.code and journey.contact == contact else (False,)
    for code_is_live in live:
        yield f.SendFacts(
            send=f.SendVerdict.EXHAUSTED, contact=contact, code_is_live=code_is_live, wait=_WAIT
        )
    if len(journey.sent) > len(policy.codes.resend_waits):
        return
    if contact.channel is f.Channel.SMS:
        for code_is_live in live:
            yield f.SendFacts(
                send=f.SendVerdict.CHANNEL_CLOSED, contact=contact, code_is_live=code_is_live
            )
    used = contact.channel in (channel for channel, _ in journey.sent)
    verdicts = (f.SendVerdict.POSSIBLE, f.SendVerdict.TOO_SOON)[: 1 + used]
    for verdict, code_is_live in product(verdicts, live):
        wait = _WAIT if verdict is f.SendVerdict.TOO_SOON else 0
        yield f.SendFacts(send=verdict, contact=contact, code_is_live=code_is_live, wait=wait)


def _code(journey: Journey, policy: Policy) -> Iterator[f.Facts]:
    yield f.CodeFacts(problems=(f.Problem.CODE_SHAPE,))
    yield f.CodeFacts(code=f.CodeVerdict.EXPIRED)
    yield f.CodeFacts(code=f.CodeVerdict.EXHAUSTED)
    left = policy.codes.tries - journey.code.tries if journey.code else 0
    if left > 0:
        yield f.CodeFacts(code=f.CodeVerdict.MATCHES)
        differs = f.CodeVerdict.DIFFERS if left > 1 else f.CodeVerdict.LAST_TRY_DIFFERS
        yield f.CodeFacts(code=differs)


def _activate(journey: Journey, _: Policy) -> Iterator[f.Facts]:
    contact = journey.contact
    by_email = contact is not None and contact.channel is f.Channel.EMAIL
    return _credentials((*_EMAIL_TWICE, *(_PROVEN_EMAIL if by_email else ())))


def _create(_: Journey, __: Policy) -> Iterator[f.Facts]:
    return _credentials(_ORDERS_EMAIL)


def _credentials(emails: _Emails) -> Iterator[f.Facts]:
    yield f.CredentialsFacts(doctor=f.DoctorVerdict.GONE)
    own: _Emails = ((f.EmailVerdict.UNCHANGED, ()),)
    since = (*_SINCE, f.AccountVerdict.FROZEN)
    for account, (email, first), (password, second) in product(since, (*emails, *own), _PASSWORDS):
        if email is f.EmailVerdict.UNCHANGED and account is f.AccountVerdict.NONE:
            continue  # whoever has no account has no address of their own
        yield f.CredentialsFacts(
            problems=(*first, *second),
            doctor=f.DoctorVerdict.ADMITTED,
            account=account,
            email=email,
            password=password,
            wait=_WAIT if email is f.EmailVerdict.THROTTLED else 0,
        )


def _request_link(_: Journey, __: Policy) -> Iterator[f.Facts]:
    yield f.LinkRequestFacts(problems=(f.Problem.EMAIL_SHAPE,))
    for verdict in f.LinkRequestVerdict:
        if verdict is not f.LinkRequestVerdict.NOT_ASKED:
            yield f.LinkRequestFacts(request=verdict, subject=PSEUDONYM)


def _reset_link(_: Journey, __: Policy) -> Iterator[f.Facts]:
    asked = f.LinkRequestVerdict
    for verdict in (asked.SEND, asked.UNKNOWN, asked.DISABLED):
        yield f.LinkRequestFacts(request=verdict)
    yield f.LinkRequestFacts(request=asked.THROTTLED, wait=_WAIT)


def _use_link(_: Journey, __: Policy) -> Iterator[f.Facts]:
    for verdict in f.LinkVerdict:
        yield f.LinkFacts(link=verdict)


def _save_password(_: Journey, __: Policy) -> Iterator[f.Facts]:
    asked = f.DoctorVerdict
    for doctor, account, (password, problems) in product(asked, _SINCE, _PASSWORDS):
        yield f.NewPasswordFacts(
            problems=problems, doctor=doctor, account=account, password=password
        )


def _sign_in(_: Journey, __: Policy) -> Iterator[f.Facts]:
    yield f.SignInFacts(problems=(f.Problem.EMAIL_REQUIRED,))
    judged = f.SignInVerdict
    for verdict in (judged.UNKNOWN, judged.WRONG, judged.DISABLED, judged.FROZEN):
        for warns in (False, True):
            yield f.SignInFacts(sign_in=verdict, subject=PSEUDONYM, warns=warns)
    for many in (False, True):
        yield f.SignInFacts(sign_in=judged.LOCKED, subject=PSEUDONYM, many=many)
    for verdict in (judged.RIGHT, judged.NOT_ADMITTED):
        yield f.SignInFacts(sign_in=verdict, subject=PSEUDONYM)
    for verdict in (judged.RIGHT, judged.NOT_ADMITTED, judged.WRONG, judged.LOCKED):
        yield f.SignInFacts(sign_in=verdict, subject=PSEUDONYM, known_browser=True)


def _save(_: Journey, __: Policy) -> Iterator[f.Facts]:
    yield f.SettingsFacts(problems=(f.Problem.CURRENT_PASSWORD_REQUIRED,))
    yield f.SettingsFacts(current=f.SignInVerdict.LOCKED, wait=_WAIT)
    yield f.SettingsFacts(current=f.SignInVerdict.WRONG)
    yield f.SettingsFacts(current=f.SignInVerdict.NOT_ADMITTED)
    own: _Emails = ((f.EmailVerdict.UNCHANGED, ()), (f.EmailVerdict.SPENT, ()))
    emails = (*own, *_TYPED_EMAIL)
    passwords = ((f.PasswordVerdict.UNCHANGED, ()), *_PASSWORDS)
    for (email, first), (password, second) in product(emails, passwords):
        yield f.SettingsFacts(
            problems=(*first, *second),
            current=f.SignInVerdict.RIGHT,
            email=email,
            password=password,
            wait=_WAIT if email in (f.EmailVerdict.THROTTLED, f.EmailVerdict.SPENT) else 0,
        )


def _close_sessions(_: Journey, __: Policy) -> Iterator[f.Facts]:
    yield f.SessionsFacts(has_others=False)
    yield f.SessionsFacts(has_others=True)


_ANSWERS: dict[str, Callable[[Journey, Policy], Iterator[f.Facts]]] = {
    "submit_identity": _identity,
    "send_code": _send,
    "resend_code": _resend,
    "submit_code": _code,
    "activate": _activate,
    "create": _create,
    "request_link": _request_link,
    "send_reset_link": _reset_link,
    "use_link": _use_link,
    "save_password": _save_password,
    "sign_in": _sign_in,
    "save": _save,
    "close_sessions": _close_sessions,
}

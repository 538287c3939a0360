"""Guards and actions of several tables, each a line or two.

Nothing here moves a person: rows stand in each flow's own table.  A guard asks facts, never a
typed value; an action changes the journey or wishes an effect.
"""

from __future__ import annotations

from attrs import evolve

from ...chart import Slot, wishing
from ...effects import Budget, CancelCode, ClearFailures, CountFailure, SendCode
from ...errors import FactsUnfit
from ...facts import (
    AccountVerdict,
    Channel,
    CodeFacts,
    CodeVerdict,
    CredentialsFacts,
    Deadline,
    DoctorVerdict,
    EmailVerdict,
    IdentityFacts,
    IdentityVerdict,
    LinkRequestFacts,
    LinkRequestVerdict,
    NewPasswordFacts,
    PasswordVerdict,
    SendFacts,
    SendVerdict,
    SettingsFacts,
    SignInFacts,
    TermsVerdict,
    TickFacts,
)
from ...journey import SentCode


def is_malformed(model: Slot) -> bool:
    """The shape of a field is wrong."""
    return bool(model.facts.problems)


def journey_is_over(model: Slot) -> bool:
    """The clock passed the journey's end."""
    return model.known(TickFacts).deadline is Deadline.JOURNEY


def show_problems(model: Slot) -> None:
    """Name the fields to correct."""
    model.change(problems=model.facts.problems)


def prolong(model: Slot) -> None:
    """Give ten more minutes (``D5``)."""
    model.change(extended_at=model.at)


@wishing(CancelCode())
def forget_person(model: Slot) -> None:
    """Drop who it was: another identity may follow; the code sent is worth nothing."""
    model.change(subject=None, role=None)
    forget_contacts(model)


@wishing(CancelCode())
def forget_contacts(model: Slot) -> None:
    """Drop the contacts and the code; the pseudonym stays, so that support finds the journey."""
    model.change(contacts=(), contact=None, code=None)
    forget_choice(model)
    model.effects.append(CancelCode())


def holder_is_warned(model: Slot) -> bool:
    """So many failures came that whoever is meant is told, once a day."""
    facts = model.known(IdentityFacts, SignInFacts)
    is_failure = isinstance(facts, SignInFacts) or facts.identity is not IdentityVerdict.MATCH
    return facts.warns and is_failure


# --- identity ------------------------------------------------------------------------------------


def terms_are_missing(model: Slot) -> bool:
    """The box of ``C1`` is not ticked."""
    return model.known(IdentityFacts).terms is TermsVerdict.MISSING


def is_throttled(model: Slot) -> bool:
    """Too many wrong pairs for this number."""
    return model.known(IdentityFacts).identity is IdentityVerdict.THROTTLED


def is_known(model: Slot) -> bool:
    """The pair is a doctor's, whom the Order can reach."""
    return model.known(IdentityFacts).identity is IdentityVerdict.MATCH


def has_account(model: Slot) -> bool:
    """The pair is that of a doctor who already has an account."""
    return model.known(IdentityFacts).account is AccountVerdict.EXISTS


def is_unreachable(model: Slot) -> bool:
    """The Order holds neither mobile number nor e-mail address (``D3``)."""
    return model.known(IdentityFacts).identity is IdentityVerdict.NO_CONTACT


def recovery_is_offered(model: Slot) -> bool:
    """The policy lets a doctor who has an account go on (``D1``)."""
    return model.journey.offer_recovery


def remember_doctor(model: Slot) -> None:
    """Keep who it is (a pseudonym) and the masked contacts to choose from."""
    facts = model.known(IdentityFacts)
    model.change(
        role=facts.role,
        terms_version=facts.terms_version,
        contacts=facts.contacts,
        contact=None,
        offer_recovery=facts.offer_recovery,
    )


# --- codes ---------------------------------------------------------------------------------------


def contact_is_gone(model: Slot) -> bool:
    """The Order no longer holds the contact that was offered."""
    return model.known(SendFacts).send is SendVerdict.CONTACT_GONE


def sends_are_exhausted(model: Slot) -> bool:
    """No further code may be sent in this journey, or to this doctor for now.

    A table that has no row of its own for a closed channel refuses it so, too.
    """
    return model.known(SendFacts).send in (SendVerdict.EXHAUSTED, SendVerdict.CHANNEL_CLOSED)


def channel_is_closed(model: Slot) -> bool:
    """Nobody is sent a code that way any more today."""
    return model.known(SendFacts).send is SendVerdict.CHANNEL_CLOSED


def is_too_soon(model: Slot) -> bool:
    """The last code left a moment ago."""
    return model.known(SendFacts).send is SendVerdict.TOO_SOON


def code_still_waits(model: Slot) -> bool:
    """It is too soon for another code, and the last one still works."""
    return is_too_soon(model) and model.known(SendFacts).code_is_live


@wishing(SendCode())
def send_new_code(model: Slot) -> None:
    """Send a new code to the contact chosen; the earlier one is dead."""
    contact = model.known(SendFacts).contact
    if contact is None:
        raise FactsUnfit("a code was sent to no contact")
    model.change(
        contact=contact,
        code=SentCode(sent_at=model.at),
        sent=(*model.journey.sent, (contact.channel, model.at)),
    )
    model.effects.append(SendCode())


def code_is_expired(model: Slot) -> bool:
    """The code is too old, or none is awaited."""
    return model.known(CodeFacts).code is CodeVerdict.EXPIRED


def tries_are_exhausted(model: Slot) -> bool:
    """This code, or this doctor for today, has been missed too often."""
    return model.known(CodeFacts).code is CodeVerdict.EXHAUSTED


def code_matches(model: Slot) -> bool:
    """The code is right."""
    return model.known(CodeFacts).code is CodeVerdict.MATCHES


def code_matches_by_email(model: Slot) -> bool:
    """The code is right and came by e-mail, which proves the Order's address."""
    contact = model.journey.contact
    return code_matches(model) and contact is not None and contact.channel is Channel.EMAIL


def was_last_try(model: Slot) -> bool:
    """The code is wrong, and no try is left for it."""
    return model.known(CodeFacts).code is CodeVerdict.LAST_TRY_DIFFERS


@wishing(CountFailure(Budget.CODE))
def count_try(model: Slot) -> None:
    """Count a wrong code against this code and against the doctor."""
    code = model.journey.code
    if code is None:
        raise FactsUnfit("a code that was never sent was missed")
    model.change(code=evolve(code, tries=code.tries + 1))
    model.effects.append(CountFailure(Budget.CODE))


@wishing(CancelCode())
def accept_code(model: Slot) -> None:
    """The code has done its work and works no more."""
    model.change(code=None)
    model.effects.append(CancelCode())


# --- credentials ---------------------------------------------------------------------------------


def _password(model: Slot) -> PasswordVerdict:
    return model.known(CredentialsFacts, NewPasswordFacts, SettingsFacts).password


def _email(model: Slot) -> EmailVerdict:
    return model.known(CredentialsFacts, SettingsFacts).email


def doctor_is_gone(model: Slot) -> bool:
    """The registry, asked again, no longer admits the doctor."""
    return model.known(CredentialsFacts, NewPasswordFacts).doctor is DoctorVerdict.GONE


def account_exists(model: Slot) -> bool:
    """An account was created meanwhile for this doctor."""
    return model.known(CredentialsFacts).account in _THERE


_THERE = (AccountVerdict.EXISTS, AccountVerdict.CHANGED, AccountVerdict.FROZEN)


def account_was_changed(model: Slot) -> bool:
    """Its credentials changed elsewhere since the person said who they are, or it is frozen."""
    return model.known(CredentialsFacts).account in (AccountVerdict.CHANGED, AccountVerdict.FROZEN)


def email_confirmation_differs(model: Slot) -> bool:
    """The two addresses are not the same."""
    return _email(model) is EmailVerdict.DIFFERS_FROM_CONFIRMATION


def password_confirmation_differs(model: Slot) -> bool:
    """The two passwords are not the same."""
    return _password(model) is PasswordVerdict.DIFFERS_FROM_CONFIRMATION


def password_is_weak(model: Slot) -> bool:
    """The password is refused; the field says why."""
    return _password(model) is PasswordVerdict.WEAK


def email_is_taken(model: Slot) -> bool:
    """The address is that of an account already."""
    return _email(model) is EmailVerdict.TAKEN


def email_is_own(model: Slot) -> bool:
    """The address is the account's own: its holder needs no other, only a password (``R7``)."""
    return _email(model) is EmailVerdict.UNCHANGED


def address_is_proven(model: Slot) -> bool:
    """The address is free, and the person has just shown that they read it."""
    return _email(model) is EmailVerdict.PROVEN


def address_is_claimed(model: Slot) -> bool:
    """The person has just proved an address that another account holds without proof."""
    return _email(model) is EmailVerdict.CLAIMED


def note_taken_login(model: Slot) -> None:
    """The Order's address is someone else's login: another one may be typed."""
    model.change(login_is_taken=True)


def note_own_address(model: Slot) -> None:
    """A reset link may go where the person could sign in."""
    model.change(offer_reset_link=True)


def forget_choice(model: Slot) -> None:
    """Another contact, or another identity: nothing is known yet of the login."""
    model.change(offer_reset_link=False, login_is_taken=False)


def emails_are_throttled(model: Slot) -> bool:
    """Too many taken addresses were tried: nobody may search for accounts here."""
    return _email(model) is EmailVerdict.THROTTLED


def link_may_leave(model: Slot) -> bool:
    """The address is that of an account that may receive a link now."""
    return model.known(LinkRequestFacts).request is LinkRequestVerdict.SEND


def link_must_wait(model: Slot) -> bool:
    """Too many links were asked for."""
    return model.known(LinkRequestFacts).request is LinkRequestVerdict.THROTTLED


@wishing(ClearFailures())
def finish(model: Slot) -> None:
    """The work is done: the contacts go, and the doctor's failures are forgotten."""
    model.change(contacts=(), contact=None, code=None)
    forget_choice(model)
    model.effects.append(ClearFailures())

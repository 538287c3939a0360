"""« Fermer mon compte »: a host's own flow, whole, without a line changed in the package.

Signed in, the person says why and gives the present password, proves a contact of the Order by one
code, and the account is closed: disabled with its date, every session ended, told by letter.

    flows = Flows(ports, policy, site, flows=(*STANDARD, closing(archive)))
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Protocol

from attrs import evolve, field, frozen
from statemachine import Event, State

from monespace_flows.chart import Chart, Flow, Slot, say, stay, wish
from monespace_flows.commands import Command
from monespace_flows.driver.acts import (
    EffectContext,
    Findings,
    Gatherer,
    PresentPassword,
    contacts_of,
)
from monespace_flows.driver.case import Case
from monespace_flows.effects import Budget, ClearFailures, CountFailure, Effect, SendLetter
from monespace_flows.errors import PortUnavailable
from monespace_flows.facts import Contact, Facts, SignInVerdict
from monespace_flows.flows.shared import screens, table
from monespace_flows.notices import (
    ASSISTANCE,
    CODE_EXHAUSTED,
    CODE_EXPIRED,
    CODE_RESENT,
    CODE_TOO_SOON,
    CODE_WRONG,
    ENTRY_ERASED,
    IDENTITY_UNKNOWN,
    JOURNEY_ABANDONED,
    JOURNEY_EXPIRED,
    PASSWORD_WRONG,
    SEND_EXHAUSTED,
    SMS_CLOSED,
)
from monespace_flows.ports import Unit
from monespace_flows.screens import Button, Field, Letter, Link, Notice, Place, Screen
from monespace_flows.wording import Cause, Text

__all__ = ["Archive", "AskClosing", "closing", "for_support"]


class Archive(Protocol):
    """The host's port: where it keeps why people leave, without saying who."""

    def note(self, reason: str) -> None:
        """Keep a reason; called inside the step's transaction."""


# --- the act: what is pressed, and what must be known before it is decided -----------------------


class ReasonVerdict(Enum):
    """Whether the person said why."""

    NOT_ASKED = "not_asked"
    GIVEN = "given"
    MISSING = "missing"


@frozen(kw_only=True)
class ClosingFacts(Facts):
    """For ``ask_closing``."""

    reason: ReasonVerdict = ReasonVerdict.NOT_ASKED
    current: SignInVerdict = SignInVerdict.NOT_ASKED
    contacts: tuple[Contact, ...] = ()


@frozen(kw_only=True)
class AskClosing(Command):
    """« Continuer » on the first screen: why, and the present password."""

    event = "ask_closing"
    facts = ClosingFacts
    reason: str = field(repr=False)
    current_password: str = field(repr=False)


@frozen(kw_only=True)
class FoundReason(Findings):
    """The reason as it was typed, for the archive alone: facts and journal hold the verdict."""

    reason: str = field(default="", repr=False)


class ClosingGatherer(Gatherer[AskClosing, ClosingFacts, FoundReason]):
    """Brings :class:`ClosingFacts`."""

    def __init__(self) -> None:
        self._password = PresentPassword()

    def look(self, case: Case[AskClosing], unit: Unit) -> Any:
        """Find the account whose password is asked for."""
        return self._password.look(case, unit)

    def outside(self, case: Case[AskClosing]) -> FoundReason:
        """Verify the password, and ask the Order which contacts it holds."""
        command, ports = case.command, case.ports
        found = FoundReason(reason=command.reason.strip())
        found = self._password.ask(case, command.current_password, found)
        if found.account is None or not found.password_is_right:
            return found
        rpps = ports.secrets.unseal(found.account.sealed_rpps)
        return evolve(found, doctor=ports.registry.doctor(rpps))

    def about(self, case: Case[AskClosing]) -> object:
        """The account and its session."""
        return self._password.about(case)

    def inside(
        self, case: Case[AskClosing], found: FoundReason, unit: Unit
    ) -> tuple[ClosingFacts, FoundReason]:
        """Judge, with the wrong passwords counted under a lock."""
        current, wait, found = self._password.judge(case, found, unit)
        reason = ReasonVerdict.GIVEN if found.reason else ReasonVerdict.MISSING
        facts = ClosingFacts(problems=found.problems, reason=reason, current=current, wait=wait)
        if current is not SignInVerdict.RIGHT or found.doctor is None:
            return facts, found
        case.remember(rpps=found.doctor.rpps)
        return evolve(facts, contacts=contacts_of(case, found.doctor)), found


# --- the effects: what is done -------------------------------------------------------------------


@frozen
class NoteReason(Effect):
    """Hand the reason to the host's archive; the journal keeps that it was given, no more."""


@frozen
class CloseAccount(Effect):
    """Disable the account with its date, and end every session."""


def _close(context: EffectContext[Findings], effect: CloseAccount) -> None:
    del effect
    case, unit = context.case, context.unit
    account = unit.accounts.get(case.stored.account_id or "")
    if account is None:
        raise PortUnavailable("storage")
    context.account = account  # the letters that follow go to its address
    closed = evolve(
        account,
        disabled_at=case.at,
        credential_epoch=account.credential_epoch + 1,
        version=account.version + 1,
    )
    unit.accounts.update(closed, account.version)
    unit.sessions.end_all(account.id)


# --- the table -----------------------------------------------------------------------------------

REASON_MISSING = Notice(
    id="closing.reason_missing",
    kind="error",
    text="Dites-nous en quelques mots pourquoi vous fermez votre compte.",
    fields=("reason",),
)


def password_is_locked(model: Slot) -> bool:
    """Too many wrong passwords: even the right one must wait."""
    return model.known(ClosingFacts).current is SignInVerdict.LOCKED


def password_is_wrong(model: Slot) -> bool:
    """The present password is another."""
    return model.known(ClosingFacts).current is SignInVerdict.WRONG


def reason_is_missing(model: Slot) -> bool:
    """The person did not say why."""
    return model.known(ClosingFacts).reason is ReasonVerdict.MISSING


def nobody_can_be_reached(model: Slot) -> bool:
    """The Order no longer holds a contact where a code could go."""
    return not model.known(ClosingFacts).contacts


def remember_contacts(model: Slot) -> None:
    """Keep the masked contacts to choose from."""
    model.change(contacts=model.known(ClosingFacts).contacts)


class Closing(Chart):
    """Closing one's account."""

    say_why = State("Fermer mon compte", initial=True)
    choose_channel = State("Confirmer la fermeture de votre compte")
    enter_code = State("Veuillez saisir le code reçu")
    closed = State("Votre compte est fermé", final=True)
    expired = State("Votre demande a expiré", final=True)

    ask_closing = Event(
        stay(say_why, cond=password_is_locked, on=say(PASSWORD_WRONG))
        | stay(
            say_why,
            cond=password_is_wrong,
            on=[wish(CountFailure(Budget.PASSWORD)), say(PASSWORD_WRONG)],
        )
        | stay(say_why, cond=reason_is_missing, on=[table.show_problems, say(REASON_MISSING)])
        | stay(say_why, cond=table.is_malformed, on=table.show_problems)
        | stay(say_why, cond=nobody_can_be_reached, on=say(IDENTITY_UNKNOWN))
        | say_why.to(choose_channel, on=[remember_contacts, wish(NoteReason())]),
        name="Continuer",
    )
    send_code = Event(
        stay(choose_channel, cond=table.is_malformed, on=table.show_problems)
        | stay(choose_channel, cond=table.contact_is_gone, on=say(IDENTITY_UNKNOWN))
        | stay(choose_channel, cond=table.channel_is_closed, on=say(SMS_CLOSED))
        | choose_channel.to(enter_code, cond=table.code_still_waits, on=say(CODE_TOO_SOON))
        | stay(choose_channel, cond=table.is_too_soon, on=say(CODE_TOO_SOON))
        | stay(choose_channel, cond=table.sends_are_exhausted, on=say(SEND_EXHAUSTED))
        | choose_channel.to(enter_code, on=table.send_new_code),
        name="Recevoir votre code",
    )
    resend_code = Event(
        stay(enter_code, cond=table.contact_is_gone, on=say(IDENTITY_UNKNOWN))
        | stay(enter_code, cond=table.channel_is_closed, on=say(SMS_CLOSED))
        | stay(enter_code, cond=table.is_too_soon, on=say(CODE_TOO_SOON))
        | stay(enter_code, cond=table.sends_are_exhausted, on=say(SEND_EXHAUSTED))
        | stay(enter_code, on=[table.send_new_code, say(CODE_RESENT)]),
        name="Renvoyer le code",
    )
    submit_code = Event(
        stay(enter_code, cond=table.is_malformed, on=table.show_problems)
        | stay(enter_code, cond=table.code_is_expired, on=say(CODE_EXPIRED))
        | stay(enter_code, cond=table.tries_are_exhausted, on=say(CODE_EXHAUSTED))
        | enter_code.to(
            closed,
            cond=table.code_matches,
            on=[
                table.accept_code,
                table.forget_contacts,
                wish(CloseAccount(), ClearFailures(), SendLetter("account.closed")),
            ],
        )
        | stay(
            enter_code,
            cond=table.was_last_try,
            on=[table.count_try, say(CODE_WRONG, CODE_EXHAUSTED)],
        )
        | stay(enter_code, on=[table.count_try, say(CODE_WRONG)]),
        name="Fermer mon compte",
    )
    back = Event(
        choose_channel.to(say_why, on=table.forget_contacts) | enter_code.to(choose_channel),
        name="Retour",
    )
    restart = Event(
        say_why.to(expired, on=say(JOURNEY_ABANDONED))
        | choose_channel.to(expired, on=[table.forget_contacts, say(JOURNEY_ABANDONED)])
        | enter_code.to(expired, on=[table.forget_contacts, say(JOURNEY_ABANDONED)]),
        name="Abandonner",
    )
    extend = Event(
        stay(say_why, on=table.prolong)
        | stay(choose_channel, on=table.prolong)
        | stay(enter_code, on=table.prolong),
        name="Prolonger",
    )
    tick = Event(
        say_why.to(expired, cond=table.journey_is_over, on=say(JOURNEY_EXPIRED))
        | stay(say_why, on=say(ENTRY_ERASED))
        | choose_channel.to(expired, on=[table.forget_contacts, say(JOURNEY_EXPIRED)])
        | enter_code.to(
            expired, cond=table.journey_is_over, on=[table.forget_contacts, say(JOURNEY_EXPIRED)]
        )
        | stay(enter_code, on=say(ENTRY_ERASED)),
        name="Le temps passe",
    )


# --- what is shown and sent ----------------------------------------------------------------------

SCREENS = {
    "say_why": Screen(
        id="closing.say_why",
        title="Fermer mon compte",
        intro="Votre espace ne sera plus accessible. Vous pourrez en demander la réouverture à "
        "votre conseil départemental.",
        step="Dire pourquoi",
        fields=(
            Field(name="reason", label="Pourquoi fermez-vous votre compte ?", kind="text"),
            Field(
                name="current_password",
                label="Mot de passe actuel",
                kind="password",
                autocomplete="current-password",
            ),
        ),
        buttons=(
            Button("ask_closing", "Continuer", primary=True),
            screens.GIVE_UP,
            screens.EXTEND,
        ),
        links=(Link("MonEspace", Place.HOME), ASSISTANCE),
    ),
    "choose_channel": Screen(
        id="closing.choose_channel",
        title="Confirmer la fermeture de votre compte",
        intro="Pour confirmer que c'est bien vous, recevez un code.",
        step="Confirmer",
        fields=(screens.CHANNEL,),
        buttons=(
            Button("send_code", "Recevoir votre code", primary=True),
            screens.BACK,
            screens.GIVE_UP,
            screens.EXTEND,
        ),
        links=(ASSISTANCE,),
    ),
    "enter_code": screens.enter_code(
        id="closing.enter_code",
        step="Fermer mon compte",
        submit="Fermer mon compte",
        leave=screens.GIVE_UP,
    ),
    "closed": Screen(
        id="closing.closed",
        title="Votre compte est fermé",
        intro="Toutes vos sessions sont fermées. Un message vient de vous être envoyé.",
        links=(screens.BACK_TO_SIGN_IN, ASSISTANCE),
    ),
    "expired": Screen(
        id="closing.expired",
        title="Votre demande a expiré",
        intro="Par sécurité, une demande abandonnée ou laissée sans suite est effacée. "
        "Votre compte reste ouvert.",
        links=(Link("MonEspace", Place.HOME), ASSISTANCE),
    ),
}

LETTERS = (
    screens.CODE_BY_SMS,
    screens.code_by_email("fermer votre compte", "Vous fermez votre compte"),
    Letter(
        id="account.closed",
        purpose="notice",
        to="login",
        subject="Votre compte est fermé",
        paragraphs=(
            "Bonjour,",
            "Votre espace sur le site de l'Ordre des médecins vient d'être fermé.",
            screens.NOT_YOU,
        ),
    ),
)


CAUSES = (
    Cause(
        REASON_MISSING.id,
        Text(
            "Fermeture refusée {times} : la personne n'a pas dit pourquoi.",
            "Closing refused {times}: the person did not say why.",
        ),
        Text(
            "Il suffit d'écrire quelques mots dans « Pourquoi fermez-vous votre compte ? ».",
            "It is enough to write a few words about why.",
        ),
        is_slip=True,
        short=Text("raison non donnée", "no reason given"),
    ),
    Cause(
        "waiting.say_why",
        Text("La fermeture n'est pas encore demandée.", "Closing has not been asked for yet."),
        Text("Dire pourquoi, puis « Continuer ».", "Say why, then go on."),
        halts=False,
    ),
    Cause(
        "done.closed",
        Text("Le compte a été fermé.", "The account has been closed."),
        Text(
            "Rien à faire ; pour le rouvrir : conseil départemental.",
            "Nothing to do; to open it again: departmental council.",
        ),
        halts=False,
    ),
)


class _Nowhere:
    """Keeps nothing: for programs that read journals and take no step."""

    def note(self, reason: str) -> None:
        del reason
        raise PortUnavailable("archive")


def for_support() -> Flow:
    """The flow as ``MONESPACE_FLOWS=close_account.closing:for_support`` tells the program."""
    return closing(_Nowhere())


def closing(archive: Archive) -> Flow:
    """Declare the flow for an application that has an archive."""

    def note(context: EffectContext[FoundReason], effect: NoteReason) -> None:
        del effect
        archive.note(context.found.reason)

    return Flow(
        name="close_account",
        version=1,
        path="/fermer-mon-compte",
        label=Text("fermeture de compte", "account closing"),
        yours="la fermeture de votre compte",
        about="Fermer votre compte et toutes vos sessions.",
        chart=Closing,
        screens=SCREENS,
        letters={letter.id: letter for letter in LETTERS},
        needs_session=True,
        commands=(AskClosing,),
        gatherers={ClosingFacts: ClosingGatherer()},
        words={
            ReasonVerdict.GIVEN: Text("raison donnée", "reason given"),
            ReasonVerdict.MISSING: Text("raison non donnée", "no reason given"),
            NoteReason: Text("raison notée", "reason noted"),
            CloseAccount: Text("compte fermé", "account closed"),
        },
        causes=CAUSES,
        executors={NoteReason: note, CloseAccount: _close},
    )

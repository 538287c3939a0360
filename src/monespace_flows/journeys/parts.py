"""What several journeys share: one-line guards and actions, and the fields of common screens.

Nothing here moves a person: rows stand in each journey's own table.  A guard asks facts, never
a typed value; an action changes the journey or wishes an effect.
"""

from __future__ import annotations

from attrs import evolve

from ..chart import Slot, wishing
from ..effects import Budget, CancelCode, ClearFailures, CountFailure, SendCode
from ..facts import (
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
    TermsVerdict,
    TickFacts,
)
from ..journey import SentCode
from ..links import ASSISTANCE
from ..screens import Button, Field, Letter, Link, Place, Screen

# --- what every screen can decide ----------------------------------------------------------------


def is_malformed(model: Slot) -> bool:
    """The shape of a field is wrong."""
    return bool(model.facts.problems)


def journey_is_over(model: Slot) -> bool:
    """The clock passed the journey's end."""
    facts = model.facts
    return isinstance(facts, TickFacts) and facts.deadline is Deadline.JOURNEY


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


# --- identity ------------------------------------------------------------------------------------


def _identity(model: Slot) -> IdentityFacts:
    assert isinstance(model.facts, IdentityFacts)  # noqa: S101 - narrows the type for the guards
    return model.facts


def terms_are_missing(model: Slot) -> bool:
    """The box of ``C1`` is not ticked."""
    return _identity(model).terms is TermsVerdict.MISSING


def is_throttled(model: Slot) -> bool:
    """Too many wrong pairs for this number."""
    return _identity(model).identity is IdentityVerdict.THROTTLED


def is_known(model: Slot) -> bool:
    """The pair is a doctor's, whom the Order can reach."""
    return _identity(model).identity is IdentityVerdict.MATCH


def has_account(model: Slot) -> bool:
    """The pair is that of a doctor who already has an account."""
    return _identity(model).account is AccountVerdict.EXISTS


def is_unreachable(model: Slot) -> bool:
    """The Order holds neither mobile number nor e-mail address (``D3``)."""
    return _identity(model).identity is IdentityVerdict.NO_CONTACT


def recovery_is_offered(model: Slot) -> bool:
    """The policy lets a doctor who has an account go on (``D1``)."""
    return model.journey.offer_recovery


def remember_doctor(model: Slot) -> None:
    """Keep who it is (a pseudonym) and the masked contacts to choose from."""
    facts = _identity(model)
    model.change(
        role=facts.role,
        terms_version=facts.terms_version,
        contacts=facts.contacts,
        contact=None,
        offer_recovery=facts.offer_recovery,
    )


# --- codes ---------------------------------------------------------------------------------------


def _send(model: Slot) -> SendFacts:
    assert isinstance(model.facts, SendFacts)  # noqa: S101 - narrows the type for the guards
    return model.facts


def _code(model: Slot) -> CodeVerdict:
    assert isinstance(model.facts, CodeFacts)  # noqa: S101 - narrows the type for the guards
    return model.facts.code


def contact_is_gone(model: Slot) -> bool:
    """The Order no longer holds the contact that was offered."""
    return _send(model).send is SendVerdict.CONTACT_GONE


def sends_are_exhausted(model: Slot) -> bool:
    """No further code may be sent in this journey, or to this doctor for now."""
    return _send(model).send is SendVerdict.EXHAUSTED


def is_too_soon(model: Slot) -> bool:
    """The last code left a moment ago."""
    return _send(model).send is SendVerdict.TOO_SOON


def code_still_waits(model: Slot) -> bool:
    """It is too soon for another code, and the last one still works."""
    return is_too_soon(model) and _send(model).code_is_live


@wishing(SendCode())
def send_new_code(model: Slot) -> None:
    """Send a new code to the contact chosen; the earlier one is dead."""
    contact = _send(model).contact
    assert contact is not None  # noqa: S101 - POSSIBLE comes with a contact
    model.change(
        contact=contact,
        code=SentCode(sent_at=model.at),
        sent=(*model.journey.sent, (contact.channel, model.at)),
    )
    model.effects.append(SendCode())


def code_is_expired(model: Slot) -> bool:
    """The code is too old, or none is awaited."""
    return _code(model) is CodeVerdict.EXPIRED


def tries_are_exhausted(model: Slot) -> bool:
    """This code, or this doctor for today, has been missed too often."""
    return _code(model) is CodeVerdict.EXHAUSTED


def code_matches(model: Slot) -> bool:
    """The code is right."""
    return _code(model) is CodeVerdict.MATCHES


def code_matches_by_email(model: Slot) -> bool:
    """The code is right and came by e-mail, which proves the Order's address."""
    contact = model.journey.contact
    return code_matches(model) and contact is not None and contact.channel is Channel.EMAIL


def was_last_try(model: Slot) -> bool:
    """The code is wrong, and no try is left for it."""
    return _code(model) is CodeVerdict.LAST_TRY_DIFFERS


@wishing(CountFailure(Budget.CODE))
def count_try(model: Slot) -> None:
    """Count a wrong code against this code and against the doctor."""
    code = model.journey.code
    assert code is not None  # noqa: S101 - a code that differs was sent
    model.change(code=evolve(code, tries=code.tries + 1))
    model.effects.append(CountFailure(Budget.CODE))


@wishing(CancelCode())
def accept_code(model: Slot) -> None:
    """The code has done its work and works no more."""
    model.change(code=None)
    model.effects.append(CancelCode())


# --- credentials ---------------------------------------------------------------------------------


def _credentials(model: Slot) -> CredentialsFacts:
    assert isinstance(model.facts, CredentialsFacts)  # noqa: S101 - narrows the type for the guards
    return model.facts


def _password(model: Slot) -> PasswordVerdict:
    facts = model.facts
    assert isinstance(facts, CredentialsFacts | NewPasswordFacts | SettingsFacts)  # noqa: S101 - narrows
    return facts.password


def _email(model: Slot) -> EmailVerdict:
    facts = model.facts
    assert isinstance(facts, CredentialsFacts | SettingsFacts)  # noqa: S101 - narrows
    return facts.email


def doctor_is_gone(model: Slot) -> bool:
    """The registry, asked again, no longer admits the doctor."""
    return _credentials(model).doctor is DoctorVerdict.GONE


def account_exists(model: Slot) -> bool:
    """An account was created meanwhile for this doctor."""
    return _credentials(model).account in (AccountVerdict.EXISTS, AccountVerdict.CHANGED)


def account_was_changed(model: Slot) -> bool:
    """Its credentials were changed elsewhere since the person said who they are."""
    return _credentials(model).account is AccountVerdict.CHANGED


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
    return _request(model) is LinkRequestVerdict.SEND


def link_must_wait(model: Slot) -> bool:
    """Too many links were asked for."""
    return _request(model) is LinkRequestVerdict.THROTTLED


def _request(model: Slot) -> LinkRequestVerdict:
    assert isinstance(model.facts, LinkRequestFacts)  # noqa: S101 - narrows the type for the guards
    return model.facts.request


@wishing(ClearFailures())
def finish(model: Slot) -> None:
    """The work is done: the contacts go, and the doctor's failures are forgotten."""
    model.change(contacts=(), contact=None, code=None)
    forget_choice(model)
    model.effects.append(ClearFailures())


# --- fields, links, letters ----------------------------------------------------------------------

RPPS_HELP = Link("Où trouver mon RPPS ?", Place.RPPS_HELP)
SIGN_IN = Link("Se connecter", Place.SIGN_IN)
FORGOTTEN = Link("Identifiants oubliés ?", Place.FORGOTTEN)
BACK_TO_SIGN_IN = Link("Retour à la connexion", Place.SIGN_IN)

RPPS = Field(
    name="rpps",
    label="Numéro RPPS",
    kind="text",
    hint="11 chiffres, par exemple 99000000002",
    links=(RPPS_HELP,),
)
TERMS = Field(
    name="accept_terms",
    label=(
        "J'ai lu et j'accepte les Conditions générales d'utilisation "
        "et la Politique de confidentialité."
    ),
    kind="checkbox",
    links=(
        Link("Conditions générales d'utilisation", Place.TERMS),
        Link("Politique de confidentialité", Place.PRIVACY),
    ),
)
CHANNEL = Field(name="channel", label="Moyen de transmission du code", kind="radio")
CODE = Field(
    name="code",
    label="Saisir le code",
    kind="code",
    hint="{digits} chiffres, valables {code_life}",
    autocomplete="one-time-code",
)
EMAIL = Field(
    name="email",
    label="Email",
    kind="email",
    hint="Une adresse que vous consultez régulièrement ; elle ne peut servir qu'à un seul espace.",
    autocomplete="username",
)
EMAIL_CONFIRMATION = Field(
    name="email_confirmation", label="Confirmation Email", kind="email", autocomplete="email"
)
PASSWORD_HINT = "Au moins {minimum} caractères ; une phrase de plusieurs mots convient très bien."
NEW_PASSWORD = Field(
    name="password",
    label="Mot de passe",
    kind="password",
    hint=PASSWORD_HINT,
    autocomplete="new-password",
    new_secret=True,
)
PASSWORD_CONFIRMATION = Field(
    name="password_confirmation",
    label="Confirmation du mot de passe",
    kind="password",
    autocomplete="new-password",
)
EXTEND = Button("extend", "Prolonger")
BACK = Button("back", "Retour")
OTHER_CONTACT = Button("back", "Choisir un autre moyen", requires="has_other_contact")
RESTART = Button("restart", "Recommencer")
GIVE_UP = Button("restart", "Abandonner")


def birth_date(example: str) -> Field:
    """The birth date, with the example that the guide gives on that screen."""
    return Field(
        name="birth_date",
        label="Date de naissance *",
        kind="date",
        hint=f"Format : {example}",
        autocomplete="bday",
    )


def enter_code(*, id: str, step: str, submit: str = "Valider", leave: Button = RESTART) -> Screen:
    """The screen where the code that was received is typed (``C7``, ``R5``)."""
    return Screen(
        id=id,
        title="Veuillez saisir le code reçu",
        intro="{code_sent}",
        step=step,
        quiet=True,
        fields=(CODE,),
        buttons=(
            Button("submit_code", submit, primary=True),
            Button("resend_code", "Renvoyer le code"),
            BACK,
            OTHER_CONTACT,
            leave,
            EXTEND,
        ),
        links=(ASSISTANCE,),
    )


NEVER_SHARE = "Ne communiquez jamais ce code : l'Ordre ne vous le demandera pas."
NOT_YOU = (
    "Si vous n'êtes pas à l'origine de cette demande, prévenez votre conseil départemental "
    "de l'Ordre."
)
CONFIRM = "Confirmer mon adresse e-mail"
CONFIRM_ADDRESS = (
    "Pour confirmer que cette adresse est bien la vôtre, connectez-vous puis ouvrez ce lien. Il "
    "est valable jusqu'au {date}. Tant que l'adresse n'est pas confirmée, elle ne peut "
    "pas recevoir de lien de réinitialisation du mot de passe."
)
OBJECT = (
    "Si vous n'avez pas demandé ce changement, contestez-le sans attendre auprès de votre conseil "
    "départemental de l'Ordre. La marche à suivre : {assistance}"
)
ADDRESS_RELEASED = Letter(
    id="address.released",
    purpose="notice",
    to="claimant",
    subject="Votre adresse de connexion est à remplacer",
    paragraphs=(
        "Ordre des médecins : l'adresse e-mail de votre espace, non confirmée, a été prouvée par "
        "une autre personne. Choisissez-en une autre : Identifiants oubliés.",
    ),
)
PASSWORD_CHANGED = Letter(  # P4, T1
    id="password.changed",
    purpose="notice",
    to="login",
    subject="Votre mot de passe a été modifié",
    paragraphs=(
        "Bonjour,",
        "Le mot de passe de votre espace sur le site de l'Ordre des médecins vient d'être modifié. "
        "Toutes vos autres sessions ont été fermées.",
        NOT_YOU,
    ),
)
CODE_BY_SMS = Letter(
    id="code.sms",
    purpose="code",
    to="contact",
    paragraphs=(
        "Ordre des médecins : votre code est {code}, valable {life}. "
        "Ne communiquez jamais ce code, y compris à l'Ordre.",
        "@{host} #{code}",
    ),
)


def code_by_email(to_do: str, doing: str) -> Letter:
    """The letter of a code: what it is for (« fermer votre compte »), and what the person does."""
    return Letter(
        id="code.email",
        purpose="code",
        to="contact",
        subject=f"Votre code pour {to_do}",
        paragraphs=(
            "Bonjour,",
            f"{doing} sur le site de l'Ordre des médecins. Voici votre code :",
            "{code}",
            "Il est valable {life}. " + NEVER_SHARE,
            NOT_YOU,
        ),
    )

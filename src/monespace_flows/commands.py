"""What a person pressed, or what the clock brought.

Typed values are kept out of every ``repr``; the machine never sees them: the driver turns them
into facts first.  ``event`` is the name on the wire and in the tables; ``facts`` is the type of
facts that the command needs.
"""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from . import facts as f

__all__ = [
    "COMMANDS",
    "Activate",
    "Back",
    "Command",
    "ContinueRecovery",
    "Create",
    "Extend",
    "RequestLink",
    "ResendCode",
    "Save",
    "SavePassword",
    "SendCode",
    "SignIn",
    "SubmitCode",
    "SubmitIdentity",
    "Tick",
    "UseLink",
]


@frozen
class Command:
    """The root of all commands."""

    event: ClassVar[str]
    facts: ClassVar[type[f.Facts]]


@frozen(kw_only=True)
class SubmitIdentity(Command):
    """« Valider » on the identity screen (``C1``, ``R1``): date as dd/mm/yyyy, 11 digits, box."""

    event = "submit_identity"
    facts = f.IdentityFacts
    birth_date: str = field(repr=False)
    rpps: str = field(repr=False)
    accept_terms: bool = False


@frozen
class Extend(Command):
    """« Prolonger » : ten more minutes for what is being typed (``D5``)."""

    event = "extend"
    facts = f.NoFacts


@frozen
class SendCode(Command):
    """« Recevoir votre code » (``C6``): the opaque id of a contact offered, or its kind."""

    event = "send_code"
    facts = f.SendFacts
    channel: str = field(repr=False)


@frozen
class ResendCode(Command):
    """« Renvoyer le code » (``C7``)."""

    event = "resend_code"
    facts = f.SendFacts


@frozen
class SubmitCode(Command):
    """« Valider » on the code screen (``C7``): the digits received."""

    event = "submit_code"
    facts = f.CodeFacts
    code: str = field(repr=False)


@frozen
class Back(Command):
    """« Retour »."""

    event = "back"
    facts = f.NoFacts


@frozen
class ContinueRecovery(Command):
    """« Je ne connais plus l'adresse mail de mon compte » (``D1``)."""

    event = "continue_recovery"
    facts = f.NoFacts


@frozen(kw_only=True)
class Activate(Command):
    """« Activer » (``C8``, ``R6``): the login e-mail twice, the password twice."""

    event = "activate"
    facts = f.CredentialsFacts
    email: str = field(repr=False)
    email_confirmation: str = field(repr=False)
    password: str = field(repr=False)
    password_confirmation: str = field(repr=False)


@frozen(kw_only=True)
class Create(Command):
    """« Créer » (``C9``): the password twice; the login is the Order's e-mail address."""

    event = "create"
    facts = f.CredentialsFacts
    password: str = field(repr=False)
    password_confirmation: str = field(repr=False)


@frozen
class RequestLink(Command):
    """« Valider » on the reset screen (``P1``): the login e-mail."""

    event = "request_link"
    facts = f.LinkRequestFacts
    email: str = field(repr=False)


@frozen
class UseLink(Command):
    """The button of a link's landing page (``P3``, ``D6``); offered by no screen."""

    event = "use_link"
    facts = f.LinkFacts
    token: str = field(repr=False)


@frozen(kw_only=True)
class SavePassword(Command):
    """« Enregistrer » after a used link (``P3``): the new password twice."""

    event = "save_password"
    facts = f.NewPasswordFacts
    password: str = field(repr=False)
    password_confirmation: str = field(repr=False)


@frozen(kw_only=True)
class SignIn(Command):
    """« Se connecter » (``S1``)."""

    event = "sign_in"
    facts = f.SignInFacts
    email: str = field(repr=False)
    password: str = field(repr=False)


@frozen(kw_only=True)
class Save(Command):
    """« Enregistrer » in the settings (``T1``): both passwords empty leave it unchanged."""

    event = "save"
    facts = f.SettingsFacts
    current_password: str = field(repr=False)
    email: str = field(repr=False)
    password: str = field(default="", repr=False)
    password_confirmation: str = field(default="", repr=False)


@frozen
class Tick(Command):
    """The clock passed a deadline; fired by the driver before any late command."""

    event = "tick"
    facts = f.TickFacts


COMMANDS: dict[str, type[Command]] = {
    command.event: command
    for command in (
        SubmitIdentity,
        Extend,
        SendCode,
        ResendCode,
        SubmitCode,
        Back,
        ContinueRecovery,
        Activate,
        Create,
        RequestLink,
        UseLink,
        SavePassword,
        SignIn,
        Save,
        Tick,
    )
}
"""Every command by its event; the order is that of the guide."""

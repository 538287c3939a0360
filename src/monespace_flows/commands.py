"""What a person pressed, or what the clock brought.

Typed values are kept out of every ``repr``; the machine never sees them: the driver turns them
into facts first.  ``event`` is the name on the wire and in the tables; ``facts`` is the type of
facts that the command needs (:data:`~.facts.FACTS_OF`).
"""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from .facts import FACTS_OF, Facts

__all__ = [
    "COMMANDS",
    "Activate",
    "Back",
    "ChooseEmail",
    "CloseSessions",
    "Command",
    "ContinueRecovery",
    "Create",
    "Extend",
    "RequestLink",
    "RequestResetLink",
    "ResendCode",
    "Restart",
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
    """The root of all commands: what its class says is all that a journal needs to be read.

    A host's own names its ``facts`` beside its ``event``.

    Raises:
        TypeError: it has no event, no facts, or an event that is another command's.
    """

    event: ClassVar[str]
    facts: ClassVar[type[Facts]]

    def __init_subclass__(cls) -> None:
        event = vars(cls).get("event")
        if not isinstance(event, str):
            raise TypeError(f"{cls.__name__}: event: name the event of its rows")
        facts = vars(cls).get("facts") or FACTS_OF.get(event)
        if facts is None:
            raise TypeError(f"{cls.__name__}: facts: name the type of what {event} must know")
        if FACTS_OF.setdefault(event, facts) is not facts:
            raise TypeError(f"{cls.__name__}: event: {event} is another command's already")
        cls.facts = facts


@frozen(kw_only=True)
class SubmitIdentity(Command):
    """« Valider » on the identity screen (``C1``, ``R1``): date as dd/mm/yyyy, 11 digits, box."""

    event = "submit_identity"
    birth_date: str = field(repr=False)
    rpps: str = field(repr=False)
    accept_terms: bool = False


@frozen
class Extend(Command):
    """« Prolonger » : ten more minutes for what is being typed (``D5``)."""

    event = "extend"


@frozen
class SendCode(Command):
    """« Recevoir votre code » (``C6``): the opaque id of a contact offered, or its kind."""

    event = "send_code"
    channel: str = field(repr=False)


@frozen
class ResendCode(Command):
    """« Renvoyer le code » (``C7``)."""

    event = "resend_code"


@frozen
class SubmitCode(Command):
    """« Valider » on the code screen (``C7``): the digits received."""

    event = "submit_code"
    code: str = field(repr=False)


@frozen
class Back(Command):
    """« Retour »."""

    event = "back"


@frozen
class ContinueRecovery(Command):
    """« Je ne connais plus l'adresse mail de mon compte » (``D1``)."""

    event = "continue_recovery"


@frozen
class ChooseEmail(Command):
    """« Choisir une autre adresse e-mail » : the Order's is the login of someone else."""

    event = "choose_email"


@frozen
class Restart(Command):
    """« Recommencer » or « Abandonner »: end this journey, whatever stands on its screen."""

    event = "restart"


@frozen(kw_only=True)
class Activate(Command):
    """« Activer » (``C8``, ``R6``): the login e-mail twice, the password twice."""

    event = "activate"
    email: str = field(repr=False)
    email_confirmation: str = field(repr=False)
    password: str = field(repr=False)
    password_confirmation: str = field(repr=False)


@frozen(kw_only=True)
class Create(Command):
    """« Créer » (``C9``): the password twice; the login is the Order's e-mail address."""

    event = "create"
    password: str = field(repr=False)
    password_confirmation: str = field(repr=False)


@frozen
class RequestLink(Command):
    """« Valider » on the reset screen (``P1``): the login e-mail."""

    event = "request_link"
    email: str = field(repr=False)


@frozen
class RequestResetLink(Command):
    """Ask, in a recovery, for a reset link to the account's own address (beside ``R7``)."""

    event = "send_reset_link"


@frozen
class UseLink(Command):
    """The button of a link's landing page (``P3``, ``D6``); offered by no screen."""

    event = "use_link"
    token: str = field(repr=False)


@frozen(kw_only=True)
class SavePassword(Command):
    """« Enregistrer » after a used link (``P3``): the new password twice."""

    event = "save_password"
    password: str = field(repr=False)
    password_confirmation: str = field(repr=False)


@frozen(kw_only=True)
class SignIn(Command):
    """« Se connecter » (``S1``)."""

    event = "sign_in"
    email: str = field(repr=False)
    password: str = field(repr=False)


@frozen(kw_only=True)
class Save(Command):
    """« Enregistrer » in the settings (``T1``): both passwords empty leave it unchanged."""

    event = "save"
    current_password: str = field(repr=False)
    email: str = field(repr=False)
    password: str = field(default="", repr=False)
    password_confirmation: str = field(default="", repr=False)


@frozen
class CloseSessions(Command):
    """« Fermer les autres sessions » in the settings: every session of the account but this one."""

    event = "close_sessions"


@frozen
class Tick(Command):
    """The clock passed a deadline; fired by the driver before any late command."""

    event = "tick"


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
        ChooseEmail,
        Restart,
        Activate,
        Create,
        RequestLink,
        RequestResetLink,
        UseLink,
        SavePassword,
        SignIn,
        Save,
        CloseSessions,
        Tick,
    )
}
"""Every command by its event; the order is that of the guide."""

"""Resetting a forgotten password by a one-time link (guide ``P1``-``P4``, ``D6``).

Everything that can move a person through this journey is in this table.  Whether the address
typed is an account's never shows: the rows differ, the screens, the number of writes and the
answers do not.
"""

from __future__ import annotations

from statemachine import Event, State

from ...chart import Chart, Slot, say, stay, wish
from ...effects import (
    ChangeCredentials,
    ConsumeLink,
    DisableAccount,
    OpenSession,
    SendLetter,
    SendNothing,
    SendResetLink,
)
from ...facts import AccountVerdict, LinkFacts, LinkVerdict, NewPasswordFacts
from ...notices import (
    CONFIRMATION_MISMATCH,
    ENTRY_ERASED,
    JOURNEY_ABANDONED,
    JOURNEY_EXPIRED,
    LINK_INVALID,
    LINK_SENT,
    LINK_USED,
    PASSWORD_WEAK,
)
from ..shared.table import (
    doctor_is_gone,
    is_malformed,
    journey_is_over,
    link_may_leave,
    password_confirmation_differs,
    password_is_weak,
    prolong,
    show_problems,
)

__all__ = ["Reset"]


def link_is_valid(model: Slot) -> bool:
    """The link is the newest, unused, in time, and the account has not changed since."""
    return model.known(LinkFacts).link is LinkVerdict.VALID


def account_has_changed(model: Slot) -> bool:
    """The account was changed or closed elsewhere since the link was used."""
    return model.known(NewPasswordFacts).account is not AccountVerdict.EXISTS


class Reset(Chart):
    """Resetting a forgotten password."""

    enter_email = State("Réinitialiser votre mot de passe", initial=True)
    link_sent = State("Consultez votre messagerie")
    choose_new_password = State("Paramètres")
    password_changed = State("Votre mot de passe est modifié", final=True)
    expired = State("Votre demande a expiré", final=True)

    request_link = Event(
        stay(enter_email, cond=is_malformed, on=show_problems)
        | enter_email.to(
            link_sent, cond=link_may_leave, on=[wish(SendResetLink()), say(LINK_SENT)]
        )  # P2
        | enter_email.to(link_sent, on=[wish(SendNothing()), say(LINK_SENT)]),  # P2
        name="Valider",
    )
    use_link = Event(
        link_sent.to(
            choose_new_password, cond=link_is_valid, on=[wish(ConsumeLink()), say(LINK_USED)]
        )  # P3, D6
        | stay(link_sent, on=say(LINK_INVALID)),
        name="Le lien reçu",
    )
    save_password = Event(
        choose_new_password.to(expired, cond=account_has_changed, on=say(LINK_INVALID))
        | choose_new_password.to(
            expired, cond=doctor_is_gone, on=[wish(DisableAccount()), say(LINK_INVALID)]
        )
        | stay(
            choose_new_password,
            cond=password_confirmation_differs,
            on=[show_problems, say(LINK_USED, CONFIRMATION_MISMATCH)],
        )
        | stay(
            choose_new_password,
            cond=password_is_weak,
            on=[show_problems, say(LINK_USED, PASSWORD_WEAK)],
        )
        | stay(choose_new_password, cond=is_malformed, on=[show_problems, say(LINK_USED)])
        | choose_new_password.to(
            password_changed,
            on=wish(
                ChangeCredentials(address_is_proven=True),
                OpenSession(),
                SendLetter("password.changed"),
            ),
        ),  # P4
        name="Enregistrer",
    )
    restart = Event(
        enter_email.to(expired, on=say(JOURNEY_ABANDONED))
        | link_sent.to(expired, on=say(JOURNEY_ABANDONED))
        | choose_new_password.to(expired, on=say(JOURNEY_ABANDONED)),
        name="Recommencer",
    )
    extend = Event(
        stay(enter_email, on=prolong) | stay(choose_new_password, on=[prolong, say(LINK_USED)]),
        name="Prolonger",
    )
    tick = Event(
        enter_email.to(expired, cond=journey_is_over, on=say(JOURNEY_EXPIRED))
        | stay(enter_email, on=say(ENTRY_ERASED))  # C2
        | link_sent.to(expired, on=say(JOURNEY_EXPIRED))  # P2
        | choose_new_password.to(expired, cond=journey_is_over, on=say(JOURNEY_EXPIRED))
        | stay(choose_new_password, on=say(LINK_USED, ENTRY_ERASED)),  # C2
        name="Le temps passe",
    )

"""Signing in (guide ``S1``-``S4``): one screen, one neutral refusal.

Everything that can move a person through this journey is in this table.
"""

from __future__ import annotations

from statemachine import Event, State

from ...chart import Chart, Slot, say, stay, wish
from ...effects import Budget, CountFailure, DisableAccount, OpenSession, WarnHolder
from ...facts import SignInFacts, SignInVerdict
from ...notices import CREDENTIALS_REFUSED, ENTRY_ERASED, JOURNEY_ABANDONED, JOURNEY_EXPIRED
from ..shared.table import holder_is_warned, is_malformed, journey_is_over, prolong, show_problems

__all__ = ["SignIn"]


def credentials_are_right(model: Slot) -> bool:
    """The e-mail and the password are an account's, which may sign in now."""
    return model.known(SignInFacts).sign_in is SignInVerdict.RIGHT


def attempts_are_not_counted(model: Slot) -> bool:
    """The account is locked for a moment: what is tried meanwhile does not prolong the lock."""
    return model.known(SignInFacts).sign_in is SignInVerdict.LOCKED


def holder_has_left(model: Slot) -> bool:
    """The e-mail and the password are right, but the registry no longer admits who has them."""
    return model.known(SignInFacts).sign_in is SignInVerdict.NOT_ADMITTED


def browser_is_known(model: Slot) -> bool:
    """The account was signed in to here before: the try is this browser's own affair."""
    return model.known(SignInFacts).known_browser


class SignIn(Chart):
    """Signing in."""

    enter_credentials = State("Connectez-vous à votre espace", initial=True)
    signed_in = State("Votre session est ouverte", final=True)
    expired = State("Votre demande a expiré", final=True)

    sign_in = Event(
        stay(enter_credentials, cond=is_malformed, on=show_problems)
        | enter_credentials.to(
            signed_in, cond=credentials_are_right, on=wish(OpenSession(by_password=True))
        )  # S4
        | stay(enter_credentials, cond=attempts_are_not_counted, on=say(CREDENTIALS_REFUSED))  # S4
        | stay(
            enter_credentials,
            cond=holder_has_left,
            on=[wish(DisableAccount()), say(CREDENTIALS_REFUSED)],
        )  # S4
        | stay(
            enter_credentials,
            cond=browser_is_known,
            on=[wish(CountFailure(Budget.BROWSER)), say(CREDENTIALS_REFUSED)],
        )  # S4
        | stay(
            enter_credentials,
            cond=holder_is_warned,
            on=[wish(CountFailure(Budget.PASSWORD), WarnHolder()), say(CREDENTIALS_REFUSED)],
        )  # S4
        | stay(
            enter_credentials,
            on=[wish(CountFailure(Budget.PASSWORD)), say(CREDENTIALS_REFUSED)],
        ),  # S4
        name="Se connecter",
    )
    restart = Event(enter_credentials.to(expired, on=say(JOURNEY_ABANDONED)), name="Recommencer")
    extend = Event(stay(enter_credentials, on=prolong), name="Prolonger")
    tick = Event(
        enter_credentials.to(expired, cond=journey_is_over, on=say(JOURNEY_EXPIRED))
        | stay(enter_credentials, on=say(ENTRY_ERASED)),
        name="Le temps passe",
    )

"""Resetting a forgotten password by a one-time link (guide ``P1``-``P4``, ``D6``).

Everything that can move a person through this journey is in this file.  Whether the address
typed is an account's never shows: the rows differ, the screens, the number of writes and the
answers do not.
"""

from __future__ import annotations

from statemachine import Event, State

from ..chart import Chart, Flow, Slot, say, stay, wish
from ..effects import (
    ChangeCredentials,
    ConsumeLink,
    OpenSession,
    SendLetter,
    SendNothing,
    SendResetLink,
)
from ..facts import (
    AccountVerdict,
    LinkFacts,
    LinkVerdict,
    NewPasswordFacts,
)
from ..links import ASSISTANCE
from ..notices import (
    CONFIRMATION_MISMATCH,
    ENTRY_ERASED,
    JOURNEY_ABANDONED,
    JOURNEY_EXPIRED,
    LINK_INVALID,
    LINK_SENT,
    LINK_USED,
    PASSWORD_WEAK,
)
from ..screens import Button, Field, Letter, Link, Place, Screen
from ..spoken import Text
from . import parts
from .parts import (
    is_malformed,
    journey_is_over,
    link_may_leave,
    password_confirmation_differs,
    password_is_weak,
    prolong,
    show_problems,
)

__all__ = ["RESET"]


def link_is_valid(model: Slot) -> bool:
    """The link is the newest, unused, in time, and the account has not changed since."""
    facts = model.facts
    return isinstance(facts, LinkFacts) and facts.link is LinkVerdict.VALID


def account_has_changed(model: Slot) -> bool:
    """The account was changed or closed elsewhere since the link was used."""
    facts = model.facts
    return isinstance(facts, NewPasswordFacts) and facts.account is not AccountVerdict.EXISTS


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


SCREENS = {
    "enter_email": Screen(  # P1
        id="reset.enter_email",
        title="Réinitialiser votre mot de passe",
        intro=(
            "Pour réinitialiser votre mot de passe, veuillez saisir votre adresse email de "
            "connexion."
        ),
        fields=(Field(name="email", label="E-mail", kind="email", autocomplete="username"),),
        buttons=(
            Button("request_link", "Valider", primary=True),
            parts.GIVE_UP,
            parts.EXTEND,
        ),
        links=(parts.SIGN_IN, parts.FORGOTTEN),
    ),
    "link_sent": Screen(  # P2
        id="reset.link_sent",
        title="Consultez votre messagerie",
        intro=(
            "Adresse saisie : {address}. Le lien ne peut servir qu'une fois. S'il n'arrive pas "
            "dans les prochaines minutes, vérifiez vos courriers indésirables et cette adresse."
        ),
        standing=(LINK_SENT.id, LINK_INVALID.id),
        again="Une erreur dans l'adresse ?",
        buttons=(parts.RESTART,),
        links=(parts.BACK_TO_SIGN_IN, ASSISTANCE),
    ),
    "choose_new_password": Screen(  # P3
        id="reset.choose_new_password",
        title="Paramètres",
        section="INFORMATIONS CONNEXION",
        standing=(LINK_USED.id,),
        fields=(
            Field(
                name="password",
                label="Nouveau mot de passe",
                kind="password",
                hint=parts.PASSWORD_HINT,
                autocomplete="new-password",
                new_secret=True,
            ),
            Field(
                name="password_confirmation",
                label="Confirmer votre nouveau mot de passe",
                kind="password",
                autocomplete="new-password",
            ),
            Field(
                name="email",
                label="Adresse de courriel *",
                kind="fixed",
                hint="Ne sera pas rendue publique.",
                autocomplete="username",
            ),
        ),
        buttons=(
            Button("save_password", "Enregistrer", primary=True),
            parts.RESTART,
            parts.EXTEND,
        ),
        links=(ASSISTANCE,),
    ),
    "password_changed": Screen(  # P4
        id="reset.password_changed",
        title="Votre mot de passe est modifié",
        intro="Votre session est ouverte avec l'adresse {address}.",
        links=(Link("MonEspace", Place.HOME),),
    ),
    "expired": Screen(
        id="reset.expired",
        title="Votre demande a expiré",
        intro="Par sécurité, une demande abandonnée ou laissée sans suite est effacée.",
        links=(Link("Demander un nouveau lien", Place.RESET), ASSISTANCE),
    ),
}

LETTERS = (
    Letter(  # P2
        id="reset.link",
        purpose="reset_link",
        to="login",
        subject="Réinitialiser votre mot de passe",
        paragraphs=(
            "Bonjour,",
            "Vous avez demandé à choisir un nouveau mot de passe pour votre espace sur le site de "
            "l'Ordre des médecins. Ouvrez ce lien, qui ne peut servir qu'une fois et reste valable "
            "jusqu'au {date} :",
            "Si vous n'avez rien demandé, ne faites rien : votre mot de passe reste le même.",
        ),
        link="Choisir un nouveau mot de passe",
    ),
    parts.PASSWORD_CHANGED,
)

RESET = Flow(
    name="reset",
    version=1,
    path="/mot-de-passe",
    label=Text("mot de passe oublié", "password reset"),
    yours="le changement de votre mot de passe",
    chart=Reset,
    screens=SCREENS,
    letters={letter.id: letter for letter in LETTERS},
    lives={
        "link_sent": lambda policy: policy.links.life,
        "choose_new_password": lambda policy: policy.links.restricted_session,
    },
)

"""What it shows and sends."""

from __future__ import annotations

from ...notices import ASSISTANCE
from ...screens import Button, Field, Letter, Screen
from ..shared import screens as shared

__all__ = ["LETTERS", "SCREENS"]

SCREENS = {
    "enter_identity": Screen(  # C1
        id="creation.enter_identity",
        title="Créer votre espace",
        step="Indiquer mon identité",
        fields=(shared.birth_date("17/06/2021"), shared.RPPS, shared.TERMS),
        buttons=(
            Button("submit_identity", "Valider", primary=True),
            shared.GIVE_UP,
            shared.EXTEND,
        ),
        links=(shared.SIGN_IN, shared.FORGOTTEN),
    ),
    "choose_channel": Screen(  # C5, C6
        id="creation.choose_channel",
        title="Sécuriser la création de votre espace",
        intro=(
            "Afin de sécuriser la création de votre compte, vous allez recevoir un code permettant "
            "de vous authentifier. Veuillez cocher le moyen de transmission de ce code."
        ),
        step="Valider mon identité",
        fields=(shared.CHANNEL,),
        buttons=(
            Button("send_code", "Recevoir votre code", primary=True),
            shared.BACK,
            shared.RESTART,
            shared.EXTEND,
        ),
        links=(ASSISTANCE,),
    ),
    "enter_code": shared.enter_code(id="creation.enter_code", step="Saisir le code"),  # C7
    "choose_credentials": Screen(  # C8
        id="creation.choose_credentials",
        title="Finaliser la création de votre espace",
        intro=(
            "Afin de finaliser la création de votre compte et l'activer, veuillez saisir vos "
            "paramètres de connexion"
        ),
        step="Choisir mes paramètres de connexion",
        fields=(
            shared.EMAIL,
            shared.EMAIL_CONFIRMATION,
            shared.NEW_PASSWORD,
            shared.PASSWORD_CONFIRMATION,
        ),
        buttons=(
            Button("activate", "Activer", primary=True),
            shared.BACK,
            shared.RESTART,
            shared.EXTEND,
        ),
        links=(ASSISTANCE,),
    ),
    "choose_password": Screen(  # C9
        id="creation.choose_password",
        title="Créer mon compte",
        step="Choisir mes paramètres de connexion",
        fields=(
            Field(name="email", label="E-mail", kind="fixed", autocomplete="username"),
            shared.NEW_PASSWORD,
            Field(
                name="password_confirmation",
                label="Confirmation mot de passe",
                kind="password",
                autocomplete="new-password",
            ),
        ),
        buttons=(
            Button("create", "Créer", primary=True),
            Button("choose_email", "Choisir une autre adresse e-mail", requires="login_is_taken"),
            shared.BACK,
            shared.RESTART,
            shared.EXTEND,
        ),
        links=(ASSISTANCE,),
    ),
    "created": Screen(  # C10
        id="creation.created",
        title="Votre espace est créé",
        intro=(
            "Un e-mail de confirmation vient d'être envoyé à {address}. Vous pouvez dès maintenant "
            "vous connecter pour accéder à l'ensemble des services MonEspace."
        ),
        links=(shared.BACK_TO_SIGN_IN,),
    ),
    "expired": Screen(
        id="creation.expired",
        title="Votre demande a expiré",
        intro="Par sécurité, une demande abandonnée ou laissée sans suite est effacée.",
        links=(shared.BACK_TO_SIGN_IN, ASSISTANCE),
    ),
}

LETTERS = (
    shared.TRIES_WARNING,
    shared.CODE_BY_SMS,
    shared.code_by_email("créer votre espace", "Vous créez votre espace"),
    Letter(  # C10, D7
        id="account.created",
        purpose="confirmation",
        to="login",
        subject="Votre espace est créé",
        paragraphs=(
            "Bonjour,",
            "Votre espace sur le site de l'Ordre des médecins vient d'être créé avec cette adresse "
            "e-mail, qui est désormais votre identifiant de connexion.",
            shared.CONFIRM_ADDRESS,
            shared.NOT_YOU,
        ),
        link=shared.CONFIRM,
    ),
    Letter(  # C9, C10
        id="account.created.proven",
        purpose="confirmation",
        to="login",
        subject="Votre espace est créé",
        paragraphs=(
            "Bonjour,",
            "Votre espace sur le site de l'Ordre des médecins vient d'être créé avec cette adresse "
            "e-mail, qui est désormais votre identifiant de connexion.",
            shared.NOT_YOU,
        ),
    ),
    shared.ADDRESS_RELEASED,
)

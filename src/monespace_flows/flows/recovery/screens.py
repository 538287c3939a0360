"""What it shows and sends."""

from __future__ import annotations

from ...notices import ACCOUNT_EXISTS, ASSISTANCE
from ...screens import Button, Letter, Screen
from ..shared import screens as shared

__all__ = ["LETTERS", "SCREENS"]

SCREENS = {
    "enter_identity": Screen(  # R1
        id="recovery.enter_identity",
        title="Récupérer votre espace",
        step="Indiquer mon identité",
        fields=(shared.birth_date("21/06/2021"), shared.RPPS, shared.TERMS),
        buttons=(
            Button("submit_identity", "Valider", primary=True),
            shared.GIVE_UP,
            shared.EXTEND,
        ),
        links=(shared.SIGN_IN, shared.FORGOTTEN),
    ),
    "account_found": Screen(  # R3, D1
        id="recovery.account_found",
        title="Récupérer votre espace",
        step="Indiquer mon identité",
        standing=(ACCOUNT_EXISTS.id,),
        buttons=(
            Button(
                "continue_recovery",
                "Je ne connais plus l'adresse mail de mon compte",
                primary=True,
                requires="offer_recovery",
            ),
            shared.BACK,
            shared.RESTART,
            shared.EXTEND,
        ),
        links=(shared.SIGN_IN, ASSISTANCE),
    ),
    "choose_channel": Screen(  # R4, D8
        id="recovery.choose_channel",
        title="Sécuriser la récupération de votre espace",
        intro=(
            "Afin de finaliser la récupération de votre compte, vous allez recevoir un code "
            "permettant de vous authentifier. Veuillez cocher le moyen de transmission de ce code."
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
    "enter_code": shared.enter_code(id="recovery.enter_code", step="Saisir le code"),  # R5
    "choose_credentials": Screen(  # R6
        id="recovery.choose_credentials",
        title="Finaliser la récupération de votre espace",
        intro=(
            "Afin de finaliser la récupération de votre compte, veuillez saisir vos paramètres de "
            "connexion"
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
            Button(
                "send_reset_link",
                "Recevoir un lien à cette adresse",
                requires="offer_reset_link",
            ),
            shared.BACK,
            shared.RESTART,
            shared.EXTEND,
        ),
        links=(ASSISTANCE,),
    ),
    "recovered": Screen(
        id="recovery.recovered",
        title="Votre espace est récupéré",
        intro=(
            "Vos nouveaux paramètres de connexion sont enregistrés et un e-mail de confirmation "
            "vient d'être envoyé à {address}. Vous pouvez dès maintenant vous connecter."
        ),
        links=(shared.BACK_TO_SIGN_IN,),
    ),
    "expired": Screen(
        id="recovery.expired",
        title="Votre demande a expiré",
        intro=(
            "Par sécurité, une demande est effacée quand elle est abandonnée ou laissée sans "
            "suite, ou quand les identifiants du compte ont été changés entre-temps."
        ),
        links=(shared.BACK_TO_SIGN_IN, ASSISTANCE),
    ),
}

_RECOVERED = (
    "Votre espace sur le site de l'Ordre des médecins a été récupéré : une autre adresse e-mail et "
    "un nouveau mot de passe y sont désormais associés. Cette adresse ne permet plus de se "
    "connecter."
)

LETTERS = (
    shared.TRIES_WARNING,
    shared.CODE_BY_SMS,
    shared.code_by_email("récupérer votre espace", "Vous récupérez votre espace"),
    Letter(
        id="account.recovered",
        purpose="confirmation",
        to="login",
        subject="Votre espace est récupéré",
        paragraphs=(
            "Bonjour,",
            "Cette adresse e-mail est désormais votre identifiant de connexion à votre espace sur "
            "le site de l'Ordre des médecins.",
            shared.CONFIRM_ADDRESS,
            shared.NOT_YOU,
        ),
        link=shared.CONFIRM,
    ),
    Letter(
        id="account.recovered.proven",
        purpose="confirmation",
        to="login",
        subject="Votre espace est récupéré",
        paragraphs=(
            "Bonjour,",
            "Cette adresse e-mail est désormais votre identifiant de connexion à votre espace sur "
            "le site de l'Ordre des médecins.",
            shared.NOT_YOU,
        ),
    ),
    Letter(
        id="account.recovered.previous",
        purpose="notice",
        to="previous_login",
        subject="L'adresse de connexion de votre espace a changé",
        paragraphs=(
            "Bonjour,",
            _RECOVERED,
            "Si vous n'avez pas demandé cette récupération, ouvrez ce lien sans attendre : "
            "l'espace sera bloqué et toutes les sessions seront fermées, jusqu'à ce que l'Ordre "
            "ait vérifié qui en est le titulaire. Il est valable jusqu'au {date}.",
        ),
        link=shared.NOT_ME,
        carries="freeze",
        without_link=("Bonjour,", _RECOVERED, shared.OBJECT),
    ),
    Letter(
        id="account.recovered.order",
        purpose="notice",
        to="order",
        subject="Votre espace a été récupéré",
        paragraphs=(
            "Ordre des médecins : votre espace a été récupéré. Si ce n'est pas vous, bloquez-le :",
        ),
        link=shared.NOT_ME,
        carries="freeze",
    ),
    shared.ADDRESS_RELEASED,
)

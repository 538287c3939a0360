"""What it shows and sends."""

from __future__ import annotations

from ...notices import ASSISTANCE, LINK_INVALID, LINK_SENT, LINK_USED
from ...screens import Button, Field, Letter, Link, Place, Screen
from ..shared import screens as shared

__all__ = ["LETTERS", "SCREENS"]

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
            shared.GIVE_UP,
            shared.EXTEND,
        ),
        links=(shared.SIGN_IN, shared.FORGOTTEN),
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
        buttons=(shared.RESTART,),
        links=(shared.BACK_TO_SIGN_IN, ASSISTANCE),
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
                hint=shared.PASSWORD_HINT,
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
            shared.RESTART,
            shared.EXTEND,
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
    shared.PASSWORD_CHANGED,
)

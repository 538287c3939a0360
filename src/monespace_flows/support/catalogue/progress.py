"""Nothing was refused: something is left to do, or it went well."""

from __future__ import annotations

from ...wording import Cause, Text

__all__ = ()

_UNAVAILABLE = Text(
    " Si l'écran dit que le service est indisponible : réessayer dans quelques minutes.",
    " If the screen says that the service is unavailable: try again in some minutes.",
)
"""What was pressed meanwhile has left no line."""


def _waiting(state: str, text: Text, way_out: Text) -> Cause:
    return Cause(f"waiting.{state}", text, way_out, halts=False)


_WAITING = (
    _waiting(
        "unlocked",
        Text(
            "L'exploitation a levé l'attente imposée après trop d'essais.",
            "An operator ended the wait imposed after too many tries.",
        ),
        Text("Essayer à nouveau.", "Try again."),
    ),
    _waiting(
        "enabled",
        Text("L'exploitation a réactivé le compte.", "An operator enabled the account again."),
        Text("Se connecter avec le mot de passe d'avant.", "Sign in with the password of before."),
    ),
    _waiting(
        "imported",
        Text(
            "Le compte a été repris de l'ancien site, avec son adresse et son mot de passe.",
            "The account was taken over from the earlier site, with its address and its password.",
        ),
        Text(
            "Se connecter avec l'adresse et le mot de passe de l'ancien site.",
            "Sign in with the address and the password of the earlier site.",
        ),
    ),
    _waiting(
        "confirmed",
        Text("L'adresse de connexion a été confirmée.", "The login address was confirmed."),
        Text("Rien à faire : se connecter avec cette adresse.", "Nothing to do: sign in with it."),
    ),
    _waiting(
        "signed_out",
        Text("La personne s'est déconnectée.", "The person signed out."),
        Text("Rien à faire.", "Nothing to do."),
    ),
    _waiting(
        "signed_in",
        Text(
            "La personne s'est connectée par un autre service, qui dit qui elle est.",
            "The person signed in by way of another service, which says who they are.",
        ),
        Text("Rien à faire.", "Nothing to do."),
    ),
    _waiting(
        "terms_accepted",
        Text("Les conditions ont été acceptées.", "The terms were accepted."),
        Text("Rien à faire.", "Nothing to do."),
    ),
    _waiting(
        "objected",
        Text(
            "Un changement d'adresse a été contesté depuis l'adresse précédente, qui est à nouveau "
            "celle du compte. Les sessions sont fermées.",
            "A change of address was objected to from the earlier address, which is the account's "
            "again. Its sessions ended.",
        ),
        Text(
            "Choisir un nouveau mot de passe sans attendre : « Mot de passe oublié ». Quelqu'un "
            "d'autre connaît peut-être le mot de passe.",
            "Reset the password at once: somebody else may know it.",
        ),
    ),
    _waiting(
        "enter_identity",
        Text("Rien n'a encore été validé.", "Nothing has been submitted yet."),
        Text(
            "Saisir la date de naissance et le numéro RPPS, puis « Valider »." + _UNAVAILABLE.fr,
            "Type the birth date and the RPPS number, then submit." + _UNAVAILABLE.en,
        ),
    ),
    _waiting(
        "account_found",
        Text(
            "Identité reconnue ; un compte existe déjà.",
            "Identity recognised; an account exists.",
        ),
        Text(
            "Continuer par « Je ne connais plus l'adresse mail de mon compte », ou demander une "
            "récupération de mot de passe.",
            "Go on with the recovery button, or ask for a password reset.",
        ),
    ),
    _waiting(
        "choose_channel",
        Text(
            "Identité reconnue ; le moyen de recevoir le code n'est pas choisi.",
            "Identity recognised; how to receive the code is not chosen.",
        ),
        Text(
            "Choisir SMS ou e-mail, puis « Recevoir votre code ». Contact périmé : conseil "
            "départemental.",
            "Choose SMS or e-mail, then ask for the code. Outdated contact: departmental council.",
        ),
    ),
    _waiting(
        "enter_code",
        Text("Code envoyé, pas encore saisi.", "Code sent, not typed yet."),
        Text(
            "Saisir le code du dernier message. S'il n'arrive pas : « Renvoyer le code », ou "
            "« Retour » pour un autre moyen.",
            "Type the code of the newest message. If it does not come: ask for another, or go "
            "back for another way.",
        ),
    ),
    _waiting(
        "choose_credentials",
        Text("Code accepté ; identifiants pas encore choisis.", "Code accepted; no login yet."),
        Text(
            "Saisir l'adresse e-mail et le mot de passe, chacun deux fois, puis « Activer »."
            + _UNAVAILABLE.fr,
            "Type the e-mail address and the password, each twice, then activate."
            + _UNAVAILABLE.en,
        ),
    ),
    _waiting(
        "choose_password",
        Text("Code accepté ; le mot de passe n'est pas choisi.", "Code accepted; no password yet."),
        Text(
            "Saisir le mot de passe deux fois, puis « Créer ».",
            "Type the password twice, then create.",
        ),
    ),
    _waiting(
        "enter_email",
        Text("Aucune adresse n'a encore été validée.", "No address has been submitted yet."),
        Text("Saisir l'adresse de connexion, puis « Valider ».", "Type the login address."),
    ),
    _waiting(
        "link_sent",
        Text("Lien envoyé, pas encore ouvert.", "Link sent, not opened yet."),
        Text(
            "Ouvrir le lien du dernier e-mail ; regarder aussi les courriers indésirables.",
            "Open the link of the newest e-mail; look into the junk folder too.",
        ),
    ),
    _waiting(
        "choose_new_password",
        Text(
            "Lien ouvert ; le nouveau mot de passe n'est pas enregistré.",
            "Link opened; the new password is not saved.",
        ),
        Text(
            "Saisir le nouveau mot de passe deux fois, puis « Enregistrer ».",
            "Type the new password twice, then save.",
        ),
    ),
    _waiting(
        "enter_credentials",
        Text("Rien n'a encore été validé.", "Nothing has been submitted yet."),
        Text("Saisir l'e-mail et le mot de passe.", "Type the e-mail address and the password."),
    ),
    _waiting(
        "edit_settings",
        Text("Aucun changement n'a été enregistré.", "No change has been saved."),
        Text(
            "Saisir le mot de passe actuel et le changement, puis « Enregistrer ».",
            "Type the present password and the change, then save.",
        ),
    ),
)


# --- it went well; or this version has no word for it --------------------------------------------


def _done(state: str, text: Text, way_out: Text) -> Cause:
    return Cause(f"done.{state}", text, way_out, halts=False)


_ENDING = (
    _done(
        "created",
        Text("L'espace a été créé.", "The space has been created."),
        Text(
            "Rien à faire : se connecter avec l'adresse e-mail choisie.",
            "Nothing to do: sign in with the e-mail address chosen.",
        ),
    ),
    _done(
        "recovered",
        Text("L'espace a été récupéré.", "The space has been recovered."),
        Text(
            "Rien à faire : se connecter avec la nouvelle adresse e-mail.",
            "Nothing to do: sign in with the new e-mail address.",
        ),
    ),
    _done(
        "password_changed",
        Text("Le mot de passe a été changé.", "The password has been changed."),
        Text("Rien à faire : la session est ouverte.", "Nothing to do: signed in."),
    ),
    _done(
        "signed_in",
        Text("La connexion a réussi.", "The sign-in succeeded."),
        Text("Rien à faire.", "Nothing to do."),
    ),
    _done(
        "settings_saved",
        Text("Les paramètres ont été enregistrés.", "The settings have been saved."),
        Text("Rien à faire.", "Nothing to do."),
    ),
    Cause(
        "unexplained",
        Text(
            "Arrêt à un endroit que cette version ne sait pas expliquer.",
            "Stopped where this version has no explanation.",
        ),
        Text("Prévenir l'exploitation.", "Tell those who run the service."),
    ),
)

PROGRESS = (*_WAITING, *_ENDING)

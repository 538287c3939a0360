"""Every cause for which a journey ends or stalls, and its way out: data only, both languages.

``{times}`` counts the refusals of that cause, ``{wait}`` is the wait that was imposed,
``{problems}`` what was wrong with the form.  Nothing here can hold what a person typed.
"""

from __future__ import annotations

from attrs import frozen

from .words import Text

__all__ = ["CAUSES", "Cause"]


@frozen
class Cause:
    """Why a journey stands where it stands, and what to do about it.

    ``halts``: the person cannot go on by waiting or looking; something must change.
    """

    id: str
    text: Text
    way_out: Text
    halts: bool = True


_COUNCIL = Text(" Sinon : conseil départemental.", " Otherwise: departmental council.")


def _identity(verdict: str, detail: Text, way_out: Text) -> Cause:
    text = Text(
        f"Contrôle d'identité refusé {{times}} : {detail.fr}.",
        f"Identity check refused {{times}}: {detail.en}.",
    )
    return Cause(f"identity.{verdict}", text, way_out)


def _one_answer(french: str, english: str) -> Text:
    return Text(
        f"1 réponse à changer : {french}.{_COUNCIL.fr}",
        f"1 answer to change: {english}.{_COUNCIL.en}",
    )


def _waiting(state: str, text: Text, way_out: Text) -> Cause:
    return Cause(f"waiting.{state}", text, way_out, halts=False)


def _done(state: str, text: Text, way_out: Text) -> Cause:
    return Cause(f"done.{state}", text, way_out, halts=False)


_NEW_TRY = Text(
    "Attendre {wait} à compter du dernier essai, puis recommencer." + _COUNCIL.fr,
    "Wait {wait} from the last try, then start again." + _COUNCIL.en,
)
_NEW_LINK = Text(
    "Demander un nouveau lien et n'ouvrir que celui du dernier e-mail.",
    "Ask for a new link and open only the one in the newest e-mail.",
)

_FORM = (
    Cause(
        "form",
        Text("Saisie refusée {times} : {problems}.", "Entry refused {times}: {problems}."),
        Text(
            "Corriger la saisie signalée à l'écran, puis valider à nouveau.",
            "Correct the entry that the screen points at, then submit again.",
        ),
    ),
    Cause(
        "terms.required",
        Text("Conditions non acceptées ({times}).", "Terms not accepted ({times})."),
        Text("Cocher la case des conditions, puis valider.", "Tick the terms box, then submit."),
    ),
    Cause(
        "entry.erased",
        Text(
            "Saisie effacée {times}, faute d'avoir été validée à temps.",
            "Entry erased {times}, as it was not submitted in time.",
        ),
        Text(
            "Saisir à nouveau et valider ; « Prolonger » donne plus de temps.",
            "Type it again and submit; “Prolonger” gives more time.",
        ),
        halts=False,
    ),
)

_IDENTITY = (
    _identity(
        "rpps_unknown",
        Text("RPPS inconnu", "RPPS unknown"),
        _one_answer("le numéro RPPS", "the RPPS number"),
    ),
    _identity(
        "birth_date_differs",
        Text("RPPS connu, date de naissance différente", "RPPS known, birth date different"),
        _one_answer("la date de naissance", "the birth date"),
    ),
    _identity(
        "not_admitted",
        Text(
            "connu de l'Ordre, mais son statut ne donne pas droit à un espace",
            "known to the Order, but with a status that gives no right to a space",
        ),
        Text(
            "Aucune réponse à changer : conseil départemental.",
            "No answer to change: departmental council.",
        ),
    ),
    _identity(
        "no_contact",
        Text(
            "identité reconnue, mais l'Ordre n'a ni mobile ni adresse e-mail",
            "recognised, but the Order holds neither mobile number nor e-mail address",
        ),
        Text(
            "Aucune réponse à changer : faire enregistrer un mobile ou une adresse e-mail par le "
            "conseil départemental, puis recommencer.",
            "No answer to change: have the departmental council record a mobile number or an "
            "e-mail address, then start again.",
        ),
    ),
    _identity(
        "not_asked",
        Text("le registre n'a pas été interrogé", "the registry was not asked"),
        Text(
            "Recommencer ; si le refus revient, prévenir l'exploitation.",
            "Start again; if it is refused once more, tell those who run the service.",
        ),
    ),
    Cause(
        "identity.throttled",
        Text(
            "Trop d'essais d'identité pour ce RPPS : attente imposée de {wait}.",
            "Too many identity tries for this RPPS number: a wait of {wait} is imposed.",
        ),
        _NEW_TRY,
    ),
)

_ACCOUNT = (
    Cause(
        "account.exists",
        Text(
            "Création refusée {times} : un compte existe déjà pour ce RPPS.",
            "Sign-up refused {times}: an account exists for this RPPS number.",
        ),
        Text(
            "Se connecter. Mot de passe oublié : « récupération de mot de passe ». Adresse du "
            "compte oubliée : « Adresse mail de compte oubliée ».",
            "Sign in. Password forgotten: password reset. Address forgotten: recovery.",
        ),
    ),
    Cause(
        "account.appeared",
        Text(
            "Création refusée {times} : un compte a été créé entre-temps pour ce RPPS.",
            "Sign-up refused {times}: an account was created meanwhile for this RPPS number.",
        ),
        Text(
            "Se connecter avec le compte créé, ou demander une récupération de mot de passe.",
            "Sign in with the account that was created, or ask for a password reset.",
        ),
    ),
    Cause(
        "account.blocked",
        Text(
            "Identité reconnue, mais un compte existe déjà et la récupération n'est pas ouverte.",
            "Recognised, but an account exists and recovery is not open.",
        ),
        Text(
            "Demander une récupération de mot de passe." + _COUNCIL.fr,
            "Ask for a password reset." + _COUNCIL.en,
        ),
    ),
    Cause(
        "account.changed",
        Text(
            "Nouveau mot de passe refusé : le compte a changé depuis l'ouverture du lien.",
            "New password refused: the account has changed since the link was opened.",
        ),
        _NEW_LINK,
    ),
    Cause(
        "doctor.gone",
        Text(
            "Activation refusée {times} : le médecin n'est plus admis au registre.",
            "Activation refused {times}: the registry no longer admits the doctor.",
        ),
        Text(
            "Aucune réponse à changer : conseil départemental.",
            "No answer to change: departmental council.",
        ),
    ),
)

_CODES = (
    Cause(
        "send.contact_gone",
        Text(
            "Envoi du code refusé {times} : le contact choisi n'est plus celui du registre.",
            "Code not sent ({times}): the contact chosen is no longer the registry's.",
        ),
        Text(
            "« Retour », puis recommencer l'identification : les contacts à jour seront proposés."
            + _COUNCIL.fr,
            "Go back and identify again: the present contacts will be offered." + _COUNCIL.en,
        ),
    ),
    Cause(
        "send.too_soon",
        Text(
            "Nouveau code demandé trop tôt ({times}) : attente imposée de {wait}.",
            "Another code asked for too soon ({times}): a wait of {wait} is imposed.",
        ),
        Text(
            "Saisir le code déjà reçu, ou attendre {wait} avant d'en demander un autre.",
            "Type the code already received, or wait {wait} before asking for another.",
        ),
    ),
    Cause(
        "send.exhausted",
        Text(
            "Envoi du code refusé {times} : le nombre d'envois possibles est atteint.",
            "Code not sent ({times}): no send is left.",
        ),
        Text(
            "Saisir le dernier code s'il est encore valable. Sinon : recommencer plus tard, ou "
            "conseil départemental.",
            "Type the newest code if it still works. Otherwise: start again later, or the "
            "departmental council.",
        ),
    ),
    Cause(
        "code.differs",
        Text(
            "Code refusé {times} : ce n'est pas celui qui a été envoyé.",
            "Code refused {times}: it is not the one that was sent.",
        ),
        Text(
            "1 réponse à changer : le code. Prendre celui du dernier message reçu, ou « Renvoyer "
            "le code ».",
            "1 answer to change: the code. Take the one of the newest message, or ask for another.",
        ),
    ),
    Cause(
        "code.last_try",
        Text(
            "Code refusé : ce n'est pas celui qui a été envoyé, et c'était le dernier essai.",
            "Code refused: it is not the one that was sent, and that was the last try.",
        ),
        Text("« Renvoyer le code » : le nouveau a ses propres essais.", "Ask for another code."),
    ),
    Cause(
        "code.exhausted",
        Text(
            "Code refusé {times} : plus aucun essai pour ce code, ou pour aujourd'hui.",
            "Code refused {times}: no try is left for this code, or for today.",
        ),
        Text(
            "« Renvoyer le code » ; si le refus revient, attendre le lendemain." + _COUNCIL.fr,
            "Ask for another code; if it is refused too, wait until tomorrow." + _COUNCIL.en,
        ),
    ),
    Cause(
        "code.expired",
        Text("Code refusé {times} : il est périmé.", "Code refused {times}: it has expired."),
        Text(
            "« Renvoyer le code », puis saisir le nouveau sans attendre.",
            "Ask for another code, then type it at once.",
        ),
    ),
)

_CREDENTIALS = (
    Cause(
        "email.mismatch",
        Text(
            "Identifiants refusés {times} : les deux adresses e-mail diffèrent.",
            "Credentials refused {times}: the two e-mail addresses differ.",
        ),
        Text(
            "1 réponse à changer : la confirmation de l'adresse e-mail.",
            "1 answer to change: the confirmation of the e-mail address.",
        ),
    ),
    Cause(
        "email.taken",
        Text(
            "Identifiants refusés {times} : l'adresse e-mail est déjà celle d'un compte.",
            "Credentials refused {times}: the e-mail address is an account's already.",
        ),
        Text(
            "1 réponse à changer : l'adresse e-mail. Si ce compte est le sien : réinitialiser le "
            "mot de passe.",
            "1 answer to change: the e-mail address. If the account is theirs: password reset.",
        ),
    ),
    Cause(
        "email.order_taken",
        Text(
            "Création refusée {times} : l'adresse e-mail connue de l'Ordre est déjà celle d'un "
            "compte.",
            "Sign-up refused {times}: the e-mail address that the Order holds is an account's.",
        ),
        Text(
            "Recommencer en recevant le code par SMS, ce qui permet une autre adresse."
            + _COUNCIL.fr,
            "Start again with a code by SMS, which allows another address." + _COUNCIL.en,
        ),
    ),
    Cause(
        "email.throttled",
        Text(
            "Trop d'adresses déjà prises ont été essayées : attente imposée de {wait}.",
            "Too many taken addresses were tried: a wait of {wait} is imposed.",
        ),
        _NEW_TRY,
    ),
    Cause(
        "password.mismatch",
        Text(
            "Identifiants refusés {times} : les deux mots de passe diffèrent.",
            "Credentials refused {times}: the two passwords differ.",
        ),
        Text(
            "1 réponse à changer : la confirmation du mot de passe.",
            "1 answer to change: the confirmation of the password.",
        ),
    ),
    Cause(
        "password.weak",
        Text("Mot de passe refusé {times} : {problems}.", "Password refused {times}: {problems}."),
        Text(
            "1 réponse à changer : le mot de passe ; plusieurs mots sans lien conviennent.",
            "1 answer to change: the password; several unrelated words do well.",
        ),
    ),
)

_LINKS = (
    Cause(
        "link.unknown",
        Text(
            "Aucun lien n'est parti : l'adresse saisie n'est pas celle d'un compte.",
            "No link left: the address typed is not an account's.",
        ),
        Text(
            "1 réponse à changer : l'adresse. Adresse de compte oubliée : « Adresse mail de "
            "compte oubliée ».",
            "1 answer to change: the address. Address forgotten: recovery.",
        ),
    ),
    Cause(
        "link.unconfirmed",
        Text(
            "Aucun lien n'est parti : l'adresse du compte n'a jamais été confirmée.",
            "No link left: the account's address was never confirmed.",
        ),
        Text(
            "Se connecter et ouvrir le lien de confirmation. Mot de passe oublié aussi : "
            "« Adresse mail de compte oubliée ».",
            "Sign in and open the confirmation link. Password forgotten too: recovery.",
        ),
    ),
    Cause(
        "link.disabled",
        Text(
            "Aucun lien n'est parti : le compte est désactivé.",
            "No link left: the account is disabled.",
        ),
        Text(
            "Aucune réponse à changer : conseil départemental.",
            "No answer to change: departmental council.",
        ),
    ),
    Cause(
        "link.throttled",
        Text(
            "Aucun nouveau lien n'est parti : trop de liens ont été demandés.",
            "No new link left: too many were asked for.",
        ),
        Text(
            "Ouvrir le lien du dernier e-mail reçu ; sinon attendre une heure et redemander.",
            "Open the link of the newest e-mail; otherwise wait an hour and ask again.",
        ),
    ),
    Cause(
        "link.not_asked",
        Text("Aucun lien n'est parti.", "No link left."),
        Text(
            "Recommencer ; si rien n'arrive, prévenir l'exploitation.",
            "Start again; if nothing comes, tell those who run the service.",
        ),
    ),
    Cause(
        "link.invalid",
        Text(
            "Lien refusé {times} : déjà utilisé, périmé ou remplacé par un plus récent.",
            "Link refused {times}: used, expired or replaced by a newer one.",
        ),
        _NEW_LINK,
    ),
)

_SIGNING_IN = (
    Cause(
        "signin.wrong",
        Text(
            "Connexion refusée {times} : mot de passe faux.",
            "Sign-in refused {times}: wrong password.",
        ),
        Text(
            "1 réponse à changer : le mot de passe. Oublié : « Identifiants oubliés ? ».",
            "1 answer to change: the password. Forgotten: password reset.",
        ),
    ),
    Cause(
        "signin.unknown",
        Text(
            "Connexion refusée {times} : aucun compte à cette adresse.",
            "Sign-in refused {times}: no account at this address.",
        ),
        Text(
            "1 réponse à changer : l'adresse. Oubliée : « Identifiants oubliés ? » puis « Adresse "
            "mail de compte oubliée ».",
            "1 answer to change: the address. Forgotten: recovery.",
        ),
    ),
    Cause(
        "signin.locked",
        Text(
            "Connexion refusée {times} : attente imposée après trop d'essais.",
            "Sign-in refused {times}: a wait is imposed after too many tries.",
        ),
        Text(
            "Attendre un quart d'heure sans essayer, ou réinitialiser le mot de passe.",
            "Wait a quarter of an hour without trying, or reset the password.",
        ),
    ),
    Cause(
        "signin.disabled",
        Text(
            "Connexion refusée {times} : le compte est désactivé.",
            "Sign-in refused {times}: the account is disabled.",
        ),
        Text(
            "Aucune réponse à changer : conseil départemental.",
            "No answer to change: departmental council.",
        ),
    ),
    Cause(
        "signin.not_asked",
        Text("Connexion refusée {times}.", "Sign-in refused {times}."),
        Text(
            "Recommencer ; si le refus revient, prévenir l'exploitation.",
            "Start again; if it is refused once more, tell those who run the service.",
        ),
    ),
    Cause(
        "settings.wrong",
        Text(
            "Changement refusé {times} : mot de passe actuel faux.",
            "Change refused {times}: wrong present password.",
        ),
        Text(
            "1 réponse à changer : le mot de passe actuel. Oublié : « Demander un nouveau mot de "
            "passe ».",
            "1 answer to change: the present password. Forgotten: password reset.",
        ),
    ),
    Cause(
        "settings.locked",
        Text(
            "Changement refusé {times} : attente imposée après trop d'essais.",
            "Change refused {times}: a wait is imposed after too many tries.",
        ),
        Text(
            "Attendre un quart d'heure sans essayer, ou « Demander un nouveau mot de passe ».",
            "Wait a quarter of an hour without trying, or reset the password.",
        ),
    ),
)

_WAITING = (
    _waiting(
        "enter_identity",
        Text("Rien n'a encore été validé.", "Nothing has been submitted yet."),
        Text(
            "Saisir la date de naissance et le numéro RPPS, puis « Valider ».",
            "Type the birth date and the RPPS number, then submit.",
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
            "Saisir l'adresse e-mail et le mot de passe, chacun deux fois, puis « Activer ».",
            "Type the e-mail address and the password, each twice, then activate.",
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

_DONE = (
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
        Text("Rien à faire : la personne est connectée.", "Nothing to do: signed in."),
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
)

_UNKNOWN = (
    Cause(
        "unexplained",
        Text(
            "Arrêt à un endroit que cette version ne sait pas expliquer.",
            "Stopped where this version has no explanation.",
        ),
        Text("Prévenir l'exploitation.", "Tell those who run the service."),
    ),
)

CAUSES: dict[str, Cause] = {
    cause.id: cause
    for group in (
        _FORM,
        _IDENTITY,
        _ACCOUNT,
        _CODES,
        _CREDENTIALS,
        _LINKS,
        _SIGNING_IN,
        _WAITING,
        _DONE,
        _UNKNOWN,
    )
    for cause in group
}
"""Every cause by its id."""

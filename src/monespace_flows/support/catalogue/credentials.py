"""A link, a login or a password was refused."""

from __future__ import annotations

from ...wording import Cause, Text
from ..words import COUNCIL, NEW_LINK, NEW_TRY, NOT_THEIRS

__all__ = ()

# --- a login or a password was refused -----------------------------------------------------------

_CREDENTIALS = (
    Cause(
        "email.mismatch",
        Text(
            "Identifiants refusés {times} : les deux adresses e-mail diffèrent.",
            "Credentials refused {times}: the two e-mail addresses differ.",
        ),
        Text(
            "Il suffit de corriger la confirmation de l'adresse e-mail.",
            "It is enough to correct the confirmation of the e-mail address.",
        ),
        is_slip=True,
        short=Text("adresses différentes", "addresses differ"),
    ),
    Cause(
        "email.taken",
        Text(
            "Identifiants refusés {times} : l'adresse e-mail est déjà celle d'un compte.",
            "Credentials refused {times}: the e-mail address is an account's already.",
        ),
        Text(
            "Il suffit de corriger l'adresse e-mail. Si ce compte est le sien : réinitialiser le "
            "mot de passe.",
            "It is enough to correct the e-mail address. If the account is theirs: password reset.",
        ),
        is_slip=True,
        short=Text("adresse déjà prise", "address taken"),
    ),
    Cause(
        "email.own",
        Text(
            "Identifiants refusés {times} : l'adresse e-mail est celle du compte lui-même.",
            "Credentials refused {times}: the e-mail address is the account's own.",
        ),
        Text(
            "« Recevoir un lien à cette adresse » pour choisir un nouveau mot de passe, ou saisir "
            "une autre adresse e-mail.",
            "Ask for a reset link to that address, or type another e-mail address.",
        ),
        is_slip=True,
    ),
    Cause(
        "email.order_taken",
        Text(
            "Création refusée {times} : l'adresse e-mail connue de l'Ordre est déjà celle d'un "
            "compte.",
            "Sign-up refused {times}: the e-mail address that the Order holds is an account's.",
        ),
        Text(
            "« Choisir une autre adresse e-mail », sur le même écran." + COUNCIL.fr,
            "Choose another e-mail address, on the same screen." + COUNCIL.en,
        ),
        is_slip=True,
    ),
    Cause(
        "email.throttled",
        Text(
            "Trop d'adresses déjà prises ont été essayées{until}.",
            "Too many taken addresses were tried{until}.",
        ),
        NEW_TRY,
        short=Text("trop d'adresses essayées", "too many addresses tried"),
    ),
    Cause(
        "email.spent",
        Text(
            "Trop de changements d'adresse ont été demandés{until}.",
            "Too many changes of address were asked for{until}.",
        ),
        NEW_TRY,
        short=Text("trop de changements d'adresse", "too many changes of address"),
    ),
    Cause(
        "password.mismatch",
        Text(
            "Identifiants refusés {times} : les deux mots de passe diffèrent.",
            "Credentials refused {times}: the two passwords differ.",
        ),
        Text(
            "Il suffit de corriger la confirmation du mot de passe.",
            "It is enough to correct the confirmation of the password.",
        ),
        is_slip=True,
        short=Text("mots de passe différents", "passwords differ"),
    ),
    Cause(
        "password.weak",
        Text("Mot de passe refusé {times} : {problems}.", "Password refused {times}: {problems}."),
        Text(
            "Il suffit de corriger le mot de passe ; plusieurs mots sans lien conviennent.",
            "It is enough to correct the password; several unrelated words do well.",
        ),
        is_slip=True,
        short=Text("mot de passe trop faible", "password too weak"),
    ),
)


# --- a reset link did not leave, or was refused --------------------------------------------------

_LINKS = (
    Cause(
        "link.unknown",
        Text(
            "Aucun lien n'est parti : l'adresse saisie n'est pas celle d'un compte.",
            "No link left: the address typed is not an account's.",
        ),
        Text(
            "Il suffit de corriger l'adresse. Adresse de compte oubliée : « Adresse mail de "
            "compte oubliée ».",
            "It is enough to correct the address. Address forgotten: recovery.",
        ),
        short=Text(
            "aucun lien parti : adresse sans compte", "no link left: no account at this address"
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
        short=Text(
            "aucun lien parti : adresse non confirmée", "no link left: address not confirmed"
        ),
    ),
    Cause(
        "link.disabled",
        Text(
            "Aucun lien n'est parti : le compte est désactivé.",
            "No link left: the account is disabled.",
        ),
        NOT_THEIRS,
        short=Text("aucun lien parti : compte désactivé", "no link left: account disabled"),
    ),
    Cause(
        "link.throttled",
        Text(
            "Aucun nouveau lien n'est parti : trop de liens ont été demandés{until}.",
            "No new link left: too many were asked for{until}.",
        ),
        Text(
            "Ouvrir le lien du dernier e-mail reçu. Sinon : en demander un autre {after}.",
            "Open the link of the newest e-mail. Otherwise: ask for another {after}.",
        ),
        short=Text("trop de liens demandés", "too many links asked for"),
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
        NEW_LINK,
        is_slip=True,
        short=Text("lien refusé", "link refused"),
    ),
)


# --- an e-mail address or a password was wrong ---------------------------------------------------

_SIGNING_IN = (
    Cause(
        "signin.wrong",
        Text(
            "Connexion refusée {times} : mot de passe faux.",
            "Sign-in refused {times}: wrong password.",
        ),
        Text(
            "Il suffit de corriger le mot de passe. Oublié : « Identifiants oubliés ? ».",
            "It is enough to correct the password. Forgotten: password reset.",
        ),
        is_slip=True,
        short=Text("mot de passe faux", "wrong password"),
    ),
    Cause(
        "signin.unknown",
        Text(
            "Connexion refusée {times} : aucun compte à cette adresse.",
            "Sign-in refused {times}: no account at this address.",
        ),
        Text(
            "Il suffit de corriger l'adresse. Oubliée : « Identifiants oubliés ? » puis « Adresse "
            "mail de compte oubliée ».",
            "It is enough to correct the address. Forgotten: recovery.",
        ),
        is_slip=True,
        short=Text("adresse sans compte", "no account at this address"),
    ),
    Cause(
        "signin.locked",
        Text(
            "Connexion refusée {times} : trop d'essais{until}.",
            "Sign-in refused {times}: too many tries{until}.",
        ),
        Text(
            "Essayer à nouveau {after}, ou réinitialiser le mot de passe.",
            "Try again {after}, or reset the password.",
        ),
        short=Text("trop d'essais", "too many tries"),
    ),
    Cause(
        "account.locked",
        Text(
            "Connexion refusée {times} : trop de mots de passe faux en un jour sur ce compte, "
            "peut-être essayés par d'autres{until}. Un contact connu de l'Ordre "
            "a été prévenu.",
            "Sign-in refused {times}: too many wrong passwords in a day on this account, perhaps "
            "tried by others{until}. A contact that the Order holds was told.",
        ),
        Text(
            "Réinitialiser le mot de passe, ou se connecter depuis un navigateur déjà utilisé. "
            "Pour lever l'attente : l'exploitation, « monespace account unlock ».",
            "Reset the password, or sign in from a browser used before. To end the wait: an "
            "operator, “monespace account unlock”.",
        ),
        short=Text("compte verrouillé", "account locked"),
    ),
    Cause(
        "account.disabled",
        Text(
            "Le compte est désactivé : par l'exploitation, par son titulaire, ou parce que le "
            "registre n'admet plus la personne.",
            "The account is disabled: by an operator, by its holder, or since the registry no "
            "longer admits the person.",
        ),
        Text(
            "La personne ne peut rien corriger elle-même : orientez-la vers son conseil "
            "départemental. Une fois la situation réglée : "
            "l'exploitation, « monespace account enable ».",
            "The person can correct nothing: send them to their departmental council. Once that is "
            "settled: an operator, "
            "“monespace account enable”.",
        ),
        short=Text("compte désactivé", "account disabled"),
    ),
    Cause(
        "account.frozen",
        Text(
            "Le compte est bloqué : une personne prévenue de sa récupération a répondu que ce "
            "n'était pas elle.",
            "The account is frozen: somebody who was told of its recovery said that it was not "
            "theirs.",
        ),
        Text(
            "La personne ne peut rien corriger elle-même : orientez-la vers son conseil "
            "départemental, qui vérifie l'identité. Ensuite : "
            "l'exploitation, « monespace account enable ».",
            "The person can correct nothing: send them to their departmental council, which finds "
            "out who it is. Then: an "
            "operator, “monespace account enable”.",
        ),
        short=Text("compte bloqué", "account frozen"),
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
            "Il suffit de corriger le mot de passe actuel. Oublié : « Demander un nouveau mot de "
            "passe ».",
            "It is enough to correct the present password. Forgotten: password reset.",
        ),
        is_slip=True,
        short=Text("mot de passe actuel faux", "wrong present password"),
    ),
    Cause(
        "settings.locked",
        Text(
            "Changement refusé {times} : trop d'essais{until}.",
            "Change refused {times}: too many tries{until}.",
        ),
        Text(
            "Essayer à nouveau {after}, ou « Demander un nouveau mot de passe ».",
            "Try again {after}, or reset the password.",
        ),
        short=Text("trop d'essais", "too many tries"),
    ),
)

CREDENTIALS = (*_CREDENTIALS, *_LINKS, *_SIGNING_IN)

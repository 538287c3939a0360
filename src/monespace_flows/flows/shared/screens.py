"""Fields, buttons, links and letters of several flows."""

from __future__ import annotations

from ...notices import ASSISTANCE
from ...screens import Button, Field, Letter, Link, Place, Screen

# --- fields, links, letters ----------------------------------------------------------------------

RPPS_HELP = Link("Où trouver mon RPPS ?", Place.RPPS_HELP)

SIGN_IN = Link("Se connecter", Place.SIGN_IN)

FORGOTTEN = Link("Identifiants oubliés ?", Place.FORGOTTEN)

BACK_TO_SIGN_IN = Link("Retour à la connexion", Place.SIGN_IN)

RPPS = Field(
    name="rpps",
    label="Numéro RPPS",
    kind="text",
    hint="11 chiffres, par exemple 99000000002",
    links=(RPPS_HELP,),
)

TERMS = Field(
    name="accept_terms",
    label=(
        "J'ai lu et j'accepte les Conditions générales d'utilisation "
        "et la Politique de confidentialité."
    ),
    kind="checkbox",
    links=(
        Link("Conditions générales d'utilisation", Place.TERMS),
        Link("Politique de confidentialité", Place.PRIVACY),
    ),
)

CHANNEL = Field(name="channel", label="Moyen de transmission du code", kind="radio")

CODE = Field(
    name="code",
    label="Saisir le code",
    kind="code",
    hint="{digits} chiffres, valables {code_life}",
    autocomplete="one-time-code",
)

EMAIL = Field(
    name="email",
    label="Email",
    kind="email",
    hint="Une adresse que vous consultez régulièrement ; elle ne peut servir qu'à un seul espace.",
    autocomplete="username",
)

EMAIL_CONFIRMATION = Field(
    name="email_confirmation", label="Confirmation Email", kind="email", autocomplete="email"
)

PASSWORD_HINT = "Au moins {minimum} caractères ; une phrase de plusieurs mots convient très bien."

NEW_PASSWORD = Field(
    name="password",
    label="Mot de passe",
    kind="password",
    hint=PASSWORD_HINT,
    autocomplete="new-password",
    new_secret=True,
)

PASSWORD_CONFIRMATION = Field(
    name="password_confirmation",
    label="Confirmation du mot de passe",
    kind="password",
    autocomplete="new-password",
)

EXTEND = Button("extend", "Prolonger")

BACK = Button("back", "Retour")

OTHER_CONTACT = Button("back", "Choisir un autre moyen", requires="has_other_contact")

RESTART = Button("restart", "Recommencer")

GIVE_UP = Button("restart", "Abandonner")


def birth_date(example: str) -> Field:
    """The birth date, with the example that the guide gives on that screen."""
    return Field(
        name="birth_date",
        label="Date de naissance *",
        kind="date",
        hint=f"Format : {example}",
        autocomplete="bday",
    )


def enter_code(*, id: str, step: str, submit: str = "Valider", leave: Button = RESTART) -> Screen:
    """The screen where the code that was received is typed (``C7``, ``R5``)."""
    return Screen(
        id=id,
        title="Veuillez saisir le code reçu",
        intro="{code_sent}",
        step=step,
        quiet=True,
        fields=(CODE,),
        buttons=(
            Button("submit_code", submit, primary=True),
            Button("resend_code", "Renvoyer le code"),
            BACK,
            OTHER_CONTACT,
            leave,
            EXTEND,
        ),
        links=(ASSISTANCE,),
    )


NEVER_SHARE = "Ne communiquez jamais ce code : l'Ordre ne vous le demandera pas."

NOT_YOU = (
    "Si vous n'êtes pas à l'origine de cette demande, prévenez votre conseil départemental "
    "de l'Ordre."
)

CONFIRM = "Confirmer mon adresse e-mail"

CONFIRM_ADDRESS = (
    "Pour confirmer que cette adresse est bien la vôtre, connectez-vous puis ouvrez ce lien. Il "
    "est valable jusqu'au {date}. Tant que l'adresse n'est pas confirmée, elle ne peut "
    "pas recevoir de lien de réinitialisation du mot de passe."
)

OBJECT = (
    "Si vous n'avez pas demandé ce changement, contestez-le sans attendre auprès de votre conseil "
    "départemental de l'Ordre. La marche à suivre : {assistance}"
)

NOT_ME = "Ce n'est pas moi"
"""The words of a link that objects to what a letter tells."""

ADDRESS_RELEASED = Letter(
    id="address.released",
    purpose="notice",
    to="claimant",
    subject="Votre adresse de connexion est à remplacer",
    paragraphs=(
        "Ordre des médecins : l'adresse e-mail de votre espace, non confirmée, a été prouvée par "
        "une autre personne. Choisissez-en une autre : Identifiants oubliés.",
    ),
)

TRIES_WARNING = Letter(
    id="tries.warning",
    purpose="notice",
    to="one_of_order",
    subject="Des essais manqués sur votre espace",
    paragraphs=(
        "Ordre des médecins : plusieurs essais manqués ont visé votre espace. Rien n'a changé. Si "
        "ce n'est pas vous : {assistance}",
    ),
)

PASSWORD_CHANGED = Letter(  # P4, T1
    id="password.changed",
    purpose="notice",
    to="login",
    subject="Votre mot de passe a été modifié",
    paragraphs=(
        "Bonjour,",
        "Le mot de passe de votre espace sur le site de l'Ordre des médecins vient d'être modifié. "
        "Toutes vos autres sessions ont été fermées.",
        NOT_YOU,
    ),
)

CODE_BY_SMS = Letter(
    id="code.sms",
    purpose="code",
    to="contact",
    paragraphs=(
        "Ordre des médecins : votre code est {code}, valable {life}. "
        "Ne communiquez jamais ce code, y compris à l'Ordre.",
        "@{host} #{code}",
    ),
)


def code_by_email(to_do: str, doing: str) -> Letter:
    """The letter of a code: what it is for (« fermer votre compte »), and what the person does."""
    return Letter(
        id="code.email",
        purpose="code",
        to="contact",
        subject=f"Votre code pour {to_do}",
        paragraphs=(
            "Bonjour,",
            f"{doing} sur le site de l'Ordre des médecins. Voici votre code :",
            "{code}",
            "Il est valable {life}. " + NEVER_SHARE,
            NOT_YOU,
        ),
    )

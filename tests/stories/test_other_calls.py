"""Recovery, reset, sign-in and settings: what people did, and what the desk must say."""

from __future__ import annotations

from monespace_flows import Policy
from monespace_flows.policy import RecoveryPolicy
from monespace_flows.testing import Sandbox
from tests.stories.told import told
from tests.support.people import Person, an_account
from tests.support.stories import alone


def test_he_no_longer_knows_his_address_and_stops_at_the_message() -> None:
    sandbox = Sandbox()
    an_account(sandbox)
    person = Person(sandbox, "recovery").identifies()

    assert told(person) == [
        "EN COURS",
        "Identité reconnue ; un compte existe déjà.",
        (
            "Continuer par « Je ne connais plus l'adresse mail de mon compte », ou demander une "
            "récupération de mot de passe."
        ),
    ]


def test_the_host_closed_recovery_for_those_who_have_an_account() -> None:
    sandbox = Sandbox(Policy(recovery=RecoveryPolicy(existing_account="block")))
    an_account(sandbox)
    person = Person(sandbox, "recovery").identifies()

    assert told(person) == [
        "BLOQUÉ",
        "Identité reconnue, mais un compte existe déjà et la récupération n'est pas ouverte.",
        "Demander une récupération de mot de passe. Sinon : conseil départemental.",
    ]


def test_he_recovers_with_the_very_address_he_forgot() -> None:
    sandbox = Sandbox()
    an_account(sandbox)
    person = Person(sandbox, "recovery").identifies().goes_on().asks_code().types_code()
    person.activates()

    assert told(person)[1] == (
        "Identifiants refusés 1 fois : l'adresse e-mail est celle du compte lui-même."
    )


def test_the_recovery_went_well() -> None:
    person = alone("recovery done")

    assert told(person)[:2] == ["TERMINÉ", "L'espace a été récupéré."]


def test_he_recovers_on_his_telephone_while_the_form_stands_open_at_the_office() -> None:
    """What he then types at the office is void: the account has the credentials chosen last."""
    sandbox = Sandbox()
    an_account(sandbox)
    office = Person(sandbox, "recovery").identifies().goes_on().asks_code().types_code()
    outside = Person(sandbox, "recovery").waits(minutes=2).identifies().goes_on()
    outside.asks_code().types_code().activates("nouvelle@exemple.example")
    office.activates("bureau@exemple.example")

    assert told(outside)[0] == "TERMINÉ"
    assert told(office) == [
        "EXPIRÉ",
        (
            "Récupération arrêtée : les identifiants du compte ont été changés depuis que la "
            "personne s'est identifiée. Puis la demande a expiré."
        ),
        (
            "Se connecter avec les identifiants choisis en dernier ; si le médecin n'a rien changé "
            "lui-même, prévenir le conseil départemental. Recommencer une demande."
        ),
    ]


def test_whoever_said_that_it_was_not_them_is_not_sent_round_again() -> None:
    """To start again would lead to the same place: the council finds out whose the account is."""
    status, cause, way_out = told(alone("frozen by an objection"))

    assert status == "EXPIRÉ"
    assert cause.startswith("Le compte est bloqué")
    assert "Recommencer" not in way_out


def test_no_link_comes_since_the_address_is_nobody_s() -> None:
    """The screen must not say so; the desk may, once it knows who is calling."""
    person = alone("reset of nobody")

    assert told(person) == [
        "BLOQUÉ",
        "Aucun lien n'est parti : l'adresse saisie n'est pas celle d'un compte.",
        (
            "Il suffit de corriger l'adresse. Adresse de compte oubliée : « Adresse mail de compte "
            "oubliée »."
        ),
    ]


def test_no_link_comes_since_the_address_was_never_confirmed() -> None:
    sandbox = Sandbox()
    Person(sandbox, "creation").identifies().asks_code().types_code().activates()
    person = Person(sandbox, "reset").asks_link()

    assert told(person)[1] == (
        "Aucun lien n'est parti : l'adresse du compte n'a jamais été confirmée."
    )


def test_the_fourth_link_of_the_hour_does_not_leave() -> None:
    sandbox = Sandbox()
    an_account(sandbox)
    for _ in range(3):
        Person(sandbox, "reset").asks_link()
    person = Person(sandbox, "reset").asks_link()

    assert told(person)[1] == (
        "Aucun nouveau lien n'est parti : trop de liens ont été demandés, attente imposée jusqu'à "
        "10:00, dans 60 min."
    )


def test_the_link_waits_in_the_junk_folder() -> None:
    sandbox = Sandbox()
    an_account(sandbox)
    person = Person(sandbox, "reset").asks_link().waits(hours=3)

    assert told(person) == [
        "EN COURS",
        "Lien envoyé, pas encore ouvert.",
        "Ouvrir le lien du dernier e-mail ; regarder aussi les courriers indésirables.",
    ]


def test_the_link_was_opened_and_the_password_put_off() -> None:
    sandbox = Sandbox()
    an_account(sandbox)
    person = Person(sandbox, "reset").asks_link().opens()

    assert told(person)[:2] == [
        "EN COURS",
        "Lien ouvert ; le nouveau mot de passe n'est pas enregistré.",
    ]


def test_she_opens_the_first_of_two_links() -> None:
    """A link that was replaced is nobody's any more: opening it leaves no trace in a journey."""
    sandbox = Sandbox()
    an_account(sandbox)
    person = Person(sandbox, "reset").asks_link()
    old = person.link
    Person(sandbox, "reset").asks_link()
    person.opens(old)

    assert told(person)[:2] == ["EN COURS", "Lien envoyé, pas encore ouvert."]


def test_the_two_new_passwords_differ() -> None:
    sandbox = Sandbox()
    an_account(sandbox)
    person = Person(sandbox, "reset").asks_link().opens().saves_password(again="neuf tasses de thé")

    assert told(person)[1] == "Identifiants refusés 1 fois : les deux mots de passe diffèrent."


def test_the_new_password_is_saved() -> None:
    person = alone("reset done")

    assert told(person) == [
        "TERMINÉ",
        "Le mot de passe a été changé.",
        "Rien à faire : la session est ouverte.",
    ]


def test_the_password_is_wrong_twice() -> None:
    person = alone("sign-in wrong")

    assert told(person) == [
        "EN COURS",
        "Connexion refusée 2 fois : mot de passe faux.",
        "Il suffit de corriger le mot de passe. Oublié : « Identifiants oubliés ? ».",
    ]


def test_he_signs_in_with_an_address_that_has_no_account() -> None:
    person = Person(Sandbox(), "signin").signs_in("autre@exemple.example")

    assert told(person)[1] == "Connexion refusée 1 fois : aucun compte à cette adresse."


def test_even_the_right_password_is_refused_for_a_moment() -> None:
    """« Locked » and « wrong » look alike on the screen; the desk tells them apart."""
    person = alone("sign-in locked")

    assert "trop d'essais, attente imposée jusqu'à 10:01, dans 1 s." in told(person)[1]


def test_the_present_password_is_wrong_in_the_settings() -> None:
    person = alone("settings wrong")

    assert told(person)[1] == "Changement refusé 1 fois : mot de passe actuel faux."


def test_the_settings_are_saved() -> None:
    person = alone("settings changed")

    assert told(person) == ["TERMINÉ", "Les paramètres ont été enregistrés.", "Rien à faire."]

"""« Je n'arrive pas à créer mon espace » : what people did, and what the desk must say."""

from __future__ import annotations

from monespace_flows.testing import Sandbox
from tests.stories.told import told
from tests.support.people import CLAIRE, JOHN, RENE, Person, an_account
from tests.support.stories import alone

WRONG_DATE = ("16/07/1975", JOHN[1])


def calls(sandbox: Sandbox | None = None) -> Person:
    return Person(sandbox or Sandbox(), "creation")


def test_dr_x_swapped_day_and_month_three_times() -> None:
    """« Le site ne me connaît pas ! » — the number is right, the date is not."""
    person = alone("wrong date three times")

    assert told(person) == [
        "BLOQUÉ",
        "Contrôle d'identité refusé 3 fois : RPPS connu, date de naissance différente.",
        "Il suffit de corriger la date de naissance. Sinon : conseil départemental.",
    ]


def test_dr_x_read_her_number_from_another_card() -> None:
    person = alone("unknown number")

    assert told(person) == [
        "EN COURS",
        "Contrôle d'identité refusé 1 fois : RPPS inconnu.",
        "Il suffit de corriger le numéro RPPS. Sinon : conseil départemental.",
    ]


def test_first_the_number_then_the_date() -> None:
    """Two mistakes after one another: the last one counts, the first is told too."""
    person = calls().identifies((JOHN[0], "99000000093")).identifies(WRONG_DATE)

    assert told(person)[1] == (
        "Contrôle d'identité refusé 1 fois : RPPS connu, date de naissance différente. "
        "Auparavant : RPPS inconnu (1 fois)."
    )


def test_dr_x_typed_the_eight_of_the_national_number() -> None:
    person = calls().identifies((JOHN[0], "8" + JOHN[1]))

    assert told(person) == [
        "EN COURS",
        "Saisie refusée 1 fois : numéro RPPS précédé du 8 de l'identifiant national.",
        "Corriger la saisie signalée à l'écran, puis valider à nouveau.",
    ]


def test_dr_x_did_not_see_the_box() -> None:
    person = calls().identifies(terms=False).identifies(terms=False)

    assert told(person) == [
        "EN COURS",
        "Conditions non acceptées (2 fois).",
        "Cocher la case des conditions, puis valider.",
    ]


def test_a_struck_off_doctor_insists() -> None:
    person = calls().identifies(RENE)

    assert told(person)[1:] == [
        (
            "Contrôle d'identité refusé 1 fois : connu de l'Ordre, mais son statut ne donne pas "
            "droit à un espace."
        ),
        "La personne ne peut rien corriger elle-même : orientez-la vers son conseil départemental.",
    ]


def test_the_order_has_neither_mobile_nor_address() -> None:
    """The screen says the same as for an unknown pair; only the desk can tell."""
    person = alone("no contact")

    assert told(person)[1:] == [
        (
            "Contrôle d'identité refusé 1 fois : identité reconnue, mais l'Ordre n'a ni mobile ni "
            "adresse e-mail."
        ),
        (
            "La personne ne peut rien corriger elle-même : faire enregistrer un mobile ou une "
            "adresse e-mail par le "
            "conseil départemental, puis recommencer."
        ),
    ]


def test_dr_x_tried_until_the_site_made_her_wait() -> None:
    person = calls()
    for _ in range(6):
        person.waits(seconds=20).identifies(WRONG_DATE)

    assert told(person) == [
        "BLOQUÉ",
        (
            "Trop d'essais d'identité pour ce RPPS, attente imposée jusqu'à 09:17, dans 15 min. "
            "Auparavant : date de naissance différente (5 fois)."
        ),
        "Recommencer après 09:17. Sinon : conseil départemental.",
    ]


def test_dr_x_forgot_that_he_had_an_account() -> None:
    person = alone("account exists")

    assert told(person) == [
        "BLOQUÉ",
        "Création refusée 1 fois : un compte existe déjà pour ce RPPS.",
        (
            "Se connecter. Mot de passe oublié : « récupération de mot de passe ». Adresse du "
            "compte oubliée : « Adresse mail de compte oubliée »."
        ),
    ]


def test_the_telephone_rang_while_he_typed() -> None:
    """The entry was erased after ten minutes; he thinks that the site lost it."""
    person = calls().waits(minutes=12).identifies()

    assert told(person) == [
        "EN COURS",
        "Saisie effacée 1 fois, faute d'avoir été validée à temps.",
        "Saisir à nouveau et valider ; « Prolonger » donne plus de temps.",
    ]


def test_she_hesitates_between_mobile_and_address() -> None:
    person = calls().identifies()

    assert told(person)[:2] == [
        "EN COURS",
        "Identité reconnue ; le moyen de recevoir le code n'est pas choisi.",
    ]


def test_the_code_does_not_come() -> None:
    person = alone("code late")

    assert told(person) == [
        "EN COURS",
        "Code envoyé, pas encore saisi.",
        (
            "Saisir le code du dernier message. S'il n'arrive pas : « Renvoyer le code », ou "
            "« Retour » pour un autre moyen."
        ),
    ]


def test_she_asks_for_another_code_at_once() -> None:
    person = alone("resent too soon")

    assert told(person) == [
        "EN COURS",
        "Nouveau code demandé trop tôt (1 fois), attente imposée jusqu'à 09:02, dans 45 s.",
        "Saisir le code déjà reçu, ou en demander un autre après 09:02.",
    ]


def test_four_codes_were_sent_and_no_more_leave() -> None:
    person = calls().identifies().asks_code()
    for minutes in (2, 3, 6):
        person.waits(minutes=minutes).asks_again()
    person.waits(minutes=6).asks_again()

    assert told(person)[:2] == [
        "BLOQUÉ",
        "Envoi du code refusé 1 fois : le nombre d'envois possibles est atteint.",
    ]


def test_he_types_the_code_of_the_first_message() -> None:
    person = calls().identifies().asks_code()
    first = person.code
    person.waits(minutes=2).asks_again().types_code(first)

    assert told(person) == [
        "EN COURS",
        "Code refusé 1 fois : ce n'est pas celui qui a été envoyé.",
        (
            "Il suffit de corriger le code. Prendre celui du dernier message reçu, ou « Renvoyer "
            "le code »."
        ),
    ]


def test_he_missed_the_code_five_times() -> None:
    person = calls().identifies().asks_code().types_wrong_code(5)

    assert told(person)[1] == (
        "Code refusé : ce n'est pas celui qui a été envoyé, et c'était le dernier essai. "
        "Auparavant : code différent (4 fois)."
    )


def test_he_goes_on_typing_a_dead_code() -> None:
    person = calls().identifies().asks_code().types_wrong_code(5).types_code()

    assert told(person)[1].startswith("Code refusé 1 fois : plus aucun essai pour ce code.")


def test_he_has_no_try_left_today_whichever_the_code() -> None:
    """Ten wrong codes in a day, over journeys: another code would be refused too."""
    sandbox = Sandbox()
    calls(sandbox).identifies().asks_code().types_wrong_code(5)
    person = calls(sandbox).identifies().asks_code().types_wrong_code(5)
    sandbox.clock.advance(minutes=2)
    person.asks_again().types_code()

    assert told(person) == [
        "BLOQUÉ",
        (
            "Code refusé 1 fois : plus aucun essai pour aujourd'hui, quel que soit le code, "
            "attente imposée jusqu'au 23/11/2026 à 09:00, dans 24 h. Auparavant : code différent "
            "(4 fois), dernier essai manqué (1 fois)."
        ),
        (
            "Ne pas demander d'autre code : il serait refusé aussi. Recommencer après le "
            "23/11/2026 à 09:00. Sinon : conseil départemental."
        ),
    ]


def test_the_code_waited_on_the_kitchen_table() -> None:
    person = alone("code expired")

    assert told(person) == [
        "EN COURS",
        "Code refusé 1 fois : il est périmé.",
        "« Renvoyer le code », puis saisir le nouveau sans attendre.",
    ]


def test_her_mobile_was_changed_at_the_order_meanwhile() -> None:
    sandbox = Sandbox()
    person = calls(sandbox).identifies(CLAIRE)
    sandbox.registry.change(CLAIRE[1], email="autre@medecin.example")
    person.asks_code("email")

    assert told(person)[1] == (
        "Envoi du code refusé 1 fois : le contact choisi n'est plus celui du registre."
    )


def test_two_addresses_that_differ_by_a_letter() -> None:
    person = alone("addresses differ")

    assert told(person) == [
        "EN COURS",
        "Identifiants refusés 1 fois : les deux adresses e-mail diffèrent.",
        "Il suffit de corriger la confirmation de l'adresse e-mail.",
    ]


def test_the_password_is_too_short() -> None:
    person = alone("password refused")

    assert told(person)[:2] == ["EN COURS", "Mot de passe refusé 1 fois : mot de passe trop court."]


def test_the_surgery_shares_one_address() -> None:
    """A colleague's account has the address already."""
    sandbox = Sandbox()
    an_account(sandbox)
    person = calls(sandbox).identifies(CLAIRE).asks_code("email")
    assert person.view.state == "enter_code"
    other = Person(sandbox, "creation").identifies(("28/02/1982", "99000000010"))
    other.asks_code().types_code().activates()

    assert told(other)[:2] == [
        "EN COURS",
        "Identifiants refusés 1 fois : l'adresse e-mail est déjà celle d'un compte.",
    ]


def test_all_went_well_and_she_rings_all_the_same() -> None:
    person = calls().identifies().asks_code("email").types_code().creates()

    assert told(person) == [
        "TERMINÉ",
        "L'espace a été créé.",
        "Rien à faire : se connecter avec l'adresse e-mail choisie.",
    ]


def test_he_left_for_his_rounds_with_the_code_screen_open() -> None:
    person = alone("left at the code")

    assert told(person) == [
        "ABANDONNÉ",
        "Code envoyé, pas encore saisi.",
        "Recommencer une demande.",
    ]


def test_he_came_back_after_his_rounds() -> None:
    person = calls().identifies().asks_code().types_wrong_code(2).waits(hours=2).types_code()

    assert told(person) == [
        "EXPIRÉ",
        "Code refusé 2 fois : ce n'est pas celui qui a été envoyé. Puis la demande a expiré.",
        (
            "Il suffit de corriger le code. Prendre celui du dernier message reçu, ou « Renvoyer "
            "le code ». Recommencer une demande."
        ),
    ]

"""What a screen shows beside the guide's words: steps, errors, waits, passwords, ways out."""

import pytest

from monespace_flows.policy import PasswordPolicy, Policy
from tests.http.html import Element, Page
from tests.http.visiting import CLAIRE, JOHN, PASSWORD, Served, Visitor

WRONG = "le mauvais mot de passe"


def _at(served: Served, flow: str, *presses: tuple[str, dict[str, str]]) -> Visitor:
    visitor = served.visitor()
    visitor.open(flow)
    for label, typed in presses:
        visitor.press(label, **typed)
    return visitor


def _step(page: Page) -> str:
    return next(each.text for each in page.root.every("li") if "aria-current" in each)


def _focused(page: Page) -> Element:
    (told,) = [each for each in page.root.every("div", "input") if "autofocus" in each]
    return told


def _items(page: Page) -> list[str]:
    return [each.text for each in _focused(page).every("li")]


# --- steps ---------------------------------------------------------------------------------------


def test_d8_number_and_name_of_a_step_come_from_one_list(served: Served) -> None:
    """Recovery has a screen more than steps: both of its first screens are the first step."""
    served.create_account()
    visitor = _at(served, "/recuperation")
    seen = [_step(visitor.page)]
    visitor.press("Valider", **JOHN)
    seen.append(_step(visitor.page))
    visitor.press("Je ne connais plus l'adresse mail de mon compte")
    seen.append(_step(visitor.page))

    assert seen == [
        "Étape 1 sur 4 : Indiquer mon identité",
        "Étape 1 sur 4 : Indiquer mon identité",
        "Étape 2 sur 4 : Valider mon identité",
    ]


def test_a_step_is_named_once_on_a_page(served: Served) -> None:
    page = _at(served, "/creation", ("Valider", JOHN)).page

    assert page.text.count("Valider mon identité") == 1
    assert page.text.count("Indiquer mon identité") == 1


# --- what is wrong -------------------------------------------------------------------------------


def test_a_summary_counts_what_to_correct_and_leads_there(served: Served) -> None:
    page = _at(served, "/creation", ("Valider", {"rpps": "1"})).page
    links = {link.text: link["href"] for link in _focused(page).every("a")}

    assert next(_focused(page).every("h2")).text == "3 erreurs à corriger"
    assert (
        links["Saisissez votre date de naissance, par exemple 17/06/1975."] == "#field-birth_date"
    )
    assert links["Cochez cette case pour continuer."] == "#field-accept_terms"


@pytest.mark.parametrize(
    ("flow", "press", "typed", "labels"),
    [
        (
            "/connexion",
            "Se connecter",
            {"email": "john@medecin.example", "password": WRONG},
            ("E-mail", "Mot de passe"),
        ),
        (
            "/creation",
            "Valider",
            {**JOHN, "birth_date": "18/06/1975"},
            ("Date de naissance *", "Numéro RPPS"),
        ),
    ],
)
def test_a_notice_is_tied_to_the_fields_that_it_is_about(
    served: Served, flow: str, press: str, typed: dict[str, str], labels: tuple[str, ...]
) -> None:
    page = _at(served, flow, (press, typed)).page
    (item,) = _items(page)

    assert next(_focused(page).every("h2")).text == "1 erreur à corriger"
    for label in labels:
        field = page.field(label)
        assert field["aria-invalid"] == "true"
        assert page.description(field).endswith(item)


def test_a_wrong_code_is_tied_to_its_field(served: Served) -> None:
    visitor = served.at_code()
    page = visitor.press("Valider", code="000000" if served.code != "000000" else "111111")
    field = page.field("Saisir le code")

    assert field["aria-invalid"] == "true"
    assert "Ce code n'est pas le bon." in page.description(field)


def test_a_wrong_present_password_and_a_taken_address_are_tied_to_theirs(served: Served) -> None:
    served.create_account()
    claire = _at_password(served)
    claire.press("Créer", password=PASSWORD, password_confirmation=PASSWORD)
    visitor = served.sign_in()
    visitor.open("/parametres")
    page = visitor.press("Enregistrer", current_password=WRONG)
    assert "Rien n'a été modifié." in page.description(page.field("Mot de passe actuel"))

    page = visitor.press(
        "Enregistrer", current_password=PASSWORD, email="claire.martin@medecin.example"
    )
    taken = page.description(page.field("Adresse de courriel *"))
    assert "Un compte est déjà associé à cette adresse mail" in taken
    assert "aria-invalid" not in page.field("Mot de passe actuel")


def test_what_nobody_can_correct_is_not_counted_as_an_error_to_correct(served: Served) -> None:
    visitor = _at(served, "/creation")
    served.sandbox.registry.fail_next()
    page = visitor.press("Valider", **JOHN)

    assert next(_focused(page).every("h2")).text == "Votre demande n'a pas abouti"
    assert _items(page) == []


def test_each_error_is_said_once_and_by_the_focus_alone(served: Served) -> None:
    """No live region holds it: it would be read a second time."""
    page = _at(served, "/creation", ("Valider", {"rpps": "1"})).page
    live = [each for each in page.root.every("div", "p", "output") if each.get("role") == "alert"]
    status = [each for each in page.root.every("p", "div") if each.get("role") == "status"]

    assert live == []
    assert [each.text for each in status] == [""]
    assert _focused(page)["role"] == "group"
    assert page.by_id(_focused(page)["aria-labelledby"]).text == "3 erreurs à corriger"


def test_a_success_has_the_focus_and_is_named_by_its_words(served: Served) -> None:
    visitor = served.at_code()
    served.sandbox.clock.advance(minutes=1)
    page = visitor.press("Renvoyer le code")
    told = _focused(page)

    assert page.by_id(told["aria-labelledby"]).text == (
        "Un nouveau code vient de vous être envoyé. Le code précédent n'est plus valable."
    )


# --- codes ---------------------------------------------------------------------------------------


def test_d4_without_a_script_the_hour_of_another_code_is_said(served: Served) -> None:
    page = served.at_code().page
    button = page.button("Renvoyer le code")

    assert page.by_id(button["aria-describedby"]).text == (
        "Vous pourrez demander un autre code à partir de 9 h 01."
    )


def test_d4_an_hour_is_never_told_before_the_wait_is_over(served: Served) -> None:
    served.sandbox.clock.advance(seconds=30)
    page = served.at_code().page

    assert "à partir de 9 h 02." in page.text


def test_d4_once_another_code_may_be_asked_for_nothing_is_said(served: Served) -> None:
    visitor = served.at_code()
    served.sandbox.clock.advance(minutes=1)

    assert "un autre code" not in visitor.open("/creation").text


def test_another_way_may_be_chosen(served: Served) -> None:
    visitor = served.at_code()

    assert visitor.page.button("Choisir un autre moyen")["value"] == "back"
    assert visitor.press("Choisir un autre moyen").field("3361***78")["type"] == "radio"


# --- passwords -----------------------------------------------------------------------------------


def _at_password(served: Served) -> Visitor:
    visitor = _at(served, "/creation", ("Valider", CLAIRE))
    visitor.press(
        "Recevoir votre code", channel=visitor.page.field("c***@medecin.example")["value"]
    )
    visitor.press("Valider", code=served.code)
    return visitor


def test_the_rules_of_a_password_are_a_list_that_describes_it() -> None:
    served = Served(policy=Policy(passwords=PasswordPolicy(minimum_length=14)))
    page = _at_password(served).page
    rules = page.description(page.field("Mot de passe"))

    assert "14 caractères au moins" in rules
    assert "sans information personnelle" in rules
    assert "difficile à deviner" in rules


def test_no_password_at_all_is_not_called_weak(served: Served) -> None:
    page = _at_password(served).press("Créer", password="", password_confirmation="")

    assert "Sécurité du mot de passe : Faible" not in page.text


def test_an_account_s_name_stands_before_each_new_password(served: Served) -> None:
    """A password manager files the new password under it; nobody else meets it twice."""
    served.create_account()
    visitor = served.sign_in()
    inputs = [
        each for each in visitor.open("/parametres").root.every("input") if "autocomplete" in each
    ]

    assert inputs[0]["autocomplete"] == "username"
    assert inputs[0]["value"] == "john@medecin.example"
    assert "hidden" in inputs[0]
    assert "name" not in inputs[0]
    shown = [
        each for each in _at_password(served).page.root.every("input") if "autocomplete" in each
    ]
    assert "hidden" not in shown[0]
    assert shown[0]["autocomplete"] == "username"


def test_why_a_password_is_weak_is_told_to_the_script(served: Served) -> None:
    visitor = _at_password(served)
    form = {"form_token": visitor.filled("Créer")["form_token"]}
    judged = {
        typed: visitor.client.post(
            "/securite", data={**form, "password": typed}, headers={"Accept": "application/json"}
        ).json()
        for typed in ("court", PASSWORD)
    }

    assert judged["court"] == {
        "label": "Faible",
        "reason": "Choisissez un mot de passe d’au moins 15 caractères.",
    }
    assert judged[PASSWORD]["label"] in ("Moyen", "Fort")
    assert judged[PASSWORD]["reason"] == ""


def test_the_strength_is_that_of_who_is_in_the_journey(served: Served) -> None:
    """Its address, told by the form, names the journey whose person's words count for nothing."""
    visitor = _at_password(served)
    served.sandbox.registry.change("99000000028", family_name="Zwirnklopp", given_name="Veit")
    (line,) = [each for each in visitor.page.root.every("div") if "data-strength-url" in each]
    form = {
        "form_token": visitor.filled("Créer")["form_token"],
        "password": "Zwirnklopp, Veit !",
    }

    labels = [
        visitor.client.post(path, data=form).text
        for path in ("/securite", "/securite?parcours=nulle-part", line["data-strength-url"])
    ]

    assert line["data-strength-url"] == "/securite?parcours=creation"
    assert labels == ["Moyen", "Moyen", "Faible"]


# --- ways on and out -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/connexion", "/creation", "/recuperation", "/mot-de-passe"])
def test_a_way_out_is_never_the_first_button_and_sends_nothing_typed(
    served: Served, path: str
) -> None:
    page = served.visitor().open(path)
    (way,) = [
        each for each in page.root.every("button") if each.text in ("Abandonner", "Recommencer")
    ]
    names = [each.get("name") for each in page.form_of(way).every("input")]

    assert names == ["form_token"]
    assert page.buttons[0] != way.text
    assert way["class"] == "plain"


def test_a_mistyped_address_is_corrected_below_the_screen_that_waits(served: Served) -> None:
    visitor = _at(served, "/mot-de-passe", ("Valider", {"email": "typo@medecin.example"}))
    assert "Une erreur dans l'adresse ?" in visitor.page.text

    visitor.press("Valider", email="john@medecin.example")
    assert "Adresse saisie : john@medecin.example." in visitor.page.text


def test_a_done_page_looks_like_success_and_offers_only_what_comes_next(served: Served) -> None:
    page = served.create_account().page

    assert "john@medecin.example" in page.text
    assert "Recommencer" not in page.text
    assert page.links["Retour à la connexion"] == "/connexion"
    assert any("seal" in each.get("class").split() for each in page.root.every("div"))


def test_ids_are_unique_on_a_page_with_two_forms(served: Served) -> None:
    page = _at(served, "/mot-de-passe", ("Valider", {"email": "typo@medecin.example"})).page
    ids = [each["id"] for each in page._all() if "id" in each]

    assert len(ids) == len(set(ids))

"""Password managers and other add-ons send and change forms as they like (K9 of the findings)."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.http.html import Page
from tests.http.visiting import JOHN, PASSWORD, Served, Visitor
from tests.http.walking import EMAIL, walk

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _by_script(visitor: Visitor, label: str, **typed: str) -> Page:
    """Send the form of a button as ``form.submit()`` does: without the button."""
    form = visitor.filled(label, **typed)
    form.pop("command", None)
    return visitor._read(visitor.client.post(visitor.path, data=form))


def _sent_with(visitor: Visitor, more: str, **typed: str) -> Page:
    body = urlencode(visitor.filled("Valider", **typed)) + more
    return visitor._read(visitor.client.post("/creation", content=body, headers=FORM))


@pytest.mark.parametrize("command", [{}, {"command": ""}])
def test_a_form_without_its_button_means_the_main_one(
    served: Served, command: dict[str, str]
) -> None:
    served.create_account()
    visitor = served.visitor()
    visitor.open("/connexion")
    form = visitor.filled("Se connecter", email=EMAIL, password=PASSWORD)
    del form["command"]
    page = visitor._read(visitor.client.post("/connexion", data={**form, **command}))

    assert page.heading == "MonEspace"


def test_every_screen_with_a_main_button_can_be_sent_by_script(served: Served) -> None:
    visitor = served.visitor()
    visitor.open("/creation")
    _by_script(visitor, "Valider", **JOHN)
    channel = visitor.page.field("3361***78")["value"]
    _by_script(visitor, "Recevoir votre code", channel=channel)
    _by_script(visitor, "Valider", code=served.code)
    typed = {"email": EMAIL, "email_confirmation": EMAIL}
    typed |= {"password": PASSWORD, "password_confirmation": PASSWORD}
    page = _by_script(visitor, "Activer", **typed)

    assert page.heading == "Votre espace est créé"


def test_a_screen_without_a_main_button_is_shown_again(served: Served) -> None:
    walk(served, "reset")
    visitor = served.visitor()
    visitor.open("/mot-de-passe")
    visitor.press("Valider", email=EMAIL)
    sent = len(served.sandbox.messages)
    page = _by_script(visitor, "Recommencer")

    assert (visitor.status, page.heading) == (200, "Consultez votre messagerie")
    assert sent == len(served.sandbox.messages)


@pytest.mark.parametrize("more", [f"&rpps={JOHN['rpps']}", "&rpps=", "&lang=fr&token=1&lang=en"])
def test_a_copy_that_says_the_same_or_nothing_is_left_aside(served: Served, more: str) -> None:
    visitor = served.visitor()
    visitor.open("/creation")
    page = _sent_with(visitor, more, **JOHN)

    assert page.heading == "Sécuriser la création de votre espace"


def test_two_values_for_one_field_are_asked_again_and_nothing_is_lost(served: Served) -> None:
    """Nobody can know which was meant; the rest stays as it was typed."""
    visitor = served.visitor()
    visitor.open("/creation")
    page = _sent_with(visitor, "&rpps=99000000028", **JOHN)

    assert (visitor.status, page.heading) == (400, "Créer votre espace")
    assert "avec deux valeurs différentes" in page.text
    assert page.field("Numéro RPPS")["value"] == ""
    assert page.field("Date de naissance *")["value"] == JOHN["birth_date"]
    assert "Référence" not in page.text
    assert visitor.press("Valider", **JOHN).heading == "Sécuriser la création de votre espace"


def test_a_copied_password_never_changes_one_in_silence(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()
    visitor.open("/parametres")
    form = visitor.filled("Enregistrer", current_password=PASSWORD)
    twice = [*form.items(), ("password", "huit loutres comptent"), ("password", "les nuages")]
    page = visitor._read(visitor.client.post("/parametres", content=urlencode(twice), headers=FORM))

    assert (visitor.status, page.heading) == (400, "Paramètres")
    assert "Vos paramètres sont enregistrés." not in page.text
    assert "loutres" not in visitor.response.text


def test_more_fields_than_any_form_has_are_refused(served: Served) -> None:
    visitor = served.visitor()
    visitor.open("/creation")
    more = "".join(f"&f{number}=1" for number in range(20))
    page = _sent_with(visitor, more, **JOHN)

    assert (visitor.status, page.heading) == (400, "Requête non comprise")
    assert page.links["Retour à l'accueil"] == "/"

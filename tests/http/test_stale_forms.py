"""A form that is no longer good is answered by a fresh one (K7 of the findings).

Nothing is done, what was typed stays, secrets excepted, and pressing again works.
"""

from __future__ import annotations

import pytest

from monespace_http import create_app
from tests.http.visiting import JOHN, PASSWORD, Served, Visitor, settings
from tests.http.walking import EMAIL, walk

STALE = "Cette page a expiré : rien n'a été modifié."
NO_COOKIES = "Votre navigateur refuse les cookies de ce site. Autorisez-les, puis recommencez."
SESSION = "__Host-monespace_session"


def _creation(served: Served) -> Visitor:
    visitor = served.visitor()
    visitor.open("/creation")
    return visitor


def _forget_cookies(visitor: Visitor) -> None:
    visitor.client.cookies.clear()


def test_a_token_that_is_missing_costs_nothing_that_was_typed(served: Served) -> None:
    visitor = _creation(served)
    page = visitor.press("Valider", **JOHN, form_token="")

    assert (visitor.status, page.heading) == (403, "Créer votre espace")
    assert STALE in page.text
    assert page.field("Numéro RPPS")["value"] == JOHN["rpps"]
    assert page.field("Date de naissance *")["value"] == JOHN["birth_date"]
    assert visitor.press("Valider").heading == "Sécuriser la création de votre espace"


def test_secrets_are_not_shown_again(served: Served) -> None:
    visitor = served.visitor()
    visitor.open("/connexion")
    page = visitor.press("Se connecter", email=EMAIL, password=PASSWORD, form_token="x")

    assert page.field("E-mail")["value"] == EMAIL
    assert PASSWORD not in visitor.response.text


def test_cookies_that_are_refused_are_named_as_the_cause(served: Served) -> None:
    visitor = _creation(served)
    form = visitor.filled("Valider", **JOHN)
    for _ in range(2):
        _forget_cookies(visitor)
        page = visitor._read(visitor.client.post("/creation", data=form))

        assert (visitor.status, page.heading) == (403, "Créer votre espace")
        assert NO_COOKIES in page.text
        assert STALE not in page.text
    assert visitor.press("Valider").heading == "Sécuriser la création de votre espace"


def test_a_server_that_has_other_keys_shows_the_journey_where_it_stands(served: Served) -> None:
    visitor = _creation(served)
    visitor.press("Valider", **{**JOHN, "birth_date": "18/06/1975"})
    restarted = Visitor(
        create_app(served.sandbox.flows, settings(keys=(b"n" * 32,))), served.base_url
    )
    restarted.client.cookies = visitor.client.cookies
    page = restarted._read(
        restarted.client.post("/creation", data=visitor.filled("Valider", **JOHN))
    )

    assert (restarted.status, STALE in page.text) == (403, True)
    assert page.field("Numéro RPPS")["value"] == JOHN["rpps"]
    assert restarted.press("Valider", accept_terms="on").heading.startswith("Sécuriser")


def test_what_was_typed_ten_minutes_ago_is_not_shown_again(served: Served) -> None:
    """C2 holds for stale forms as well."""
    visitor = _creation(served)
    form = visitor.filled("Valider", **JOHN)
    stamp, _, mac = form["form_token"].partition(".")
    served.sandbox.clock.advance(minutes=10)
    stale = {**form, "form_token": f"{stamp}.{mac[:-4]}AAAA"}
    page = visitor._read(visitor.client.post("/creation", data=stale))

    assert visitor.status == 403
    assert page.field("Numéro RPPS")["value"] == ""
    assert JOHN["birth_date"] not in visitor.response.text


def test_signing_in_in_another_tab_makes_a_creation_fresh(served: Served) -> None:
    served.create_account()
    visitor = _creation(served)
    form = visitor.filled("Valider", **JOHN)
    visitor.open("/connexion")
    visitor.press("Se connecter", email=EMAIL, password=PASSWORD)
    page = visitor._read(visitor.client.post("/creation", data=form))

    assert (visitor.status, page.heading) == (403, "Créer votre espace")
    assert page.field("Numéro RPPS")["value"] == JOHN["rpps"]
    visitor.press("Valider")
    assert "Un compte est déjà associé à ce numéro RPPS" in visitor.page.text


def test_a_sign_in_form_leads_home_when_another_tab_signed_in(served: Served) -> None:
    served.create_account()
    visitor = served.visitor()
    visitor.open("/connexion")
    form = visitor.filled("Se connecter", email=EMAIL, password=PASSWORD)
    visitor.press("Se connecter", email=EMAIL, password=PASSWORD)
    answer = visitor.client.post("/connexion", data=form, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_settings_lead_to_sign_in_and_back_when_another_tab_signed_out(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()
    visitor.open("/parametres")
    form = visitor.filled("Enregistrer", current_password=PASSWORD, email="x@medecin.example")
    visitor.press("Se déconnecter")
    visitor._read(visitor.client.post("/parametres", data=form))

    assert visitor.page.heading == "Connectez-vous à votre espace"
    visitor.press("Se connecter", email=EMAIL, password=PASSWORD)
    assert visitor.page.heading == "Paramètres"
    assert visitor.page.field("Adresse de courriel *")["value"] == EMAIL


@pytest.mark.parametrize("label", ["Se déconnecter", "Renvoyer l'e-mail de confirmation"])
def test_a_button_of_the_home_page_is_answered_by_a_fresh_one(served: Served, label: str) -> None:
    served.create_account()
    visitor = served.sign_in()
    sent = len(served.sandbox.messages)
    page = visitor.press(label, form_token="")

    assert (visitor.status, page.heading) == (403, "MonEspace")
    assert STALE in page.text
    assert sent == len(served.sandbox.messages)
    assert SESSION in visitor.client.cookies
    visitor.press(label)
    assert visitor.status == 200


def test_signing_out_twice_says_that_one_is_signed_out(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()
    form = visitor.filled("Se déconnecter")
    visitor.press("Se déconnecter")
    page = visitor._read(visitor.client.post("/deconnexion", data=form))

    assert page.heading == "Connectez-vous à votre espace"
    assert "Votre session est fermée." in page.text


def test_a_stranger_s_sign_out_takes_no_cookie_away(served: Served) -> None:
    """WB-01: a form of another site comes without our cookies, and its answer sets none."""
    answer = served.client.post("/deconnexion", data={"form_token": ""}, follow_redirects=False)
    dropped = [c for c in answer.headers.get_list("set-cookie") if "max-age=0" in c.lower()]

    assert (answer.status_code, dropped) == (303, [])


def test_the_page_of_a_link_is_shown_again_and_its_link_stays_good(served: Served) -> None:
    walk(served, "reset", "link_sent")
    visitor = served.visitor()
    visitor.open("/lien/" + served.sandbox.messages[-1].link_token)
    page = visitor.press("Continuer", form_token="")

    assert (visitor.status, page.heading) == (403, "Choisir un nouveau mot de passe")
    assert STALE in page.text
    assert visitor.press("Continuer").heading == "Paramètres"


def test_a_confirmation_goes_on_after_signing_in_in_another_tab(served: Served) -> None:
    served.create_account()
    visitor = served.visitor()
    visitor.open("/lien/" + served.sandbox.messages[-1].link_token)
    path, form = visitor.path, visitor.filled("Se connecter")
    visitor.open("/connexion")
    visitor.press("Se connecter", email=EMAIL, password=PASSWORD)
    visitor._read(visitor.client.post(path, data=form))

    assert (visitor.status, visitor.page.heading) == (403, "Confirmer votre adresse e-mail")
    assert visitor.press("Confirmer mon adresse e-mail").heading == "MonEspace"


def test_the_script_is_told_that_its_token_is_stale(served: Served) -> None:
    """It asks for a fresh one by GET, and tries again."""
    visitor = _creation(served)
    form = {**visitor.filled("Valider"), "command": "extend", "form_token": "x"}
    answer = visitor.client.post("/creation", data=form, headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json()) == (403, {})


def test_a_press_that_comes_too_late_keeps_what_was_typed(served: Served) -> None:
    """409: another tab has moved the journey on, and back."""
    visitor = _creation(served)
    visitor.press("Valider", **{**JOHN, "accept_terms": ""})
    page = visitor.press("Valider", command="send_code", **JOHN)

    assert visitor.status == 409
    assert page.field("Numéro RPPS")["value"] == JOHN["rpps"]

"""A session that is over says so, and sign-in leads on to where one wanted to go (SS-05)."""

from __future__ import annotations

import pytest

from tests.http.visiting import PASSWORD, Served, Visitor
from tests.http.walking import EMAIL, Walker

SIGN_IN = "Connectez-vous à votre espace"
EXPIRED = "Votre session a expiré. Reconnectez-vous pour continuer."
NEEDED = "Connectez-vous pour continuer."
CLOSED = "Votre session est fermée."


@pytest.fixture
def visitor(served: Served) -> Visitor:
    """Someone signed in."""
    served.create_account()
    return served.sign_in()


def _sign_in(visitor: Visitor) -> None:
    visitor.press("Se connecter", email=EMAIL, password=PASSWORD)


def test_an_expired_session_is_told_once_and_leads_back(served: Served, visitor: Visitor) -> None:
    served.sandbox.clock.advance(minutes=31)
    page = visitor.open("/parametres")

    assert (visitor.path, page.heading) == ("/connexion", SIGN_IN)
    assert EXPIRED in page.text
    assert EXPIRED not in visitor.open("/connexion").text
    _sign_in(visitor)
    assert (visitor.path, visitor.page.heading) == ("/parametres", "Paramètres")
    assert "__Host-monespace_back" not in visitor.client.cookies


def test_an_expired_session_on_the_home_page_leads_home(served: Served, visitor: Visitor) -> None:
    served.sandbox.clock.advance(minutes=31)

    assert EXPIRED in visitor.open("/").text
    _sign_in(visitor)
    assert visitor.page.heading == "MonEspace"


@pytest.mark.parametrize("label", ["Enregistrer", "Abandonner"])
def test_an_expired_session_is_told_to_a_press(
    served: Served, visitor: Visitor, label: str
) -> None:
    visitor.open("/parametres")
    served.sandbox.clock.advance(minutes=31)
    page = visitor.press(label, current_password=PASSWORD, email="x@medecin.example")

    assert (page.heading, EXPIRED in page.text) == (SIGN_IN, True)
    _sign_in(visitor)
    assert visitor.page.heading == "Paramètres"
    assert visitor.page.field("Adresse de courriel *")["value"] == EMAIL


def test_who_never_signed_in_is_asked_to_and_led_back(served: Served) -> None:
    served.create_account()
    visitor = served.visitor()
    page = visitor.open("/parametres")

    assert NEEDED in page.text
    assert "expiré" not in page.text
    _sign_in(visitor)
    assert visitor.page.heading == "Paramètres"


def test_who_opens_the_site_is_told_nothing(served: Served) -> None:
    page = served.visitor().open("/")

    assert page.heading == SIGN_IN
    assert NEEDED not in page.text


def test_signing_out_is_told_once(visitor: Visitor) -> None:
    page = visitor.press("Se déconnecter")

    assert (page.heading, CLOSED in page.text) == (SIGN_IN, True)
    assert CLOSED not in visitor.open("/connexion").text
    _sign_in(visitor)
    assert visitor.page.heading == "MonEspace"


def test_the_way_back_is_forgotten_after_a_quarter_of_an_hour(served: Served) -> None:
    served.create_account()
    answer = served.client.get("/parametres")
    (back,) = [c for c in answer.headers.get_list("set-cookie") if "monespace_back" in c]

    assert "max-age=900" in back.lower()
    assert "httponly" in back.lower()


@pytest.mark.parametrize(
    "wish", ["//evil.example", "https:evil", "lien.x", "../../etc", "creation"]
)
def test_only_places_of_ours_are_led_back_to(served: Served, wish: str) -> None:
    """The cookie names a place; what is in an address or invented leads home."""
    served.create_account()
    visitor = served.visitor()
    visitor.client.cookies.set("__Host-monespace_back", wish)
    visitor.open(f"/connexion?back={wish}&next={wish}")
    _sign_in(visitor)

    assert (visitor.path, visitor.page.heading) == ("/", "MonEspace")


def test_someone_else_is_led_to_their_own_page(served: Served, visitor: Visitor) -> None:
    """Only a place is kept: nothing of the first person's page."""
    visitor.open("/parametres")
    visitor.press("Enregistrer", current_password="wrong", email="typed@medecin.example")
    served.sandbox.clock.advance(minutes=31)
    visitor.open("/parametres")
    other = Walker(served, "creation")
    other.send("submit_identity", rpps="99000000010", birth_date="28/02/1982", accept_terms=True)
    other.choose()
    other.enter()
    other.activate("amelie@medecin.example")
    visitor.press("Se connecter", email="amelie@medecin.example", password=PASSWORD)

    assert visitor.page.heading == "Paramètres"
    assert visitor.page.field("Adresse de courriel *")["value"] == "amelie@medecin.example"
    for secret in (EMAIL, "typed@medecin.example", "Référence"):
        assert secret not in visitor.page.text + visitor.response.text


def test_the_script_learns_that_the_page_is_no_longer_there(
    served: Served, visitor: Visitor
) -> None:
    look = {"Accept": "application/json"}
    visitor.open("/parametres")
    served.sandbox.clock.advance(minutes=31)

    assert visitor.client.get("/parametres", headers=look).status_code == 410
    assert EXPIRED in visitor.open("/parametres").text

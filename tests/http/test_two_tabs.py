"""A form acts on the journey that it was shown for, or on none (K2 of the findings).

Two tabs of one browser share its cookies, which name one journey of each flow: the last begun.
"""

from __future__ import annotations

from tests.http.visiting import CLAIRE, JOHN, PASSWORD, Served, Visitor
from tests.http.walking import EMAIL, NEW, Walker, walk

OTHER = "claire.martin@medecin.example"
MINE, NOT_MINE = "une autre demande que celle en cours", "n'est plus en cours dans ce navigateur"


def _tabs(served: Served) -> tuple[Visitor, Visitor]:
    one, other = served.visitor(), served.visitor()
    other.client = one.client
    return one, other


def _claire(served: Served) -> None:
    """Create Claire's account; its address is proven by the code."""
    claire = Walker(served, "creation")
    claire.send("submit_identity", **{**CLAIRE, "accept_terms": True})
    claire.choose("email")
    claire.enter()
    claire.create()


def _link_used(served: Served, tab: Visitor, email: str) -> None:
    Walker(served, "reset").request(email)
    tab.open("/lien/" + served.sandbox.messages[-1].link_token)
    tab.press("Continuer")
    assert tab.page.field("Adresse de courriel *")["value"] == email


def _signs_in(served: Served, email: str, password: str) -> bool:
    return bool(Walker(served, "signin").sign_in(email, password).status_code == 200)


def test_the_tab_of_one_account_never_changes_the_password_of_the_other(served: Served) -> None:
    walk(served, "reset")
    _claire(served)
    first, second = _tabs(served)
    _link_used(served, first, EMAIL)
    _link_used(served, second, OTHER)
    page = first.press("Enregistrer", password=NEW, password_confirmation=NEW)

    assert first.status == 409
    assert MINE in page.text
    assert page.field("Adresse de courriel *")["value"] == OTHER
    assert _signs_in(served, EMAIL, PASSWORD)
    assert _signs_in(served, OTHER, PASSWORD)
    assert not _signs_in(served, OTHER, NEW)
    assert "__Host-monespace_session" not in first.client.cookies
    second.press("Enregistrer", password=NEW, password_confirmation=NEW)
    assert _signs_in(served, OTHER, NEW)


def test_nothing_typed_for_one_account_is_shown_in_the_journey_of_the_other(
    served: Served,
) -> None:
    first, second = _tabs(served)
    first.open("/creation")
    second.open("/creation")
    first.press("Valider", **{**JOHN, "accept_terms": ""})
    second.press("Valider", **{**CLAIRE, "accept_terms": ""})
    page = first.press("Valider", **JOHN)

    assert (first.status, MINE in page.text) == (409, True)
    assert page.field("Numéro RPPS")["value"] == ""
    assert JOHN["birth_date"] not in first.response.text
    assert second.press("Valider", **CLAIRE).heading == "Sécuriser la création de votre espace"


def test_two_first_forms_begin_two_journeys(served: Served) -> None:
    """Whoever fills in a first form means a new journey, whatever another tab has begun."""
    first, second = _tabs(served)
    first.open("/creation")
    second.open("/creation")
    first.press("Valider", **JOHN)
    mine = first.page.text.partition("assistance : ")[2][:9]
    second.press("Valider", **CLAIRE)

    assert second.page.heading == "Sécuriser la création de votre espace"
    assert "c***@" in second.page.text
    assert mine not in second.page.text
    page = first.press("Recevoir votre code", channel=first.page.field("3361***78")["value"])
    assert (first.status, MINE in page.text) == (409, True)
    assert [*served.sandbox.messages] == []


def test_beginning_again_in_one_tab_does_not_end_the_journey_of_the_other(served: Served) -> None:
    first, second = _tabs(served)
    first.open("/creation")
    second.open("/creation")
    first.press("Valider", **JOHN)
    second.press("Valider", **CLAIRE)
    first.press("Recommencer")

    assert first.status == 409
    assert second.open("/creation").heading == "Sécuriser la création de votre espace"
    assert "c***@" in second.page.text


def test_a_first_form_that_is_left_ends_no_journey_of_another_tab(served: Served) -> None:
    first, second = _tabs(served)
    first.open("/creation")
    second.open("/creation")
    second.press("Valider", **JOHN)

    assert first.press("Abandonner").heading == "Connectez-vous à votre espace"
    assert second.open("/creation").heading == "Sécuriser la création de votre espace"


def test_a_form_whose_journey_the_browser_has_forgotten_does_nothing(served: Served) -> None:
    first, second = _tabs(served)
    first.open("/creation")
    first.press("Valider", **JOHN)
    second.open("/creation")
    second.press("Recommencer")
    page = first.press("Recevoir votre code", channel=first.page.field("3361***78")["value"])

    assert (first.status, page.heading) == (409, "Créer votre espace")
    assert NOT_MINE in page.text
    assert first.press("Valider", **JOHN).heading == "Sécuriser la création de votre espace"


def test_the_settings_of_one_person_are_never_saved_for_the_next(served: Served) -> None:
    """The form of an earlier session is worth nothing in the next one."""
    walk(served, "reset")
    _claire(served)
    first, second = _tabs(served)
    first.open("/connexion")
    first.press("Se connecter", email=EMAIL, password=PASSWORD)
    first.open("/parametres")
    first.press("Enregistrer", current_password="wrong", email=EMAIL)
    second.open("/")
    second.press("Se déconnecter")
    second.press("Se connecter", email=OTHER, password=PASSWORD)
    page = first.press("Enregistrer", current_password=PASSWORD, email="moved@medecin.example")

    assert (first.status, page.heading) == (403, "Paramètres")
    assert page.field("Adresse de courriel *")["value"] == OTHER
    assert "moved@medecin.example" not in first.response.text
    assert _signs_in(served, OTHER, PASSWORD)
    assert _signs_in(served, EMAIL, PASSWORD)


def test_the_script_gets_no_token_for_a_journey_that_its_form_does_not_show(
    served: Served,
) -> None:
    first, second = _tabs(served)
    first.open("/creation")
    second.open("/creation")
    first.press("Valider", **JOHN)
    old = first.filled("Retour")["form_token"]
    unbegun = second.filled("Valider")["form_token"]
    second.press("Valider", **CLAIRE)

    def look(token: str) -> tuple[int, str]:
        headers = {"Accept": "application/json", "X-Form-Token": token}
        answer = first.client.get("/creation", headers=headers)
        return answer.status_code, answer.json().get("form_token", ".-.").split(".")[1]

    reference = second.page.text.partition("assistance : ")[2][:9]
    assert look(old) == (410, "-")
    assert look(unbegun) == (200, "")
    assert look(second.filled("Retour")["form_token"]) == (200, reference)


def test_a_bearer_opens_its_own_journey_only(served: Served) -> None:
    """JSON needs no more: a command names its journey twice, by reference and by token."""
    mine, other = Walker(served, "creation"), Walker(served, "creation")
    other.token = mine.token

    assert other.identify().status_code == 404
    assert mine.look().json()["state"] == "enter_identity"

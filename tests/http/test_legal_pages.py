"""The pages that the law wants, and the foot of every page that leads to them."""

import pytest
from httpx2 import Response

from monespace_flows.policy import JourneyPolicy, Policy
from monespace_http import Legal
from tests.http.visiting import CLAIRE, JOHN, PASSWORD, Served, Visitor

EMPTY = "À compléter par l'éditeur du site"
LEGAL = Legal(
    publisher="Conseil de l'Ordre, exemple",
    address="4 rue de l'Exemple, 00000 Exemple",
    contact="contact@ordre.example",
    director="Camille Exemple",
    hosting="Hébergeur, 1 rue du Nuage, 00000 Exemple",
    dpo="dpo@ordre.example",
    recipients=("Conseils départementaux",),
    accessibility="partial",
    audit="Audit du 2 mars 2026 par un cabinet : 82 % des critères sont respectés.",
    gaps=("Une liste n'est pas annoncée.",),
)
FOOT = ["/accessibilite", "/mentions-legales", "/confidentialite", "/cookies", "/conditions"]


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/creation",
        "/recuperation",
        "/mot-de-passe",
        "/identifiants-oublies",
        "/nowhere",
        *FOOT,
    ],
)
def test_every_page_s_foot_leads_to_all_of_them(served: Served, path: str) -> None:
    page = served.visitor().open(path)
    (foot,) = page.root.every("footer")

    assert [link["href"] for link in foot.every("a")] == FOOT


def test_a_screen_in_mid_journey_has_the_same_foot(served: Served) -> None:
    visitor = served.visitor()
    visitor.open("/creation")
    page = visitor.press("Valider", **JOHN)

    assert [link["href"] for link in next(page.root.every("footer")).every("a")] == FOOT


def test_no_two_links_of_a_page_have_the_same_words(served: Served) -> None:
    page = served.visitor().open("/creation")
    words = [link.text for link in page.root.every("a")]

    assert len(words) == len(set(words))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("none", "Accessibilité : non conforme"),
        ("partial", "Accessibilité : partiellement conforme"),
        ("full", "Accessibilité : totalement conforme"),
    ],
)
def test_the_foot_says_how_accessible_the_host_declares_its_site(state: str, words: str) -> None:
    served = Served(legal=Legal(accessibility=state))  # type: ignore[arg-type]

    assert served.visitor().open("/").links[words] == "/accessibilite"


def test_the_declaration_of_accessibility_is_complete() -> None:
    page = Served(legal=LEGAL).visitor().open("/accessibilite")

    assert page.heading == "Déclaration d'accessibilité"
    for words in (
        "partiellement conforme",
        "RGAA",
        "82 % des critères",
        "Une liste n'est pas annoncée.",
        "contact@ordre.example",
        "Défenseur des droits",
        "Libre réponse 71120, 75342 Paris CEDEX 07",
        "09 69 39 00 00",
    ):
        assert words in page.text
    assert EMPTY not in page.text


def test_a_site_that_conforms_wholly_has_no_gaps_to_tell() -> None:
    page = Served(legal=Legal(accessibility="full")).visitor().open("/accessibilite")

    assert "Contenus non accessibles" not in page.text


def test_legal_notices_name_who_publishes_and_hosts() -> None:
    page = Served(legal=LEGAL).visitor().open("/mentions-legales")

    for words in (LEGAL.publisher, LEGAL.hosting, LEGAL.director, LEGAL.address, LEGAL.contact):
        assert str(words) in page.text
    assert EMPTY not in page.text


def test_what_the_host_left_empty_is_said_to_be(served: Served) -> None:
    for path in ("/mentions-legales", "/accessibilite", "/confidentialite"):
        assert EMPTY in served.visitor().open(path).text


def test_privacy_names_controller_basis_lives_rights_and_the_cnil() -> None:
    policy = Policy(journeys=JourneyPolicy())
    page = Served(legal=LEGAL, policy=policy).visitor().open("/confidentialite")

    for words in (
        LEGAL.publisher,
        "dpo@ordre.example",
        "article 6, paragraphe 1, point e",
        "183 jours",
        "24 heures",
        "Conseils départementaux",
        "réclamation",
        "CNIL",
        "75334 Paris CEDEX 07",
    ):
        assert str(words) in page.text


def test_every_cookie_that_is_set_is_told_with_its_use_and_its_life(served: Served) -> None:
    names: set[str] = set()

    def note(answer: Response) -> None:
        names.update(it.partition("=")[0] for it in answer.headers.get_list("set-cookie"))

    visitor = served.visitor()
    visitor.client.event_hooks["response"] = [note]
    _go_everywhere(served, visitor)
    told = {each.text for each in visitor.open("/cookies").root.every("code")}

    assert names == told
    assert "article 82" in visitor.page.text


def _go_everywhere(served: Served, visitor: Visitor) -> None:
    served.create_account()
    visitor.open("/creation")
    visitor.press("Valider", **CLAIRE)
    visitor.open("/parametres")
    link = "/lien/" + served.sandbox.messages[-1].link_token
    visitor.open(link)
    visitor.press("Se connecter")
    visitor.press("Se connecter", email="john@medecin.example", password="wrong")
    visitor.press("Se connecter", email="john@medecin.example", password=PASSWORD)
    visitor.press("Confirmer mon adresse e-mail")
    visitor.open("/parametres")
    visitor.press("Enregistrer", current_password="wrong")
    for path, label, typed in (
        ("/recuperation", "Valider", CLAIRE),
        ("/mot-de-passe", "Valider", {"email": "john@medecin.example"}),
        ("/", "Se déconnecter", {}),
    ):
        visitor.open(path)
        visitor.press(label, **typed)


def test_the_banner_leads_home_and_help_stands_beside_the_content(served: Served) -> None:
    page = served.visitor().open("/creation")

    assert page.links["ORDRE DES MÉDECINS"] == "/"
    (main,) = page.root.every("main")
    assert list(main.every("aside")) == []


def test_they_can_be_read_when_the_store_is_down(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()
    served.sandbox.secrets.fail_next()

    visitor.open("/confidentialite")
    assert visitor.status == 200

"""The hosts of the manual in Chromium, wherever a host may be: from its page to ours and back.

All five journeys are walked five times, so that each host and each place comes once.  At all other
places each host is walked shortly: sign-in, the host's greeting, a link of a mail, the settings.
That tells whether addresses, cookies and files are right there, at a sixth of the price; what the
five journeys have beyond it knows neither host nor place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, Response, expect

from tests.browser.acting import (
    EMAIL,
    choose_credentials,
    enter_code,
    fill,
    heading,
    identify,
    press,
    receive_code,
)
from tests.hosts.placing import HOSTS, PLACES, Placed, Servers
from tests.http.visiting import PASSWORD
from tests.journeys import acting

WHOLE = list(zip(HOSTS, PLACES, strict=True))

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("alone")]

NEW = "huit loutres comptent les nuages"
ANOTHER = "jean@medecin.example"


@pytest.fixture(scope="package")
def servers() -> Iterator[Servers]:
    """Listen on ports of this machine."""
    servers = Servers()
    yield servers
    servers.close()


@pytest.fixture
def served(servers: Servers, alone: None, request: pytest.FixtureRequest) -> Placed:
    """Serve the host, where it is."""
    host, place = request.param
    return servers.place(host, PLACES[place])


def at(pairs: list[tuple[str, str]]) -> pytest.MarkDecorator:
    """Serve these hosts at these places."""
    ids = [", ".join(pair) for pair in pairs]
    return pytest.mark.parametrize("served", pairs, ids=ids, indirect=True)


@contextmanager
def nothing_fails(page: Page, served: Placed) -> Iterator[None]:
    """All that the pages load is there, below where they are; cookies are of this place alone."""
    # While a button is pressed a script may ask how strong a password is: the page is left before
    # the answer, or the session changed before the question.
    failed: list[str] = []
    loaded: set[str] = set()

    def fail(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":
            failed.append(f"{request.method} {request.url}: {request.failure}")

    def look(response: Response) -> None:
        if response.status >= (500 if response.request.resource_type == "fetch" else 400):
            failed.append(f"{response.request.method} {response.url}: {response.status}")
        if response.url.startswith(f"{served.base_url}/static/"):
            loaded.add(urlsplit(response.url).path.rpartition("/")[2])

    page.on("requestfailed", fail)
    page.on("response", look)
    yield
    page.remove_listener("requestfailed", fail)
    page.remove_listener("response", look)
    assert failed == []
    assert {"monespace.css", "monespace.js"} <= loaded
    begins = f"monespace{urlsplit(served.base_url).path.replace('/', '.')}_"
    cookies = page.context.cookies()
    assert [it for it in cookies if not it["name"].startswith(begins)] == []
    assert {(it["path"], it["httpOnly"]) for it in cookies} == {("/", True)}


@at([it for it in product(HOSTS, PLACES) if it not in WHOLE])
def test_whoever_a_host_sends_to_sign_in_comes_back_to_it(page: Page, served: Placed) -> None:
    """Greeted; and what was mailed leads there, too."""
    with_account(served)
    with nothing_fails(page, served):
        page.goto(served.members)
        sign_in(page)
        greeted(page, served, EMAIL)
        open_link(page, served, "confirmation")
        press(page, "Confirmer mon adresse e-mail")
        heading(page, "MonEspace")
        page.get_by_role("link", name="Paramètres").click()
        heading(page, "Paramètres")


@pytest.mark.slow
@at(WHOLE)
def test_all_five_journeys_lead_through_a_host(page: Page, served: Placed) -> None:
    """Creation, sign-in, settings, reset, recovery, each found by its link."""
    with nothing_fails(page, served):
        page.goto(served.members)
        page.get_by_role("link", name="Créer votre espace").click()
        identify(page)
        prove(page, served)
        choose_credentials(page)
        heading(page, "Votre espace est créé")
        page.get_by_role("link", name="Retour à la connexion").click()
        sign_in(page)
        greeted(page, served, EMAIL)

        open_link(page, served, "confirmation")
        press(page, "Confirmer mon adresse e-mail")
        page.get_by_role("link", name="Paramètres").click()
        fill(page, Mot_de_passe_actuel=PASSWORD, Nouveau_mot_de_passe=NEW)
        fill(page, Confirmer_votre_nouveau_mot_de_passe=NEW)
        press(page, "Enregistrer")
        expect(page.get_by_text("Vos paramètres sont enregistrés.")).to_be_visible()
        press(page, "Se déconnecter")

        page.get_by_role("link", name="Identifiants oubliés ?").click()
        page.get_by_role("link", name="Mot de passe oublié").click()
        fill(page, **{"E-mail": EMAIL})
        press(page, "Valider")
        heading(page, "Consultez votre messagerie")
        open_link(page, served, "reset_link")
        press(page, "Continuer")
        fill(page, Nouveau_mot_de_passe=PASSWORD)
        fill(page, Confirmer_votre_nouveau_mot_de_passe=PASSWORD)
        press(page, "Enregistrer")
        page.get_by_role("link", name="MonEspace").click()
        press(page, "Se déconnecter")

        page.get_by_role("link", name="Identifiants oubliés ?").click()
        press(page, "Adresse mail de compte oubliée")
        identify(page)
        press(page, "Je ne connais plus l'adresse mail de mon compte")
        prove(page, served)
        choose_credentials(page, ANOTHER)
        heading(page, "Votre espace est récupéré")
        page.goto(served.members)
        sign_in(page, ANOTHER)
        greeted(page, served, ANOTHER)


def with_account(served: Placed) -> None:
    """Begin with John's account; how he came by it is the other test's."""
    view = acting.code_accepted(served.sandbox)
    served.sandbox.flows.submit(view.token, acting.activation(EMAIL, PASSWORD))


def prove(page: Page, served: Placed) -> None:
    """Have a code sent, and type it."""
    receive_code(page, served)
    enter_code(page, served)


def sign_in(page: Page, email: str = EMAIL) -> None:
    heading(page, "Connectez-vous à votre espace")
    fill(page, **{"E-mail": email}, Mot_de_passe=PASSWORD)
    press(page, "Se connecter")


def greeted(page: Page, served: Placed, email: str) -> None:
    expect(page).to_have_url(served.members)
    expect(page.get_by_text(email)).to_be_visible()


def open_link(page: Page, served: Placed, purpose: str) -> None:
    link = served.received("link", purpose)
    assert link.startswith(f"{served.base_url}/lien/")
    page.goto(link)

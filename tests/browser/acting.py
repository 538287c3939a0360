"""What people do in the pages, by the words they see."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Page, expect

from tests.http.visiting import JOHN, PASSWORD, Served, Visitor

EMAIL = "john@medecin.example"
CONSENT = "J'ai lu et j'accepte"
FINALLY = {
    "/creation": "Finaliser la création de votre espace",
    "/recuperation": "Finaliser la récupération de votre espace",
}


class Receiving(Protocol):
    """Whatever is served, where one can see what was received."""

    @property
    def code(self) -> str:
        """The newest code that anyone received."""


def heading(page: Page, text: str) -> None:
    """Wait for a screen."""
    expect(page.get_by_role("heading", level=1, name=text, exact=True)).to_be_visible()


def press(page: Page, label: str) -> None:
    """Press a button."""
    page.get_by_role("button", name=label, exact=True).click()


def fill(page: Page, **fields: str) -> None:
    """Fill in fields by their visible labels, with ``_`` for a space."""
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " "), exact=True).fill(value)


def identify(page: Page, birth_date: str = "17/06/1975", rpps: str = "99000000002") -> None:
    """Say who one is, on the screen of creation or of recovery."""
    fill(page, Numéro_RPPS=rpps)
    page.get_by_label("Date de naissance *", exact=True).fill(birth_date)
    page.get_by_label(CONSENT).check()
    press(page, "Valider")


def receive_code(page: Page, served: Receiving, contact: str = "3361***78") -> None:
    """Choose where the code goes, and wait for its screen."""
    page.get_by_label(contact, exact=True).check()
    press(page, "Recevoir votre code")
    heading(page, "Veuillez saisir le code reçu")


# --- begin further on: the way there, proved by other tests, is much faster over HTTP ------------


def hand_over(page: Page, visitor: Visitor) -> None:
    """Go on in this window where somebody without scripts stands: give it their cookies."""
    url = str(visitor.client.base_url)
    page.context.add_cookies(
        [{"name": name, "value": it, "url": url} for name, it in visitor.client.cookies.items()]
    )


def with_account(page: Page, served: Served, email: str = EMAIL) -> None:
    """Begin just after John has created his account in this window."""
    hand_over(page, served.create_account(email))


def signed_in(page: Page, served: Served) -> None:
    """Begin with John signed in."""
    visitor = served.sign_in()
    assert visitor.page.heading == "MonEspace"
    hand_over(page, visitor)


def at_contacts(page: Page, served: Served, flow: str = "/creation") -> None:
    """Begin where John was recognised: at the choice of a contact, or told of his account."""
    visitor = served.visitor()
    visitor.open(flow)
    visitor.press("Valider", **JOHN)
    _take_over(page, visitor, flow)


def at_password(served: Served, person: dict[str, str], contact: str) -> Visitor:
    """Bring somebody whose code went to an e-mail address to the last screen of the creation."""
    visitor = served.visitor()
    visitor.open("/creation")
    visitor.press("Valider", **person)
    visitor.press("Recevoir votre code", channel=visitor.page.field(contact)["value"])
    visitor.press("Valider", code=served.code)
    assert visitor.page.heading == "Créer mon compte"
    return visitor


def at_code(page: Page, served: Served, flow: str = "/creation") -> None:
    """Begin at the screen that asks for the code."""
    _take_over(page, served.at_code(flow), flow)
    heading(page, "Veuillez saisir le code reçu")


def at_credentials(page: Page, served: Served, flow: str = "/creation") -> None:
    """Begin at the last screen of the creation or of the recovery."""
    _take_over(page, served.at_credentials(flow), flow)
    heading(page, FINALLY[flow])


def _take_over(page: Page, visitor: Visitor, path: str) -> None:
    hand_over(page, visitor)
    page.goto(path)


def enter_code(page: Page, served: Receiving) -> None:
    """Type the newest code."""
    fill(page, Saisir_le_code=served.code)
    press(page, "Valider")


def choose_credentials(page: Page, email: str = EMAIL) -> None:
    """Choose a login and a password."""
    fill(
        page,
        Email=email,
        Confirmation_Email=email,
        Mot_de_passe=PASSWORD,
        Confirmation_du_mot_de_passe=PASSWORD,
    )
    press(page, "Activer")


def create_account(page: Page, served: Served) -> None:
    """Create John's account by SMS."""
    page.goto("/creation")
    identify(page)
    receive_code(page, served)
    enter_code(page, served)
    choose_credentials(page)
    heading(page, "Votre espace est créé")


def sign_in(page: Page, password: str = PASSWORD) -> None:
    """Sign in as John."""
    page.goto("/connexion")
    fill(page, **{"E-mail": EMAIL}, Mot_de_passe=password)
    press(page, "Se connecter")


def let_pass(page: Page, served: Served, minutes: int) -> None:
    """Let time pass, in the browser and on the server."""
    served.sandbox.clock.advance(minutes=minutes)
    page.clock.run_for(minutes * 60_000 + 1000)

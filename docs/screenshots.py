"""Take the pictures of every screen: `make screenshots`, or of the console: `ARGS=console`.

A sandbox is served on a free port of the loopback and walked through in Chromium, by the labels
that a person sees.  Pictures go to docs/images/, named after the screen's id.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import uvicorn
from playwright.sync_api import Page, ViewportSize, sync_playwright
from starlette.types import ASGIApp

from monespace_cli.access.place import Place
from monespace_cli.console import create_console, find_place
from monespace_flows import Site
from monespace_flows.testing import Sandbox
from monespace_http import HttpSettings, Legal, create_app
from tests.support.stories import Happened, folder_of_calls

IMAGES = Path(__file__).parent / "images"
CHROMIUM = Path("/usr/bin/chromium")
PASSWORD = "quatre chevaux verts dansent"
OTHER_PASSWORD = "six mouettes jaunes chantent"
SCREEN: ViewportSize = {"width": 1120, "height": 700}
PHONE: ViewportSize = {"width": 375, "height": 700}
LEGAL = Legal(
    publisher="Conseil de l'Ordre, exemple",
    address="4 rue de l'Exemple, 00000 Exemple",
    contact="contact@ordre.example",
    director="Camille Exemple",
    hosting="Hébergeur, 1 rue du Nuage, 00000 Exemple",
    dpo="dpo@ordre.example",
    audit="Aucun audit n'a encore été mené.",
    gaps=("Sans audit, aucun défaut n'est connu, et aucun n'est exclu.",),
)


class Tour:
    """One person's way through every screen."""

    def __init__(self, page: Page, base: str, sandbox: Sandbox) -> None:
        self.page = page
        self.base = base
        self.sandbox = sandbox

    def walk(self) -> None:
        for part in (self.create, self.create_by_email, self.sign_in, self.settings):
            part()
        for part in (self.reset, self.recover, self.expire, self.help, self.elsewhere):
            part()

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)

    def fill(self, **typed: str) -> None:
        for name, value in typed.items():
            self.page.locator(f"[name={name}]").fill(value)

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=True).first.click()

    def take(self, name: str) -> None:
        take(self.page, name)

    def code(self) -> str:
        return self.sandbox.messages[-1].code or ""

    def identify(self, path: str, birth_date: str, rpps: str) -> None:
        self.go(path)
        self.fill(birth_date=birth_date, rpps=rpps)
        self.page.locator("[name=accept_terms]").check()
        self.press("Valider")

    def create(self) -> None:
        self.go("/creation")
        self.take("creation-enter_identity")
        self.identify("/creation", "18/06/1975", "99000000002")
        self.take("creation-enter_identity-unknown")
        self.identify("/creation", "17/06/1975", "99000000002")
        self.take("creation-choose_channel")
        self.page.get_by_role("radio").first.check()
        self.press("Recevoir votre code")
        self.take("creation-enter_code")
        self.fill(code=self.code())
        self.press("Valider")
        self.take("creation-choose_credentials")
        email = "john@cabinet.example"
        self.fill(email=email, email_confirmation=email)
        self.fill(password=PASSWORD, password_confirmation=PASSWORD)
        self.press("Activer")
        self.take("creation-created")

    def create_by_email(self) -> None:
        self.page.context.clear_cookies()
        self.identify("/creation", "03/11/1990", "99000000028")
        self.page.get_by_role("radio").first.check()
        self.press("Recevoir votre code")
        self.fill(code=self.code())
        self.press("Valider")
        self.take("creation-choose_password")

    def sign_in(self, password: str = PASSWORD) -> None:
        self.page.context.clear_cookies()
        self.go("/connexion")
        self.take("signin-enter_credentials")
        self.fill(email="john@cabinet.example", password=password)
        self.press("Se connecter")
        self.take("home")

    def settings(self) -> None:
        self.go("/parametres")
        self.take("settings-edit_settings")

    def recover(self) -> None:
        self.page.context.clear_cookies()
        self.go("/identifiants-oublies")
        self.take("forgotten")
        self.go("/recuperation")
        self.take("recovery-enter_identity")
        self.identify("/recuperation", "17/06/1975", "99000000002")
        self.take("recovery-account_found")
        self.press("Je ne connais plus l'adresse mail de mon compte")
        self.take("recovery-choose_channel")
        self.page.get_by_role("radio").first.check()
        self.sandbox.clock.advance(minutes=2)
        self.press("Recevoir votre code")
        self.take("recovery-enter_code")
        self.fill(code=self.code())
        self.press("Valider")
        self.take("recovery-choose_credentials")
        email = "retrouve@cabinet.example"
        self.fill(email=email, email_confirmation=email)
        self.fill(password=PASSWORD, password_confirmation=PASSWORD)
        self.press("Activer")
        self.take("recovery-recovered")

    def reset(self) -> None:
        confirmation = next(m for m in self.sandbox.messages if m.purpose == "confirmation")
        self.go(f"/lien/{confirmation.link_token}")
        self.take("link-confirmation")
        self.press(self.page.get_by_role("main").get_by_role("button").first.inner_text())
        self.page.context.clear_cookies()
        self.go("/mot-de-passe")
        self.take("reset-enter_email")
        self.fill(email="john@cabinet.example")
        self.press("Valider")
        self.take("reset-link_sent")
        link = self.sandbox.messages[-1].link_token
        self.go(f"/lien/{link}")
        self.take("link-reset")
        self.page.get_by_role("main").get_by_role("button").first.click()
        self.take("reset-choose_new_password")
        self.fill(password=OTHER_PASSWORD, password_confirmation=OTHER_PASSWORD)
        self.press("Enregistrer")
        self.take("reset-password_changed")

    def expire(self) -> None:
        for flow, name in (("/creation", "creation"), ("/recuperation", "recovery")):
            self.page.context.clear_cookies()
            self.identify(flow, "28/02/1982", "99000000010")
            self.sandbox.clock.advance(hours=1)
            self.go(flow)
            self.take(f"{name}-expired")

    def help(self) -> None:
        for name in (
            "ou-trouver-mon-rpps",
            "assistance",
            "conditions",
            "confidentialite",
            "cookies",
            "mentions-legales",
            "accessibilite",
        ):
            self.go(f"/{name}")
            self.take(name)

    def elsewhere(self) -> None:
        """The same screens on a phone and in the dark."""
        for path, name in (("/connexion", "signin"), ("/creation", "creation")):
            self.page.context.clear_cookies()
            self.go(path)
            self.page.set_viewport_size(PHONE)
            self.take(f"{name}-phone")
            self.page.set_viewport_size(SCREEN)
            self.page.emulate_media(color_scheme="dark")
            self.take(f"{name}-dark")
            self.page.emulate_media(color_scheme="light")


def desk(page: Page) -> None:
    """The support's console, as an agent sees it between calls and during one."""
    listening = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with TemporaryDirectory() as directory:
        callers = {it.call.name: it for it in folder_of_calls(Path(directory))}
        given_up, down = callers["SMS given up"], callers["SMS down"]
        app = create_console(find_place(None, Path(directory)), lambda _: "agent", secure=False)
        with serving(app, listening):
            with ringing(given_up):
                page.goto(f"{base}/")
                take(page, "console-grounds")
                page.locator("[name=ticket]").fill("SD-1423")
                page.get_by_role("button", name="Continuer").click()
                take(page, "console")
                page.goto(f"{base}/parcours/{given_up.reference}")
                take(page, "console-journey", full_page=False)
            with ringing(down):
                page.goto(f"{base}/parcours?days=7")
                take(page, "console-outage")
                page.goto(f"{base}/chiffres")
                take(page, "console-counts", full_page=False)


@contextmanager
def ringing(caller: Happened) -> Iterator[None]:
    """The hour at which somebody rings."""
    with patch.object(Place, "now", lambda _: caller.at):
        yield


def take(page: Page, name: str, *, full_page: bool = True) -> None:
    """Take one picture."""
    page.screenshot(path=IMAGES / f"{name}.png", full_page=full_page)
    print(f"took {name}")


@contextmanager
def served(sandbox: Sandbox, listening: socket.socket) -> Iterator[str]:
    """The sandbox's pages on a port of the loopback."""
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    settings = HttpSettings(
        keys=(b"k" * 32,),
        brakes=None,
        answer_floor=timedelta(0),
        answer_jitter=timedelta(0),
        legal=LEGAL,
    )
    with serving(create_app(sandbox.flows, settings), listening):
        yield base


@contextmanager
def serving(app: ASGIApp, listening: socket.socket) -> Iterator[None]:
    """An app on a port that was taken, while the block runs."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def main() -> int:
    """Take them all."""
    if not CHROMIUM.exists():
        print("Chromium is missing. Type: sudo apt-get install chromium", file=sys.stderr)
        return 1
    IMAGES.mkdir(exist_ok=True)
    listening = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    sandbox = Sandbox(site=Site(base_url=base))
    with served(sandbox, listening), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-background-networking", "--disable-component-update"],
        )
        page = browser.new_page(viewport=SCREEN)
        page.set_default_timeout(10_000)
        if sys.argv[1:] != ["console"]:
            Tour(page, base, sandbox).walk()
        page.set_viewport_size(SCREEN)
        desk(page)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

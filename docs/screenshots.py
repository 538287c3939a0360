"""Take the pictures of every screen: `make screenshots`.

A sandbox is served on a free port of the loopback and walked through in Chromium, by the labels
that a person sees.  Pictures go to docs/images/, named after the screen's id.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from playwright.sync_api import Page, ViewportSize, sync_playwright
from starlette.types import ASGIApp

from monespace_backends.storage import open_storage, upgrade
from monespace_cli.access.place import DemoFolder
from monespace_cli.console import create_console, find_place
from monespace_flows import Site, SubmitIdentity
from monespace_flows.testing import Sandbox
from monespace_http import HttpSettings, Legal, create_app

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

    def go(self, path: str) -> None:
        self.page.goto(self.base + path)

    def fill(self, **typed: str) -> None:
        for name, value in typed.items():
            self.page.locator(f"[name={name}]").fill(value)

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=True).first.click()

    def take(self, name: str) -> None:
        self.page.screenshot(path=IMAGES / f"{name}.png", full_page=True)
        print(f"took {name}")

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


def refused(folder: Path) -> str:
    """Someone types a wrong date three times, in a folder like a demo's; the reference."""
    url = DemoFolder(folder).url
    upgrade(url)
    with closing(open_storage(url)) as storage:
        sandbox = Sandbox(storage=storage)
        view = sandbox.flows.start("creation")
        for _ in range(3):
            sandbox.clock.advance(minutes=2, seconds=39)
            sandbox.flows.submit(
                view.token,
                SubmitIdentity(birth_date="18/06/1975", rpps="99000000002", accept_terms=True),
            )
    return view.reference


def desk(page: Page) -> None:
    """The support's console on one journey that stopped."""
    listening = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with TemporaryDirectory() as directory:
        reference = refused(Path(directory))
        place = find_place(None, Path(directory))
        app = create_console(place, lambda _: "agent", secure=False)
        with serving(app, listening):
            page.goto(f"{base}/")
            page.locator("[name=ticket]").fill("SD-1423")
            page.get_by_role("button", name="Continuer").click()
            for path, name in (("/", "console"), (f"/parcours/{reference}", "console-journey")):
                page.goto(base + path)
                page.screenshot(path=IMAGES / f"{name}.png", full_page=path == "/")
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
        tour = Tour(page, base, sandbox)
        for part in (tour.create, tour.create_by_email, tour.sign_in, tour.settings):
            part()
        for part in (tour.reset, tour.recover, tour.expire, tour.help, tour.elsewhere):
            part()
        page.set_viewport_size(SCREEN)
        desk(page)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A Chromium and a server for all tests here, a sandbox and a window for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Page,
    ViewportSize,
    sync_playwright,
)

from tests.browser.serving import Server, running
from tests.http.visiting import Served

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # One process shows all pages: otherwise each way to a blank page and back starts another one,
    # for twice the price of a visit.
    "--disable-site-isolation-trials",
    "--renderer-process-limit=1",
]


SIZE: ViewportSize = {"width": 1280, "height": 720}


# Of the package, not of the session: a running Playwright keeps other tests from asyncio.
@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Start Chromium, or skip and say why."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM} is missing (apt-get install chromium libatomic1)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def server() -> Iterator[Server]:
    """Listen on a port."""
    with running() as server:
        yield server


@pytest.fixture
def served(server: Server) -> Served:
    """Serve a sandbox of its own."""
    return server.serve()


@pytest.fixture
def context(chromium: Browser, served: Served) -> Iterator[BrowserContext]:
    """Open a fresh profile that starts at the server."""
    context = chromium.new_context(base_url=served.base_url, locale="fr-FR")
    yield context
    context.close()


@pytest.fixture(scope="package")
def shared(chromium: Browser, server: Server) -> Iterator[Page]:
    """Open a window for all who leave nothing in it but cookies: a new one costs half a second."""
    context = chromium.new_context(base_url=server.base_url, locale="fr-FR")
    yield context.new_page()
    context.close()


@pytest.fixture(scope="package")
def shared_without_scripts(chromium: Browser, server: Server) -> Iterator[Page]:
    """Open another, which runs no script."""
    context = chromium.new_context(
        base_url=server.base_url, locale="fr-FR", java_script_enabled=False
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """Give a window without cookies; whatever its console complains of fails the test.

    It is a new one where the test asks for the ``context`` or is marked ``own_window``.
    """
    if "context" in request.fixturenames or request.node.get_closest_marker("own_window"):
        page = request.getfixturevalue("context").new_page()
        with _heard(page):
            yield page
    else:
        request.getfixturevalue("served")
        with _lent(request.getfixturevalue("shared")) as page:
            yield page


@pytest.fixture
def page_without_scripts(served: Served, shared_without_scripts: Page) -> Iterator[Page]:
    """Give the window that runs no script, without cookies."""
    with _lent(shared_without_scripts) as page:
        yield page


@pytest.fixture(params=["with scripts", "without scripts"])
def window(request: pytest.FixtureRequest) -> Page:
    """Give a window that runs scripts, then one that does not."""
    with_scripts = request.param == "with scripts"
    window: Page = request.getfixturevalue("page" if with_scripts else "page_without_scripts")
    return window


@contextmanager
def _lent(page: Page) -> Iterator[Page]:
    page.context.clear_cookies()
    page.context.clear_permissions()
    if page.viewport_size != SIZE:
        page.set_viewport_size(SIZE)
    with _heard(page):
        yield page
        page.goto("about:blank")  # no script of this test asks the next one's sandbox


@contextmanager
def _heard(page: Page) -> Iterator[None]:
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            complaints.append(message.text)

    def hear_error(error: Error) -> None:
        complaints.append(str(error))

    page.on("console", hear)
    page.on("pageerror", hear_error)
    yield
    page.remove_listener("console", hear)
    page.remove_listener("pageerror", hear_error)
    assert complaints == []

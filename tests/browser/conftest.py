"""A Chromium and a server for all tests here, a sandbox and a window for each."""

from __future__ import annotations

from collections.abc import Iterator
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
def window(chromium: Browser, server: Server) -> Iterator[Page]:
    """Open a window for all who leave nothing in it but cookies: a new one costs half a second."""
    context = chromium.new_context(base_url=server.base_url, locale="fr-FR")
    yield context.new_page()
    context.close()


@pytest.fixture
def page(request: pytest.FixtureRequest) -> Iterator[Page]:
    """Give a window without cookies; whatever its console complains of fails the test.

    It is a new one where the test asks for the ``context`` or is marked ``own_window``.
    """
    if "context" in request.fixturenames or request.node.get_closest_marker("own_window"):
        page = request.getfixturevalue("context").new_page()
    else:
        request.getfixturevalue("served")
        page = request.getfixturevalue("window")
        page.context.clear_cookies()
        page.context.clear_permissions()
        page.set_viewport_size(SIZE)
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "status of 4" not in message.text:
            complaints.append(message.text)

    def hear_error(error: Error) -> None:
        complaints.append(str(error))

    page.on("console", hear)
    page.on("pageerror", hear_error)
    yield page
    page.remove_listener("console", hear)
    page.remove_listener("pageerror", hear_error)
    page.goto("about:blank")  # no script of this test asks the next one's sandbox
    assert complaints == []

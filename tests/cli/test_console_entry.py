"""How one comes into the console: by a link that works once, or through a host's own site."""

from __future__ import annotations

import re
from collections.abc import Callable
from socket import socket

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from monespace_cli.console import create_console, find_place
from monespace_cli.console.app import console_cookies
from monespace_cli.console.entry import OneTimeLink
from tests.replaying import leave_alone

from .conftest import Call
from .desk import AGENT
from .stories import Told


class TestTheOneTimeLink:
    @pytest.fixture
    def link(self) -> OneTimeLink:
        """Make one."""
        return OneTimeLink(console_cookies(secure=False))

    @pytest.fixture
    def app(self, told: Told, link: OneTimeLink) -> Starlette:
        """Make the console that `monespace console` serves."""
        leave_alone(told.storage)
        place = find_place(None, told.path)
        return create_console(place, link, secure=False, extra_routes=(link.route,))

    def test_lets_in_the_first_browser_alone(self, app: Starlette, link: OneTimeLink) -> None:
        first, second = (TestClient(app, base_url="http://127.0.0.1") for _ in range(2))

        assert second.get("/").status_code == 403
        assert "Pourquoi lisez-vous" in first.get(link.path).text
        assert second.get(link.path).status_code == 403
        assert second.get("/").status_code == 403
        assert first.get("/").status_code == 200

    def test_cannot_be_guessed(self, app: Starlette, link: OneTimeLink) -> None:
        client = TestClient(app, base_url="http://127.0.0.1")

        assert client.get("/entree/autre").status_code == 403
        assert "Pourquoi lisez-vous" in client.get(link.path).text


def test_the_program_listens_on_this_machine_and_prints_the_link(
    told: Told, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def stopped_at_once(app: ASGIApp, listening: socket, ready: Callable[[], None]) -> None:
        taken.append(listening.getsockname()[0])
        stranger = TestClient(app, base_url="http://attaque.example")
        assert stranger.get("/").status_code == 400
        ready()

    monkeypatch.setattr("monespace_cli.console.command.serve_until_stopped", stopped_at_once)
    ended = call("console", "--dir", told.path)

    assert ended.exit_code == 0
    assert taken == ["127.0.0.1"]
    assert re.fullmatch(r"Ready: http://127\.0\.0\.1:\d+/entree/[\w-]{32}\n", ended.stdout)


def test_a_host_mounts_it_below_a_path_of_its_own(told: Told) -> None:
    leave_alone(told.storage)
    place = find_place(None, told.path)
    host = Starlette(routes=[Mount("/assistance", create_console(place, lambda _: AGENT))])
    client = TestClient(host, base_url="https://ordre.example")
    page = client.get("/assistance/").text

    assert 'action="/assistance/motif"' in page
    sheet = re.search(r'href="(/assistance/fichiers/[^"]+console\.css)"', page)
    assert sheet is not None
    assert client.get(sheet[1]).status_code == 200

"""A whole service by its settings, for who serves it by something else than our program."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from threading import Event
from threading import enumerate as living
from typing import Any

import pytest
from attrs import evolve
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from monespace_backends import (
    Settings,
    SettingsInvalid,
    close_flows,
    create_app_from_settings,
    from_settings,
    ports_from_settings,
)
from monespace_backends.secrets import create_keys
from monespace_backends.serving import create_app_from_environment
from monespace_backends.settings.service import (
    Argon2Settings,
    HttpOptions,
    MetricsSettings,
    SmtpSettings,
)
from monespace_flows import AccountErased
from monespace_flows.driver.queueing import queue_event
from monespace_flows.ports import Message, OutboxMessage
from monespace_flows.serialization import to_json
from monespace_flows.testing import demo_registry

from .mailing import MAIL

URL = "http://127.0.0.1:8000"


class WayOut:
    """A host's own way out."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.came = Event()

    def deliver(self, message: Message) -> None:
        self.messages.append(message)
        self.came.set()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Name a registry and a mail server that there are not: the host gives its own."""
    create_keys(tmp_path / "keys")
    return Settings(
        base_url=URL,
        database=f"sqlite:///{tmp_path}/monespace.db",
        keys_file=tmp_path / "keys",
        registry=tmp_path / "nowhere.csv",
        smtp=SmtpSettings(host="127.0.0.1", port=9, tls="none", sender="x@monespace.example"),
        argon2=Argon2Settings(memory_cost=19_456, time_cost=2, parallelism=1),
    )


@contextmanager
def served(app: Starlette) -> Iterator[TestClient]:
    """Serve an app as a server does that sends a lifespan."""
    with TestClient(app, base_url=URL) as client:
        yield client


def make(settings: Settings, way_out: WayOut | None = None) -> Starlette:
    return create_app_from_settings(
        settings, registry=demo_registry(), messaging=way_out or WayOut()
    )


def queue(settings: Settings, message: Message) -> None:
    """Leave a message behind, as a process that has ended did."""
    ports = ports_from_settings(settings, registry=demo_registry(), messaging=WayOut())
    with ports.storage.writing() as unit:
        unit.outbox.add(
            OutboxMessage(
                id=message.id,
                journey=None,
                channel="email",
                purpose=message.purpose,
                sealed=ports.secrets.seal(to_json(message)),
                created_at=ports.clock.now(),
                due_at=ports.clock.now(),
            )
        )
    close(ports)


def close(ports: Any) -> None:
    ports.storage.close()


def threads() -> set[str]:
    """What runs behind a service."""
    return {it.name for it in living() if it.name.startswith("monespace-")}


def test_pages_and_json_are_served_as_by_our_program(settings: Settings) -> None:
    """Forms are signed under keys that are derived from the settings' own; nobody invents any."""
    with served(make(settings)) as client:
        page = client.get("/creation")
        started = client.post("/api/journeys", json={"flow": "creation"})
        ready = client.get("/readyz")

    assert "Créer votre espace" in page.text
    assert started.status_code == 201
    assert ready.status_code == 200


def test_what_waits_at_a_restart_leaves_at_once(settings: Settings) -> None:
    """Not after somebody's next message."""
    queue(settings, MAIL)
    way_out = WayOut()
    with served(make(settings, way_out)):
        assert way_out.came.wait(20)

    assert [it.id for it in way_out.messages] == [MAIL.id]


def test_and_so_it_does_without_our_pages(settings: Settings) -> None:
    queue(settings, MAIL)
    way_out = WayOut()
    flows = from_settings(settings, registry=demo_registry(), messaging=way_out)

    assert way_out.came.wait(20)
    close_flows(flows)
    assert threads() == set()


def test_all_ends_with_the_app(settings: Settings) -> None:
    """The threads, and the connections; another app may follow in the same process."""
    for _ in range(2):
        app = make(settings)
        with served(app):
            assert "monespace-relay-email" in threads()
            assert "monespace-relay-events" in threads()
            assert "monespace-purge" in threads()
        assert threads() == set()


def test_mounted_it_serves_without_a_lifespan(settings: Settings) -> None:
    """Starlette tells mounted apps of none: the process's end is theirs."""
    mounted = make(evolve(settings, base_url=f"{URL}/compte"))
    with served(Starlette(routes=[Mount("/compte", mounted)])) as client:
        assert client.get("/compte/connexion").status_code == 200
    assert "monespace-purge" in threads()

    async def end() -> None:
        async with mounted.router.lifespan_context(mounted):
            pass

    asyncio.run(end())
    assert threads() == set()


@pytest.mark.parametrize("delivers", [True, False])
def test_handlers_of_the_host_are_called_from_a_thread(settings: Settings, delivers: bool) -> None:
    """Even where another process delivers messages."""
    told = Event()
    with served(make(evolve(settings, relay=delivers))) as client:
        flows = client.app.state.flows  # type: ignore[attr-defined]  # of our app
        flows.on(AccountErased, lambda _: told.set(), name="host")
        with flows.ports.storage.writing() as unit:
            now = flows.ports.clock.now()
            event = AccountErased(id="erased-x", at=now, account_id="x")
            queue_event(unit, flows.ports.secrets, event, now + timedelta(days=1))

        assert told.wait(20)
        assert ("monespace-relay-email" in threads()) is delivers


def test_metrics_are_shown_behind_their_token(settings: Settings) -> None:
    token = "un-jeton-de-seize-signes"
    with served(make(evolve(settings, metrics=MetricsSettings(token=token)))) as client:
        shown = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})

    assert "monespace_" in shown.text


def test_what_cannot_be_served_is_told_and_leaves_nothing_open(settings: Settings) -> None:
    broken = evolve(settings, http=HttpOptions(brakes={"nothing": "1/hour"}))

    with pytest.raises(SettingsInvalid, match=r"http\.brakes\.nothing is unknown"):
        make(broken)
    with pytest.raises(SettingsInvalid, match=r"^http: "):
        make(evolve(settings, http=HttpOptions(answer_floor=timedelta(seconds=-1))))
    assert threads() == set()


def test_the_environment_names_the_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="base_url"):
        create_app_from_environment({})
    with pytest.raises(SettingsInvalid, match="nowhere"):
        create_app_from_environment({"MONESPACE_CONFIG": str(tmp_path / "nowhere.toml")})

"""Webhooks: events told over HTTP, signed, tried again, and known by their id."""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from attrs import evolve
from standardwebhooks import Webhook as Receiver
from standardwebhooks import WebhookVerificationError

from monespace_backends import (
    Settings,
    SettingsInvalid,
    from_settings,
    ports_from_settings,
    read_settings,
)
from monespace_backends.clock import SystemClock
from monespace_backends.messaging.webhooks import Webhook
from monespace_backends.settings.webhooks import WebhookSettings
from monespace_backends.wiring import relay_of, webhooks_of
from monespace_flows import AccountCreated, AccountErased, Alarm, CredentialsChanged
from monespace_flows.driver.queueing import queue_event
from monespace_flows.errors import DeliveryRefused, PortUnavailable
from monespace_flows.events import AlarmKind, Event
from monespace_flows.facts import Role
from monespace_flows.ports import Clock, Message
from monespace_flows.testing import MemoryClock, demo_registry
from tests.cli.stories import write_settings
from tests.servers.webhooks import Crm, receiving

from .mailing import HOST, dripping

SECRET = "whsec_" + b64encode(b"un secret de vingt-quatre octets, ou plus").decode()
OTHER = "whsec_" + b64encode(b"un autre secret de vingt-quatre octets !").decode()
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ERASED = AccountErased(id="erased-a1", at=NOW, account_id="a1")
URL = "https://crm.example/webhooks"


def webhook(
    answer: Callable[[httpx2.Request], httpx2.Response],
    *secrets: str,
    clock: Clock | None = None,
) -> Webhook:
    keys = WebhookSettings(url=URL, secret=" ".join(secrets or (SECRET,))).read_keys()
    transport = httpx2.MockTransport(answer)
    return Webhook(URL, keys, clock or MemoryClock(NOW), transport=transport)


def posted(event: Event, *secrets: str) -> httpx2.Request:
    """What a receiver gets."""
    asked: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(204)

    # The standard's own library takes no stamp that is old.
    webhook(answer, *secrets, clock=SystemClock())(event)
    (request,) = asked
    return request


# --- what is posted ------------------------------------------------------------------------------


def test_a_receiver_checks_it_as_the_standard_says() -> None:
    """By the standard's own library, with the secret that both sides know."""
    request = posted(ERASED)

    body = Receiver(SECRET).verify(request.content, dict(request.headers))
    assert (request.method, str(request.url)) == ("POST", URL)
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["webhook-id"] == "erased-a1"
    assert body == {
        "kind": "AccountErased",
        "id": "erased-a1",
        "at": NOW.isoformat(),
        "account_id": "a1",
    }
    with pytest.raises(WebhookVerificationError, match="signature"):
        Receiver(OTHER).verify(request.content, dict(request.headers))
    with pytest.raises(WebhookVerificationError, match="signature"):
        Receiver(SECRET).verify(request.content + b" ", dict(request.headers))


def test_while_one_secret_follows_another_both_are_good() -> None:
    request = posted(ERASED, OTHER, SECRET)

    for secret in (SECRET, OTHER):
        assert Receiver(secret).verify(request.content, dict(request.headers))


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (AccountCreated(id="e", at=NOW, role=Role.DOCTOR), {"role": "medecin"}),
        (
            Alarm(id="e", at=NOW, kind=AlarmKind.SMS_BUDGET, is_over=True),
            {"kind": "Alarm", "is_over": True, "alarm": "sms_budget"},
        ),
        (CredentialsChanged(id="e", at=NOW, email="é@x.example"), {"email": "é@x.example"}),
        (CredentialsChanged(id="e", at=NOW), {"kind": "CredentialsChanged"}),
    ],
)
def test_each_field_of_an_event_is_told(event: Event, told: dict[str, Any]) -> None:
    """What is not known is left out; an alarm's own kind is beside the event's."""
    body = json.loads(posted(event).content)

    assert told.items() <= body.items()
    assert ("email" in body) is ("email" in told)
    assert "account_id" not in body


# --- what is answered ----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 429, 500, 503])
def test_anything_but_a_success_is_tried_again(status: int) -> None:
    """A redirect is not followed: what was signed for one address is for it alone."""
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        return httpx2.Response(status, headers={"Location": "https://elsewhere.example"})

    with pytest.raises(PortUnavailable, match="webhook") as caught:
        webhook(answer)(ERASED)
    assert not isinstance(caught.value, DeliveryRefused)
    assert asked == [URL]


def test_a_receiver_that_is_gone_is_asked_no_more() -> None:
    with pytest.raises(DeliveryRefused, match="webhook"):
        webhook(lambda _: httpx2.Response(410))(ERASED)


def test_a_receiver_that_fails_for_days_is_asked_no_more() -> None:
    """An operator sees it, and may put the event back."""
    clock = MemoryClock(NOW)
    failing = webhook(lambda _: httpx2.Response(500), clock=clock)
    clock.advance(hours=71)
    with pytest.raises(PortUnavailable) as caught:
        failing(ERASED)
    assert not isinstance(caught.value, DeliveryRefused)

    clock.advance(hours=1)
    with pytest.raises(DeliveryRefused):
        failing(ERASED)


@pytest.mark.parametrize("error", [httpx2.ConnectError, httpx2.ReadTimeout, httpx2.ReadError])
def test_one_that_does_not_answer_is_asked_again(
    error: Callable[[str], httpx2.HTTPError],
) -> None:
    """What went wrong is not carried along: it may quote the address."""

    def answer(_: httpx2.Request) -> httpx2.Response:
        raise error(URL)

    with pytest.raises(PortUnavailable, match="webhook") as caught:
        webhook(answer)(ERASED)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 500 Oh\r\n\r\n"])
def test_one_that_says_a_byte_now_and_then_holds_nobody(said: bytes) -> None:
    """Its body is not read at all."""
    keys = WebhookSettings(url=URL, secret=SECRET).read_keys()
    with dripping(said) as port:
        slow = Webhook(
            f"http://{HOST}:{port}/", keys, MemoryClock(NOW), deadline=timedelta(milliseconds=300)
        )
        with pytest.raises(PortUnavailable, match="webhook"):
            slow(ERASED)


def test_no_secret_is_shown() -> None:
    settings = WebhookSettings(url=f"{URL}?token=hunter2", secret=SECRET)

    assert SECRET not in repr(settings)
    assert "hunter2" not in repr(settings)
    assert settings.listener == URL
    assert "un secret" not in repr(webhook(lambda _: httpx2.Response(200)))


# --- what settings say ---------------------------------------------------------------------------


def read(folder: Path, more: str, environment: Mapping[str, str] | None = None) -> Settings:
    return read_settings(write_settings(folder, more=more), environment or {})


def problems(folder: Path, more: str) -> tuple[str, ...]:
    with pytest.raises(SettingsInvalid) as caught:
        read(folder, more)
    assert "hunter2" not in str(caught.value)
    return caught.value.problems


@pytest.mark.parametrize(
    "more",
    [
        f'[webhooks]\nurl = "{URL}"\nsecret = "{SECRET}"',
        f'[[webhooks]]\nurl = "{URL}"\nsecret = "{SECRET}"',
        f'[webhooks.crm]\nurl = "{URL}"\nsecret = "{SECRET}"',
    ],
)
def test_one_alone_a_list_and_tables_by_name_are_read(more: str, tmp_path: Path) -> None:
    (found,) = read(tmp_path, more).webhooks.values()

    assert (found.listener, len(found.events)) == (URL, 12)
    assert len(found.read_keys()) == 1


def test_the_environment_may_hold_the_secret(tmp_path: Path) -> None:
    more = f'[webhooks.crm]\nurl = "{URL}"\nkinds = ["SignedIn"]\nname = "crm"'
    settings = read(tmp_path, more, {"MONESPACE_WEBHOOKS__CRM__SECRET": SECRET})

    crm = settings.webhooks["crm"]
    assert (crm.listener, crm.events) == ("crm", ("SignedIn",))


def test_a_file_may_hold_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{OTHER}\n{SECRET}\n")
    settings = read(tmp_path, f'[webhooks.crm]\nurl = "{URL}"\nsecret_file = "secret"')

    assert len(settings.webhooks["crm"].read_keys()) == 2


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('url = "http://crm.example"', "url must begin with https://"),
        ('url = "https://a:hunter2@crm.example"', "url must hold no name and password"),
        ('url = "https:///crm"', "url must be an address"),
        (f'url = "{URL}"', "secret and secret_file: give one of them"),
        (f'url = "{URL}"\nsecret = "hunter2"', "secret must be whsec_ and 24 to 64"),
        (f'url = "{URL}"\nsecret = "whsec_aHVudGVyMg=="', "secret must be whsec_ and 24 to 64"),
        (f'url = "{URL}"\nsecret = ""', "secret must be whsec_ and 24 to 64"),
        (f'url = "{URL}"\nsecret = "{SECRET}"\nkinds = ["Nothing"]', "kinds must be among Acc"),
        (f'url = "{URL}"\nsecret = "{SECRET}"\nname = " "', "name must be 1 to 200"),
        (f'url = "{URL}"\nsecret = "{SECRET}"\ntimeout = 0', "timeout "),
        (f'ulr = "{URL}"\nsecret = "{SECRET}"', "ulr is unknown, did you mean url?"),
    ],
)
def test_what_is_wrong_is_told_by_its_name(more: str, told: str, tmp_path: Path) -> None:
    assert problems(tmp_path, f"[webhooks.crm]\n{more}")[0].startswith(f"webhooks.crm.{told}")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('webhooks = "x"', "webhooks must be a table"),
        ("webhooks = [1]", "webhooks.1 must be a table"),
        (
            "\n".join(
                f'[[webhooks]]\nurl = "{URL}?a={number}"\nsecret = "{SECRET}"' for number in (1, 2)
            ),
            "webhooks (1): another one has the same address: give each a name",
        ),
    ],
)
def test_what_is_wrong_with_all_of_them_is_told(more: str, told: str, tmp_path: Path) -> None:
    assert problems(tmp_path, more) == (told,)


# --- from end to end -----------------------------------------------------------------------------


@pytest.fixture
def crm() -> Iterator[Crm]:
    with receiving() as it:
        yield it


def settings_of(crm: Crm) -> WebhookSettings:
    return WebhookSettings(url=crm.url, secret=SECRET, kinds=("AccountErased",))


class WayOut:
    def deliver(self, message: Message) -> None: ...


@contextmanager
def erasing(settings: Settings) -> Iterator[Any]:
    """An application with an account to erase, and nothing of it running yet."""
    ports = ports_from_settings(settings, registry=demo_registry(), messaging=WayOut())
    yield ports
    closing: Any = ports.storage
    closing.close()


def happen(ports: Any) -> None:
    """Let an account be erased, in whatever process."""
    with ports.storage.writing() as unit:
        event = evolve(ERASED, at=ports.clock.now())
        queue_event(unit, ports.secrets, event, event.at + timedelta(days=1))


def test_a_webhook_is_told_by_whoever_delivers(tmp_path: Path, crm: Crm) -> None:
    """At a failure again, with the same id; and what was done is not told twice."""
    crm.statuses = [500]
    settings = evolve(read(tmp_path, ""), webhooks={"crm": settings_of(crm)})
    quick = evolve(settings.policy.deliveries, first_wait=timedelta(milliseconds=10))
    settings = evolve(settings, policy=evolve(settings.policy, deliveries=quick))
    with erasing(settings) as ports:
        relay = relay_of(ports, settings.policy)
        from_settings(settings, ports=ports, relay=relay)
        happen(ports)
        relay.start()
        assert crm.came.wait(20)
        relay.stop()
        with ports.storage.reading() as unit:
            assert unit.outbox.waiting() == []

    first, second = crm.got
    assert first.path == "/hooks"
    assert Receiver(SECRET).verify(second.body, second.headers)["account_id"] == "a1"
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "erased-a1"


def test_a_service_that_delivers_nothing_tells_none(tmp_path: Path, crm: Crm) -> None:
    """The relay's process does; the listener is known to it alone."""
    settings = evolve(read(tmp_path, ""), webhooks={"crm": settings_of(crm)}, relay=False)
    with erasing(settings) as ports:
        relay = relay_of(ports, settings.policy, delivers=False)
        from_settings(settings, ports=ports, relay=relay)
        happen(ports)
        with ports.storage.reading() as unit:
            assert unit.listeners.everyone() == []
            assert unit.outbox.waiting() == []


def test_all_that_cannot_be_used_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "short").write_text("whsec_hunter2")
    (tmp_path / "binary").write_bytes(b"\xff")
    settings = read(
        tmp_path,
        "\n".join(
            f'[webhooks.{name}]\nurl = "{URL}/{name}"\nsecret_file = "{name}"'
            for name in ("nowhere", "short", "binary")
        ),
    )

    with erasing(settings) as ports, pytest.raises(SettingsInvalid) as caught:
        webhooks_of(settings, ports)
    assert caught.value.problems == (
        "webhooks.nowhere: secret_file cannot be read (No such file or directory)",
        "webhooks.short: secret_file must be whsec_ and 24 to 64 random bytes in base64",
        "webhooks.binary: secret_file is not in UTF-8",
    )


def test_without_the_extra_the_start_says_what_to_install(
    tmp_path: Path, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = evolve(read(tmp_path, ""), webhooks={"crm": settings_of(crm)})
    monkeypatch.setitem(sys.modules, "monespace_backends.messaging.webhooks", None)

    with erasing(settings) as ports, pytest.raises(SettingsInvalid) as caught:
        webhooks_of(settings, ports)
    assert "pip install 'monespace-flows[webhooks]'" in caught.value.problems[0]

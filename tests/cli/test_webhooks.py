"""Webhooks by the program: told by its relay, and looked at by its doctor."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Receiver

from monespace_backends import ports_from_settings, read_settings
from monespace_flows import AccountErased
from monespace_flows.driver.queueing import queue_event
from tests.servers.webhooks import receiving

from .conftest import Call
from .stories import write_settings

KEY = b64encode(b"un secret de vingt-quatre octets, ou plus").decode()
SECRET = f"whsec_{KEY}"
WEBHOOK = """
[webhooks.crm]
url = "{url}"
secret_file = "secret"
kinds = ["AccountErased"]
"""


def configured(folder: Path, url: str) -> Path:
    """Write settings with one webhook."""
    (folder / "secret").write_text(SECRET)
    return write_settings(folder, more=WEBHOOK.format(url=url))


def happen(config: Path) -> None:
    """Let an account be erased, in whatever process."""
    ports = ports_from_settings(read_settings(config, {}))
    now = ports.clock.now()
    with ports.storage.writing() as unit:
        event = AccountErased(id="erased-a1", at=now, account_id="a1")
        queue_event(unit, ports.secrets, event, now + timedelta(days=1))
    storage: Any = ports.storage
    storage.close()


def test_a_relay_tells_webhooks_too(tmp_path: Path, call: Call) -> None:
    """Its first run makes the listener known; what happens then is told, once."""
    with receiving() as crm:
        config = configured(tmp_path, crm.url)
        first = call("relay", "--once", "--json", "--config", config)
        happen(config)
        listed = call("outbox", "listeners", "--config", config).stdout
        second = call("relay", "--once", "--json", "--config", config)
        third = call("relay", "--once", "--json", "--config", config)

    sent = [json.loads(it.stdout)["sent"] for it in (first, second, third)]
    assert sent == [0, 1, 0]
    assert f"AccountErased              1       0  {crm.url}" in listed.splitlines()
    (got,) = crm.got
    assert Receiver(SECRET).verify(got.body, got.headers)["account_id"] == "a1"


@pytest.mark.parametrize("command", [("relay", "--once"), ("relay",), ("serve", "--port", "0")])
def test_what_cannot_sign_does_not_start(
    command: tuple[str, ...], tmp_path: Path, call: Call
) -> None:
    config = configured(tmp_path, "https://crm.example")
    (tmp_path / "secret").unlink()

    ended = call(*command, "--config", config)

    assert ended.exit_code == 2
    assert "webhooks.crm: secret_file cannot be read" in ended.stderr


def test_the_doctor_reads_secrets_and_shows_none(tmp_path: Path, call: Call) -> None:
    config = configured(tmp_path, "https://crm.example/?token=hunter2")

    ended = call("doctor", "--config", config)
    assert "https://crm.example/" in ended.stdout
    assert "hunter2" not in ended.stdout
    assert KEY not in ended.stdout
    assert "webhooks.crm.kinds" in ended.stdout

    (tmp_path / "secret").write_text("short")
    checks = json.loads(call("doctor", "--config", config, "--json").stdout)["checks"]
    (found,) = (it for it in checks if it["name"] == "webhooks")
    assert found["is_good"] is False
    assert found["told"].startswith("crm: secret_file must be whsec_")

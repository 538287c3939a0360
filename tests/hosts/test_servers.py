"""The app named to servers: uvicorn and granian, as processes; and what they say when it cannot."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import select

from monespace_backends import read_settings
from monespace_backends.storage import open_storage
from monespace_backends.storage.tables import key_users
from tests.cli.running import clean_environment, wait_for
from tests.cli.stories import free_port, write_settings

pytestmark = pytest.mark.slow

SERVERS = {
    "uvicorn": ("uvicorn", "monespace_http.asgi:app", "--no-proxy-headers"),
    "uvicorn factory": ("uvicorn", "monespace_http.asgi:create_app", "--factory"),
    "granian": (
        "granian",
        "monespace_http.asgi:create_app",
        "--factory",
        "--interface",
        "asgi",
    ),
}
EACH = pytest.mark.parametrize("command", SERVERS.values(), ids=SERVERS)


def started(command: tuple[str, ...], port: int, config: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", *command, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=clean_environment(MONESPACE_CONFIG=str(config)),
        start_new_session=True,
    )


@contextmanager
def serving(command: tuple[str, ...], port: int, config: Path) -> Iterator[subprocess.Popen[str]]:
    process = started(command, port, config)
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def asked(url: str, body: Any = None) -> Any:
    raw = None if body is None else json.dumps(body).encode()
    request = Request(url, raw, {"Content-Type": "application/json"})  # noqa: S310 - loopback
    try:
        with urlopen(request, timeout=20) as answer:  # noqa: S310 - loopback
            return json.loads(answer.read())
    except URLError:
        return None


@EACH
def test_a_server_that_is_told_where_the_app_is_serves_it(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    """It answers, what waits leaves, and SIGTERM ends it with nothing half done."""
    config = write_settings(tmp_path)
    settings = read_settings(config, {})
    with serving(command, settings.http.port, config) as process:
        ready = wait_for(lambda: asked(f"{settings.base_url}/readyz"), "the server")
        view = asked(f"{settings.base_url}/api/journeys", {"flow": "creation"})
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)

    assert ready["status"] == "ready"
    assert view["state"] == "enter_identity"
    assert code in (0, -signal.SIGTERM)
    storage = open_storage(settings.database.url)
    with storage._looking() as transaction:
        users = transaction.all(select(key_users))
    storage.close()
    assert users == []  # it said good-bye to the database


@EACH
def test_settings_that_cannot_be_used_are_told_all_at_once(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    """Plainly, without a traceback; and the server does not start."""
    config = write_settings(tmp_path, more='surprise = "yes"')
    (tmp_path / "keys").unlink()
    port = free_port()
    with serving(command, port, config) as process:
        assert process.stdout is not None
        told = ""
        while "surprise" not in told and (line := process.stdout.readline()):
            told += line
        if command[0] == "granian":  # it tries again and again, as it is told to
            os.killpg(process.pid, signal.SIGKILL)
            return
        told += process.stdout.read()
        code = process.wait(30)

    assert code == 3
    assert "monespace: the settings cannot be used:\n  surprise" in told
    assert "Traceback" not in told

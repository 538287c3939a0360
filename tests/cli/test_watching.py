"""What an operator sees and reads: `monespace breaker`, a private port of metrics, the log."""

from __future__ import annotations

import json
import logging
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from attrs import evolve

from monespace_backends.clock import SystemClock
from monespace_backends.keyring import keys_in_use
from monespace_backends.metrics import Metrics, MetricsMissing
from monespace_backends.serving import app_of, metrics_of
from monespace_backends.settings.service import SettingsInvalid, read_settings
from monespace_backends.wiring import from_settings, relay_of
from monespace_cli.access.log import AccessLog
from monespace_cli.access.place import opened_ports
from monespace_cli.errors import Exit, Stop
from monespace_cli.output import log_to_stderr
from monespace_cli.serving.relay import _run
from monespace_cli.serving.server import measuring
from monespace_flows.effects import Budget
from tests.support.desk import Desk

from .conftest import Call
from .stories import free_port, write_settings

WHY = ("--purpose", "incident", "--ticket", "SD-7")
TOKEN = "un-jeton-de-seize-signes"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Sit down where the day's budget for SMS is used up."""
    desk = Desk(tmp_path)
    now = SystemClock().now()
    with desk.storage.writing() as unit:
        unit.budgets.add(Budget.TOTAL, "sms", now)
        unit.budgets.add(Budget.TOTAL, "email", now)
        unit.budgets.add(Budget.TOTAL, "identity", now)
        unit.budgets.add(Budget.ALARM, "sms_budget", now)
    yield desk
    desk.close()


class TestBreaker:
    def test_shows_the_counts_beside_their_limits(self, desk: Desk, call: Call) -> None:
        ended = call("breaker", "show", "--dir", desk.path)

        assert ended.exit_code == 0
        assert ended.stdout.splitlines() == [
            "identités fausses          1  en 10 min ; alerte à 100, ralenti à 300",
            "mots de passe faux         0  en 10 min ; alerte à 100",
            "SMS                        1  aujourd'hui, sur 2000",
            "e-mails                    1  aujourd'hui ; alerte à 20000",
            "au ralenti               non",
            "disjoncteur SMS       ouvert",
        ]

    def test_shows_them_as_json(self, desk: Desk, call: Call) -> None:
        ended = call("breaker", "show", "--json", "--dir", desk.path)

        assert json.loads(ended.stdout) == {
            "schema": "monespace/breaker/1",
            "identity_failures": 1,
            "sign_in_failures": 0,
            "slow_mode": False,
            "sms": 1,
            "sms_per_day": 2000,
            "sms_is_closed": True,
            "emails": 1,
        }

    def test_sd_03_lets_sms_leave_again_and_is_on_record(self, desk: Desk, call: Call) -> None:
        """Once: what is closed already is said so, by the code as well."""
        first = call("breaker", "close", *WHY, "--dir", desk.path)
        again = call("breaker", "close", *WHY, "--dir", desk.path)

        assert (first.exit_code, again.exit_code) == (0, Exit.NO_JOURNEY)
        assert first.stdout == "Les SMS repartent, dans un nouveau budget pour aujourd'hui.\n"
        assert again.stderr.endswith("monespace: les SMS partent déjà\n")
        records = AccessLog(desk.folder.access_log).read()
        assert [(it.command, it.reference, it.ticket) for it in records] == [
            ("breaker-close", "messages", "SD-7")
        ] * 2

    def test_answers_as_json(self, desk: Desk, call: Call) -> None:
        ended = call("breaker", "close", "--json", *WHY, "--dir", desk.path)

        assert json.loads(ended.stdout) == {
            "schema": "monespace/breaker-close/1",
            "closed": True,
            "access": 1,
        }

    def test_does_nothing_without_a_reason_or_a_record(self, desk: Desk, call: Call) -> None:
        unexplained = call("breaker", "close", "--dir", desk.path)
        desk.folder.access_log.mkdir()
        unrecorded = call("breaker", "close", *WHY, "--dir", desk.path)

        assert (unexplained.exit_code, unrecorded.exit_code) == (Exit.REFUSED, Exit.REFUSED)
        assert "il manque --purpose : dites pourquoi vous rouvrez les SMS" in unexplained.stderr
        assert "rien n'est changé" in " ".join(unrecorded.stderr.split())
        shown = call("breaker", "show", "--json", "--dir", desk.path)
        assert json.loads(shown.stdout)["sms_is_closed"]


# --- metrics -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("metrics", "told"),
    [
        ("{}", "metrics.port (a private one, on 127.0.0.1 unless host says otherwise), token"),
        ('{ token = "court" }', "metrics.token must have 16 characters or more"),
        (f'{{ token = "{TOKEN}", token_file = "t" }}', "metrics.token and token_file"),
        ("{ port = 70000 }", "metrics.port must be between 0 and 65535"),
        ("{ port = 9100, relay_port = -1 }", "metrics.relay_port must be between 0 and 65535"),
    ],
)
def test_metrics_that_anybody_could_read_are_refused(
    tmp_path: Path, metrics: str, told: str
) -> None:
    """At start, with what to write."""
    config = write_settings(tmp_path, more=f"metrics = {metrics}")

    with pytest.raises(SettingsInvalid) as refused:
        read_settings(config, {})

    assert [it for it in refused.value.problems if it.startswith(told)] != []
    assert TOKEN not in str(refused.value)


def test_the_token_may_stand_in_a_file(tmp_path: Path) -> None:
    config = write_settings(tmp_path, more='metrics = { token_file = "jeton" }')
    metrics = read_settings(config, {}).metrics
    assert metrics is not None

    with pytest.raises(SettingsInvalid, match="cannot be read"):
        metrics.read_token()
    (tmp_path / "jeton").write_text("court\n")
    with pytest.raises(SettingsInvalid, match="16 characters"):
        metrics.read_token()
    (tmp_path / "jeton").write_text(f"{TOKEN}\n")
    assert metrics.read_token() == TOKEN
    assert TOKEN not in repr(metrics)


def test_a_file_without_a_token_stops_the_start(tmp_path: Path) -> None:
    settings = read_settings(
        write_settings(tmp_path, more='metrics = { token_file = "jeton" }'), {}
    )  # fmt: skip
    with opened_ports(settings) as ports:
        flows = from_settings(settings, ports=ports, relay=relay_of(ports, settings.policy))
        keys = keys_in_use(ports.secrets, settings.keys_file)

        with pytest.raises(SettingsInvalid, match=r"metrics\.token_file"):
            app_of(flows, settings, keys, metrics_of(settings))


def test_without_the_extra_the_start_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings(write_settings(tmp_path, more="metrics = { port = 0 }"), {})
    monkeypatch.setitem(sys.modules, "prometheus_client", None)

    with pytest.raises(MetricsMissing):
        Metrics()
    with pytest.raises(SettingsInvalid, match=r"pip install monespace-flows\[metrics\]"):
        metrics_of(settings)


def read(port: int) -> str:
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
        page: str = answer.read().decode()
    return page


def test_a_private_port_shows_what_is_measured(tmp_path: Path) -> None:
    """Of a relay's process, too; without metrics there is no port."""
    port = free_port()
    settings = read_settings(write_settings(tmp_path, more=f"metrics = {{ port = {port} }}"), {})
    metrics = metrics_of(settings)
    with opened_ports(settings) as opened:
        ports = evolve(opened, observer=metrics)
        with measuring(metrics, settings, ports, port):
            page = read(port)
            with (
                pytest.raises(Stop, match=f"metrics: port {port} of 127.0.0.1"),
                ExitStack() as stack,
            ):
                stack.enter_context(measuring(Metrics(), settings, ports, port))
        with measuring(None, settings, ports, None), measuring(Metrics(), settings, ports, None):
            pass

    assert "monespace_storage_up 1.0" in page
    assert "monespace_sms_per_day 2000.0" in page
    with socket.socket() as free:
        assert free.connect_ex(("127.0.0.1", port)) != 0
    assert callable(_run)


def test_without_metrics_nothing_is_made(tmp_path: Path) -> None:
    assert metrics_of(read_settings(write_settings(tmp_path), {})) is None


# --- the log -------------------------------------------------------------------------------------


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Log as JSON, and read the lines; the logging of the tests comes back afterwards."""
    root, written = logging.getLogger(), StringIO()
    before, level = root.handlers, root.level
    monkeypatch.setattr(sys, "stderr", written)
    log_to_stderr(logging.INFO, as_json=True, request=lambda: "0123456789abcdef")
    root.handlers = root.handlers[:]
    yield lambda: [json.loads(it) for it in written.getvalue().splitlines()]
    root.handlers = before
    root.setLevel(level)


def test_a_line_is_one_object(logged: Any) -> None:
    """With the journey and the request where it is about one; never with what an error holds."""
    logging.getLogger("monespace_http").info("%s: said", "code", extra={"journey": "7K3Q-F9M2"})
    try:
        int("17/06/1975")
    except ValueError:
        logging.getLogger("a").exception("it broke\non two lines")

    first, second = logged()

    assert {name: first[name] for name in first if name != "time"} == {
        "level": "INFO",
        "logger": "monespace_http",
        "message": "code: said",
        "journey": "7K3Q-F9M2",
        "request": "0123456789abcdef",
    }
    assert first["time"].endswith("+00:00")
    assert second["message"] == "it broke\non two lines"
    assert second["error"].startswith("ValueError at test_watching.py:")
    assert "1975" not in json.dumps(second)


def test_an_access_names_no_client_and_no_query(
    logged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    args = ("203.0.113.9:4711", "GET", "/securite?parcours=7K3Q-F9M2", "1.1", 200)
    access = logging.getLogger("uvicorn.access")
    # As in a new process: servers that other tests started here have set it up for themselves.
    for logger in (access, logging.getLogger("uvicorn")):
        for name, value in {"disabled": False, "propagate": True, "level": logging.INFO}.items():
            monkeypatch.setattr(logger, name, value)
    access.info('%s - "%s %s HTTP/%s" %d', *args)
    access.info("another shape: %s", "x")
    access.info("no values")

    first, *others = logged()

    assert (first["method"], first["path"], first["status"]) == ("GET", "/securite", 200)
    assert first["message"] == "GET /securite 200"
    assert "203.0.113.9" not in json.dumps(first)
    assert [it["message"] for it in others] == ["another shape: x", "no values"]


def test_the_settings_choose_the_format(tmp_path: Path) -> None:
    config = write_settings(tmp_path, more='logging.format = "json"')

    assert read_settings(config, {}).logging.format == "json"
    assert read_settings(write_settings(tmp_path), {}).logging.format == "text"

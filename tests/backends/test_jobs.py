"""Workers of procrastinate on PostgreSQL; what they and our relay do alike is in test_relay."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from attrs import define, field
from procrastinate import App
from procrastinate.testing import InMemoryConnector

from monespace_backends import ports_from_settings
from monespace_backends.jobs import DeliveryJobs
from monespace_backends.wiring import close_flows
from monespace_flows.commands import SendCode, SubmitIdentity
from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Message
from monespace_flows.testing.services import MemoryClock
from tests.cli.stories import write_settings
from tests.servers import storages

pytestmark = pytest.mark.postgres

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples/jobs"
OWN_WAY = 'relay = false\nmessaging = {{ kind = "module", target = "{}" }}'


@define
class Kept:
    """A way out that keeps what it is handed, in one process."""

    handed: list[Message] = field(factory=list)

    def deliver(self, message: Message) -> None:
        self.handed.append(message)


KEPT = Kept()


class Hanging:
    """A way out that says that it was reached, and never comes back."""

    def deliver(self, message: Message) -> None:
        print("delivering", message.purpose, flush=True)  # noqa: T201 - the test reads it
        sys.stdin.read()


def kept() -> Kept:
    return KEPT


@contextmanager
def host(config: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The example, as a process of the host imports it; its database has the jobs' tables."""
    monkeypatch.setenv("MONESPACE_CONFIG", str(config))
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.delitem(sys.modules, "delivery_jobs", raising=False)
    module = import_module("delivery_jobs")
    try:
        with module.app.open():
            module.app.schema_manager.apply_schema()
        yield module
    finally:
        module.app.close()


def ask_for_a_code(module: ModuleType) -> str:
    """A doctor asks for one, and whoever serves delivers nothing; the journey's reference."""
    flows = module.make_flows()
    try:
        view = flows.start("creation")
        identity = SubmitIdentity(birth_date="03/11/1990", rpps="99000000028", accept_terms=True)
        flows.submit(view.token, identity)
        flows.submit(view.token, SendCode(channel="email"))
        reference: str = view.reference
        return reference
    finally:
        close_flows(flows)


def work(app: App) -> None:
    """Have a worker do what is to be done now."""
    app.run_worker(queues=["monespace"], wait=False, install_signal_handlers=False)


def test_a_code_leaves_by_a_worker_that_was_told(
    tmp_path: Path, postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    KEPT.handed.clear()
    with storages.postgres_database(postgres_server) as url:
        more = OWN_WAY.format(f"{__name__}:kept")
        config = write_settings(tmp_path, database=url, more=more)
        with host(config, monkeypatch) as module:
            ask_for_a_code(module)
            assert KEPT.handed == []

            work(module.app)

    assert [it.purpose for it in KEPT.handed] == ["code"]


def test_what_a_killed_worker_was_sending_leaves_by_another(
    tmp_path: Path, postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its job stays where it was; the message comes back by itself when its lease ends."""
    with storages.postgres_database(postgres_server) as url:
        more = OWN_WAY.format("tests.backends.test_jobs:Hanging")
        config = write_settings(tmp_path, database=url, more=more)
        with host(config, monkeypatch) as module:
            reference = ask_for_a_code(module)
            killed_while_sending(config)
            good = Kept()
            ports = ports_from_settings(
                module.settings,
                MemoryClock(module.ports.clock.now() + timedelta(seconds=11)),
                messaging=good,
            )
            app = App(connector=InMemoryConnector())
            with app.open():
                DeliveryJobs.of(app, module.settings, ports).wake()
            work(app)
            with ports.storage.reading() as unit:
                (message,) = unit.outbox.of_journey(reference)
            ports.storage.close()  # type: ignore[attr-defined]  # of settings: by SQL

    assert [it.purpose for it in good.handed] == ["code"]
    assert (message.status, message.attempts) == ("sent", 2)


def killed_while_sending(config: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    paths = os.pathsep.join([str(EXAMPLES), str(root)])
    words = ["--app=delivery_jobs.app", "worker", "--queues=monespace"]
    with subprocess.Popen(
        [sys.executable, "-m", "procrastinate", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "MONESPACE_CONFIG": str(config), "PYTHONPATH": paths},
    ) as worker:
        assert worker.stdout is not None
        told, _, _ = select.select([worker.stdout], [], [], 30)
        assert told
        assert worker.stdout.readline() == "delivering code\n"
        worker.kill()


def test_a_step_goes_on_when_no_worker_can_be_told(
    tmp_path: Path, postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits is looked for each minute: nobody's press fails for it."""
    with storages.postgres_database(postgres_server) as url:
        more = OWN_WAY.format(f"{__name__}:kept")
        config = write_settings(tmp_path, database=url, more=more)
        with host(config, monkeypatch) as module, module.app.open():
            module.app.connector.get_sync_connector().execute_query(
                "DROP TABLE procrastinate_jobs CASCADE"
            )
            with pytest.raises(PortUnavailable):
                module.jobs.wake()

            ask_for_a_code(module)

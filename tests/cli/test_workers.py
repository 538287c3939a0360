"""Several processes on one port: `monespace serve --workers`."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from monespace_backends.messaging.demo import Catcher, MessageFile
from tests.servers import pgbouncer, storages

from .conftest import Call
from .running import Demo, Warmed, clean_environment, wait_for
from .stories import write_settings

SHARED = 'http.brakes.storage = "database"'


def workers_of(process: int) -> set[int]:
    """The processes that another one has begun and that are not over."""
    listed = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return {int(it) for it in listed}


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_that_is_killed_is_replaced_and_all_end_together(
    tmp_path: Path, warmed: Warmed
) -> None:
    """Nobody who asks meanwhile is refused; what is counted is scraped of each."""
    config = write_settings(tmp_path, more=f"http.workers = 2\n{SHARED}")
    words = ("serve", "--config", config)
    with (
        TemporaryFile("w+", encoding="utf-8") as log,
        warmed.program.start(*words, environment=clean_environment(), stderr=log) as fork,
    ):
        assert fork.stdout is not None
        service = Demo(fork, fork.stdout.readline().removeprefix("Ready: ").strip(), tmp_path)
        first = workers_of(fork.pid)
        assert len(first) == 2
        victim = min(first)

        os.kill(victim, signal.SIGKILL)
        answers = {service.call("GET", "readyz").status for _ in range(20)}
        second = wait_for(
            lambda: len(now := workers_of(fork.pid) - {victim}) == 2 and now, "another worker"
        )
        person = service.start("creation")

        assert answers == {200}
        assert person.identify("99000000028", "03/11/1990").status == 200
        assert service.stop() == 0
        assert not any(map(is_there, second))
        log.seek(0)
        assert f"worker 1 (process {victim}) was killed by SIGKILL; now another" in log.read()


def test_workers_end_when_who_looks_after_them_is_killed(tmp_path: Path, warmed: Warmed) -> None:
    config = write_settings(tmp_path, more=SHARED)
    words = ("serve", "--workers", "2", "--config", config)
    with warmed.program.start(*words, environment=clean_environment()) as fork:
        assert fork.stdout is not None
        assert fork.stdout.readline().startswith("Ready: ")
        workers = workers_of(fork.pid)

        fork.kill()

        wait_for(lambda: not any(map(is_there, workers)), "their end")


def test_what_no_worker_can_open_is_told_once(tmp_path: Path, warmed: Warmed) -> None:
    config = write_settings(tmp_path, more=SHARED)
    (tmp_path / "registry.csv").unlink()

    ended = warmed.run("serve", "--workers", "4", "--config", config)

    assert ended.code == 2
    assert ended.err.count("the settings cannot be used") == 1


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", 'write storage = "database" into [http.brakes]'),
        (f'{SHARED}\nmetrics.token = "{"t" * 16}"', "give metrics.port instead"),
        (
            f"{SHARED}\nmetrics = {{ port = 9100, relay_port = 9101 }}",
            "take the ports 9100 to 9101",
        ),
    ],
    ids=["brakes", "token", "ports"],
)
def test_what_each_would_do_for_itself_is_refused(
    tmp_path: Path, call: Call, more: str, told: str
) -> None:
    """By the doctor, too."""
    config = write_settings(tmp_path, more=f"http.workers = 2\n{more}")

    refused = call("serve", "--config", config)

    assert refused.exit_code == 2
    assert told in " ".join(refused.stderr.split())
    assert told in " ".join(call("doctor", "--config", config).stdout.split())


def test_the_doctor_says_how_many_there_are(tmp_path: Path, call: Call) -> None:
    config = write_settings(tmp_path, more=f"http.workers = 3\n{SHARED}")

    assert "3 processus, 16 fils chacun" in call("doctor", "--config", config).stdout


@pytest.mark.postgres
@pytest.mark.pgbouncer
def test_a_journey_goes_through_two_workers_behind_a_pooler(
    tmp_path: Path, warmed: Warmed, postgres_server: str, pooled_server: str
) -> None:
    """What one of them has begun, the other goes on with; the code leaves once."""
    received = MessageFile(tmp_path / "messages.jsonl")
    with Catcher(received) as catcher, storages.postgres_database(postgres_server) as direct:
        config = write_settings(
            tmp_path,
            database=pgbouncer.through(pooled_server, direct),
            smtp_port=catcher.port,
            more=f"http.workers = 2\n{SHARED}",
        )
        with warmed.serve(config) as service:
            person = service.start("creation")
            assert person.identify("99000000028", "03/11/1990").status == 200
            assert person.press("send_code", channel="email").status == 200
            sent = wait_for(received.read, "the code")
            code = re.search(r"\b[0-9]{6}\b", sent[0].text)
            assert code is not None
            assert person.press("submit_code", code=code[0]).status == 200
            assert person.seen["state"] == "choose_password"
            assert service.stop() == 0

    assert [it.purpose for it in received.read()] == ["code"]

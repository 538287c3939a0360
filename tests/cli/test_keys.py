"""`monespace keys`: one key takes the place of another, as the manual tells an operator."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from monespace_backends.secrets import Keys, create_keys, read_keys
from monespace_backends.settings.service import read_settings
from monespace_backends.storage import SqlStorage, open_storage
from monespace_backends.wiring import ports_from_settings
from monespace_flows import Flows
from monespace_flows.driver.relay import Relay
from monespace_flows.testing import Sandbox
from tests.journeys import acting
from tests.servers import storages

from .conftest import Call
from .stories import write_settings

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "keys.md"
ARGON2 = "argon2 = { memory_cost = 19_456, time_cost = 2, parallelism = 1 }"

pytestmark = pytest.mark.parametrize("database", storages.SQL_ENGINES, indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of a database of the test's own, on each engine."""
    if request.param == "sqlite":
        yield storages.sqlite_database(tmp_path)
        return
    with storages.postgres_database(request.getfixturevalue("postgres_server")) as url:
        yield url


@pytest.fixture
def config(database: str, tmp_path: Path) -> Path:
    """The settings of a service on it."""
    return write_settings(tmp_path, database=database, more=ARGON2)


@contextmanager
def running(config: Path) -> Iterator[Sandbox]:
    """Run the service in this process, with messages kept in memory."""
    settings = read_settings(config)
    ports = ports_from_settings(settings)
    assert isinstance(ports.storage, SqlStorage)
    with closing(ports.storage):
        box = Sandbox(storage=ports.storage)
        box.ports = evolve(ports, messaging=box.messages)
        box.relay = Relay(ports.storage, ports.secrets, box.messages, ports.clock)
        box.flows = Flows(box.ports, wake=box.deliver)
        yield box


def ids(config: Path) -> tuple[str, ...]:
    return read_keys(config.parent / "keys").ids


def commands() -> list[str]:
    """What the manual has an operator type to change keys."""
    told = MANUAL.read_text("utf-8").partition("## Change keys\n")[2].partition("\n## ")[0]
    return re.findall(r"^\$ monespace (.*)$", told, re.MULTILINE)


def grow_old(database: str) -> None:
    """Let two days pass: promotions were long ago, and what lapses is purged."""
    with closing(open_storage(database)) as storage:
        with storage.keys(writing=True) as keys:
            for key in keys.all():
                promoted = key.promoted_at and key.promoted_at - timedelta(days=2)
                keys.update(evolve(key, promoted_at=promoted))
            (now,) = {key.added_at for key in keys.all()[:1]}
        storage.purge(now + timedelta(days=200), now + timedelta(days=200))


def test_the_manual_changes_keys(call: Call, config: Path, database: str) -> None:
    """Step by step, beside people who go on."""
    (old,) = ids(config)
    with running(config) as box:
        acting.created(box)
    typed = commands()
    assert [it.split()[1] for it in typed] == ["list", "add", "promote", "reseal", "list", "retire"]
    outputs = []
    for command in typed:
        if " retire " in command:
            grow_old(database)
        words = [it.replace("OLD", old) for it in command.split()[:-1]]
        ended = call(*words, config)
        assert ended.exit_code == 0, (command, ended.stdout, ended.stderr)
        outputs.append(ended.stdout)
        with running(config) as box:  # every process is restarted after each step
            assert acting.sign_in(box).state == "signed_in"

    (new,) = ids(config)
    assert new != old
    assert f"{old}  written under" in outputs[0]
    assert outputs[1] == f"Key {new} was added, for reading.\n"
    assert f"Key {new} is written under" in outputs[2]
    assert re.search(r"^accounts +1$", outputs[3], re.MULTILINE)
    assert re.search(rf"^{new}  written under +0 +1 ", outputs[4], re.MULTILINE)
    assert re.search(rf"^{old}  read +0 +0 ", outputs[4], re.MULTILINE)
    assert outputs[5] == f"Key {old} is retired, and no longer in keys.\n"


def test_scripts_read_json(call: Call, config: Path) -> None:
    added = json.loads(call("keys", "add", "--json", "--config", config).stdout)["id"]
    with running(config):
        listed = json.loads(call("keys", "list", "--json", "--config", config).stdout)
    told = json.loads(call("keys", "promote", added, "--json", "--config", config).stdout)
    resealed = json.loads(call("keys", "reseal", "--json", "--config", config).stdout)

    assert [key["role"] for key in listed["keys"]] == ["written under", "read, to be promoted"]
    (process,) = listed["processes"]
    assert process["is_live"]
    assert sorted(process["keys"]) == sorted(ids(config))
    assert told == {"schema": "monespace/keys-promote/1", "id": added}
    kinds = ("accounts", "journeys", "messages", "links", "heads", "left")
    assert resealed["resealed"] == dict.fromkeys(kinds, 0)


def test_what_cannot_be_done_is_told(call: Call, config: Path, database: str) -> None:
    """With what to do, and code 1."""
    (old,) = ids(config)
    ended = call("keys", "promote", "--config", config)
    assert (ended.exit_code, "first: monespace keys add" in ended.stderr) == (1, True)
    with running(config) as box:
        acting.created(box)
        call("keys", "add", "--config", config)
        ended = call("keys", "promote", "--config", config)
        assert (ended.exit_code, "runs without it" in ended.stderr) == (1, True)
    assert call("keys", "promote", "--config", config).exit_code == 0
    grow_old(database)
    ended = call("keys", "retire", old, "--config", config)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "accounts 1" in ended.stderr
    assert "Run: monespace keys reseal" in ended.stderr
    ended = call("keys", "retire", "99000000002", "--config", config)
    assert (ended.exit_code, "there is no such key" in ended.stderr) == (1, True)
    assert "99000000002" not in ended.stderr


def test_ft_16_another_file_starts_nothing(call: Call, config: Path) -> None:
    """Not serve, nor relay, nor an erasure; and the doctor says why."""
    with running(config) as box:
        acting.created(box)
    keys = config.parent / "keys"
    kept = keys.read_bytes()
    (old,) = ids(config)
    keys.unlink()
    create_keys(keys)

    for command in ("serve", "relay", "doctor"):
        ended = call(command, "--config", config)
        told = " ".join((ended.stdout + ended.stderr).split())
        assert ended.exit_code == (1 if command == "doctor" else 2)
        assert f"another service's file: the database knows {old}" in told
        assert b64encode(read_keys(keys).values[0]).decode() not in told
    ended = call("keys", "list", "--config", config)
    assert (ended.exit_code, f"{old}  missing from the file" in ended.stdout) == (1, True)
    keys.write_bytes(kept)
    assert "bon        clés" in call("doctor", "--config", config).stdout


def test_the_doctor_tells_what_keys_are_for(call: Call, config: Path, database: str) -> None:
    def told() -> str:
        return " ".join(call("doctor", "--config", config).stdout.split())

    (old,) = ids(config)
    assert "1 clé, à l'abri ; inconnues de la base, qui est neuve" in told()
    call("keys", "add", "--config", config)
    new = ids(config)[1]
    assert f"2 clés, à l'abri ; on écrit sous la clé {old} ; {new} ne sert qu'à lire" in told()
    call("keys", "promote", "--config", config)
    both = (config.parent / "keys").read_bytes()
    grow_old(database)
    call("keys", "retire", old, "--config", config)
    (config.parent / "keys").write_bytes(both)
    assert f"on écrit sous la clé {new} ; {old} ne sert plus : ôtez sa ligne du fichier" in told()
    with running(config) as box:
        assert box.ports.secrets.digests("subject", "1")[0].startswith(new)
        assert len(box.ports.secrets.digests("subject", "1")) == 1


def test_a_file_that_cannot_be_written_is_told(
    call: Call, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    before = ids(config)

    ended = call("keys", "add", "--config", config)

    assert ended.exit_code == 2
    assert "keys cannot be written (No space left on device): no key was added" in ended.stderr
    assert ids(config) == before
    assert len(list(config.parent.glob(".keys*"))) == 0
    assert Keys(read_keys(config.parent / "keys").values).ids == before

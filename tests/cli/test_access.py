"""The record of who read whose journey: chained, one writer at a time, whole or refused."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from monespace_cli.access_file import AccessLog, AccessRecord
from monespace_cli.exits import Exit, Stop


def add(log: AccessLog, ticket: str = "SD-1") -> AccessRecord:
    return log.append(command="show", reference="7K3Q-F9M2", purpose="test", ticket=ticket)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Name a file of records."""
    return tmp_path / "access.jsonl"


def test_records_follow_each_other(path: Path) -> None:
    log = AccessLog(path)

    first, second = add(log), add(log)

    assert (first.seq, first.previous) == (1, "")
    assert (second.seq, second.previous) == (2, first.hash)
    assert log.read() == (first, second)


def test_the_file_is_for_the_owner(path: Path) -> None:
    add(AccessLog(path))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_many_at_once_make_one_chain(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: add(AccessLog(path)), range(40)))

    assert [record.seq for record in AccessLog(path).read()] == list(range(1, 41))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda lines: lines[1:],
        lambda lines: [lines[0], lines[2]],
        lambda lines: [lines[0], lines[1].replace("SD-1", "SD-9"), lines[2]],
        lambda lines: [lines[1], lines[0], lines[2]],
        lambda lines: [*lines, "x"],
    ],
    ids=["first gone", "middle gone", "changed", "moved", "added"],
)
def test_an_edit_shows(spoil: object, path: Path) -> None:
    assert callable(spoil)
    log = AccessLog(path)
    for _ in range(3):
        add(log)
    path.write_text("\n".join(spoil(path.read_text().splitlines())) + "\n")

    with pytest.raises(Stop) as stopped:
        log.read()

    assert stopped.value.code is Exit.DAMAGED


def test_nothing_follows_half_a_record(path: Path) -> None:
    log = AccessLog(path)
    add(log)
    path.write_text(path.read_text() + '{"schema":"monespace/access/1","seq":2')

    with pytest.raises(Stop) as stopped:
        add(log)

    assert stopped.value.code is Exit.REFUSED


def test_a_write_that_fails_leaves_nothing_behind(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = AccessLog(path)
    add(log)
    before = path.read_bytes()

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Stop) as stopped:
        add(log)

    assert stopped.value.code is Exit.REFUSED
    assert path.read_bytes() == before


@pytest.mark.parametrize("target", ["/dev/null", "/dev/full", "/nowhere/access.jsonl"])
def test_only_a_real_file_will_do(target: str, path: Path) -> None:
    """Neither a device that forgets nor a link that leads elsewhere."""
    for refused in (Path(target), path):
        if refused is path:
            path.symlink_to(target)
        with pytest.raises(Stop) as stopped:
            add(AccessLog(refused))

        assert stopped.value.code is Exit.REFUSED


def test_a_record_names_who_why_and_what(path: Path) -> None:
    add(AccessLog(path), "SD-1423")

    record = json.loads(path.read_text())
    assert set(record) == {
        "schema", "seq", "at", "actor", "command", "reference", "purpose", "ticket", "previous",
        "hash",
    }  # fmt: skip
    assert (record["schema"], record["ticket"]) == ("monespace/access/1", "SD-1423")

"""The record of who read whose journey: chained, one writer at a time, whole or refused."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from monespace_cli.access.log import AccessLog, AccessRecord
from monespace_cli.errors import Exit, Stop


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


NOBODY, DESK = 65534, 60123
"""An account and a group of this machine that own nothing."""


@pytest.fixture
def shared() -> Iterator[Path]:
    """Name a file in a folder that every account may enter, unlike the other tests' own."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "access.jsonl"


@contextmanager
def another_account(group: int = NOBODY) -> Iterator[None]:
    """Act as somebody else for a while, as only root may."""
    if os.geteuid() != 0:
        pytest.skip("only root can act as another account")
    os.setegid(group)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def test_a_file_that_was_made_beforehand_keeps_its_mode(path: Path) -> None:
    path.touch()
    path.chmod(0o660)
    add(AccessLog(path))
    add(AccessLog(path))

    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert len(AccessLog(path).read()) == 2


def test_accounts_of_a_group_write_in_one_file(shared: Path) -> None:
    """As after ``install -m 0660 -g GROUP /dev/null access.jsonl``."""
    shared.touch()
    shared.chmod(0o660)
    with another_account():
        pass  # or skip
    os.chown(shared, -1, DESK)
    add(AccessLog(shared))
    with another_account(DESK):
        add(AccessLog(shared))

    found = shared.stat()
    assert (stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid) == (0o660, 0, DESK)
    assert [record.seq for record in AccessLog(shared).read()] == [1, 2]


def test_another_account_is_told_how_to_share_the_file(shared: Path) -> None:
    """Without losing what is in it: it must not be made anew."""
    add(AccessLog(shared))
    with another_account(), pytest.raises(Stop) as stopped:
        add(AccessLog(shared))
    with another_account(), pytest.raises(Stop) as unread:
        AccessLog(shared).read()

    assert (stopped.value.code, unread.value.code) == (Exit.REFUSED, Exit.REFUSED)
    advice = f"  chgrp GROUPE {shared} && chmod 0660 {shared}"
    assert stopped.value.message == (
        "la lecture ne peut pas être enregistrée, rien n'est montré : "
        f"ce compte ne peut pas lire et écrire {shared}\n"
        "Pour que plusieurs comptes le puissent, faites une fois pour toutes :\n"
        f"{advice}"
    )
    assert unread.value.message.endswith(advice)
    assert len(AccessLog(shared).read()) == 1


def test_an_account_that_cannot_make_the_file_is_told_who_does_and_how(shared: Path) -> None:
    with another_account(), pytest.raises(Stop) as stopped:
        add(AccessLog(shared))

    assert stopped.value.code is Exit.REFUSED
    assert stopped.value.message.endswith(
        f"créez-le une fois pour toutes :\n  install -m 0660 -g GROUPE /dev/null {shared}"
    )


def test_a_folder_that_an_account_cannot_enter_is_named(shared: Path) -> None:
    """Nothing is said of what is in it: a file that is there must not be made anew."""
    add(AccessLog(shared))
    shared.parent.chmod(0o700)
    with another_account(), pytest.raises(Stop) as stopped:
        add(AccessLog(shared))

    assert stopped.value.message.endswith(f"ce compte ne peut pas entrer dans {shared.parent}")


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

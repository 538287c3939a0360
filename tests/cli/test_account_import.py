"""`monespace account import`: the accounts of an earlier site, on record, all or nothing."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result

from monespace_backends import read_settings
from monespace_backends.registry.file import write_demo_registry
from monespace_backends.storage import SqlStorage
from monespace_cli.access.place import opened_ports
from monespace_flows import Flows, SignIn
from tests.backends.test_hashes import DRUPAL, PASSWORD, django, php
from tests.support.desk import Desk

from .conftest import Call, checked
from .running import PROGRAM, clean_environment
from .stories import write_settings

JOHN, CLAIRE, LEA = "99000000002", "99000000028", "99000000044"
STRUCK_OFF = "99000000051"
WHY = ("--purpose", "legal", "--ticket", "SD-1423")
CHEAP = "argon2 = { memory_cost = 19_456, time_cost = 2, parallelism = 1 }"
HEADER = "rpps,email,hash,confirmed"
GOOD = (
    f"{JOHN},John@Cabinet.example,{DRUPAL},yes",
    f"{CLAIRE},claire@cabinet.example,{php()},",
    f"{LEA},lea@cabinet.example,{django('sha256')},non",
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A service without accounts."""
    desk = Desk(tmp_path)
    write_demo_registry(desk.folder.registry)
    yield desk
    desk.close()


def imported(
    desk: Desk, *lines: str, options: tuple[str, ...] = (), header: str = HEADER
) -> Result:
    """Import a file of some lines."""
    file = desk.path / "old.csv"
    file.write_text("\n".join((header, *lines, "")), "utf-8")
    return desk.run("account", "import", str(file), *WHY, *options)


def accounts(desk: Desk) -> int:
    with desk.storage.keys(writing=False) as keys:
        return len(keys.accounts("", 100))


def test_each_is_counted_kept_and_seen_by_support(desk: Desk) -> None:
    ended = imported(desk, *GOOD)

    assert ended.exit_code == 0
    assert ended.stdout == "comptes          3  importés\ncomptes          0  déjà là\n"
    with desk.storage.keys(writing=False) as keys:
        kept = [it.password_hash[:4] for it in keys.accounts("", 9)]
    assert sorted(kept) == ["$2y$", "$S$C", "pbkd"]
    found = desk.ask("find", typed=f"{JOHN}\n")
    assert "Le compte a été repris de l'ancien site" in found.output


def test_a_second_run_changes_nothing(desk: Desk) -> None:
    imported(desk, *GOOD[:2])
    ended = imported(desk, *GOOD, options=("--json",))
    data = checked(ended.stdout)

    assert (data["added"], data["there"], data["left_out"]) == (1, 2, [])
    assert accounts(desk) == 3


def test_a_dry_run_says_what_would_be_done(desk: Desk) -> None:
    ended = imported(desk, *GOOD, options=("--dry-run",))

    assert ended.exit_code == 0
    assert "3  à importer" in ended.stdout
    assert accounts(desk) == 0


FAULTY = (
    GOOD[0],
    f"{STRUCK_OFF},rene@cabinet.example,{php()},",
    f"12,lea@cabinet.example,{django('sha256')},",
    f"{LEA},nowhere,{php()},",
    f"{CLAIRE},claire@cabinet.example,5f4dcc3b5aa765d61d8327deb882cf99,maybe",
    f"{CLAIRE},CLAIRE@cabinet.example,{php()},",
    "only,two",
)
NONE = "is none of argon2, bcrypt ($2y$), Drupal 7 ($S$) and PBKDF2 (Django's or passlib's)"
FAULTS = (
    "line 3: rpps is of nobody whom the registry admits",
    "line 4: rpps is not eleven digits",
    "line 5: email is not an address that mail can reach",
    "line 6: confirmed must be yes or no",
    f"line 6: hash {NONE}",
    "line 6: rpps is that of line 7 too",
    "line 6: email is that of line 7 too",
    "line 7: rpps is that of line 6",
    "line 7: email is that of line 6",
    "line 8: has 2 cells instead of 4",
)


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_imported(desk: Desk) -> None:
    ended = imported(desk, *FAULTY)

    assert ended.exit_code == 2
    told = [line.strip() for line in ended.stderr.splitlines()]
    assert set(FAULTS) <= set(told)
    assert "n'a pas été importé, même en partie" in " ".join(ended.stderr.split())
    assert not any(
        value in ended.output for value in (STRUCK_OFF, "cabinet.example", "5f4d", "$S$C")
    )
    assert accounts(desk) == 0


def test_faulty_lines_may_be_left_out(desk: Desk) -> None:
    ended = imported(desk, *FAULTY, options=("--skip", "--json"))
    data = checked(ended.stdout)

    assert ended.exit_code == 1
    assert (data["added"], data["there"]) == (1, 0)
    assert {f"line {it['line']}: {it['text']}" for it in data["left_out"]} == set(FAULTS)
    assert accounts(desk) == 1


def test_an_address_of_somebody_else_is_a_fault(desk: Desk) -> None:
    imported(desk, GOOD[0])
    ended = imported(desk, f"{CLAIRE},john@cabinet.example,{php()},")

    assert ended.exit_code == 2
    assert "line 2: email is the login of somebody else's account" in ended.stderr


@pytest.mark.parametrize(
    ("header", "lines", "told"),
    [
        ("rpps,email", (), "column hash is missing"),
        (HEADER, (), "holds nobody"),
        ("rpps;email;hash", (), "parted by semicolons"),
    ],
)
def test_a_file_that_is_none_is_refused(
    desk: Desk, header: str, lines: tuple[str, ...], told: str
) -> None:
    ended = imported(desk, *lines, header=header)

    assert ended.exit_code == 2
    assert told in ended.stderr


def test_it_is_recorded_first_and_by_whom(desk: Desk) -> None:
    imported(desk, *GOOD)
    (line,) = desk.folder.access_log.read_text("utf-8").splitlines()

    assert '"command":"import"' in line
    assert "SD-1423" in line
    assert JOHN not in line
    refused = desk.run("account", "import", str(desk.path / "old.csv"))
    assert refused.exit_code == 4
    assert "dites pourquoi vous importez des comptes" in refused.stderr


def test_a_file_that_is_not_there_is_told(desk: Desk) -> None:
    ended = desk.run("account", "import", str(desk.path / "nowhere.csv"), *WHY)

    assert ended.exit_code == 2
    assert "n'existe pas" in ended.stderr


def test_people_sign_in_with_the_password_that_they_know(tmp_path: Path, call: Call) -> None:
    """Of each kind; where the earlier hash is then replaced by one of argon2id."""
    config = write_settings(tmp_path, more=CHEAP)
    file = tmp_path / "old.csv"
    file.write_text("\n".join((HEADER, *GOOD)), "utf-8")
    assert call("account", "import", file, *WHY, "--config", config).exit_code == 0
    settings = read_settings(config, {})
    with opened_ports(settings) as ports:
        flows = Flows(ports, settings.policy, settings.site)
        for line in GOOD:
            email = line.split(",")[1]
            wrong = flows.submit(flows.start("signin").token, SignIn(email=email, password="autre"))
            right = flows.submit(
                flows.start("signin").token, SignIn(email=email, password=PASSWORD)
            )
            assert (wrong.state, right.state) == ("enter_credentials", "signed_in")
        assert isinstance(ports.storage, SqlStorage)
        with ports.storage.keys(writing=False) as keys:
            assert {it.password_hash[:9] for it in keys.accounts("", 9)} == {"$argon2id"}


def test_settings_name_the_registry_that_is_asked(tmp_path: Path, call: Call) -> None:
    config = write_settings(tmp_path)
    file = tmp_path / "old.csv"
    file.write_text("\n".join((HEADER, *GOOD)), "utf-8")
    ended = call("account", "import", file, *WHY, "--config", config)
    assert ended.exit_code == 0, ended.output

    config.write_text(config.read_text().replace("registry.csv", "nowhere.csv"))
    ended = call("account", "import", file, *WHY, "--config", config)
    assert ended.exit_code == 2
    assert "registre : the registry file is faulty" in ended.stderr


@pytest.mark.slow
def test_progress_shows_on_a_terminal(desk: Desk) -> None:
    file = desk.path / "old.csv"
    file.write_text("\n".join((HEADER, *GOOD)), "utf-8")
    near, far = pty.openpty()
    words = [*PROGRAM, "account", "import", str(file), *WHY, "--dir", str(desk.path)]
    ended = subprocess.run(words, stderr=far, env=clean_environment(), check=False)
    os.close(far)
    shown = os.read(near, 100_000).decode()
    os.close(near)

    assert ended.returncode == 0
    assert "Contrôle" in shown
    assert "Import" in shown

"""`monespace account erase`: someone's account goes, on record, and nobody reads whose it was."""

from __future__ import annotations

import os
import pty
import select
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from attrs import define
from click.testing import Result

from monespace_cli.access.log import AccessLog
from tests.servers import storages
from tests.support.desk import Desk
from tests.support.people import GOOD_PASSWORD, JOHN

from .conftest import Call, checked, set_up
from .running import PROGRAM, clean_environment
from .service import Service
from .stories import write_settings

RPPS, OTHER, ADDRESS = JOHN[1], "99000000010", "cabinet@exemple.example"
NEVER_SHOWN = (RPPS, "990 0000 0002", ADDRESS, "cabinet", GOOD_PASSWORD)
WHY = ("--purpose", "legal", "--ticket", "SD-1423")


@define
class Operator:
    """Someone who runs the service, and a doctor who has an account there."""

    desk: Desk
    call: Call

    def erase(self, *options: str, typed: str = f"{RPPS}\n", why: tuple[str, ...] = WHY) -> Result:
        """Run the command on the demo's data."""
        place = ("--dir", self.desk.path)
        return self.call("account", "erase", *why, *options, *place, typed=typed)

    def can_sign_in(self) -> bool:
        """Whether the doctor's password opens the account."""
        return self.desk.person("signin").signs_in(ADDRESS).session is not None

    @property
    def recorded(self) -> list[str]:
        """What stands in the log of accesses."""
        return [
            f"{it.command} {it.reference} {it.purpose} {it.ticket}"
            for it in AccessLog(self.desk.folder.access_log).read()
        ]


@pytest.fixture
def operator(tmp_path: Path, call: Call) -> Iterator[Operator]:
    """Sit down where John has an account and is signed in once."""
    desk = Desk(tmp_path)
    desk.person("creation").identifies().asks_code().types_code().activates(ADDRESS)
    operator = Operator(desk, call)
    assert operator.can_sign_in()
    yield operator
    desk.close()


@pytest.mark.parametrize("typed", [RPPS, " 990 0000 0002 ", ADDRESS, ADDRESS.upper()])
def test_an_account_goes_by_number_or_address(typed: str, operator: Operator) -> None:
    """What went is counted, and what was typed is not repeated."""
    ended = operator.erase("--yes", typed=f"{typed}\n")

    assert ended.exit_code == 0
    assert ended.stdout == (
        "comptes          1  effacés\n"
        "sessions         1  effacés\n"
        "liens            1  effacés\n"
        "parcours         2  effacés\n"
        "messages         0  effacés\n"
    )
    assert ended.stderr == (
        "Les journaux restent, sous un pseudonyme, 183 jours. Un compte peut être recréé.\n"
    )
    assert not operator.can_sign_in()


def test_the_doctor_may_create_an_account_again(operator: Operator) -> None:
    operator.erase("--yes")
    again = operator.desk.person("creation").waits(minutes=5).identifies().asks_code().types_code()

    assert again.activates(ADDRESS).view.state == "created"
    assert operator.can_sign_in()


def test_support_still_finds_the_journals(operator: Operator) -> None:
    """They tell what happened, under a pseudonym, until their own end."""
    reference = operator.desk.person("creation").identifies().reference
    operator.erase("--yes")

    found = operator.desk.data("find", typed=f"{RPPS}\n")
    assert reference in [row["reference"] for row in found["journeys"]]
    assert operator.desk.ask("why", reference).exit_code == 0
    assert operator.desk.run("verify").exit_code == 0


def test_json_is_of_its_published_schema(operator: Operator) -> None:
    first, second = (operator.erase("--yes", "--json") for _ in range(2))

    assert checked(first.stdout) == {
        "schema": "monespace/account-erase/1",
        "erased": {"accounts": 1, "sessions": 1, "links": 1, "journeys": 2, "messages": 0},
        "access": 1,
    }
    nothing = dict.fromkeys(("accounts", "sessions", "links", "journeys", "messages"), 0)
    assert (second.exit_code, checked(second.stdout)["erased"]) == (3, nothing)


@pytest.mark.parametrize("typed", [OTHER, "personne@exemple.example"])
def test_where_there_is_no_account_nothing_goes(typed: str, operator: Operator) -> None:
    ended = operator.erase("--yes", typed=f"{typed}\n")

    assert (ended.exit_code, ended.stdout) == (3, "")
    assert ended.stderr == "monespace: ce compte n'existe pas\n"
    assert operator.can_sign_in()


# --- on record -----------------------------------------------------------------------------------


def test_it_is_on_record_without_whose_it_was(operator: Operator) -> None:
    """Also when there was none: that was looked up."""
    operator.erase("--yes")
    operator.erase("--yes", why=("--purpose", "security", "--ticket", "SD-9"))

    assert operator.recorded == [
        "erase account legal SD-1423",
        "erase account security SD-9",
    ]
    listed = operator.call("access-log", "--dir", operator.desk.path).stdout
    assert "erase  un compte  demande légale, SD-1423" in " ".join(listed.split("\n"))
    asked = operator.call("access-log", "--dir", operator.desk.path, "--json").stdout
    assert [it["reference"] for it in checked(asked)["records"]] == ["account", "account"]


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ((), "il manque --purpose : dites pourquoi vous effacez un compte\n  appel "),
        (("--purpose", "curiosity", "--ticket", "SD-1"), "ce motif n'existe pas"),
        (("--purpose", "legal"), "il manque --ticket"),
        (("--purpose", "legal", "--ticket", "two words"), "ce ticket est refusé"),
        (("--purpose", "legal", "--ticket", f"SD-{RPPS}"), "ce ticket est refusé"),
    ],
)
def test_who_does_not_say_why_erases_nothing(
    why: tuple[str, ...], told: str, operator: Operator
) -> None:
    """Nor may a ticket carry a doctor's number into the log."""
    ended = operator.erase("--yes", why=why)

    assert (ended.exit_code, ended.stdout) == (4, "")
    assert told in ended.stderr
    assert RPPS not in ended.stderr
    assert not operator.desk.folder.access_log.exists()
    assert operator.can_sign_in()


def test_what_cannot_be_recorded_is_not_done(operator: Operator) -> None:
    operator.desk.folder.access_log.symlink_to("/dev/null")

    ended = operator.erase("--yes")

    assert (ended.exit_code, ended.stdout) == (4, "")
    assert " ".join(ended.stderr.split()) == (
        f"monespace: {operator.desk.folder.access_log} ne peut pas recevoir cet accès, donc rien "
        "n'est effacé ; voyez : monespace doctor"
    )
    assert operator.can_sign_in()


def test_nothing_is_recorded_where_the_keys_cannot_be_read(operator: Operator) -> None:
    """Or the record would tell of something that was never tried."""
    operator.desk.folder.keys.chmod(0o644)

    ended = operator.erase("--yes")

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert operator.recorded == []


# --- being sure ----------------------------------------------------------------------------------


def test_one_is_asked_whether_one_is_sure(operator: Operator) -> None:
    ended = operator.erase(typed=f"{RPPS}\noui\n")

    assert ended.exit_code == 0
    assert "Effacer ce compte pour de bon ? [o/N] : " in ended.stderr
    assert not operator.can_sign_in()


@pytest.mark.parametrize(
    ("answer", "code", "told"),
    [
        ("n\n", 130, "monespace: rien n'a été effacé\n"),
        ("\n", 130, "monespace: rien n'a été effacé\n"),
        ("", 2, "rien n'a été effacé : personne n'a répondu ; --yes le fait sans demander"),
    ],
    ids=["no", "nothing", "nobody there"],
)
def test_who_does_not_say_yes_erases_nothing(
    answer: str, code: int, told: str, operator: Operator
) -> None:
    """Nor is there anything to record."""
    ended = operator.erase(typed=f"{RPPS}\n{answer}")

    assert (ended.exit_code, ended.stdout) == (code, "")
    assert " ".join(ended.stderr.split()).endswith(told.strip())
    assert operator.recorded == []
    assert operator.can_sign_in()


# --- what is typed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["", RPPS[:10], f"8{RPPS}", "cabinet", "cabinet@", f"{ADDRESS},{ADDRESS}", "x" * 2000]
)
def test_what_can_be_nobody_s_is_refused(typed: str, operator: Operator) -> None:
    ended = operator.erase("--yes", typed=f"{typed}\n")

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert ended.stderr == (
        "monespace: ce n'est ni un numéro RPPS (11 chiffres) ni une adresse e-mail\n"
    )
    assert operator.recorded == []


@pytest.mark.parametrize("given", [(RPPS,), ("--rpps", RPPS), (f"--email={ADDRESS}",)])
def test_nobody_is_named_on_the_command_line(given: tuple[str, ...], operator: Operator) -> None:
    """The terminal's history and the list of processes would keep it."""
    ended = operator.erase("--yes", *given)

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert [it for it in NEVER_SHOWN if it in ended.stderr] == []
    assert operator.can_sign_in()


WHO, AGAIN, SURE = (
    "Numéro RPPS ou adresse e-mail du compte (non affiché) : ",
    "Le même, encore une fois : ",
    "Effacer ce compte pour de bon ? [o/N] : ",
)


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        (((WHO, RPPS), (AGAIN, RPPS), (SURE, "y")), 0),
        (((WHO, RPPS), (AGAIN, OTHER), (WHO, RPPS), (AGAIN, RPPS), (SURE, "n")), 130),
    ],
    ids=["the same twice", "mistyped once"],
)
def test_at_a_terminal_it_is_typed_twice_and_not_shown(
    answers: tuple[tuple[str, str], ...], code: int, operator: Operator
) -> None:
    """What nobody sees is easily mistyped."""
    ended, shown = at_a_terminal(operator, answers)

    assert ended == code
    assert [it for it in (*NEVER_SHOWN, OTHER) if it in shown] == []
    assert operator.can_sign_in() is (code != 0)


def at_a_terminal(operator: Operator, answers: tuple[tuple[str, str], ...]) -> tuple[int, str]:
    """Run the command as at a keyboard, answering each question; its code, and what was shown."""
    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen(
            [*PROGRAM, "account", "erase", *WHY, "--dir", str(operator.desk.path)],
            stdin=theirs, stdout=theirs, stderr=theirs, env=clean_environment(),
            start_new_session=True,
        ) as process:  # fmt: skip
            os.close(theirs)
            shown = ""
            for question, answer in answers:
                shown += _read(ours, question)
                os.write(ours, f"{answer}\n".encode())
            shown += _read(ours, None)
            return process.wait(10), shown
    finally:
        os.close(ours)


def _read(terminal: int, question: str | None) -> str:
    """What is shown until a question is asked, or until the program is gone."""
    shown = ""
    while question is None or not shown.endswith(question):
        ready, _, _ = select.select([terminal], [], [], 10)
        assert ready, f"nothing more is shown after: {shown}"
        try:
            shown += os.read(terminal, 1000).decode()
        except OSError:  # as Linux says that nobody holds the other end any more
            assert question is None, shown
            break
    return shown


# --- where ---------------------------------------------------------------------------------------


@pytest.fixture(params=storages.SQL_ENGINES)
def fresh(request: pytest.FixtureRequest) -> Iterator[Service]:
    """Set a service up on each kind of database, for one test alone."""
    with set_up(request.param, request) as service:
        yield service


def test_a_service_is_named_by_its_settings(fresh: Service, call: Call) -> None:
    """On SQLite and on PostgreSQL: by the address that the account has since its recovery."""
    command = ("account", "erase", *WHY, "--yes", "--json", "--config", fresh.config)

    first, again = (call(*command, typed="nouveau@exemple.example\n") for _ in range(2))

    assert checked(first.stdout)["erased"]["accounts"] == 1
    assert (first.exit_code, again.exit_code) == (0, 3)
    assert call(*command, typed=f"{RPPS}\n").exit_code == 3
    assert call("verify", "--config", fresh.config).exit_code == 0


def test_the_place_may_stand_in_the_environment(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONESPACE_DIR", str(operator.desk.path))

    ended = operator.call("account", "erase", *WHY, "--yes", typed=f"{RPPS}\n")

    assert ended.exit_code == 0


@pytest.mark.parametrize("by", ["options", "environment"])
def test_two_places_are_one_too_many(
    by: str, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_settings(operator.desk.path / "..")
    given: tuple[str | Path, ...] = ("--config", config, "--dir", operator.desk.path)
    if by == "environment":
        monkeypatch.setenv("MONESPACE_CONFIG", str(config))
        monkeypatch.setenv("MONESPACE_DIR", str(operator.desk.path))
        given = ()

    ended = operator.call("account", "erase", *WHY, "--yes", *given, typed=f"{RPPS}\n")

    assert ended.exit_code == 2
    assert "s'excluent" in ended.stderr
    assert operator.can_sign_in()


def test_a_folder_without_data_stays_without(tmp_path: Path, call: Call) -> None:
    ended = call("account", "erase", *WHY, "--yes", "--dir", tmp_path, typed=f"{RPPS}\n")

    assert ended.exit_code == 2
    assert f"il n'y a pas de données dans {tmp_path}" in " ".join(ended.stderr.split())
    assert list(tmp_path.iterdir()) == []


def test_settings_that_are_nowhere_are_told_to_be_missing(call: Call) -> None:
    ended = call("account", "erase", *WHY, "--yes", typed=f"{RPPS}\n")

    assert ended.exit_code == 2
    assert "database is missing" in ended.stderr


def test_settings_without_a_file_must_say_where_it_is_recorded(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings_as_variables(tmp_path).items():
        monkeypatch.setenv(name, value)
    command = ("account", "erase", *WHY, "--yes")

    ended = call(*command, typed=f"{RPPS}\n")
    assert ended.exit_code == 4
    assert "rien ne dit où inscrire les accès : support.access_log" in ended.stderr

    monkeypatch.setenv("MONESPACE_SUPPORT__ACCESS_LOG", str(tmp_path / "access.jsonl"))
    assert call(*command, typed=f"{RPPS}\n").exit_code == 3
    assert len((tmp_path / "access.jsonl").read_text().splitlines()) == 1


def settings_as_variables(path: Path) -> dict[str, str]:
    """A service's settings, each in a variable."""
    write_settings(path)
    return {
        "MONESPACE_BASE_URL": "https://monespace.example",
        "MONESPACE_DATABASE": f"sqlite:///{path / 'monespace.db'}",
        "MONESPACE_KEYS_FILE": str(path / "keys"),
        "MONESPACE_REGISTRY": str(path / "registry.csv"),
        "MONESPACE_SMTP__HOST": "127.0.0.1",
        "MONESPACE_SMTP__SENDER": "ne-pas-repondre@monespace.example",
    }


def test_the_help_teaches_it(call: Call) -> None:
    """What goes, what stays, how it ends, and two lines to copy."""
    page = " ".join(call("account", "erase", "--help").stdout.split())

    for told in (
        "jamais accepté comme argument",
        "Les journaux restent, sous un pseudonyme",
        "peut créer un compte aussitôt",
        "3 quand il n'y en a pas",
        "monespace account erase --purpose legal --ticket SD-1423 --config m.toml",
    ):
        assert told in page


# --- unlock, disable, enable ---------------------------------------------------------------------


@define
class Keeping:
    """The same operator, with the acts that leave the account there."""

    operator: Operator

    def act(self, name: str, *options: str, typed: str = RPPS) -> Result:
        """Run one of them on the demo's data."""
        place = ("--dir", self.operator.desk.path)
        return self.operator.call("account", name, *WHY, *options, *place, typed=f"{typed}\n")

    def told(self, name: str, typed: str = RPPS) -> dict[str, object]:
        """The same as JSON."""
        return dict(checked(self.act(name, "--json", typed=typed).stdout))


@pytest.fixture
def keeping(operator: Operator) -> Keeping:
    """Sit down where John has an account and is signed in once, today: tries last a day."""
    clock = operator.desk.sandbox.clock
    clock.advance(seconds=(datetime.now(UTC) - clock.now()).total_seconds())
    assert operator.can_sign_in()
    return Keeping(operator)


def test_bf_16_an_unlock_is_done_recorded_and_seen_by_support(keeping: Keeping) -> None:
    operator = keeping.operator
    for _ in range(4):
        operator.desk.person("signin").signs_in(ADDRESS, password="rien de tout cela")
    assert not operator.can_sign_in()

    told = keeping.told("unlock", ADDRESS)

    assert told["done"] is True
    assert operator.can_sign_in()
    assert operator.recorded == ["unlock account legal SD-1423"]
    found = operator.desk.data("find", typed=f"{RPPS}\n")
    assert told["reference"] in [row["reference"] for row in found["journeys"]]
    shown = operator.desk.ask("show", str(told["reference"])).stdout
    assert "l’exploitation déverrouille" in shown.replace("'", "’")
    listed = operator.desk.run("list", "--flow", "account").stdout
    assert str(told["reference"]) in listed


def test_ss_04_disable_and_enable_say_what_was_done(keeping: Keeping) -> None:
    done = keeping.act("disable")
    lines = done.stdout.splitlines()
    assert lines[:2] == ["compte           1  désactivé", "sessions         2  fermées"]
    reference = lines[-1].removeprefix("journal").strip()
    assert not keeping.operator.can_sign_in()
    why = keeping.operator.desk.ask("why", reference, "--json")
    assert checked(why.stdout)["cause_id"] == "account.disabled"

    again = keeping.act("disable")
    assert (again.exit_code, again.stdout) == (0, "")
    assert "le compte est déjà désactivé" in again.stderr

    enabled = keeping.act("enable")
    assert enabled.stdout.splitlines() == [
        "compte           1  réactivé",
        f"journal   {reference}",
    ]
    assert keeping.operator.can_sign_in()
    assert keeping.operator.desk.run("verify").exit_code == 0
    assert keeping.operator.desk.run("gate").exit_code == 0
    assert keeping.operator.desk.run("stats").exit_code == 0


def test_an_unlock_that_finds_nothing_says_so(keeping: Keeping) -> None:
    told = keeping.act("unlock")

    assert (told.exit_code, told.stdout) == (0, "")
    assert "aucun essai manqué n'est compté" in told.stderr
    assert keeping.told("enable") == {
        "schema": "monespace/account-act/1",
        "act": "enable",
        "found": True,
        "done": False,
        "tries": 0,
        "sessions": 0,
        "links": 0,
        "reference": None,
        "access": 2,
    }


def test_an_unlock_tells_how_many_tries_were_forgotten(keeping: Keeping) -> None:
    keeping.operator.desk.person("signin").signs_in(ADDRESS, password="rien de tout cela")

    assert keeping.act("unlock").stdout.splitlines()[0] == "essais           1  oubliés"


@pytest.mark.parametrize("name", ["unlock", "disable", "enable"])
def test_an_act_on_nobody_s_account_ends_with_3(name: str, keeping: Keeping) -> None:
    ended = keeping.act(name, typed=OTHER)

    assert (ended.exit_code, ended.stdout) == (3, "")
    assert ended.stderr == "monespace: ce compte n'existe pas\n"


def test_an_act_without_grounds_is_refused_by_its_own_name(keeping: Keeping) -> None:
    place = ("--dir", keeping.operator.desk.path)
    ended = keeping.operator.call("account", "unlock", *place, typed=f"{RPPS}\n")

    assert ended.exit_code == 4
    assert "dites pourquoi vous déverrouillez un compte" in ended.stderr


def test_no_other_answer_can_be_tried_on_an_account_s_journal(keeping: Keeping) -> None:
    reference = str(keeping.told("disable")["reference"])

    ended = keeping.operator.desk.ask("whatif", reference, "--nearest")

    assert ended.exit_code == 2
    assert "celui d'un compte" in ended.stderr.replace("’", "'")

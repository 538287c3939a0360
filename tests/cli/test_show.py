"""`monespace show`: one journey told, to someone with a reason, without a value."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from monespace_cli.access.reading import PURPOSES
from tests.replaying import leave_alone

from .conftest import Call, checked
from .running import clean_environment, run
from .stories import Told, write_settings, writing

WHY = ("--purpose", "test", "--ticket", "SD-1423")


def change(told: Told, statement: str, *values: object) -> None:
    """Change the database behind everybody's back."""
    leave_alone(told.storage)
    with closing(sqlite3.connect(told.path / "monespace.db")) as database, database:
        assert database.execute(statement, values).rowcount > 0


class TestThePage:
    def test_tells_where_it_stands_and_why(self, told: Told, call: Call) -> None:
        page = call("show", told.creation, "--dir", told.path, *WHY).stdout

        assert f"Parcours {told.creation}   création d'espace   TERMINÉ" in page
        assert "Cause      L'espace a été créé." in page

    def test_tells_what_the_person_saw(self, told: Told, call: Call) -> None:
        """Screens by their titles, notices and field errors in their own French words."""
        page = call("show", told.creation, "--dir", told.path, *WHY, "--width", "200").stdout

        assert "« Sécuriser la création de votre espace »" in page
        assert (
            "erreur : Les informations que vous avez saisies ne correspondent pas à celles connues "
            "de l'Ordre, veuillez les corriger ou vous rapprocher de votre conseil"
        ) in page
        assert "champ : Choisissez un mot de passe" in page

    def test_tells_what_the_machine_knew(self, told: Told, call: Call) -> None:
        page = call("show", told.creation, "--dir", told.path, *WHY).stdout

        assert "constaté  conditions acceptées, RPPS connu, date de naissance différente" in page
        assert "constaté  code juste" in page

    def test_tells_when_with_the_gaps(self, told: Told, call: Call) -> None:
        lines = call("show", told.creation, "--dir", told.path, *WHY).stdout.splitlines()

        (row,) = [line for line in lines if line.startswith(" 2  ")]
        assert "  +2:39  " in row
        assert any(line.startswith(" #  heure     écart      0 ─") for line in lines)

    def test_tells_what_was_sent_and_never_where_to(self, told: Told, call: Call) -> None:
        page = call("show", told.creation, "--dir", told.path, *WHY).stdout

        messages = page[page.index("Messages") :]
        assert "  SMS     code                      remis à " in messages
        assert "  e-mail  confirmation              remis à " in messages
        assert "@" not in messages

    def test_tells_when_nothing_left(self, told: Told, call: Call) -> None:
        page = call("show", told.reset, "--dir", told.path, *WHY).stdout

        assert "rien n'est parti" in page

    def test_says_whether_telling_it_again_agrees(self, told: Told, call: Call) -> None:
        ended = call("show", told.creation, "--dir", told.path, *WHY)

        assert "Rejeu     identique, 8 lignes" in ended.stdout
        assert ended.exit_code == 0

    def test_fits_in_eighty_columns(self, told: Told, call: Call) -> None:
        for reference in (told.creation, told.reset):
            page = call("show", reference, "--dir", told.path, *WHY).stdout

            assert max(map(len, page.splitlines())) <= 80

    def test_is_the_same_without_colour(self, told: Told, call: Call) -> None:
        assert "\x1b" not in call("show", told.creation, "--dir", told.path, *WHY).stdout


class TestTheReference:
    @pytest.mark.parametrize("change_of", [str.lower, lambda it: it.replace("-", "")])
    def test_may_be_said_in_any_way(self, change_of: object, told: Told, call: Call) -> None:
        assert callable(change_of)
        ended = call("show", change_of(told.creation), "--dir", told.path, *WHY)

        assert ended.exit_code == 0
        assert told.creation in ended.stdout

    @pytest.mark.parametrize("reference", ["2222-2222", "bonjour", "99000000002"])
    def test_of_no_journey_ends_with_three(self, reference: str, told: Told, call: Call) -> None:
        ended = call("show", reference, "--dir", told.path, *WHY)

        assert ended.exit_code == 3
        assert ended.stdout == ""
        assert reference not in ended.stderr


class TestJson:
    def test_has_a_schema_and_the_same_story(self, told: Told, call: Call) -> None:
        data = checked(call("show", told.creation, "--dir", told.path, *WHY, "--json").stdout)

        assert data["schema"] == "monespace/show/1"
        assert [step["seq"] for step in data["steps"]] == list(range(8))
        assert data["steps"][1]["facts"]["identity"] == "birth_date_differs"
        assert data["steps"][1]["notices"][0]["id"] == "identity.unknown"
        assert data["replay"]["same"] is True
        assert [it["channel"] for it in data["messages"]] == ["sms", "email"]

    def test_holds_no_pseudonym_and_no_contact(self, told: Told, call: Call) -> None:
        text = call("show", told.creation, "--dir", told.path, *WHY, "--json").stdout

        assert "subject" not in text
        assert "contact" not in text


class TestPrivacy:
    def test_no_output_holds_what_was_typed(self, told: Told, call: Call) -> None:
        outputs = [
            call(command, *more, "--dir", told.path, *json_too)
            for json_too in ((), ("--json",))
            for command, more in (
                ("list", ()),
                ("show", (told.creation, *WHY)),
                ("show", (told.reset, *WHY)),
            )
        ]
        texts = [it.stdout + it.stderr for it in outputs]
        texts.append((told.path / "access.jsonl").read_text("utf-8"))

        assert [secret for secret in told.secrets for text in texts if secret in text.lower()] == []


class TestTheReason:
    @pytest.mark.parametrize(
        "why",
        [
            (),
            ("--ticket", "SD-1"),
            ("--purpose", "test"),
            ("--purpose", "curiosity", "--ticket", "SD-1"),
            ("--purpose", "test", "--ticket", ""),
            ("--purpose", "test", "--ticket", "a b"),
            ("--purpose", "test", "--ticket", "x" * 65),
            ("--purpose", "test", "--ticket", "99000000002"),
        ],
    )
    def test_missing_or_refused_ends_with_four(
        self, why: tuple[str, ...], told: Told, call: Call
    ) -> None:
        ended = call("show", told.creation, "--dir", told.path, *why)

        assert ended.exit_code == 4
        assert ended.stdout == ""
        assert not (told.path / "access.jsonl").exists()

    @pytest.mark.parametrize("purpose", PURPOSES)
    def test_is_recorded_before_anything_is_shown(
        self, purpose: str, told: Told, call: Call
    ) -> None:
        call("show", told.creation, "--dir", told.path, "--purpose", purpose, "--ticket", "SD-1")

        record = json.loads((told.path / "access.jsonl").read_text("utf-8"))
        assert (record["seq"], record["command"], record["reference"]) == (1, "show", told.creation)
        assert (record["purpose"], record["ticket"]) == (purpose, "SD-1")

    def test_that_cannot_be_recorded_shows_nothing(self, told: Told, call: Call) -> None:
        (told.path / "access.jsonl").mkdir()

        ended = call("show", told.creation, "--dir", told.path, *WHY)

        assert ended.exit_code == 4
        assert ended.stdout == ""

    def test_is_recorded_also_for_a_journey_that_is_none(self, told: Told, call: Call) -> None:
        call("show", "2222-2222", "--dir", told.path, *WHY)

        assert "2222-2222" in (told.path / "access.jsonl").read_text("utf-8")


class TestWhatIsStored:
    def test_edited_ends_with_five(self, told: Told, call: Call) -> None:
        change(told, "UPDATE journal SET line = replace(line, 'differs', 'matches')")

        ended = call("show", told.creation, "--dir", told.path, *WHY)

        assert ended.exit_code == 5
        assert ended.stdout == ""

    @pytest.mark.parametrize("seq", [0, 3, 7])
    def test_with_a_gap_or_a_cut_ends_with_five(self, seq: int, told: Told, call: Call) -> None:
        change(told, "DELETE FROM journal WHERE reference = ? AND seq = ?", told.creation, seq)

        assert call("show", told.creation, "--dir", told.path, *WHY).exit_code == 5

    def test_by_a_newer_version_ends_with_six(self, told: Told, call: Call) -> None:
        change(told, """UPDATE journal SET line = replace(line, '"format":1', '"format":99')""")

        assert call("show", told.creation, "--dir", told.path, *WHY).exit_code == 6

    def test_that_the_journal_does_not_lead_to_ends_with_one(self, told: Told, call: Call) -> None:
        change(
            told,
            """UPDATE journeys SET journey = replace(journey, '"seq":7', '"seq":7,"wait":9')
            WHERE reference = ?""",
            told.creation,
        )

        ended = call("show", told.creation, "--dir", told.path, *WHY)

        assert ended.exit_code == 1
        assert "le journal ne mène pas au parcours enregistré" in " ".join(ended.stdout.split())

    def test_is_told_from_the_journal_alone_once_purged(self, told: Told, call: Call) -> None:
        with writing(told.path) as box:
            now = box.clock.advance(hours=3)
            box.storage.purge(now, now.replace(year=now.year - 1))

        ended = call("show", told.creation, "--dir", told.path, *WHY)

        assert ended.exit_code == 0
        assert "le parcours lui-même est effacé" in " ".join(ended.stdout.split())

    def test_is_not_changed_by_reading(self, told: Told, call: Call) -> None:
        file = told.path / "monespace.db"
        before = file.read_bytes()

        call("show", told.creation, "--dir", told.path, *WHY)

        assert file.read_bytes() == before


IMPORTED = """
import runpy, sys
try:
    runpy.run_module("monespace_cli", run_name="__main__")
except SystemExit as ended:
    assert ended.code == 0, ended.code
print(*sys.modules, file=sys.stderr)
"""


def imported(told: Told, *place: str) -> set[str]:
    """Name all modules that a cold `show` imports."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, "show", told.creation, *place, *WHY],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(),
    )
    return set(done.stderr.splitlines()[-1].split())


class TestAColdStart:
    """Nothing is imported that takes longer than the answer: the agent is on the telephone."""

    HEAVY = frozenset({
        "aiosmtpd", "alembic", "argon2", "asyncio", "cryptography", "email_validator", "jinja2",
        "monespace_flows.driver", "monespace_flows.flows", "phonenumbers", "rich", "rich_click",
        "sqlalchemy", "starlette", "statemachine", "uvicorn",
    })  # fmt: skip

    def test_on_a_folder(self, told: Told) -> None:
        assert imported(told, "--dir", str(told.path)) & (self.HEAVY | {"cattrs"}) == set()

    def test_on_settings(self, told: Told) -> None:
        config = write_settings(told.path)

        assert imported(told, "--config", str(config)) & self.HEAVY == set()


class TestAFile:
    """An export, wherever it was sent."""

    @pytest.fixture
    def file(self, told: Told, call: Call) -> Path:
        path = told.path / "elsewhere" / "all.jsonl"
        path.parent.mkdir()
        call("export", "--all", "-o", path, "--dir", told.path, *WHY)
        return path

    def test_is_shown_as_the_database_is(self, told: Told, call: Call, file: Path) -> None:
        """But for the messages: what became of them is in it, and nothing else of them."""
        live = call("show", told.creation, "--dir", told.path, *WHY).stdout
        ended = call("show", told.creation, "--file", file, *WHY)

        assert ended.exit_code == 0
        assert "  SMS, code : mis en attente d'envoi à " in ended.stdout
        assert "Rejeu     identique, 8 lignes" in ended.stdout

        def timeline(page: str) -> str:
            return page[page.index(" #  heure") : page.index("Messages")]

        assert timeline(ended.stdout) == timeline(live)

    def test_says_in_json_that_messages_are_unknown(
        self, told: Told, call: Call, file: Path
    ) -> None:
        data = checked(call("show", told.creation, "--file", file, *WHY, "--json").stdout)

        assert data["messages"] is None
        assert {it["fate"] for it in data["deliveries"]} == {"queued", "handed_over"}
        assert data["replay"] == {
            "same": True, "divergence": None, "stored_differs": False, "purged": False,
            "other_table": False,
        }  # fmt: skip

    def test_without_the_journey_ends_with_three(self, call: Call, file: Path) -> None:
        assert call("show", "2222-2222", "--file", file, *WHY).exit_code == 3


class TestFactsThatNobodyForesaw:
    """The compiled flow has no answer to them: the chart itself is asked."""

    @pytest.fixture(autouse=True)
    def knows_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("monespace_cli.support.story.retell", lambda *_: None)

    def test_are_told_again_all_the_same(self, told: Told, call: Call) -> None:
        ended = call("show", told.creation, "--dir", told.path, *WHY)

        assert ended.exit_code == 0
        assert "Rejeu     identique, 8 lignes" in ended.stdout

    def test_do_not_hide_that_the_stored_journey_is_another(self, told: Told, call: Call) -> None:
        change(
            told,
            """UPDATE journeys SET journey = replace(journey, '"seq":7', '"seq":7,"wait":9')
            WHERE reference = ?""",
            told.creation,
        )

        assert call("show", told.creation, "--dir", told.path, *WHY).exit_code == 1

    def test_of_an_export_are_told_again_too(self, told: Told, call: Call, tmp_path: Path) -> None:
        file = tmp_path / "all.jsonl"
        call("export", "--all", "-o", file, "--dir", told.path, *WHY)

        assert call("show", told.creation, "--file", file, *WHY).exit_code == 0


def test_survives_a_terminal_without_accents(told: Told) -> None:
    ended = run("show", told.creation, "--dir", told.path, *WHY, PYTHONIOENCODING="ascii")

    assert (ended.code, ended.err) == (0, "")


def test_opens_what_nobody_else_has_open(told: Told, call: Call, tmp_path: Path) -> None:
    """The demo is stopped: its log of changes is gone, and reading must not need to make one."""
    assert not (tmp_path / "monespace.db-wal").exists()

    assert call("show", told.creation, "--dir", told.path, *WHY).exit_code == 0

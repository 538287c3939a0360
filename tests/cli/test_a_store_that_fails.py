"""A database that is down, cut off, or that others change meanwhile: support is told the truth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.backends.storage.databases import by_hand, cut_others
from tests.servers import storages

from .conftest import Call, set_up
from .drivers import before_lines_are_read
from .questions import EVERYTHING, WHY, Ask, Question
from .running import run
from .service import Service
from .stories import write_settings

AWAY = "monespace: la base de données ne répond pas\n"


@pytest.fixture(params=["sqlite", "postgresql"])
def down(request: pytest.FixtureRequest, tmp_path: Path) -> Service:
    """Set a service up whose database is not there: a file that is gone, a server that stopped."""
    url = {
        "sqlite": f"sqlite:///{tmp_path / 'gone.db'}",
        "postgresql": f"postgresql://nobody@/nothing?host={tmp_path}",
    }[request.param]
    names = ("AMEL-REFU", "JOHN-CREE", "JOHN-LIEN", "JOHN-RECU")
    return Service(
        config=write_settings(tmp_path, database=url),
        url=url,
        references=dict.fromkeys(names, "7K3Q-F9M2"),
    )


class TestADatabaseThatIsDown:
    @pytest.mark.parametrize("question", EVERYTHING)
    def test_is_said_to_be_in_a_sentence(
        self, question: Question, down: Service, call: Call
    ) -> None:
        ended = Ask(call, down)(question)

        assert (ended.exit_code, ended.stdout, ended.stderr) == (70, "", AWAY)

    def test_is_no_reason_for_a_traceback(self, down: Service) -> None:
        ended = run("why", "7K3Q-F9M2", *WHY, "--config", down.config)

        assert (ended.code, ended.out, ended.err) == (70, "", AWAY)

    def test_leaves_no_file_behind(self, down: Service, call: Call, tmp_path: Path) -> None:
        before = set(tmp_path.iterdir())
        for question in ("export --all", "export AMEL-REFU", "shapes"):
            Ask(call, down)(question, "-o", str(tmp_path / "export.jsonl"))

        assert {it.name for it in set(tmp_path.iterdir()) - before} == {"access.jsonl"}

    def test_is_made_no_new_one(self, down: Service, call: Call, tmp_path: Path) -> None:
        """A file that somebody moved away must be missed, not made again and found empty."""
        Ask(call, down)("list")

        assert not (tmp_path / "gone.db").exists()

    def test_does_not_hide_who_read_what(self, down: Service, call: Call) -> None:
        ask = Ask(call, down)
        ask("why JOHN-CREE")

        assert "why    7K3Q-F9M2  essai, SD-1423" in ask("access-log").stdout


def cut(service: Service) -> None:
    """End every connection to a database, as a restart of its server would."""
    with by_hand(service.url) as engine:
        cut_others(engine)


LONG = ["list", "gate", "verify", "shapes", "stats", "export --all"]


@pytest.mark.postgres
@pytest.mark.parametrize("service", ["postgresql"], indirect=True)
@pytest.mark.parametrize("command", LONG)
def test_a_connection_that_is_cut_is_said_to_be(
    command: str, ask: Ask, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_lines_are_read(monkeypatch, lambda: cut(service))
    ended = ask(command)

    assert (ended.exit_code, ended.stdout, ended.stderr) == (70, "", AWAY)


@pytest.mark.postgres
@pytest.mark.parametrize("service", ["postgresql"], indirect=True)
def test_a_connection_that_is_cut_leaves_no_half_an_export(
    ask: Ask, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before_lines_are_read(monkeypatch, lambda: cut(service))
    ended = ask("export --all", "-o", str(tmp_path / "all.jsonl"))

    assert ended.exit_code == 70
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("engine", storages.SQL_ENGINES)
@pytest.mark.parametrize("question", ["find", *LONG])
def test_a_purge_meanwhile_is_not_taken_for_damage(
    question: str,
    engine: str,
    request: pytest.FixtureRequest,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A journal that was there when the command began is read as a whole, or left out."""

    def purge() -> None:
        late = datetime.now(UTC) + timedelta(days=900)
        with storages.opened(service.url) as storage:
            purged.append(storage.purge(late, late)["journal"])

    purged: list[int] = []
    with set_up(engine, request) as service:
        before_lines_are_read(monkeypatch, purge)
        ended = Ask(call, service)(Question(question, "99000000002\n"))

    assert purged == [24]
    assert ended.exit_code in {0, 3}
    assert "abîmé" not in ended.output.lower()

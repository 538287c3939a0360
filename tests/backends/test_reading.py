"""What support reads of a database: the same on a file and on a server."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from sqlalchemy import text

from monespace_backends.reading import KeptJourney, MessageLines, SentMessage, open_reader
from monespace_backends.reading.postgresql import POSTGRESQL
from monespace_backends.reading.reader import SQLITE, TablesReader
from monespace_backends.storage import RowDamaged, SchemaMismatch, SqlStorage, make_engine
from monespace_backends.storage.database import REVISIONS, sqlite_path, sqlite_url
from monespace_backends.storage.tables import journal
from monespace_flows.errors import PortBusy, PortUnavailable
from monespace_flows.serialization import to_json
from tests.servers import postgres, storages

from .storage.examples import MINUTE, NOW, account, message, stored


@pytest.fixture(params=storages.SQL_ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield storages.sqlite_database(tmp_path)
        return
    server = str(request.getfixturevalue("migrated_postgres"))
    yield server
    storages.clear(server)


def wrote(url: str, reference: str = "7K3Q-F9M2", subject: str = "k1.a", minutes: int = 0) -> None:
    """Keep a journey, two journal lines that name somebody, and a message."""
    at = NOW + minutes * MINUTE
    with storages.opened(url) as storage, storage.writing() as unit:
        unit.journeys.add(stored(reference, started_at=at))
        for seq in (0, 1):
            line = json.dumps({"seq": seq, "facts": {"subject": subject}}, separators=(",", ":"))
            unit.journal.append(reference, seq, at, line)
        unit.outbox.add(message(f"m-{reference}", journey=reference))


def test_the_way_is_chosen_by_the_address(url: str) -> None:
    with open_reader(url) as reader:
        assert isinstance(reader, TablesReader)
        assert reader.dialect is (SQLITE if url.startswith("sqlite") else POSTGRESQL)


@pytest.mark.parametrize("other", ["mysql://x@y/z", "sqlite://", "sqlite:///:memory:", "nothing"])
def test_any_other_address_is_refused(other: str) -> None:
    with pytest.raises(ValueError, match="neither a SQLite file nor"), open_reader(other):
        pytest.fail("it was read")


def test_a_database_without_journeys_has_nothing_to_read(url: str) -> None:
    with open_reader(url) as reader:
        assert list(reader.begun()) == []
        assert list(reader.lines("7K3Q-F9M2")) == []
        assert reader.kept("7K3Q-F9M2") is None
        assert list(reader.messages("7K3Q-F9M2")) == []
        assert list(reader.about(["k1.a"], 9)) == []
        assert reader.doctor_of(["email of a1"]) is None


def test_references_come_in_the_order_in_which_journeys_began(url: str) -> None:
    for reference, minutes in (("BBBB-BBBB", 2), ("AAAA-AAAA", 3), ("CCCC-CCCC", 1)):
        wrote(url, reference, minutes=minutes)

    with open_reader(url) as reader:
        assert list(reader.begun()) == ["CCCC-CCCC", "BBBB-BBBB", "AAAA-AAAA"]


def test_a_journal_is_read_byte_for_byte(url: str) -> None:
    line = '{"seq":0,"é":"l\'été","hash":"x"}'
    with storages.opened(url) as storage, storage.writing() as unit:
        unit.journal.append("7K3Q-F9M2", 0, NOW, line)

    with open_reader(url) as reader:
        assert list(reader.lines("7K3Q-F9M2")) == [line]


def test_what_is_kept_is_the_journey_and_the_hash_and_no_secret(url: str) -> None:
    wrote(url)

    with open_reader(url) as reader:
        kept = reader.kept("7K3Q-F9M2")

    assert kept == KeptJourney(journal_hash="0123abc", journey=to_json(stored().journey))
    assert "dossier" not in repr(kept)
    assert "3378" not in repr(kept)


def test_a_message_is_read_without_what_it_said(url: str) -> None:
    sent = message(
        "m2", status="failed", attempts=3, finished_at=NOW + MINUTE, error="refused", sealed=None,
        created_at=NOW + timedelta(seconds=1),
    )  # fmt: skip
    wrote(url)
    with storages.opened(url) as storage, storage.writing() as unit:
        unit.outbox.add(sent)

    with open_reader(url) as reader:
        first, second = reader.messages("7K3Q-F9M2")

    assert first == SentMessage("sms", "code", "waiting", NOW, None, 0, None)
    assert second == SentMessage(
        "sms", "code", "failed", sent.created_at, NOW + MINUTE, 3, "refused"
    )


def test_the_channels_by_which_nothing_of_late_leaves_are_named(url: str) -> None:
    """What was tried in vain or failed; not what was made before, nor what nobody has tried yet."""
    with storages.opened(url) as storage, storage.writing() as unit:
        unit.outbox.add(message("tried", attempts=2))
        unit.outbox.add(message("fresh", channel="email"))
        unit.outbox.add(message("none", channel="none", attempts=1))

    def troubled() -> list[str]:
        with open_reader(url) as reader:
            return list(reader.troubled(NOW))

    assert troubled() == ["sms"]
    with storages.opened(url) as storage, storage.writing() as unit:
        unit.outbox.add(message("failed", channel="email", status="failed"))
        unit.outbox.settle(message("tried", status="sent"))
        unit.outbox.add(message("before", attempts=2, created_at=NOW - timedelta(microseconds=1)))
    assert troubled() == ["email"]


def test_messages_come_with_their_journal_with_or_without_lines(url: str) -> None:
    """And without a journal, which is one that is missing."""
    wrote(url, "BBBB-BBBB")
    with storages.opened(url) as storage, storage.writing() as unit:
        unit.outbox.add(message("told", journey="AAAA-AAAA", history="one\ntwo"))
        unit.outbox.add(message("event", journey="AAAA-AAAA", channel="event"))

    with open_reader(url) as reader:
        found = {it.reference: it for it in reader.whole()}
        assert reader.first_told() == NOW
    assert found["AAAA-AAAA"].messages == (MessageLines("told", "waiting", NOW, ("one", "two")),)
    assert found["AAAA-AAAA"].lines == ()
    assert [it.lines for it in found["BBBB-BBBB"].messages] == [()]
    assert found["BBBB-BBBB"].lines
    assert found["BBBB-BBBB"].kept is not None


def test_only_journeys_that_name_somebody_are_about_them(url: str) -> None:
    wrote(url, "AAAA-AAAA", "k1.a", minutes=1)
    wrote(url, "BBBB-BBBB", "k1.b", minutes=2)
    wrote(url, "CCCC-CCCC", "k2.a", minutes=3)

    with open_reader(url) as reader:
        assert list(reader.about(["k1.a", "k2.a"], 9)) == ["CCCC-CCCC", "AAAA-AAAA"]
        assert list(reader.about(["k1.a", "k2.a"], 1)) == ["CCCC-CCCC"]
        # No part of a pseudonym is one, and nothing in it is a pattern.
        assert list(reader.about(["k1", "k_.a", "k%", "%"], 9)) == []


# --- among many: what is read follows what is shown ----------------------------------------------

MANY = 3_000


@pytest.fixture
def many(url: str) -> str:
    """Make a journal of two lines for each of many people; the server knows what it has."""
    engine = make_engine(url, pool_size=1)
    at = NOW.timestamp() * 1_000_000
    rows = [
        {
            "reference": f"R{number:07}",
            "seq": seq,
            "at": int(at) + number * 1_000 + seq,
            "line": f'{{"seq":{seq},"facts":{{"subject":"k1.{number}"}}}}',
        }
        for number in range(MANY)
        for seq in (0, 1)
    ]
    try:
        with engine.begin() as connection:
            connection.execute(journal.insert(), rows)
        with engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            connection.execute(text("ANALYZE"))
    finally:
        engine.dispose()
    return url


class Asked:
    """Notes each statement of a reader with its values, and how many rows came back."""

    def __init__(self, reader: TablesReader) -> None:
        self.real, self.rows = reader.ask, 0
        self.statements: list[tuple[str, tuple[object, ...]]] = []
        reader.ask = self

    def __call__(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        found = self.real(statement, *values)
        self.statements.append((statement, values))
        self.rows += len(found)
        return found

    def plans(self, sqlite: bool) -> str:
        """How the engine finds what was asked."""
        how = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
        return "\n".join(
            str(row) for asked, values in self.statements for row in self.real(how + asked, *values)
        )


FIRST: dict[str, Callable[[TablesReader], Sequence[str]]] = {
    "about": lambda reader: reader.about(["k1.1234", "k2.1234"], 51),
    "newest": lambda reader: list(islice(reader.begun(newest_first=True), 21)),
    "oldest": lambda reader: list(islice(reader.begun(), 21)),
    "last-newest": lambda reader: list(islice(reader.stepped(newest_first=True), 21)),
    "last-oldest": lambda reader: list(islice(reader.stepped(), 21)),
    "since": lambda reader: list(islice(reader.begun(since=NOW + timedelta(seconds=1)), 21)),
}


@pytest.mark.parametrize("question", FIRST)
def test_among_many_no_more_is_read_than_is_shown(question: str, many: str) -> None:
    """One statement, one page, by an index: neither all lines nor all names."""
    sqlite = many.startswith("sqlite")
    with open_reader(many) as reader:
        assert isinstance(reader, TablesReader)
        asked = Asked(reader)
        found = FIRST[question](reader)
        plan = asked.plans(sqlite)

    assert len(found) == (1 if question == "about" else 21)
    assert (len(asked.statements), asked.rows <= 25) == (1, True)
    assert not re.search(r"SCAN (l|n|journal)\b(?! USING)|Seq Scan", plan), plan
    index = {"about": "subject"}.get(question, "begun")
    assert re.search(rf"ix_journal_({index}|at)\b", plan), plan


def test_all_are_named_page_by_page(many: str) -> None:
    """Each once, in both directions, and the next page begins where the last one ended."""
    with open_reader(many) as reader:
        assert isinstance(reader, TablesReader)
        asked = Asked(reader)
        begun = list(reader.begun())
        pages = len(asked.statements)
        backwards = list(reader.begun(newest_first=True))
        stepped = list(reader.stepped())

    everyone = [f"R{number:07}" for number in range(MANY)]
    assert begun == stepped == everyone == backwards[::-1]
    assert 5 <= pages <= 10


def test_dates_bound_what_is_named(many: str) -> None:
    """From the first instant on, and before the last."""
    since, until = (NOW + timedelta(milliseconds=it) for it in (5, 9))
    with open_reader(many) as reader:
        begun = list(reader.begun(since=since, until=until))
        backwards = list(reader.begun(newest_first=True, since=since, until=until))
        assert begun == backwards[::-1] == [f"R{number:07}" for number in range(5, 9)]
        late = list(reader.stepped(since=NOW + timedelta(milliseconds=MANY - 2)))
        assert late == [f"R{number:07}" for number in (MANY - 2, MANY - 1)]


def test_they_are_counted_no_further_than_asked(many: str) -> None:
    with open_reader(many) as reader:
        assert (reader.count(), reader.count(MANY), reader.count(MANY - 1)) == (MANY, MANY, None)


def test_a_line_that_names_nobody_is_of_nobody(url: str) -> None:
    """Neither one without a name nor one that is damaged; the engine takes each."""
    with storages.opened(url) as storage, storage.writing() as unit:
        for seq, line in enumerate(("{}", "x", '"subject":"', '{"facts":{"subject":"k1.a"}}')):
            unit.journal.append("7K3Q-F9M2", seq, NOW, line)

    with open_reader(url) as reader:
        assert isinstance(reader, TablesReader)
        named = reader.ask("SELECT seq, subject FROM journal WHERE subject <> '' ORDER BY seq")
        assert named == [(3, "k1.a")]


def test_an_address_leads_to_the_doctor_by_any_key(url: str) -> None:
    with storages.opened(url) as storage, storage.writing() as unit:
        unit.accounts.add(account("a1"))
        unit.accounts.add(account("a2"))

    with open_reader(url) as reader:
        assert reader.doctor_of(["newer", "email of a2"]) == "rpps of a2"
        assert reader.doctor_of(["newer"]) is None


def test_a_reader_sees_one_moment(url: str) -> None:
    """A step that is taken meanwhile would look like a cut, a purge like damage."""
    wrote(url, "AAAA-AAAA")

    with open_reader(url) as reader:
        assert len(list(reader.begun())) == 1
        wrote(url, "BBBB-BBBB")
        with storages.opened(url) as storage:
            storage.purge(NOW + timedelta(days=900), NOW + timedelta(days=900))

        assert list(reader.begun()) == ["AAAA-AAAA"]
        assert len(reader.lines("AAAA-AAAA")) == 2
        assert reader.kept("AAAA-AAAA") is not None


def test_tables_of_another_version_are_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monespace_backends.storage.database.REVISIONS", (*REVISIONS, "9999"))

    with pytest.raises(SchemaMismatch, match="older"), open_reader(url):
        pytest.fail("it was read")


def test_a_connection_cannot_write(url: str) -> None:
    with open_reader(url) as reader:
        assert isinstance(reader, TablesReader)
        with pytest.raises(PortUnavailable) as refused:
            reader.ask("DELETE FROM journal")

    assert re.search("read-?only", str(refused.value.__cause__))


# --- a file -------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    storages.sqlite_database(tmp_path)
    return tmp_path / "monespace.db"


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(statement)


def test_a_file_that_is_not_there_is_missed_and_not_made(tmp_path: Path) -> None:
    file = tmp_path / "nothing.db"

    with pytest.raises(PortUnavailable), open_reader(sqlite_url(file)):
        pytest.fail("it was read")
    assert not file.exists()


@pytest.mark.parametrize("content", [b"not a database at all, whatever its name", b""])
def test_a_file_that_is_no_database_is_told(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "monespace.db"
    file.write_bytes(content)

    with pytest.raises((PortUnavailable, SchemaMismatch)), open_reader(sqlite_url(file)):
        pytest.fail("it was read")


def test_a_table_of_versions_that_is_empty_is_no_version(file: Path) -> None:
    change(file, "DELETE FROM monespace_version")

    with pytest.raises(SchemaMismatch, match="no tables yet"), open_reader(sqlite_url(file)):
        pytest.fail("it was read")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journeys SET journey = x'00'",
        "UPDATE outbox SET created_at = 'noon'",
        "UPDATE outbox SET attempts = 'many'",
        "UPDATE journal SET line = x'00'",
    ],
)
def test_a_row_that_holds_something_else_is_told(statement: str, file: Path) -> None:
    wrote(sqlite_url(file))
    change(file, statement)

    with open_reader(sqlite_url(file)) as reader, pytest.raises(RowDamaged):
        (reader.kept("7K3Q-F9M2"), reader.messages("7K3Q-F9M2"), reader.lines("7K3Q-F9M2"))


def test_a_table_that_is_missing_is_no_secret_either(file: Path) -> None:
    """It is a fault of ours or of whoever changed the tables: it is not taken for an absence."""
    change(file, "DROP TABLE outbox")

    with open_reader(sqlite_url(file)) as reader, pytest.raises(sqlite3.OperationalError):
        reader.messages("7K3Q-F9M2")


def test_a_file_that_somebody_holds_is_busy(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monespace_backends.reading.reader._WAIT", 0.0)
    change(file, "PRAGMA journal_mode = DELETE")
    with closing(sqlite3.connect(file, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(PortBusy), open_reader(sqlite_url(file)):
            pytest.fail("it was read")


@pytest.mark.parametrize("name", ["monespace.db", "é à.db", "a?b#c%20.db", "a+b@c:d.db"])
def test_any_path_has_an_address(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes((Path(sqlite_path(storages.sqlite_database(tmp_path)) or "")).read_bytes())

    assert sqlite_path(sqlite_url(path)) == str(path)
    with open_reader(sqlite_url(path)) as reader:
        assert list(reader.begun()) == []
    with closing(SqlStorage.read_only(sqlite_url(path))) as storage, storage.reading() as unit:
        assert list(unit.journal.references()) == []


@pytest.mark.parametrize(
    "url", ["postgresql://x@y/z", "sqlite://", "sqlite:///:memory:", "sqlite:///x.db?mode=ro"]
)
def test_any_other_address_is_not_a_path(url: str) -> None:
    assert sqlite_path(url) is None


# --- a server -----------------------------------------------------------------------------------


@pytest.mark.postgres
def test_a_server_without_tables_is_told(postgres_server: str) -> None:
    with (
        postgres.fresh_database(postgres_server) as url,
        pytest.raises(SchemaMismatch, match="no tables yet"),
        open_reader(url),
    ):
        pytest.fail("it was read")


@pytest.mark.postgres
def test_a_table_that_a_server_misses_is_not_taken_for_an_absence(postgres_server: str) -> None:
    with storages.postgres_database(postgres_server) as url:
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute("DROP TABLE outbox")
        with open_reader(url) as reader, pytest.raises(psycopg.errors.UndefinedTable):
            reader.messages("7K3Q-F9M2")


@pytest.mark.postgres
def test_a_server_that_ends_the_connection_is_away(migrated_postgres: str) -> None:
    with open_reader(migrated_postgres) as reader:
        assert isinstance(reader, TablesReader)
        ((number,),) = reader.ask("SELECT pg_backend_pid()")
        with psycopg.connect(migrated_postgres.replace("+psycopg", "")) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (number,))
        with pytest.raises(PortUnavailable):
            list(reader.begun())


def test_a_server_that_is_not_there_is_away(tmp_path: Path) -> None:
    with (
        pytest.raises(PortUnavailable),
        open_reader(f"postgresql+psycopg://nobody@/none?host={quote(str(tmp_path), safe='')}"),
    ):
        pytest.fail("it was read")

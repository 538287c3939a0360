"""PR-01: what was typed and sent stands in no file, no journal, no log and no ``repr``."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from typing import Any

from monespace_backends.storage.tables import metadata
from monespace_flows.flows import FLOWS
from monespace_flows.ports import JourneyQuery

from .conftest import Told
from .markers import assert_no_marker
from .people import HERMINE, ZIBELINE

EVERY = JourneyQuery(limit=1000)


def rows(told: Told, table: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(told.world.folder.database)) as database:
        database.row_factory = sqlite3.Row
        found = database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - our own tables
        return [dict(row) for row in found]


def test_every_journey_and_every_screen_was_told(told: Told) -> None:
    """Or the search below would be worth little."""
    seen = {(view.flow, view.state) for view in told.world.views}
    wanted = {(flow.name, state) for flow in FLOWS.values() for state in flow.screens}

    assert wanted - seen == {(flow, "expired") for flow in FLOWS}
    assert all(rows(told, table.name) for table in metadata.sorted_tables)


def test_pr_01_no_file_of_a_running_application_holds_a_marker(told: Told) -> None:
    """Neither the database nor its log of writes nor what is shared between its processes."""
    files = told.world.files()

    assert {"monespace.db", "monespace.db-wal", "monespace.db-shm"} <= set(files)
    for name, content in files.items():
        assert_no_marker(name, content, told.world.markers)


def test_pr_01_nor_after_a_checkpoint(told: Told) -> None:
    with closing(sqlite3.connect(told.world.folder.database)) as database:
        database.execute("PRAGMA wal_checkpoint(FULL)").fetchall()

    assert_no_marker("the database", told.world.files()["monespace.db"], told.world.markers)


def test_pr_01_no_cell_of_any_table_holds_a_marker(told: Told) -> None:
    for table in metadata.sorted_tables:
        found = rows(told, table.name)
        for column in found[0]:
            cells = "\n".join(str(row[column]) for row in found)
            assert_no_marker(f"{table.name}.{column}", cells, told.world.markers)


def test_pr_01_no_line_of_a_journal_holds_a_marker(told: Told) -> None:
    with told.world.ports.storage.reading() as unit:
        lines = [
            line
            for reference in unit.journal.references()
            for line in unit.journal.lines(reference)
        ]

    assert len(lines) > 60
    for line in lines:
        assert_no_marker("a journal", line, told.world.markers)


def test_pr_01_no_log_record_holds_a_marker(told: Told) -> None:
    """Of any library, at the finest level."""
    formatter = logging.Formatter("%(name)s %(message)s")
    names = {record.name.partition(".")[0] for record in told.logged}
    text = "\n".join(f"{formatter.format(it)} {it.args!r}" for it in told.logged)

    assert {"sqlalchemy", "statemachine"} <= names
    assert_no_marker("the logs", text, told.world.markers)


def test_pr_01_no_repr_holds_a_marker(told: Told) -> None:
    """Views, commands, refusals, ports, what is stored and who is signed in."""
    world = told.world
    doctors = [world.ports.registry.doctor(person.rpps) for person in (ZIBELINE, HERMINE)]
    sessions = [world.flows.session(view.session) for view in world.views if view.session]
    links = {name: it for name, it in world.markers.items() if name.startswith("reset_link")}
    with world.ports.storage.reading() as unit:
        stored = unit.journeys.search(EVERY)
        messages = [it for one in stored for it in unit.outbox.of_journey(one.journey.reference)]
        accounts = [
            unit.accounts.by_rpps(world.ports.secrets.digests("subject", person.rpps))
            for person in (ZIBELINE, HERMINE)
        ]
    records: list[object] = [
        *world.views, *world.typed, *world.refusals, *doctors, *sessions, *stored, *messages,
        *accounts, world.ports, world.flows, world.relay, *world.outside.read(),
        *(world.flows.link_purpose(token) for token in links.values()),
    ]  # fmt: skip

    assert None not in (*doctors, *accounts)
    assert any(sessions)
    for record in records:
        assert_no_marker(type(record).__name__, f"{record!r} {record}", world.markers)


def test_pr_01_the_text_of_a_refusal_holds_no_marker(told: Told) -> None:
    assert {type(it).__name__ for it in told.world.refusals} == {"CommandNotOffered", "JourneyOver"}
    for refusal in told.world.refusals:
        assert_no_marker("a refusal", f"{refusal} {refusal.args!r}", told.world.markers)


def test_pr_01_the_outbox_keeps_nothing_of_what_has_left(told: Told) -> None:
    """The text is blanked; what waits is sealed."""
    sent = [row for row in rows(told, "outbox") if row["status"] != "waiting"]

    assert sent
    assert [row["sealed"] for row in sent] == [None] * len(sent)
    assert all(it["sealed"] for it in rows(told, "outbox") if it["status"] == "waiting")


def test_accounts_keep_number_and_address_for_those_who_have_the_keys(told: Told) -> None:
    unseal = told.world.ports.secrets.unseal

    kept = {
        (unseal(it["sealed_rpps"]), unseal(it["sealed_email"])) for it in rows(told, "accounts")
    }

    assert kept == {(ZIBELINE.rpps, ZIBELINE.login), (HERMINE.rpps, HERMINE.order_email)}


def test_journeys_that_ended_keep_no_dossier_and_no_code(told: Told) -> None:
    """Nothing is there to unseal, even with the keys."""
    flows = {it["flow"] for it in rows(told, "journeys")} & FLOWS.keys()
    ended = [
        it
        for it in rows(told, "journeys")
        if it["flow"] in flows and it["state"] in FLOWS[it["flow"]].finals
    ]

    assert ended
    assert {(it["dossier"], it["code_digest"]) for it in ended} == {(None, None)}

"""`monespace list` narrowed and sorted: by cause, by version, by what stands blocked."""

from __future__ import annotations

import signal
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest
from attrs import evolve, frozen

from monespace_backends.reading.reader import TablesReader
from monespace_cli.output import watched
from monespace_cli.support import rows as listing
from monespace_flows import SubmitIdentity
from monespace_flows.commands import Extend
from monespace_flows.journal.entry import read_journal, write_entry
from monespace_flows.ports import Storage
from monespace_flows.support.catalogue import CAUSES
from tests.replaying import leave_alone

from .conftest import Call, checked
from .stories import RPPS, WRONG_DATE, tell_creation, tell_reset, writing

WHY = ("--purpose", "test", "--ticket", "SD-1423")


@frozen
class Morning:
    """Journeys in the order in which they began; the first was gone back to after all others."""

    path: Path
    refused: str
    created: str
    unknown: str
    fresh: str
    storage: Storage

    @property
    def all(self) -> tuple[str, ...]:
        """Every reference, the newest first."""
        return self.fresh, self.unknown, self.created, self.refused


@pytest.fixture
def morning(tmp_path: Path) -> Morning:
    """Make the journeys."""
    with writing(tmp_path) as box:
        refused = box.flows.start("creation")
        box.clock.advance(minutes=1)
        created, _ = tell_creation(box)
        box.clock.advance(minutes=1)
        unknown = tell_reset(box)
        box.clock.advance(minutes=1)
        fresh = box.flows.submit(box.flows.start("creation").token, Extend()).reference
        box.clock.advance(minutes=1)
        wrong = SubmitIdentity(birth_date=WRONG_DATE, rpps=RPPS, accept_terms=True)
        for _ in range(3):
            box.flows.submit(refused.token, wrong)
    return Morning(tmp_path, refused.reference, created, unknown, fresh, box.storage)


def references(call: Call, morning: Morning, *more: str) -> list[str]:
    data = checked(call("list", "--dir", morning.path, "--json", *more).stdout)
    return [journey["reference"] for journey in data["journeys"]]


def rewrite(morning: Morning, reference: str, version: int) -> None:
    """Make a journey look as another version of its flow would have written it."""
    leave_alone(morning.storage)
    with closing(sqlite3.connect(morning.path / "monespace.db")) as database, database:
        read = "SELECT line FROM journal WHERE reference = ? ORDER BY seq"
        lines = [line for (line,) in database.execute(read, (reference,))]
        previous = ""
        for entry in read_journal(lines):
            line, previous = write_entry(evolve(entry, flow_version=version, previous=previous))
            database.execute(
                "UPDATE journal SET line = ? WHERE reference = ? AND seq = ?",
                (line, reference, entry.seq),
            )


class Readings:
    """Counts the journals that are read, and may interrupt at one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, interrupted_at: int = 0) -> None:
        self.count = 0
        real = TablesReader.lines

        def lines(reader: TablesReader, reference: str) -> Sequence[str]:
            self.count += 1
            if self.count == interrupted_at:
                signal.raise_signal(signal.SIGINT)
            return real(reader, reference)

        monkeypatch.setattr(TablesReader, "lines", lines)


# --- by cause ------------------------------------------------------------------------------------


def test_a_cause_lists_the_journeys_of_which_why_says_it(morning: Morning, call: Call) -> None:
    """Every journey is listed under its own cause, and under no other."""
    said = {
        it: checked(call("why", it, "--dir", morning.path, *WHY, "--json").stdout)["cause_id"]
        for it in morning.all
    }

    assert said == {
        morning.refused: "identity.birth_date_differs",
        morning.created: "done.created",
        morning.unknown: "link.unknown",
        morning.fresh: "waiting.enter_identity",
    }
    for reference, cause in said.items():
        assert references(call, morning, "--cause", cause) == [reference]


def test_an_unknown_cause_names_those_there_are(morning: Morning, call: Call) -> None:
    """And not what was typed."""
    ended = call("list", "--dir", morning.path, "--cause", RPPS)

    assert (ended.exit_code, ended.stdout) == (2, "")
    assert set(CAUSES) <= set(ended.stderr.replace(",", " ").split())
    assert max(map(len, ended.stderr.splitlines())) <= 80
    assert RPPS not in ended.stderr


def test_a_cause_that_no_journey_has_says_so(morning: Morning, call: Call) -> None:
    ended = call("list", "--dir", morning.path, "--cause", "signin.locked")

    assert (ended.exit_code, ended.stdout) == (0, "")
    assert "Aucun parcours de cette sorte" in ended.stderr


def test_of_no_journey_at_all_json_is_an_empty_list(morning: Morning, call: Call) -> None:
    assert references(call, morning, "--cause", "signin.locked") == []


# --- what stands blocked -------------------------------------------------------------------------


def test_blocked_lists_what_show_calls_blocked(morning: Morning, call: Call) -> None:
    shown = {
        it: checked(call("show", it, "--dir", morning.path, *WHY, "--json").stdout)["status"]
        for it in morning.all
    }
    blocked = [it for it in morning.all if shown[it] == "blocked"]

    assert blocked == [morning.unknown, morning.refused]
    assert references(call, morning, "--blocked") == blocked


def test_filters_add_up(morning: Morning, call: Call) -> None:
    assert references(call, morning, "--blocked", "--flow", "creation") == [morning.refused]
    assert references(call, morning, "--blocked", "--state", "link_sent") == [morning.unknown]
    assert references(call, morning, "--blocked", "--cause", "link.unknown") == [morning.unknown]
    assert references(call, morning, "--blocked", "--cause", "done.created") == []
    assert references(call, morning, "--cause", "link.unknown", "--until", "2001-01-01") == []


def test_the_limit_counts_what_the_filters_leave(morning: Morning, call: Call) -> None:
    """Not what was read: the one that fits is the oldest of four."""
    found = ("--flow", "creation", "--blocked", "--limit", "1")

    assert references(call, morning, *found) == [morning.refused]
    assert "d'autres" not in call("list", "--dir", morning.path, *found).stderr


def test_one_more_than_the_limit_is_read_and_told(morning: Morning, call: Call) -> None:
    ended = call("list", "--dir", morning.path, "--blocked", "--limit", "1")

    assert morning.unknown in ended.stdout
    assert morning.refused not in ended.stdout
    assert "Il y en a d'autres, plus anciens : --limit 5" in ended.stderr


def test_a_damaged_journal_does_not_hide_the_others(morning: Morning, call: Call) -> None:
    """A line in the middle was edited: only who reads every line can see it."""
    leave_alone(morning.storage)
    with closing(sqlite3.connect(morning.path / "monespace.db")) as database, database:
        edited = "UPDATE journal SET line = 'x' WHERE reference = ? AND seq = 1"
        database.execute(edited, (morning.created,))

    ended = call("list", "--dir", morning.path, "--blocked")

    assert ended.exit_code == 0
    assert morning.refused in ended.stdout
    assert f"{morning.created} : journal abîmé" in ended.stderr


# --- by version ----------------------------------------------------------------------------------


def test_a_version_lists_what_it_wrote(morning: Morning, call: Call) -> None:
    rewrite(morning, morning.created, 2)

    assert references(call, morning, "--version", "2") == [morning.created]
    assert references(call, morning, "--version", "1") == [
        morning.fresh,
        morning.unknown,
        morning.refused,
    ]
    assert references(call, morning, "--version", "3") == []


def test_the_version_of_each_is_in_the_json(morning: Morning, call: Call) -> None:
    """It is the one that `show --json` gives."""
    data = checked(call("list", "--dir", morning.path, "--json").stdout)
    shown = checked(call("show", morning.created, "--dir", morning.path, *WHY, "--json").stdout)

    assert {it["flow_version"] for it in data["journeys"]} == {shown["flow_version"]}


def test_a_version_without_a_diagnosis_is_told_apart(morning: Morning, call: Call) -> None:
    """This program cannot explain what a newer one wrote, and goes on."""
    rewrite(morning, morning.unknown, 2)

    ended = call("list", "--dir", morning.path, "--blocked")

    assert morning.refused in ended.stdout
    assert f"{morning.unknown} : journal abîmé ou d'une autre version" in ended.stderr


# --- the order -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sort", ["newest", "oldest", "last-newest", "last-oldest"])
def test_every_order_is_the_one_it_says(sort: str, morning: Morning, call: Call) -> None:
    first, unknown, created, gone_back_to = morning.all
    expected = {
        "newest": [first, unknown, created, gone_back_to],
        "oldest": [gone_back_to, created, unknown, first],
        "last-newest": [gone_back_to, first, unknown, created],
        "last-oldest": [created, unknown, first, gone_back_to],
    }[sort]

    assert references(call, morning, "--sort", sort) == expected
    assert references(call, morning, "--sort", sort, "--limit", "2") == expected[:2]


def test_an_order_holds_among_what_the_filters_leave(morning: Morning, call: Call) -> None:
    last = ("--sort", "last-newest", "--blocked")

    assert references(call, morning, *last) == [morning.refused, morning.unknown]
    assert references(call, morning, *last, "--limit", "1") == [morning.refused]


@pytest.mark.parametrize("sort", ["newest", "oldest", "last-newest", "last-oldest"])
def test_dates_bound_every_order(sort: str, morning: Morning, call: Call) -> None:
    """Both ends count, whichever the list begins with."""
    rows = call("list", "--dir", morning.path, "--sort", "oldest").stdout.splitlines()[1:]
    begun = {row.split()[0]: row.split()[1:3] for row in rows}
    since, until = (
        f"{'-'.join(reversed(begun[it][0].split('/')))}T{begun[it][1]}"
        for it in (morning.created, morning.unknown)
    )

    found = references(call, morning, "--sort", sort, "--since", since, "--until", until)

    assert set(found) == {morning.created, morning.unknown}


def test_the_instant_that_sorts_is_the_one_shown(morning: Morning, call: Call) -> None:
    lines = call("list", "--dir", morning.path, "--sort", "last-oldest").stdout.splitlines()

    assert lines[0].split() == [
        "référence",
        "dernier",
        "geste",
        "état",
        "démarche,",
        "étape",
        "et",
        "cause",
    ]
    instants = [line.split()[1:3] for line in lines[1::2]]
    assert instants == sorted(instants)
    assert lines[0].index("démarche") == lines[1].index("création d'espace")


def test_what_comes_after_is_told_by_the_order(morning: Morning, call: Call) -> None:
    for sort, words in (("oldest", "plus récents"), ("last-oldest", "au dernier geste plus")):
        ended = call("list", "--dir", morning.path, "--sort", sort, "--limit", "1")
        assert f"Il y en a d'autres, {words}" in ended.stderr


def test_no_limit_is_proposed_that_would_be_refused(
    morning: Morning, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monespace_cli.support.list._MOST", 3)

    assert "--limit 3" in call("list", "--dir", morning.path, "--limit", "2").stderr
    assert "--since" in call("list", "--dir", morning.path, "--limit", "3").stderr


def test_the_help_says_what_there_is(call: Call) -> None:
    told = " ".join(call("list", "--help").stdout.split())

    for option in ("--cause", "--blocked", "--version", "--sort", "--since", "--until", "--limit"):
        assert option in told
    assert "[par défaut : newest]" in told
    assert "last-newest, last-oldest" in told


@pytest.mark.parametrize(
    ("option", "wanted"),
    [("--sort", "newest, oldest, last-newest, last-oldest"), ("--version", "un nombre entier")],
)
def test_a_wrong_choice_is_answered_by_the_right_ones(
    option: str, wanted: str, morning: Morning, call: Call
) -> None:
    ended = call("list", "--dir", morning.path, option, "quatorze")

    assert ended.exit_code == 2
    assert wanted in ended.stderr
    assert "quatorze" not in ended.stderr


# --- how it reads --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more", [(), ("--blocked",), ("--sort", "last-newest"), ("--cause", "link.unknown")]
)
def test_lines_fit_eighty_columns_and_hold_no_value(
    more: tuple[str, ...], morning: Morning, call: Call
) -> None:
    ended = call("list", "--dir", morning.path, *more)

    assert max(map(len, (ended.stdout + ended.stderr).splitlines())) <= 80
    assert RPPS not in ended.output
    assert "marqueur" not in ended.output


def test_reads_no_further_than_it_must(
    morning: Morning, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Up to the second that fits, which tells that there are more."""
    readings = Readings(monkeypatch)
    call("list", "--dir", morning.path, "--limit", "1", "--flow", "creation", "--json")

    assert readings.count == 3  # fresh, unknown, created


@pytest.mark.parametrize("more", [(), ("--blocked",), ("--sort", "last-newest")])
def test_an_interrupt_ends_the_search_quietly(
    more: tuple[str, ...], morning: Morning, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is listed, as if everything had been found."""
    Readings(monkeypatch, interrupted_at=3)

    ended = call("list", "--dir", morning.path, *more)

    assert (ended.exit_code, ended.stdout, ended.stderr.strip()) == (130, "", "")


def test_progress_is_shown_to_who_watches_a_search(
    morning: Morning, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plain list reads twenty journals: it needs no bar."""
    totals: list[int | None] = []

    def seen(
        items: Iterable[object], total: int | None, title: str
    ) -> AbstractContextManager[Iterable[object]]:
        totals.append(total)
        return watched(items, total, title)

    monkeypatch.setattr(listing, "watched", seen)

    call("list", "--dir", morning.path)
    assert totals == []
    call("list", "--dir", morning.path, "--blocked")
    assert totals == [4]

"""Rules of a storage: what goes when its life is over, and what stays.

In each of them ``NOW`` is when the purge runs, and journals are kept for ten days.
"""

from __future__ import annotations

from attrs import evolve

from ...effects import Budget
from ...ports import Storage
from .examples import DAY, MICROSECOND, NOW, account, link, message, session, stored
from .rules import rule, same
from .storage_units import everything, fill

__all__ = ()

_BEFORE = NOW - 10 * DAY
_LATER = NOW + 9000 * DAY
_TABLES = ("journeys", "journal", "outbox", "budgets", "sessions", "links")


@rule(
    "PORT-STORAGE-91",
    danger="A purge takes what people still need.",
    hint="Answer a count for each of the six tables, 0 included.",
    capability="purge",
)
def purge_of_nothing(storage: Storage) -> None:
    """A purge of nothing deletes nothing, and says so of each table."""
    fill(storage)
    before = everything(storage)
    counts = storage.purge(NOW, _BEFORE)

    same(dict.fromkeys(_TABLES, 0), {name: counts.get(name) for name in _TABLES}, "the counts")
    same(before, everything(storage), "what is kept")


@rule(
    "PORT-STORAGE-92",
    danger="A journey of last year still opens, or what happened in it can no longer be told.",
    hint="DELETE … WHERE expires_at <= now; leave the journal.",
    capability="purge",
)
def purge_of_journeys(storage: Storage) -> None:
    """Journeys that expired are forgotten, and their journals stay."""
    with storage.writing() as unit:
        unit.journeys.add(evolve(stored("OVER-0000"), expires_at=NOW))
        unit.journeys.add(evolve(stored("OPEN-0000"), expires_at=NOW + MICROSECOND))
        unit.journal.append("OVER-0000", 0, NOW, "ce qui s'est passé")

    same(1, storage.purge(NOW, _BEFORE)["journeys"], "the count of journeys")
    with storage.reading() as unit:
        same(None, unit.journeys.get("OVER-0000"))
        same(None, unit.journeys.by_token("token of OVER-0000"))
        same(True, unit.journeys.get("OPEN-0000") is not None, "whether the other is there")
        same(["ce qui s'est passé"], list(unit.journal.lines("OVER-0000")))


@rule(
    "PORT-STORAGE-93",
    danger="A journal is cut, and looks damaged.",
    hint="Delete all lines of a journal whose last line is before the given time, or none.",
    capability="purge",
)
def purge_of_journals(storage: Storage) -> None:
    """Journals are forgotten as a whole: one whose last line is recent stays whole."""
    old = _BEFORE - MICROSECOND
    with storage.writing() as unit:
        for seq in range(3):
            unit.journal.append("OVER-0000", seq, old, f"{seq}")
            unit.journal.append("LATE-0000", seq, old, f"{seq}")
        unit.journal.append("LATE-0000", 3, _BEFORE, "3")

    same(3, storage.purge(NOW, _BEFORE)["journal"], "the count of lines")
    with storage.reading() as unit:
        same([], list(unit.journal.lines("OVER-0000")))
        same(["0", "1", "2", "3"], list(unit.journal.lines("LATE-0000")))


@rule(
    "PORT-STORAGE-94",
    danger="Messages of years pile up, or one that waits is lost.",
    hint="By finished_at, or expires_at where nobody came for it; never what has neither.",
    capability="purge",
)
def purge_of_messages(storage: Storage) -> None:
    """Messages that ended are forgotten with the journals; what waits without end stays."""
    old = _BEFORE - MICROSECOND
    with storage.writing() as unit:
        unit.outbox.add(message("sent", status="sent", finished_at=old))
        unit.outbox.add(message("never taken", expires_at=old))
        unit.outbox.add(message("recent", status="sent", finished_at=_BEFORE))
        unit.outbox.add(message("waits", created_at=old, due_at=old, expires_at=None))

    same(2, storage.purge(NOW, _BEFORE)["outbox"], "the count of messages")
    with storage.reading() as unit:
        left = {it.id for it in unit.outbox.of_journey("7K3Q-F9M2")}
    same({"recent", "waits"}, left, "what is left")


@rule(
    "PORT-STORAGE-95",
    danger="Tries are given back too soon, or kept for ever.",
    hint="DELETE … WHERE at <= now - 1 day.",
    capability="purge",
)
def purge_of_budgets(storage: Storage) -> None:
    """Counted events are forgotten after a day."""
    with storage.writing() as unit:
        unit.budgets.add(Budget.CODE, "s", NOW - DAY)
        unit.budgets.add(Budget.CODE, "s", NOW - DAY + MICROSECOND)

    same(1, storage.purge(NOW, _BEFORE)["budgets"], "the count of events")
    with storage.reading() as unit:
        left = list(unit.budgets.times(Budget.CODE, ["s"], NOW - 9 * DAY))
    same([NOW - DAY + MICROSECOND], left, "what is left")


@rule(
    "PORT-STORAGE-96",
    danger="People are signed out early, or a browser is known for ever.",
    hint="By created_at, after the longest life that sessions have; a day unless told otherwise.",
    capability="purge",
)
def purge_of_sessions(storage: Storage) -> None:
    """Sessions are forgotten after a day, which is longer than any lasts."""
    with storage.writing() as unit:
        unit.sessions.add(session("over", created_at=NOW - DAY))
        unit.sessions.add(session("open", created_at=NOW - DAY + MICROSECOND))

    same(1, storage.purge(NOW, _BEFORE)["sessions"], "the count of sessions")
    with storage.reading() as unit:
        left = [unit.sessions.get(it) is not None for it in ("over", "open")]
    same([False, True], left, "whether they are there")


@rule(
    "PORT-STORAGE-97",
    danger="Whoever presses a link again is told that it never was.",
    hint="By expires_at alone: a used link stays until then.",
    capability="purge",
)
def purge_of_links(storage: Storage) -> None:
    """Links are forgotten past their life, and a used one not before."""
    with storage.writing() as unit:
        unit.links.add(link("over", expires_at=NOW))
        unit.links.add(link("open", expires_at=NOW + MICROSECOND))
        unit.links.add(link("used", used_at=NOW - DAY))

    same(1, storage.purge(NOW, _BEFORE)["links"], "the count of links")
    with storage.reading() as unit:
        left = [unit.links.get(it) is not None for it in ("over", "open", "used")]
    same([False, True, True], left, "whether they are there")


@rule(
    "PORT-STORAGE-98",
    danger="A doctor's account is gone.",
    hint="No purge deletes accounts, nor listeners.",
    capability="purge",
)
def purge_keeps_accounts(storage: Storage) -> None:
    """Accounts are kept, however late it is."""
    fill(storage)
    storage.purge(_LATER, _LATER)

    with storage.reading() as unit:
        same(account(), unit.accounts.get("a1"))


@rule(
    "PORT-STORAGE-99",
    danger="A purge seems to hang, or is counted twice.",
    hint="Call report with a table and its count so far, after each batch, when rows went.",
    capability="purge",
)
def purge_tells(storage: Storage) -> None:
    """A purge tells how far it is, ends with its counts, and can be repeated."""
    fill(storage)
    told: list[tuple[str, int]] = []
    first = storage.purge(_LATER, _LATER, report=lambda *gone: told.append(gone))
    second = storage.purge(_LATER, _LATER)

    same(first, dict(told), "what was told last of each table")
    same(set(_TABLES), {name for name, count in first.items() if count == 1}, "the tables with 1")
    same({0}, set(second.values()), "the counts of the second purge")

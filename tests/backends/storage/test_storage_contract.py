"""What every storage must do, whatever it is made of."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from attrs import evolve

from monespace_flows.effects import Budget
from monespace_flows.errors import LostSwap, UniqueBroken
from monespace_flows.ports import Backlog, JourneyQuery, LinkPurpose, Storage, Unit
from tests.servers.storages import ENGINES, POOLED

from .examples import (
    DAY,
    MICROSECOND,
    MINUTE,
    NOW,
    account,
    link,
    listener,
    message,
    session,
    stored,
)

pytestmark = pytest.mark.parametrize("database", [*ENGINES, POOLED], indirect=True)

Write = Callable[[Unit], object]


def delete_account(unit: Unit, account_id: str) -> None:
    """Delete an account, whatever its version."""
    found = unit.accounts.get(account_id)
    assert found is not None
    unit.accounts.delete(account_id, found.version)


WRITES: Mapping[str, Write] = {
    "journeys.add": lambda unit: unit.journeys.add(stored("NEW0-0000")),
    "journeys.swap": lambda unit: unit.journeys.swap(stored(seq=1, state="created"), 0),
    "journeys.forget": lambda unit: unit.journeys.forget("a1", ()),
    "journal.append": lambda unit: unit.journal.append("7K3Q-F9M2", 1, NOW, "une ligne"),
    "accounts.add": lambda unit: unit.accounts.add(account("a2")),
    "accounts.update": lambda unit: unit.accounts.update(account(version=8, credential_epoch=4), 7),
    "accounts.delete": lambda unit: delete_account(unit, "a1"),
    "sessions.add": lambda unit: unit.sessions.add(session("s2")),
    "sessions.touch": lambda unit: unit.sessions.touch("s1", NOW + MINUTE),
    "sessions.end": lambda unit: unit.sessions.end("s1"),
    "sessions.end_all": lambda unit: unit.sessions.end_all("a1"),
    "links.add": lambda unit: unit.links.add(link("l2")),
    "links.consume": lambda unit: unit.links.consume("l1", NOW),
    "links.void": lambda unit: unit.links.void("a1", LinkPurpose.RESET),
    "links.drop": lambda unit: unit.links.drop("l1"),
    "links.forget": lambda unit: unit.links.forget("a1"),
    "budgets.add": lambda unit: unit.budgets.add(Budget.SEND, "k1.sujet", NOW),
    "budgets.clear": lambda unit: unit.budgets.clear(Budget.CODE, ["k1.sujet"]),
    "budgets.redate": lambda unit: unit.budgets.redate(Budget.CODE, ["k1.sujet"], NOW - MINUTE),
    "outbox.add": lambda unit: unit.outbox.add(message("m2")),
    "outbox.lease": lambda unit: unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 5),
    "outbox.settle": lambda unit: unit.outbox.settle(
        message(status="sent", sealed=None, finished_at=NOW)
    ),
    "outbox.note": lambda unit: unit.outbox.note(message("m1", history="{}"), None),
    "outbox.cancel": lambda unit: unit.outbox.cancel("7K3Q-F9M2", "code", NOW),
    "outbox.drop": lambda unit: unit.outbox.drop(["m1"], NOW),
    "listeners.add": lambda unit: unit.listeners.add(listener("other")),
    "listeners.forget": lambda unit: unit.listeners.forget("crm"),
    "outbox.renew": lambda unit: unit.outbox.renew(message(), NOW + MINUTE),
}

EACH_WRITE = pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)


def fill(storage: Storage) -> None:
    """Keep one of everything."""
    with storage.writing() as unit:
        unit.journeys.add(stored())
        unit.journal.append("7K3Q-F9M2", 0, NOW, "la première ligne")
        unit.accounts.add(account())
        unit.sessions.add(session())
        unit.links.add(link())
        unit.budgets.add(Budget.CODE, "k1.sujet", NOW)
        unit.outbox.add(message())
        unit.listeners.add(listener())


def everything(storage: Storage) -> list[object]:
    """Read whatever the writes above could change."""
    with storage.reading() as unit:
        return [
            unit.journeys.search(JourneyQuery()),
            unit.journal.lines("7K3Q-F9M2"),
            [unit.accounts.get(name) for name in ("a1", "a2")],
            [unit.sessions.get(name) for name in ("s1", "s2")],
            [unit.links.get(name) for name in ("l1", "l2")],
            [unit.budgets.times(budget, ["k1.sujet"], NOW - DAY) for budget in Budget],
            unit.outbox.of_journey("7K3Q-F9M2"),
            unit.listeners.everyone(),
        ]


def write_then_raise(unit: Unit, writes: Iterable[Write], error: type[BaseException]) -> None:
    for write in writes:
        write(unit)
    raise error


def write_and_ignore(unit: Unit, error: type[Exception], refused: Callable[[], None]) -> None:
    unit.sessions.add(session("s2"))
    with suppress(error):
        refused()


class TestUnits:
    def test_what_a_unit_wrote_is_there_for_the_next(self, storage: Storage) -> None:
        fill(storage)

        assert [
            [stored()],
            ["la première ligne"],
            [account(), None],
            [session(), None],
            [link(), None],
            [[NOW] if it is Budget.CODE else [] for it in Budget],
            [message()],
            [listener()],
        ] == everything(storage)

    def test_and_for_another_process(self, storage: Storage, twin: Storage) -> None:
        fill(storage)

        assert everything(storage) == everything(twin)

    @pytest.mark.parametrize("count", range(len(WRITES) + 1))
    def test_one_that_raises_leaves_nothing_behind(self, storage: Storage, count: int) -> None:
        """Wherever it raises, after one write or after many."""
        fill(storage)
        before = everything(storage)

        with pytest.raises(ZeroDivisionError), storage.writing() as unit:
            write_then_raise(unit, list(WRITES.values())[:count], ZeroDivisionError)

        assert before == everything(storage)

    def test_nor_one_that_the_user_interrupts(self, storage: Storage) -> None:
        with pytest.raises(KeyboardInterrupt), storage.writing() as unit:
            write_then_raise(unit, [WRITES["journeys.add"]], KeyboardInterrupt)

        with storage.writing() as unit:
            assert unit.journeys.get("NEW0-0000") is None

    @EACH_WRITE
    def test_one_sees_its_own_writes_and_nobody_else_does_yet(
        self, storage: Storage, twin: Storage, write: Write
    ) -> None:
        fill(storage)
        before = everything(storage)

        with storage.writing() as unit:
            write(unit)
            assert before == everything(storage)
            assert before == everything(twin)

        assert before != everything(storage)
        assert everything(twin) == everything(storage)

    @EACH_WRITE
    def test_one_that_reads_writes_nothing(self, storage: Storage, write: Write) -> None:
        fill(storage)
        before = everything(storage)

        with storage.reading() as unit, pytest.raises(RuntimeError, match="only reads"):
            write(unit)

        assert before == everything(storage)

    def test_one_that_reads_locks_nothing(self, storage: Storage) -> None:
        with storage.reading() as unit:
            with pytest.raises(RuntimeError, match="only reads"):
                unit.lock("a name")
            with pytest.raises(RuntimeError, match="only reads"):
                unit.journeys.get("7K3Q-F9M2", lock=True)

    def test_one_in_which_a_row_was_refused_cannot_commit(self, storage: Storage) -> None:
        """A server would take its COMMIT for a ROLLBACK without a word."""
        fill(storage)
        before = everything(storage)

        with pytest.raises(RuntimeError, match="failed"), storage.writing() as unit:
            write_and_ignore(unit, UniqueBroken, lambda: unit.accounts.add(account()))

        assert before == everything(storage)

    def test_one_that_lost_a_swap_can(self, storage: Storage) -> None:
        fill(storage)

        with storage.writing() as unit:
            write_and_ignore(unit, LostSwap, lambda: unit.journeys.swap(stored(seq=9), 8))

        with storage.reading() as unit:
            assert unit.sessions.get("s2") is not None

    def test_a_name_can_be_locked_twice(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.lock("identity:k1.sujet")
            unit.lock("identity:k1.sujet")
            unit.lock("un autre nom")


class TestJourneys:
    def test_are_read_by_reference_and_by_token(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.journeys.add(stored("AAAA-AAAA"))
            unit.journeys.add(stored("BBBB-BBBB"))

            assert stored("AAAA-AAAA") == unit.journeys.get("AAAA-AAAA")
            assert stored("BBBB-BBBB") == unit.journeys.get("BBBB-BBBB", lock=True)
            assert stored("BBBB-BBBB") == unit.journeys.by_token("token of BBBB-BBBB")

    def test_are_none_when_unknown(self, storage: Storage) -> None:
        with storage.writing() as unit:
            assert unit.journeys.get("7K3Q-F9M2") is None
            assert unit.journeys.get("7K3Q-F9M2", lock=True) is None
            assert unit.journeys.by_token("token of 7K3Q-F9M2") is None

    def test_keep_what_is_not_known_yet_unknown(self, storage: Storage) -> None:
        bare = evolve(
            stored(subject=None, role=None, contact=None, contacts=(), code=None, sent=()),
            dossier=None,
            code_digest=None,
            account_id=None,
            session_digest=None,
        )
        with storage.writing() as unit:
            unit.journeys.add(bare)

        with storage.reading() as unit:
            assert bare == unit.journeys.get("7K3Q-F9M2")

    @pytest.mark.parametrize(
        "other",
        [
            evolve(stored(), token_digest="another token"),
            evolve(stored("AAAA-AAAA"), token_digest="token of 7K3Q-F9M2"),
        ],
    )
    def test_share_neither_reference_nor_token(self, storage: Storage, other: object) -> None:
        fill(storage)

        with pytest.raises(UniqueBroken), storage.writing() as unit:
            unit.journeys.add(other)  # type: ignore[arg-type]

    def test_swap_at_the_number_of_steps_expected(self, storage: Storage) -> None:
        fill(storage)
        with storage.writing() as unit:
            unit.journeys.swap(stored(seq=1, state="created"), 0)

        with storage.reading() as unit:
            assert stored(seq=1, state="created") == unit.journeys.get("7K3Q-F9M2")

    @pytest.mark.parametrize("expected", [-1, 1, 2])
    def test_are_not_swapped_at_any_other(self, storage: Storage, expected: int) -> None:
        fill(storage)
        with pytest.raises(LostSwap), storage.writing() as unit:
            unit.journeys.swap(stored(seq=1, state="created"), expected)

        with storage.reading() as unit:
            assert stored() == unit.journeys.get("7K3Q-F9M2")

    def test_are_not_swapped_when_gone(self, storage: Storage) -> None:
        with pytest.raises(LostSwap), storage.writing() as unit:
            unit.journeys.swap(stored(seq=1), 0)

    def test_open_to_a_new_token_only_once_they_have_one(self, storage: Storage) -> None:
        fill(storage)
        handed = evolve(stored(seq=1), token_digest="new token")
        with storage.writing() as unit:
            unit.journeys.swap(handed, 0)

            assert unit.journeys.by_token("token of 7K3Q-F9M2") is None

        with storage.reading() as unit:
            assert unit.journeys.by_token("token of 7K3Q-F9M2") is None
            assert handed == unit.journeys.by_token("new token")

    def test_cannot_take_the_token_of_another(self, storage: Storage) -> None:
        fill(storage)
        with storage.writing() as unit:
            unit.journeys.add(stored("AAAA-AAAA"))

        with pytest.raises(UniqueBroken), storage.writing() as unit:
            unit.journeys.swap(evolve(stored(seq=1), token_digest="token of AAAA-AAAA"), 0)


class TestForgetting:
    """Of journeys: those of one person go, and only those."""

    @pytest.fixture(autouse=True)
    def journeys(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.journeys.add(evolve(stored("OWN2-0000", subject=None), account_id="a1"))
            unit.journeys.add(evolve(stored("OWN1-0000", subject="k1.sujet"), account_id=None))
            unit.journeys.add(evolve(stored("OLD0-0000", subject="k0.sujet"), account_id=None))
            unit.journeys.add(evolve(stored("NEW0-0000", subject=None), account_id=None))
            unit.journeys.add(evolve(stored("ELSE-0000", subject="k1.autre"), account_id="a2"))
            unit.journal.append("OWN1-0000", 0, NOW, "ce qui s'est passé")

    @pytest.mark.parametrize(
        ("account_id", "subjects", "gone"),
        [
            ("a1", ("k1.sujet", "k0.sujet"), ["OLD0", "OWN1", "OWN2"]),
            ("a1", (), ["OWN2"]),
            ("a3", ("k0.sujet",), ["OLD0"]),
            ("a3", ("K1.SUJET", ""), []),
        ],
    )
    def test_by_account_and_by_pseudonym(
        self, storage: Storage, account_id: str, subjects: tuple[str, ...], gone: list[str]
    ) -> None:
        with storage.writing() as unit:
            forgotten = unit.journeys.forget(account_id, subjects)

        with storage.reading() as unit:
            left = {it.journey.reference for it in unit.journeys.search(JourneyQuery())}
            assert list(forgotten) == [f"{name}-0000" for name in gone]
            assert left.isdisjoint(forgotten)
            assert len(left) == 5 - len(gone)
            assert "ELSE-0000" in left

    def test_leaves_nothing_to_open_and_keeps_the_journal(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.journeys.forget("a1", ("k1.sujet",))

            assert unit.journeys.get("OWN1-0000", lock=True) is None
            assert unit.journeys.by_token("token of OWN1-0000") is None
            with pytest.raises(LostSwap):
                unit.journeys.swap(stored("OWN1-0000", seq=1), 0)

        with storage.reading() as unit:
            assert list(unit.journal.lines("OWN1-0000")) == ["ce qui s'est passé"]

    def test_can_be_repeated(self, storage: Storage) -> None:
        with storage.writing() as unit:
            assert len(unit.journeys.forget("a1", ())) == 1
            assert len(unit.journeys.forget("a1", ())) == 0


class TestSearch:
    @pytest.fixture(autouse=True)
    def journeys(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.journeys.add(stored("OLD0-0000", started_at=NOW - DAY, subject="k1.ancien"))
            unit.journeys.add(stored("NEW0-0000", started_at=NOW + MICROSECOND, flow="signin"))
            unit.journeys.add(stored("NOW0-0000", state="created", subject=None))
            unit.journeys.add(stored("NOW1-0000"))

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            (JourneyQuery(), ["NEW0", "NOW1", "NOW0", "OLD0"]),
            (JourneyQuery(limit=2), ["NEW0", "NOW1"]),
            (JourneyQuery(limit=0), []),
            (JourneyQuery(flow="signin"), ["NEW0"]),
            (JourneyQuery(flow="reset"), []),
            (JourneyQuery(state="created"), ["NOW0"]),
            (JourneyQuery(flow="creation", state="enter_code"), ["NOW1", "OLD0"]),
            (JourneyQuery(subjects=("k2.ancien", "k1.ancien")), ["OLD0"]),
            (JourneyQuery(subjects=("k1.sujet",)), ["NEW0", "NOW1"]),
            (JourneyQuery(since=NOW), ["NEW0", "NOW1", "NOW0"]),
            (JourneyQuery(since=NOW + MICROSECOND), ["NEW0"]),
            (JourneyQuery(until=NOW + MICROSECOND), ["NOW1", "NOW0", "OLD0"]),
            (JourneyQuery(since=NOW, until=NOW), []),
        ],
    )
    def test_lists_newest_first(
        self, storage: Storage, query: JourneyQuery, found: list[str]
    ) -> None:
        """From ``since`` on, and before ``until``."""
        with storage.reading() as unit:
            references = [it.journey.reference for it in unit.journeys.search(query)]

        assert [f"{name}-0000" for name in found] == references


class TestJournal:
    def test_lines_come_back_as_they_were_in_their_order(self, storage: Storage) -> None:
        lines = ['{"à":"é"}', "  espaces  ", "deux\nlignes\r\n", "🩺 \u2028", '"\\u0000"', ""]
        with storage.writing() as unit:
            for seq in (3, 1, 0, 5, 2, 4):
                unit.journal.append("7K3Q-F9M2", seq, NOW, lines[seq])
            unit.journal.append("AAAA-AAAA", 0, NOW, "d'une autre")

        with storage.reading() as unit:
            assert lines == list(unit.journal.lines("7K3Q-F9M2"))
            assert list(unit.journal.lines("AAAA-AAAA")) == ["d'une autre"]
            assert list(unit.journal.lines("BBBB-BBBB")) == []

    def test_every_journal_is_named_by_the_time_of_its_first_line(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.journal.append("BBBB-BBBB", 0, NOW, "la première")
            unit.journal.append("7K3Q-F9M2", 0, NOW - timedelta(days=1), "la première")
            unit.journal.append("7K3Q-F9M2", 1, NOW, "la deuxième")
            unit.journal.append("AAAA-AAAA", 0, NOW, "la première")

        with storage.reading() as unit:
            assert list(unit.journal.references()) == ["7K3Q-F9M2", "AAAA-AAAA", "BBBB-BBBB"]

    def test_a_number_is_given_once(self, storage: Storage) -> None:
        fill(storage)
        with pytest.raises(UniqueBroken), storage.writing() as unit:
            unit.journal.append("7K3Q-F9M2", 0, NOW, "une autre première ligne")

        with storage.reading() as unit:
            assert list(unit.journal.lines("7K3Q-F9M2")) == ["la première ligne"]


class TestAccounts:
    def test_are_read_by_id_and_by_any_digest(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.accounts.add(account())
            unit.accounts.add(account("a2"))

        with storage.reading() as unit:
            assert account("a2") == unit.accounts.get("a2")
            assert account("a2") == unit.accounts.by_rpps(["of a new key", "rpps of a2"])
            assert account("a2") == unit.accounts.by_email(["email of a2", "of an old key"])

    def test_are_none_when_unknown(self, storage: Storage) -> None:
        fill(storage)
        with storage.reading() as unit:
            assert unit.accounts.get("a2") is None
            assert unit.accounts.by_rpps(["email of a1"]) is None
            assert unit.accounts.by_email(["rpps of a1"]) is None
            assert unit.accounts.by_rpps([]) is None
            assert unit.accounts.by_email([]) is None

    def test_the_oldest_is_read_when_digests_of_two_are_given(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.accounts.add(account("a1", created_at=NOW + MICROSECOND))
            unit.accounts.add(account("a2"))

        with storage.reading() as unit:
            assert account("a2") == unit.accounts.by_rpps(["rpps of a1", "rpps of a2"])

    def test_keep_what_did_not_happen_empty(self, storage: Storage) -> None:
        bare = account(email_confirmed_at=None, disabled_at=None)
        with storage.writing() as unit:
            unit.accounts.add(bare)

        with storage.reading() as unit:
            assert bare == unit.accounts.get("a1")

    @pytest.mark.parametrize(
        "other",
        [
            account("a1", rpps_digest="another", email_digest="another"),
            account("a2", rpps_digest="rpps of a1"),
            account("a2", email_digest="email of a1"),
        ],
    )
    def test_share_neither_id_nor_rpps_nor_email(self, storage: Storage, other: object) -> None:
        fill(storage)

        with pytest.raises(UniqueBroken), storage.writing() as unit:
            unit.accounts.add(other)  # type: ignore[arg-type]

    def test_are_updated_at_the_version_expected(self, storage: Storage) -> None:
        fill(storage)
        changed = account(version=8, email_digest="new email", disabled_at=None)
        with storage.writing() as unit:
            unit.accounts.update(changed, 7)

        with storage.reading() as unit:
            assert changed == unit.accounts.by_email(["new email"])
            assert unit.accounts.by_email(["email of a1"]) is None

    @pytest.mark.parametrize("name", ["a1", "a2"])
    def test_are_not_updated_at_another_nor_when_unknown(self, storage: Storage, name: str) -> None:
        fill(storage)
        with pytest.raises(LostSwap), storage.writing() as unit:
            unit.accounts.update(account(name, version=10), 9)

    def test_must_grow_in_version(self, storage: Storage) -> None:
        """Else two writers who expect the same version could both succeed."""
        fill(storage)
        with pytest.raises(ValueError, match="version"), storage.writing() as unit:
            unit.accounts.update(account(version=7), 7)

    @pytest.mark.parametrize(
        "change", [{"rpps_digest": "rpps of a1"}, {"email_digest": "email of a1"}]
    )
    def test_cannot_take_what_another_has(self, storage: Storage, change: dict[str, str]) -> None:
        fill(storage)
        with storage.writing() as unit:
            unit.accounts.add(account("a2"))

        with pytest.raises(UniqueBroken), storage.writing() as unit:
            unit.accounts.update(account("a2", version=8, **change), 7)

    def test_are_deleted_at_the_version_expected(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.accounts.add(account())
            unit.accounts.add(account("a2"))
        with storage.writing() as unit:
            unit.accounts.delete("a1", 7)

            assert unit.accounts.get("a1") is None

        with storage.reading() as unit:
            assert unit.accounts.get("a1") is None
            assert unit.accounts.by_rpps(["rpps of a1"]) is None
            assert unit.accounts.by_email(["email of a1"]) is None
            assert account("a2") == unit.accounts.get("a2")

    @pytest.mark.parametrize(("name", "expected"), [("a1", 6), ("a1", 8), ("a2", 7)])
    def test_are_not_deleted_at_another_nor_when_unknown(
        self, storage: Storage, name: str, expected: int
    ) -> None:
        fill(storage)
        with pytest.raises(LostSwap), storage.writing() as unit:
            unit.accounts.delete(name, expected)

        with storage.reading() as unit:
            assert account() == unit.accounts.get("a1")

    def test_leave_their_number_and_address_to_another(self, storage: Storage) -> None:
        """In the same unit or later: whoever was erased may come back."""
        again = account("a2", rpps_digest="rpps of a1", email_digest="email of a1")
        fill(storage)
        with storage.writing() as unit:
            unit.accounts.delete("a1", 7)
            unit.accounts.add(again)

        with storage.reading() as unit:
            assert again == unit.accounts.by_rpps(["rpps of a1"])
            assert again == unit.accounts.by_email(["email of a1"])


class TestSessions:
    def test_are_kept_until_ended(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.sessions.add(session("s1"))
            unit.sessions.add(session("s2"))
        with storage.writing() as unit:
            unit.sessions.end("s1")
            unit.sessions.end("unknown")

        with storage.reading() as unit:
            assert unit.sessions.get("s1") is None
            assert session("s2") == unit.sessions.get("s2")

    def test_are_touched(self, storage: Storage) -> None:
        fill(storage)
        with storage.writing() as unit:
            unit.sessions.touch("s1", NOW + MINUTE)
            unit.sessions.touch("unknown", NOW + MINUTE)

        with storage.reading() as unit:
            assert evolve(session(), seen_at=NOW + MINUTE) == unit.sessions.get("s1")
            assert unit.sessions.get("unknown") is None

    def test_of_one_account_end_together(self, storage: Storage) -> None:
        with storage.writing() as unit:
            for digest, owner in (("s1", "a1"), ("s2", "a1"), ("s3", "a2")):
                unit.sessions.add(session(digest, owner))
        with storage.writing() as unit:
            assert unit.sessions.end_all("a1") == 2
            assert unit.sessions.end_all("a1") == 0

        with storage.reading() as unit:
            assert [None, None, session("s3", "a2")] == [
                unit.sessions.get(digest) for digest in ("s1", "s2", "s3")
            ]

    def test_of_an_account_are_listed_newest_first(self, storage: Storage) -> None:
        early, late = session("s1"), evolve(session("s2"), created_at=NOW + MINUTE)
        with storage.writing() as unit:
            for each in (early, late, session("s3", "a2")):
                unit.sessions.add(each)

        with storage.reading() as unit:
            assert unit.sessions.of_account("a1") == [late, early]
            assert unit.sessions.of_account("nobody") == []

    def test_are_unique(self, storage: Storage) -> None:
        fill(storage)
        with pytest.raises(UniqueBroken), storage.writing() as unit:
            unit.sessions.add(session("s1", "a2"))


class TestLinks:
    def test_are_used_once(self, storage: Storage) -> None:
        fill(storage)
        with storage.writing() as unit:
            assert unit.links.consume("l1", NOW + MICROSECOND)
            assert not unit.links.consume("l1", NOW + MINUTE)
        with storage.writing() as unit:
            assert not unit.links.consume("l1", NOW + MINUTE)

        with storage.reading() as unit:
            assert link(used_at=NOW + MICROSECOND) == unit.links.get("l1")

    def test_unknown_cannot_be_used(self, storage: Storage) -> None:
        with storage.writing() as unit:
            assert not unit.links.consume("l1", NOW)

        with storage.reading() as unit:
            assert unit.links.get("l1") is None

    def test_unused_are_listed_for_one_account_and_purpose(self, storage: Storage) -> None:
        """The newest first, and by name where two are as new; what they are about comes along."""
        older, newer = link("b", created_at=NOW, sealed="s"), link("c", created_at=NOW + MINUTE)
        same = link("a", created_at=NOW)
        confirm = link("confirm", purpose=LinkPurpose.CONFIRM, journey=None)
        with storage.writing() as unit:
            for each in (older, newer, same, confirm, link("used", used_at=NOW)):
                unit.links.add(each)
            unit.links.add(link("others", account_id="a2"))

        with storage.reading() as unit:
            assert unit.links.of_account("a1", LinkPurpose.RESET) == [newer, older, same]
            assert unit.links.of_account("a1", LinkPurpose.CONFIRM) == [confirm]
            assert unit.links.of_account("a1", LinkPurpose.FREEZE) == []

    def test_one_is_dropped(self, storage: Storage) -> None:
        """Used or not; one that is not there is no error."""
        with storage.writing() as unit:
            unit.links.add(link("l1"))
            unit.links.add(link("l2", used_at=NOW))
        with storage.writing() as unit:
            for digest in ("l1", "l2", "l3"):
                unit.links.drop(digest)

        with storage.reading() as unit:
            assert [unit.links.get(digest) for digest in ("l1", "l2")] == [None, None]

    def test_unused_are_void_for_one_account_and_purpose(self, storage: Storage) -> None:
        used = link("used", used_at=NOW)
        confirm = link("confirm", purpose=LinkPurpose.CONFIRM, journey=None)
        others = link("others", account_id="a2")
        with storage.writing() as unit:
            for each in (used, confirm, others, link("l1"), link("l2")):
                unit.links.add(each)
        with storage.writing() as unit:
            unit.links.void("a1", LinkPurpose.RESET)

        with storage.reading() as unit:
            assert [used, confirm, others, None, None] == [
                unit.links.get(digest) for digest in ("used", "confirm", "others", "l1", "l2")
            ]

    def test_of_one_account_are_forgotten_together(self, storage: Storage) -> None:
        """Whatever they are for, and used or not."""
        others = link("others", account_id="a2")
        with storage.writing() as unit:
            unit.links.add(link("used", used_at=NOW))
            unit.links.add(link("confirm", purpose=LinkPurpose.CONFIRM, journey=None))
            unit.links.add(link("l1"))
            unit.links.add(others)
        with storage.writing() as unit:
            assert unit.links.forget("a1") == 3
            assert unit.links.forget("a1") == 0
            assert not unit.links.consume("l1", NOW)

        with storage.reading() as unit:
            assert [None, None, None, others] == [
                unit.links.get(digest) for digest in ("used", "confirm", "l1", "others")
            ]

    def test_are_unique(self, storage: Storage) -> None:
        fill(storage)
        with pytest.raises(UniqueBroken), storage.writing() as unit:
            unit.links.add(link("l1", account_id="a2"))


class TestBudgets:
    def test_times_after_an_instant_are_read_oldest_first(self, storage: Storage) -> None:
        with storage.writing() as unit:
            for at in (NOW + MICROSECOND, NOW - MINUTE, NOW, NOW + MICROSECOND):
                unit.budgets.add(Budget.CODE, "s", at)

        with storage.reading() as unit:
            times = unit.budgets.times(Budget.CODE, ["s"], NOW - MINUTE)

            assert list(times) == [NOW, NOW + MICROSECOND, NOW + MICROSECOND]

    def test_of_any_digest_of_one_person(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.budgets.add(Budget.CODE, "of a new key", NOW)
            unit.budgets.add(Budget.CODE, "of an old key", NOW - MINUTE)
            unit.budgets.add(Budget.CODE, "of somebody else", NOW)
            unit.budgets.add(Budget.SEND, "of a new key", NOW)

        with storage.reading() as unit:
            subjects = ["of a new key", "of an old key", "of an old key"]
            times = unit.budgets.times(Budget.CODE, subjects, NOW - DAY)

            assert list(times) == [NOW - MINUTE, NOW]
            assert list(unit.budgets.times(Budget.CODE, [], NOW - DAY)) == []

    def test_the_nth_newest_of_a_span_is_read_and_how_many_there_are(
        self, storage: Storage
    ) -> None:
        """After the first instant, and not after the last."""
        times = [NOW - DAY, NOW - 2 * MINUTE, NOW - MINUTE, NOW, NOW + MINUTE]
        with storage.writing() as unit:
            for at in times:
                unit.budgets.add(Budget.TOTAL, "sms", at)
            unit.budgets.add(Budget.TOTAL, "email", NOW)
            unit.budgets.add(Budget.ALARM, "sms", NOW)

        with storage.reading() as unit:
            span = NOW - DAY, NOW
            found = [unit.budgets.nth(Budget.TOTAL, "sms", *span, it) for it in (1, 2, 3, 4)]

            assert found == [NOW, NOW - MINUTE, NOW - 2 * MINUTE, None]
            assert unit.budgets.count(Budget.TOTAL, "sms", *span) == 3
            assert unit.budgets.count(Budget.TOTAL, "nothing", *span) == 0

    def test_of_the_future_become_those_of_now(self, storage: Storage) -> None:
        """A clock that was put back: what it counted before must not last longer for it."""
        with storage.writing() as unit:
            for at in (NOW - MINUTE, NOW + DAY, NOW + 3 * DAY):
                unit.budgets.add(Budget.CODE, "s", at)
            unit.budgets.add(Budget.CODE, "somebody else", NOW + DAY)
            unit.budgets.redate(Budget.CODE, ["s"], NOW)

        with storage.reading() as unit:
            assert list(unit.budgets.times(Budget.CODE, ["s"], NOW - DAY)) == [
                NOW - MINUTE,
                NOW,
                NOW,
            ]
            others = unit.budgets.times(Budget.CODE, ["somebody else"], NOW - DAY)
            assert list(others) == [NOW + DAY]

    def test_are_cleared_of_one_kind_for_one_person(self, storage: Storage) -> None:
        with storage.writing() as unit:
            for subject in ("a", "b", "c"):
                unit.budgets.add(Budget.CODE, subject, NOW)
                unit.budgets.add(Budget.SEND, subject, NOW)
        with storage.writing() as unit:
            unit.budgets.clear(Budget.CODE, ["a", "b"])
            unit.budgets.clear(Budget.SEND, [])

        with storage.reading() as unit:
            assert list(unit.budgets.times(Budget.CODE, ["a", "b", "c"], NOW - DAY)) == [NOW]
            assert list(unit.budgets.times(Budget.SEND, ["a", "b", "c"], NOW - DAY)) == 3 * [NOW]


class TestOutbox:
    def test_what_waits_or_failed_is_counted_with_its_age(self, storage: Storage) -> None:
        """But not what left, lost its text, or goes to nobody."""
        failed: dict[str, Any] = {"status": "failed", "finished_at": NOW}
        with storage.writing() as unit:
            for each in (
                message("a", created_at=NOW - MINUTE),
                message("b", created_at=NOW),
                message("c", channel="email"),
                message("d", channel="none"),
                message("e", status="sent", finished_at=NOW, sealed=None),
                message("f", **failed, created_at=NOW - DAY),
                message("g", **failed, sealed=None),
            ):
                unit.outbox.add(each)

        with storage.reading() as unit:
            found = unit.outbox.backlog()

        assert found == [
            Backlog("email", "waiting", 1, message().created_at),
            Backlog("sms", "failed", 1, NOW - DAY),
            Backlog("sms", "waiting", 2, NOW - MINUTE),
        ]

    def test_a_message_keeps_its_id_to_itself(self, storage: Storage) -> None:
        fill(storage)
        with pytest.raises(UniqueBroken), storage.writing() as unit:
            unit.outbox.add(message("m1", channel="email"))

    def test_a_history_is_written_over_the_one_that_was_read_and_no_other(
        self, storage: Storage
    ) -> None:
        with storage.writing() as unit:
            unit.outbox.add(message("m1"))
            written = [
                unit.outbox.note(message("m1", history="one"), None),
                unit.outbox.note(message("m1", history="two"), None),
                unit.outbox.note(message("m1", history="three"), "one"),
                unit.outbox.note(message("m2", history="one"), None),
            ]
            (kept,) = unit.outbox.of_journey("7K3Q-F9M2")

        assert written == [True, False, True, False]
        assert kept.history == "three"

    def test_what_is_due_is_leased_longest_due_first(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.outbox.add(message("late", due_at=NOW - MINUTE))
            unit.outbox.add(message("now"))
            unit.outbox.add(message("old", created_at=NOW - DAY))
            unit.outbox.add(message("soon", due_at=NOW + MICROSECOND))
            unit.outbox.add(message("event", channel="event"))
            unit.outbox.add(message("sent", status="sent"))
            unit.outbox.add(message("email", channel="email", due_at=NOW - 2 * MINUTE))
        with storage.writing() as unit:
            leased = unit.outbox.lease(iter(("sms", "email")), NOW, NOW + MINUTE, 10)

        assert [it.id for it in leased] == ["email", "late", "old", "now"]

    def test_what_is_due_for_some_listeners_is_leased(self, storage: Storage) -> None:
        """What names none, as releases before wrote it, is for those of its kind."""
        with storage.writing() as unit:
            for name in ("crm", "mail", None):
                address = None if name is None else f"SignedIn:{name}"
                made = message(f"{name}", channel="event", purpose="SignedIn", listener=address)
                unit.outbox.add(made)
            unit.outbox.add(message("sms", purpose="SignedIn"))
            unit.outbox.add(message("other", channel="event", purpose="AccountErased"))
        with storage.writing() as unit:
            named = ("SignedIn:crm", "SignedIn")
            leased = unit.outbox.lease(["event"], NOW, NOW + MINUTE, 10, listeners=iter(named))
            nothing = unit.outbox.lease(["event"], NOW, NOW + MINUTE, 10, listeners=())

        assert [it.id for it in leased] == ["None", "crm"]
        assert nothing == []

    def test_a_lease_counts_as_an_attempt(self, storage: Storage) -> None:
        fill(storage)
        with storage.writing() as unit:
            leased = unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 10)

        expected = [message(due_at=NOW + MINUTE, attempts=1)]
        with storage.reading() as unit:
            assert expected == list(leased)
            assert expected == list(unit.outbox.of_journey("7K3Q-F9M2"))

    def test_no_more_are_leased_than_asked_for(self, storage: Storage) -> None:
        with storage.writing() as unit:
            for number in range(5):
                unit.outbox.add(message(f"m{number}"))

        taken = []
        for _ in range(4):
            with storage.writing() as unit:
                leased = unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 2)
                taken.append([it.id for it in leased])

        assert taken == [["m0", "m1"], ["m2", "m3"], ["m4"], []]

    def test_a_lease_that_ends_gives_the_message_to_the_next(self, storage: Storage) -> None:
        fill(storage)
        ends = NOW + MINUTE
        with storage.writing() as unit:
            unit.outbox.lease(["sms"], NOW, ends, 1)

        with storage.writing() as unit:
            assert list(unit.outbox.lease(["sms"], ends - MICROSECOND, ends + MINUTE, 1)) == []
            assert [it.attempts for it in unit.outbox.lease(["sms"], ends, ends + MINUTE, 1)] == [2]

    def test_one_past_its_life_is_still_leased(self, storage: Storage) -> None:
        """So that somebody notes that it was not sent."""
        fill(storage)
        with storage.writing() as unit:
            assert len(unit.outbox.lease(["sms"], NOW + DAY, NOW + DAY + MINUTE, 1)) == 1

    def test_what_became_of_a_message_is_written_back(self, storage: Storage) -> None:
        fill(storage)
        sent = message(
            status="sent", sealed=None, finished_at=NOW + MINUTE, attempts=1, error="panne réseau"
        )
        with storage.writing() as unit:
            unit.outbox.settle(sent)
            unit.outbox.settle(message("unknown", status="sent"))

        with storage.writing() as unit:
            assert [sent] == list(unit.outbox.of_journey("7K3Q-F9M2"))
            assert list(unit.outbox.lease(["sms"], NOW + DAY, NOW + 2 * DAY, 1)) == []

    def test_one_that_failed_once_waits_for_its_time(self, storage: Storage) -> None:
        fill(storage)
        again = message(due_at=NOW + MINUTE, attempts=1, error="panne")
        with storage.writing() as unit:
            unit.outbox.settle(again)

        with storage.writing() as unit:
            assert list(unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 1)) == []
            assert len(unit.outbox.lease(["sms"], NOW + MINUTE, NOW + 2 * MINUTE, 1)) == 1

    def test_what_waits_is_cancelled_and_blanked(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.outbox.add(message("code"))
            unit.outbox.add(message("letter", purpose="notice"))
            unit.outbox.add(message("other", journey="AAAA-AAAA"))
            unit.outbox.add(message("sent", status="sent", finished_at=NOW))
        with storage.writing() as unit:
            unit.outbox.cancel("7K3Q-F9M2", "code", NOW + MINUTE)

        cancelled = message("code", status="expired", sealed=None, finished_at=NOW + MINUTE)
        with storage.writing() as unit:
            found = {it.id: it for it in unit.outbox.of_journey("7K3Q-F9M2")}
            leased = unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 9)

        assert cancelled == found["code"]
        assert message("sent", status="sent", finished_at=NOW) == found["sent"]
        assert [it.id for it in leased] == ["letter", "other"]

    def test_one_cancelled_while_leased_does_not_wait_again(self, storage: Storage) -> None:
        """Else a code that was replaced would leave after its successor."""
        fill(storage)
        with storage.writing() as unit:
            (leased,) = unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 1)
        with storage.writing() as unit:
            unit.outbox.cancel("7K3Q-F9M2", "code", NOW)
        with storage.writing() as unit:
            unit.outbox.settle(evolve(leased, due_at=NOW + MINUTE, error="panne"))

        with storage.writing() as unit:
            assert list(unit.outbox.lease(["sms"], NOW + DAY, NOW + 2 * DAY, 1)) == []

    def test_but_is_noted_as_sent_when_it_was(self, storage: Storage) -> None:
        fill(storage)
        with storage.writing() as unit:
            (leased,) = unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 1)
            unit.outbox.cancel("7K3Q-F9M2", "code", NOW)
            unit.outbox.settle(evolve(leased, status="sent", sealed=None, finished_at=NOW))

        with storage.reading() as unit:
            assert [it.status for it in unit.outbox.of_journey("7K3Q-F9M2")] == ["sent"]

    def test_what_waits_is_read_oldest_first(self, storage: Storage) -> None:
        """Due or not, leased or not, whatever it is and whoever's."""
        with storage.writing() as unit:
            unit.outbox.add(message("b"))
            unit.outbox.add(message("a", channel="event", due_at=NOW + DAY))
            unit.outbox.add(message("z", created_at=NOW - MICROSECOND, journey=None))
            unit.outbox.add(message("late", expires_at=NOW - DAY, created_at=NOW + MINUTE))
            for status in ("sent", "expired", "failed"):
                unit.outbox.add(message(status, status=status, sealed=None, finished_at=NOW))
        with storage.writing() as unit:
            unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 1)

        with storage.reading() as unit:
            assert [it.id for it in unit.outbox.waiting()] == ["z", "a", "b", "late"]

    def test_what_still_waits_of_some_is_dropped_and_blanked(self, storage: Storage) -> None:
        sent = message("sent", status="sent", sealed=None, finished_at=NOW)
        with storage.writing() as unit:
            for each in (message("m1"), message("m2", journey=None), message("kept"), sent):
                unit.outbox.add(each)
        with storage.writing() as unit:
            assert unit.outbox.drop(["m1", "m2", "sent", "unknown"], NOW + MINUTE) == 2
            assert unit.outbox.drop(["m1", "m2"], NOW + DAY) == 0
            assert unit.outbox.drop([], NOW) == 0

        dropped = message("m1", status="expired", sealed=None, finished_at=NOW + MINUTE)
        with storage.reading() as unit:
            assert [it.id for it in unit.outbox.waiting()] == ["kept"]
            assert [message("kept"), dropped, sent] == list(unit.outbox.of_journey("7K3Q-F9M2"))

    def test_one_dropped_while_leased_does_not_wait_again(self, storage: Storage) -> None:
        fill(storage)
        with storage.writing() as unit:
            (leased,) = unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 1)
        with storage.writing() as unit:
            unit.outbox.drop(["m1"], NOW)
            unit.outbox.settle(evolve(leased, due_at=NOW + MINUTE, error="panne"))

        with storage.reading() as unit:
            assert list(unit.outbox.waiting()) == []

    def test_a_lease_is_renewed_by_who_has_it(self, storage: Storage) -> None:
        """Whoever lost it, because it ended or the message did, is told so."""
        fill(storage)
        with storage.writing() as unit:
            (mine,) = unit.outbox.lease(["sms"], NOW, NOW + MINUTE, 1)
            assert unit.outbox.renew(mine, NOW + 2 * MINUTE)
        with storage.writing() as unit:
            assert list(unit.outbox.lease(["sms"], NOW + MINUTE, NOW + DAY, 1)) == []
            (theirs,) = unit.outbox.lease(["sms"], NOW + 2 * MINUTE, NOW + 3 * MINUTE, 1)
            assert not unit.outbox.renew(mine, NOW + DAY)
            unit.outbox.cancel("7K3Q-F9M2", "code", NOW)
            assert not unit.outbox.renew(theirs, NOW + DAY)
            assert not unit.outbox.renew(message("unknown"), NOW + DAY)

    def test_what_has_not_left_is_read_oldest_first(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.outbox.add(message("b"))
            unit.outbox.add(message("a", status="failed", finished_at=NOW))
            unit.outbox.add(message("z", status="failed", sealed=None, created_at=NOW - DAY))
            for status in ("sent", "expired"):
                unit.outbox.add(message(status, status=status, sealed=None, finished_at=NOW))

        with storage.reading() as unit:
            assert [it.id for it in unit.outbox.unsent()] == ["z", "a", "b"]

    def test_what_failed_is_put_back_while_it_makes_sense(self, storage: Storage) -> None:
        """Not one that has lost its text, nor one that would come too late."""
        failed = message("m1", status="failed", finished_at=NOW, attempts=3, error="sms")
        late = evolve(failed, id="late", expires_at=NOW + MINUTE)
        blanked = evolve(failed, id="blanked", sealed=None)
        undated = evolve(failed, id="undated", expires_at=None)
        with storage.writing() as unit:
            for each in (failed, late, blanked, undated, message("waits")):
                unit.outbox.add(each)
        ids = ["m1", "late", "blanked", "undated", "waits", "unknown"]
        with storage.writing() as unit:
            assert unit.outbox.put_back(ids, NOW + MINUTE) == 2
            assert unit.outbox.put_back([], NOW) == 0

        again = evolve(failed, status="waiting", finished_at=None, due_at=NOW + MINUTE)
        with storage.reading() as unit:
            found = {it.id: it for it in unit.outbox.unsent()}
        assert again == found["m1"]
        assert found["undated"].status == "waiting"
        assert (late, blanked) == (found["late"], found["blanked"])

    def test_what_failed_is_blanked_when_it_is_too_late(self, storage: Storage) -> None:
        failed = message("m1", status="failed", finished_at=NOW, expires_at=NOW + MINUTE)
        with storage.writing() as unit:
            for each in (failed, evolve(failed, id="later", expires_at=NOW + DAY)):
                unit.outbox.add(each)
            unit.outbox.add(message("waits", expires_at=NOW))
            unit.outbox.add(evolve(failed, id="undated", expires_at=None))
        with storage.writing() as unit:
            assert unit.outbox.blank(NOW + MINUTE - MICROSECOND) == 0
            assert unit.outbox.blank(NOW + MINUTE) == 1
            assert unit.outbox.blank(NOW + MINUTE) == 0

        with storage.reading() as unit:
            assert {it.id for it in unit.outbox.unsent() if it.sealed is None} == {"m1"}

    def test_what_failed_loses_its_text_with_its_successor(self, storage: Storage) -> None:
        """Else a code that was replaced, or is about someone erased, could be put back."""
        failed = message("code", status="failed", finished_at=NOW - MINUTE)
        with storage.writing() as unit:
            unit.outbox.add(failed)
            unit.outbox.add(evolve(failed, id="other", purpose="notice"))
            unit.outbox.add(evolve(failed, id="gone", sealed=None))
        with storage.writing() as unit:
            unit.outbox.cancel("7K3Q-F9M2", "code", NOW)
            assert unit.outbox.drop(["other", "code", "gone"], NOW) == 1

        with storage.reading() as unit:
            found = {it.id: it for it in unit.outbox.unsent()}
        assert evolve(failed, sealed=None) == found["code"]
        assert {it.sealed for it in found.values()} == {None}

    def test_a_channel_by_which_nothing_leaves_is_named(self, storage: Storage) -> None:
        """Not because of one message that fails for a reason of its own."""
        with storage.writing() as unit:
            for channel in ("sms", "email", "none", "event"):
                unit.outbox.add(message(channel, channel=channel, created_at=NOW - MINUTE))
        with storage.writing() as unit:
            assert list(unit.outbox.overdue(NOW - MINUTE - MICROSECOND)) == []
            assert list(unit.outbox.overdue(NOW - MINUTE)) == ["email", "sms"]
            left = message("left", channel="email", status="sent", sealed=None, finished_at=NOW)
            unit.outbox.add(left)
            unit.outbox.add(evolve(left, id="failed", channel="sms", status="failed"))
            unit.outbox.add(evolve(left, id="before", channel="sms", finished_at=NOW - DAY))
        with storage.writing() as unit:
            assert list(unit.outbox.overdue(NOW)) == ["sms"]
            unit.outbox.add(message("newer", channel="email", created_at=NOW + MICROSECOND))

        with storage.reading() as unit:
            assert list(unit.outbox.overdue(NOW)) == ["sms"]
            assert list(unit.outbox.overdue(NOW + MINUTE)) == ["email", "sms"]

    def test_a_journeys_messages_are_read_oldest_first(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.outbox.add(message("b"))
            unit.outbox.add(message("a"))
            unit.outbox.add(message("z", created_at=NOW - MICROSECOND))
            unit.outbox.add(message("nobody's", journey=None))

        with storage.reading() as unit:
            assert [it.id for it in unit.outbox.of_journey("7K3Q-F9M2")] == ["z", "a", "b"]
            assert list(unit.outbox.of_journey("AAAA-AAAA")) == []

    def test_the_newest_of_a_journey_s_messages_is_read_by_its_purpose(
        self, storage: Storage
    ) -> None:
        with storage.writing() as unit:
            for name, at in (("z", NOW - MICROSECOND), ("a", NOW), ("b", NOW)):
                unit.outbox.add(message(name, purpose="code", created_at=at))
            unit.outbox.add(message("c", purpose="notice", created_at=NOW + MINUTE))
            unit.outbox.add(message("d", purpose="code", journey="BBBB-BBBB"))

        with storage.reading() as unit:
            found = unit.outbox.newest("7K3Q-F9M2", "code")
            assert found is not None
            assert found.id == "b"
            assert unit.outbox.newest("7K3Q-F9M2", "confirmation") is None


class TestPurge:
    """``NOW`` is when the purge runs; journals are kept for ten days."""

    BEFORE = NOW - 10 * DAY

    def test_of_nothing_deletes_nothing(self, storage: Storage) -> None:
        fill(storage)
        before = everything(storage)

        assert storage.purge(NOW, self.BEFORE) == {
            "journeys": 0,
            "journal": 0,
            "outbox": 0,
            "budgets": 0,
            "sessions": 0,
            "links": 0,
        }
        assert before == everything(storage)

    def test_forgets_journeys_that_expired(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.journeys.add(evolve(stored("OVER-0000"), expires_at=NOW))
            unit.journeys.add(evolve(stored("OPEN-0000"), expires_at=NOW + MICROSECOND))
            unit.journal.append("OVER-0000", 0, NOW, "ce qui s'est passé")

        assert storage.purge(NOW, self.BEFORE)["journeys"] == 1
        with storage.reading() as unit:
            assert unit.journeys.get("OVER-0000") is None
            assert unit.journeys.by_token("token of OVER-0000") is None
            assert unit.journeys.get("OPEN-0000") is not None
            assert list(unit.journal.lines("OVER-0000")) == ["ce qui s'est passé"]

    def test_forgets_journals_as_a_whole(self, storage: Storage) -> None:
        """One whose last line is too recent stays whole: cut, it would look damaged."""
        old = self.BEFORE - MICROSECOND
        with storage.writing() as unit:
            for seq in range(3):
                unit.journal.append("OVER-0000", seq, old, f"{seq}")
                unit.journal.append("LATE-0000", seq, old, f"{seq}")
            unit.journal.append("LATE-0000", 3, self.BEFORE, "3")

        assert storage.purge(NOW, self.BEFORE)["journal"] == 3
        with storage.reading() as unit:
            assert list(unit.journal.lines("OVER-0000")) == []
            assert list(unit.journal.lines("LATE-0000")) == ["0", "1", "2", "3"]

    def test_forgets_messages_that_ended_with_the_journals(self, storage: Storage) -> None:
        old = self.BEFORE - MICROSECOND
        with storage.writing() as unit:
            unit.outbox.add(message("sent", status="sent", finished_at=old))
            unit.outbox.add(message("never taken", expires_at=old))
            unit.outbox.add(message("recent", status="sent", finished_at=self.BEFORE))
            unit.outbox.add(message("waits", created_at=old, due_at=old, expires_at=None))

        assert storage.purge(NOW, self.BEFORE)["outbox"] == 2
        with storage.reading() as unit:
            left = {it.id for it in unit.outbox.of_journey("7K3Q-F9M2")}
            assert {"recent", "waits"} == left

    def test_forgets_counted_events_after_a_day(self, storage: Storage) -> None:
        with storage.writing() as unit:
            unit.budgets.add(Budget.CODE, "s", NOW - DAY)
            unit.budgets.add(Budget.CODE, "s", NOW - DAY + MICROSECOND)

        assert storage.purge(NOW, self.BEFORE)["budgets"] == 1
        with storage.reading() as unit:
            assert len(unit.budgets.times(Budget.CODE, ["s"], NOW - 9 * DAY)) == 1

    def test_forgets_sessions_after_a_day(self, storage: Storage) -> None:
        """That is longer than any session lasts, unless storage is told otherwise."""
        with storage.writing() as unit:
            unit.sessions.add(session("over", created_at=NOW - DAY))
            unit.sessions.add(session("open", created_at=NOW - DAY + MICROSECOND))

        assert storage.purge(NOW, self.BEFORE)["sessions"] == 1
        with storage.reading() as unit:
            assert unit.sessions.get("over") is None
            assert unit.sessions.get("open") is not None

    def test_forgets_links_past_their_life(self, storage: Storage) -> None:
        """A used one is kept as long: whoever presses it again is told that it was used."""
        with storage.writing() as unit:
            unit.links.add(link("over", expires_at=NOW))
            unit.links.add(link("open", expires_at=NOW + MICROSECOND))
            unit.links.add(link("used", used_at=NOW - DAY))

        assert storage.purge(NOW, self.BEFORE)["links"] == 1
        with storage.reading() as unit:
            assert unit.links.get("over") is None
            assert unit.links.get("open") is not None
            assert unit.links.get("used") is not None

    def test_keeps_accounts(self, storage: Storage) -> None:
        fill(storage)
        storage.purge(NOW + 9000 * DAY, NOW + 9000 * DAY)

        with storage.reading() as unit:
            assert account() == unit.accounts.get("a1")

    def test_tells_how_far_it_is(self, storage: Storage) -> None:
        fill(storage)
        later = NOW + 9000 * DAY
        told: list[tuple[str, int]] = []
        counts = storage.purge(later, later, report=lambda *gone: told.append(gone))

        assert counts == dict(told)

    def test_can_be_repeated(self, storage: Storage) -> None:
        fill(storage)
        later = NOW + 9000 * DAY
        first, second = storage.purge(later, later), storage.purge(later, later)

        assert {1} == set(first.values())
        assert {0} == set(second.values())


class TestInstants:
    @pytest.mark.parametrize(
        "at",
        [
            datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            datetime(2026, 3, 29, 1, 30, 0, 1, tzinfo=UTC),
            datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC),
            datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
            datetime(2026, 11, 22, 15, 5, tzinfo=timezone(timedelta(hours=1, minutes=30))),
        ],
    )
    def test_come_back_to_the_microsecond(self, storage: Storage, at: datetime) -> None:
        with storage.writing() as unit:
            unit.sessions.add(session(created_at=at - MICROSECOND))

        with storage.reading() as unit:
            kept = unit.sessions.get("s1")
            assert kept is not None
            assert [at - MICROSECOND, at] == [kept.created_at, kept.seen_at]
            assert kept.seen_at.utcoffset() is not None


class TestListeners:
    """Who ever listened to which kind of event."""

    def test_each_is_remembered_once(self, storage: Storage) -> None:
        """From when it was first known."""
        with storage.writing() as unit:
            unit.listeners.add(listener("web", kind="SignedIn"))
            unit.listeners.add(listener("crm", kind="SignedIn"))
            unit.listeners.add(listener("crm"))
            unit.listeners.add(listener("crm", since=NOW + DAY))

        with storage.reading() as unit:
            assert unit.listeners.everyone() == [
                listener("crm"),
                listener("crm", kind="SignedIn"),
                listener("web", kind="SignedIn"),
            ]
            assert [it.name for it in unit.listeners.of("SignedIn")] == ["crm", "web"]
            assert unit.listeners.of("AccountCreated") == []

    def test_a_name_is_forgotten_for_one_kind_or_for_all(self, storage: Storage) -> None:
        with storage.writing() as unit:
            for kind in ("AccountCreated", "AccountErased", "SignedIn"):
                unit.listeners.add(listener("crm", kind=kind))
            unit.listeners.add(listener("web"))
        with storage.writing() as unit:
            assert unit.listeners.forget("crm", "SignedIn") == [listener("crm", kind="SignedIn")]
            assert unit.listeners.forget("crm", "SignedIn") == []
            assert len(unit.listeners.forget("crm")) == 2

        with storage.reading() as unit:
            assert unit.listeners.everyone() == [listener("web")]

"""Storage fails at each statement of each step: all or nothing, and the next press succeeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest

from monespace_backends.storage import SqlStorage
from monespace_flows import Flows
from monespace_flows.errors import CommandNotOffered, JourneyOver, PortUnavailable
from monespace_flows.screens import View
from monespace_flows.testing import Sandbox
from tests.backends.conftest import Kept
from tests.journeys import acting
from tests.journeys.acting import JOHN
from tests.journeys.test_faults import ACTS, OFFERS, Act, outcome, pressing

from .contents import contents, count, queued
from .failing import FailingDisk, When

Prepare = Callable[[Sandbox], Act]
Press = Callable[[], object]


@pytest.fixture
def file(kept: Kept) -> SqlStorage:
    """Open storage on an empty SQLite file."""
    return kept.storage(kept.new_file())


def prepared(prepare: Prepare, storage: SqlStorage | None = None) -> tuple[Sandbox, Press]:
    """Everything up to an act; from now on messages wait."""
    sandbox = Sandbox(storage=storage)
    act = prepare(sandbox)
    sandbox.flows = Flows(sandbox.ports)
    return sandbox, partial(act, sandbox)


def delivered(sandbox: Sandbox) -> Counter[tuple[str, str]]:
    sandbox.deliver()
    return Counter((it.purpose, it.to) for it in sandbox.messages)


def press(act: Press) -> object:
    """Do it; what was shown, even if it was refused for having been done."""
    try:
        return act()
    except (CommandNotOffered, JourneyOver) as refusal:
        return refusal.view


@pytest.mark.parametrize("when", When)
@pytest.mark.parametrize("prepare", ACTS.values(), ids=ACTS)
def test_ft_05_whichever_statement_fails_nothing_moves(
    prepare: Prepare, when: When, file: SqlStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each failure every table is as it was; then the same press does what it should."""
    expecting, expected = prepared(prepare)
    sandbox, act = prepared(prepare, file)
    disk = FailingDisk(file, monkeypatch)
    before, number = contents(file), 0

    while True:
        number += 1
        disk.fail_at(number, when)
        try:
            answer = act()
        except PortUnavailable:
            assert disk.mend()
            assert contents(file) == before
            continue
        break

    assert not disk.mend()
    assert number > 1
    assert outcome(answer) == outcome(expected())
    assert delivered(sandbox) == delivered(expecting)


@pytest.mark.parametrize("offer", [it for it in OFFERS if it[-1] != "back"], ids=" ".join)
def test_ft_06_whose_answer_was_lost_presses_again_and_sees_where_they_are(
    offer: tuple[str, str, str], file: SqlStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The step was committed: pressing again shows its screen and does nothing twice.

    Going back twice is going back twice, which loses nothing.
    """
    expecting, expected = prepared(pressing(*offer))
    sandbox, act = prepared(pressing(*offer), file)
    disk = FailingDisk(file, monkeypatch)
    disk.lose_the_answer_of_the_next_commit()
    with pytest.raises(PortUnavailable):
        act()
    assert disk.mend()

    again, shown = press(act), expected()

    assert isinstance(again, View)
    assert isinstance(shown, View)
    assert again.state == shown.state
    assert count(file, "accounts") == count(expecting.storage, "accounts")
    assert delivered(sandbox) == delivered(expecting)


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_ft_06_a_lost_answer_to_the_last_press_leaves_one_account_and_one_mail(
    channel: str, file: SqlStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pressing again and again shows that the account is there; it opens."""
    sandbox = Sandbox(storage=file)
    view = acting.code_accepted(sandbox, channel=channel)
    command = acting.creation() if channel == "email" else acting.activation(JOHN.email)
    disk = FailingDisk(file, monkeypatch)
    disk.lose_the_answer_of_the_next_commit()
    with pytest.raises(PortUnavailable):
        sandbox.flows.submit(view.token, command)

    for _ in range(3):
        with pytest.raises(JourneyOver) as refusal:
            sandbox.flows.submit(view.token, command)
        assert refusal.value.view.state == "created"

    assert count(file, "accounts") == 1
    assert len(queued(sandbox, view.reference, "confirmation")) == 1
    assert acting.sign_in(sandbox).state == "signed_in"


def test_ft_05_a_purge_that_fails_is_taken_up_by_the_next(
    file: SqlStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever statement failed, running it again deletes all that it should."""
    sandbox = Sandbox(storage=file)
    acting.member(sandbox)
    acting.link_requested(sandbox)
    disk = FailingDisk(file, monkeypatch)
    later = sandbox.clock.now().replace(year=2030)
    number, has_failed = 0, True

    while has_failed:
        number += 1
        disk.fail_at(number, When.AFTER)
        with suppress(PortUnavailable):
            file.purge(later, later)
        has_failed = disk.mend()

    assert {table: len(rows) for table, rows in contents(file).items() if rows} == {"accounts": 1}

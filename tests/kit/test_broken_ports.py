"""The kit proves itself: each rule finds the port that was broken for it, and no good one."""

from __future__ import annotations

from datetime import date
from threading import Barrier
from typing import Any

import pytest

from monespace_flows.errors import LostSwap
from monespace_flows.testing import MemoryStorage
from monespace_flows.testing.contracts import End, ask, ask_each, rules_of, storage_races
from monespace_flows.testing.contracts.rules import RULES
from monespace_flows.testing.contracts.storage_units import fill

from .breaking import good, with_store
from .every import BROKEN

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize("number", BROKEN)
def test_a_broken_port_is_caught_by_the_rule_named_for_it(number: str) -> None:
    outcome = ask(BROKEN[number], RULES[number], (), TODAY)

    assert outcome.end is End.BROKEN
    assert outcome.told


def test_no_rule_is_without_a_broken_port() -> None:
    assert set(BROKEN) == set(RULES)
    assert len(BROKEN) >= 40


def test_ports_in_memory_keep_every_rule() -> None:
    """But that of several processes, which they say that they lack."""
    ends = {it.rule.number: it.end for it in ask_each(good, rules_of(), (), TODAY)}

    assert ends.pop("PORT-STORAGE-10") is End.ABSENT
    assert set(ends.values()) == {End.KEPT}


def test_each_rule_says_what_must_hold_what_is_at_stake_and_where_to_look() -> None:
    silent = [
        rule.number
        for rule in RULES.values()
        if not all(told.endswith(".") for told in (rule.sentence, rule.danger, rule.hint))
    ]

    assert silent == []


def test_a_process_of_the_kit_s_acts_in_its_share_of_threads() -> None:
    """What others do in processes that are not measured."""
    storage_races.join(Barrier(1))
    created = storage_races.share(MemoryStorage, storage_races.create_one, 0)

    assert created.count(True) == 1
    assert len(created) == storage_races.MANY // storage_races.PROCESSES


def test_a_step_that_is_always_lost_is_given_up() -> None:
    """So that a broken store fails, and does not hang."""

    def swap(store: Any, *_: object) -> None:
        raise LostSwap("journeys")

    storage = with_store("journeys", swap=swap).storage
    assert storage is not None
    fill(storage)

    assert storage_races.swap(storage, 0) is None
    assert storage_races.swap(MemoryStorage(), 0) is None

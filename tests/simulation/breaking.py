"""Ways to break the library and its store: the simulator must tell each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from attrs import evolve

from monespace_flows.driver import transaction
from monespace_flows.driver.submit import Engine
from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Account
from monespace_flows.testing import MemorySecrets, MemoryStorage
from monespace_flows.testing.memory import _Drafts
from monespace_flows.testing.stores import (
    Accounts,
    Budgets,
    Journal,
    Journeys,
    Line,
    Links,
    Sessions,
)
from monespace_flows.testing.tables import Draft

__all__ = ["BREAKAGES", "Break", "allow_two_accounts", "forget_answers", "take_any_code"]

Break = Callable[[pytest.MonkeyPatch], None]


def swap_whatever_is_there(patch: pytest.MonkeyPatch) -> None:
    """A step on a journey as it was read, over whatever it is by now."""

    def swap(self: Journeys, stored: Any, expected_seq: int) -> None:
        self._rows.put(stored.journey.reference, stored)

    def append(self: Journal, reference: str, seq: int, at: Any, line: str) -> None:
        self._rows.put((reference, seq), Line(reference, seq, at, line))

    patch.setattr(Journeys, "swap", swap)
    patch.setattr(Journal, "append", append)
    patch.setattr(transaction, "_lock", lambda case, unit: case.stored)


def allow_two_accounts(patch: pytest.MonkeyPatch) -> None:
    put = Draft.put

    def careless(self: Draft[Any, Any], key: Any, row: Any) -> None:
        if self._table.name == "accounts":
            self._changes[key] = row
        else:
            put(self, key, row)

    patch.setattr(Draft, "put", careless)
    patch.setattr(Accounts, "by_email", lambda self, digests: None)


def count_nothing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Budgets, "add", lambda self, budget, subject, at: None)


def leave_sessions(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Sessions, "end_all", lambda self, account_id: 0)


def take_any_code(patch: pytest.MonkeyPatch) -> None:
    digests = MemorySecrets.digests

    def careless(self: MemorySecrets, purpose: Any, value: str) -> tuple[str, ...]:
        return digests(self, purpose, "" if purpose == "code" else value)

    patch.setattr(MemorySecrets, "digests", careless)


def lose_new_passwords(patch: pytest.MonkeyPatch) -> None:
    update = Accounts.update

    def careless(self: Accounts, account: Account, expected_version: int) -> None:
        present = self._rows.get(account.id)
        assert present is not None
        kept = evolve(account, password_hash=present.password_hash)
        update(self, kept, expected_version)

    patch.setattr(Accounts, "update", careless)


def commit_what_failed(patch: pytest.MonkeyPatch) -> None:
    drafting = MemoryStorage._drafting

    @contextmanager
    def careless(self: MemoryStorage) -> Iterator[_Drafts]:
        failure: PortUnavailable | None = None
        with drafting(self) as drafts:
            try:
                yield drafts
            except PortUnavailable as error:
                failure = error
        if failure is not None:
            raise failure

    patch.setattr(MemoryStorage, "_drafting", careless)


def forget_answers(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Engine, "given", lambda *_: None)
    patch.setattr(transaction, "_require_unanswered", lambda *_: None)


def keep_links_of_the_erased(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Links, "forget", lambda self, account_id: 0)


_TORN = {
    "a press is taken once",
    "journeys go on step by step",
    "what has ended is told again",
    "what is answered is kept",
    "what is left is told again",
}

BREAKAGES: dict[Break, set[str]] = {
    swap_whatever_is_there: _TORN,
    allow_two_accounts: {"one account for a number and for an address"},
    count_nothing: {"codes are bounded by hour and day"},
    leave_sessions: {"sessions end with credentials"},
    take_any_code: {"nobody passes without the code"},
    lose_new_passwords: {"a password that is confirmed is kept"},
    commit_what_failed: _TORN,
    forget_answers: {"a press is taken once"},
    keep_links_of_the_erased: {"nothing is kept of an erased account"},
}
"""Each with the rules that tell it, of which the first to come differs with the seed."""

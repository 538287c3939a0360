"""A world in which everything happens at once and breaks now and then; nothing is violated."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from .breaking import BREAKAGES, Break, allow_two_accounts, forget_answers, take_any_code
from .rules import RULES
from .run import STEPS_OF_A_WORLD, simulate

pytestmark = pytest.mark.slow

SEED = "mon-espace"
BROKEN = "k3"
SOONER: dict[Break, str] = {allow_two_accounts: "k6", forget_answers: "k1"}
"""Seeds from which what comes seldom comes early."""

FAULTS = {
    "commits whose answer is lost",
    "crashes",
    "secrets fails",
    "storage fails",
    "storage loses an answer",
}
"""Those that come often; a registry or a way out is asked too seldom to fail in every short run."""


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Breakdowns are what is wanted here: nobody logs them."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_nothing_is_violated_in_twenty_thousand_steps() -> None:
    """Though much has failed, and every rule was asked."""
    run = simulate(SEED, 20_000)

    assert run.violations == []
    assert run.steps == 20_000
    assert FAULTS - set(run.by_kind()) == set()
    assert {*RULES, "what is answered is kept", "what is left is told again"} <= {*run.checked}
    assert run.table().endswith("0 violations")


def test_one_seed_is_one_run() -> None:
    """To the order of all calls; another seed is another run."""
    first, again, other = (simulate(seed, 2_000) for seed in (SEED, SEED, BROKEN))

    assert first == again
    assert first.digest != other.digest


@pytest.mark.parametrize("broken", BREAKAGES, ids=lambda it: it.__name__)
def test_what_is_broken_is_told(broken: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    broken(monkeypatch)

    run = simulate(SOONER.get(broken, BROKEN), 60_000)

    assert run.violations[0].rule in BREAKAGES[broken]
    assert run.violations[0].told in run.table()


def test_what_was_violated_is_seen_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """In its world alone, at the same step."""
    take_any_code(monkeypatch)

    found = simulate(BROKEN, 60_000).violations[0]

    assert simulate(BROKEN, STEPS_OF_A_WORLD, first=found.world).violations[0] == found

"""A registry that fails again and again is spared, and asked again after a while."""

from datetime import date

import pytest

from monespace_backends.registry.breaker import Breaker
from monespace_flows.errors import PortUnavailable
from monespace_flows.testing import MemoryRegistry, demo_registry

JOHN = ("99000000002", date(1975, 6, 17))


class Counting(MemoryRegistry):
    """Counts how often it is asked, and may be away."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0
        self.is_away = False

    def doctor(self, rpps: str) -> None:
        self.asked += 1
        if self.is_away:
            raise PortUnavailable("registry")


@pytest.fixture
def now() -> list[float]:
    return [100.0]


@pytest.fixture
def asked() -> Counting:
    return Counting()


@pytest.fixture
def breaker(asked: Counting, now: list[float]) -> Breaker:
    return Breaker(asked, failures=3, pause=30.0, clock=lambda: now[0])


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        with pytest.raises(PortUnavailable):
            breaker.doctor("99000000002")


def test_after_so_many_failures_it_is_not_asked(asked: Counting, breaker: Breaker) -> None:
    asked.is_away = True
    fail(breaker, 5)

    assert asked.asked == 3


def test_after_a_pause_one_question_is_let_through(
    asked: Counting, breaker: Breaker, now: list[float]
) -> None:
    asked.is_away = True
    fail(breaker, 3)
    now[0] += 30
    fail(breaker, 4)

    assert asked.asked == 4


def test_it_is_asked_again_as_soon_as_it_answers(
    asked: Counting, breaker: Breaker, now: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    asked.is_away = True
    fail(breaker, 3)
    asked.is_away = False
    now[0] += 30

    assert [breaker.doctor("99000000002") for _ in range(3)] == [None] * 3
    assert asked.asked == 6
    assert caplog.text.count("failed 3 times in a row: it is asked again every 30 seconds") == 1


def test_one_answer_between_failures_starts_the_count_anew(
    asked: Counting, breaker: Breaker
) -> None:
    for is_away in (True, True, False, True, True):
        asked.is_away = is_away
        fail(breaker, 1) if is_away else breaker.doctor("99000000002")

    assert asked.asked == 5
    asked.is_away = False
    breaker.doctor("99000000002")


def test_it_says_what_the_registry_says() -> None:
    registry = demo_registry()
    breaker = Breaker(registry, failures=1, pause=1.0)

    assert breaker.verify(*JOHN) == registry.verify(*JOHN)

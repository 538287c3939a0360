"""Answers about a person take a least time, whatever they say (TM-01 to TM-03)."""

import time
from datetime import timedelta

import anyio
import pytest

from monespace_http.transport.workers import Workers, floor
from tests.http.visiting import Caller, Served


@pytest.mark.parametrize(
    ("flow", "command", "fields"),
    [
        ("creation", "submit_identity", {"birth_date": "1", "rpps": "1"}),
        ("signin", "sign_in", {"email": "a@b.example", "password": "x"}),
        ("reset", "request_link", {"email": "a@b.example"}),
    ],
)
def test_three_commands_have_a_floor(flow: str, command: str, fields: dict[str, str]) -> None:
    served = Served(answer_floor=timedelta(milliseconds=150))
    caller = Caller(served, flow)
    begin = time.monotonic()
    caller.send(command, **fields)

    assert time.monotonic() - begin >= 0.15


def test_ft_14_a_broken_port_is_no_faster() -> None:
    """FT-14: a registry that fails for existing numbers only tells nothing by its speed."""
    served = Served(answer_floor=timedelta(milliseconds=150))
    caller = Caller(served, "creation")
    served.sandbox.registry.fail_next()
    begin = time.monotonic()

    assert caller.identify().status_code == 503
    assert time.monotonic() - begin >= 0.15


@pytest.mark.parametrize(("work", "rest"), [(0.15, 0.0), (0.1, 0.0), (0.03, 0.07), (0.0, 0.1)])
def test_the_floor_is_not_added_to_slow_work(
    work: float, rest: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is waited for after the work is what is missing, by a clock that work alone moves."""
    now, waited = [1000.0], list[float]()

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async def main() -> None:
        async with floor(timedelta(milliseconds=100), timedelta(0)):
            now[0] += work

    with monkeypatch.context() as patch:
        patch.setattr(anyio, "current_time", lambda: now[0])
        patch.setattr(anyio, "sleep", sleep)
        with pytest.raises(StopIteration):
            main().send(None)

    assert waited == [pytest.approx(rest, abs=1e-9)]


def test_in_09_workers_run_as_many_calls_as_they_are() -> None:
    """IN-09: what is dear is bounded, by a limiter of our own."""
    running, most = 0, 0

    def slow() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.02)
        running -= 1

    async def main() -> None:
        workers = Workers(2)
        async with anyio.create_task_group() as group:
            for _ in range(6):
                group.start_soon(workers.call, slow)

    anyio.run(main)

    assert most == 2

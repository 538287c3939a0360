"""A host on a loop answers its own pages while a port of ours makes others wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx2
import pytest

from monespace_flows.client import Client
from monespace_flows.commands import Command, SignIn
from monespace_flows.ports import Ports
from tests.hosts.placing import Place, Placed, Servers
from tests.http.holding import holding
from tests.journeys import acting

pytestmark = pytest.mark.usefixtures("alone")

AT_ONCE = 2
LOOKS = 3


@pytest.fixture
def served(alone: None) -> Iterator[Placed]:
    """Serve Starlette's host, whose page for members is ``async``."""
    with closing(Servers()) as servers:
        yield servers.place("starlette", Place(), hashing=AT_ONCE)


@pytest.mark.parametrize(
    ("port", "flow", "pressed"),
    [
        (lambda it: it.registry, "creation", acting.identity()),
        (
            lambda it: it.passwords,
            "signin",
            SignIn(email=acting.LOGIN, password=acting.PASSWORD),
        ),
    ],
    ids=["the registry", "hashing"],
)
def test_no_slow_port_of_ours_holds_up_a_page_of_the_host(
    port: Callable[[Ports], object],
    flow: str,
    pressed: Command,
    served: Placed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Members are greeted, again and again, before any of the calls is let go."""
    acting.created_by_sms(served.sandbox)
    session = served.sandbox.flows.open_session(rpps=acting.JOHN.rpps)
    asked = {"Authorization": f"Bearer {session}"}
    with (
        Client(served.base_url) as client,
        ThreadPoolExecutor(AT_ONCE) as pool,
        holding(port(served.sandbox.ports), "verify", monkeypatch) as held,
    ):
        waiting = [pool.submit(client.start, flow, pressed) for _ in range(AT_ONCE)]
        for _ in waiting:
            assert held.inside.acquire(timeout=30)  # each is in its call
        greeted = [httpx2.get(served.members, headers=asked).text for _ in range(LOOKS)]
        still = [it.done() for it in waiting]
        held.free.set()
        ended = [it.result(30).state for it in waiting]

    assert greeted == [f"Bonjour {acting.LOGIN}"] * LOOKS
    assert still == [False] * AT_ONCE
    assert len(ended) == AT_ONCE

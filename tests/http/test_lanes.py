"""What is dear waits by itself: passwords and their scores hold up nothing else (FT-14)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from time import sleep
from typing import Any

import anyio
import pytest

from monespace_flows.commands import COMMANDS, SubmitIdentity
from monespace_http.async_flows import _may_hash
from monespace_http.presses import Press
from monespace_http.transport.workers import Lanes, Workers
from tests.http.holding import holding
from tests.http.visiting import JOHN, Caller, Served, Visitor

PLACES, QUEUE = 2, 3
LOOKS = 1 + 4
"""One look at a password at a time, and four that may wait."""


def _sign_in(served: Served) -> Caller:
    return Caller(served, "signin")


def _press(caller: Caller) -> Any:
    return caller.send("sign_in", email="nobody@medecin.example", password="sept girafes lisent")


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(32) as made:
        yield made


def _fill(
    pool: ThreadPoolExecutor, lane: Workers, press: Callable[[], Any], count: int
) -> list[Future[Any]]:
    """Press until as many are at it, and as many wait, as may."""
    pressed = [pool.submit(press) for _ in range(count)]
    while lane._entered < count:
        sleep(0.001)
    return pressed


def _lanes(served: Served) -> Lanes:
    lanes: Lanes = served.app.state.frame.flows.lanes
    return lanes


def test_the_commands_that_may_hash_are_known() -> None:
    """Each of them carries a password, and the light lane never meets one."""
    dear = {event for event, kind in COMMANDS.items() if _may_hash(kind)}

    assert dear == {"activate", "create", "save_password", "sign_in", "save"}


def test_a_flood_of_sign_ins_is_refused_beyond_a_short_queue(
    monkeypatch: pytest.MonkeyPatch, pool: ThreadPoolExecutor
) -> None:
    """At once, with the time to come back; whoever is in the queue is served."""
    served = Served(hashing=PLACES, hashing_queue=QUEUE)
    callers = iter([_sign_in(served) for _ in range(PLACES + QUEUE + 1)])
    with holding(served.sandbox.passwords, "verify", monkeypatch) as held:
        hashing = _lanes(served).hashing
        pressed = _fill(pool, hashing, lambda: _press(next(callers)), PLACES + QUEUE)
        refused = _press(next(callers))
        held.free.set()

        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert refused.json()["code"] == "service.unavailable"
        assert [each.result(30).status_code for each in pressed] == [422] * (PLACES + QUEUE)


def test_nothing_light_waits_behind_hashing(
    monkeypatch: pytest.MonkeyPatch, pool: ThreadPoolExecutor
) -> None:
    """Looking pages, light steps and readiness have workers that no password ever takes."""
    served = Served(hashing=1, hashing_queue=0, threads=1)
    caller, other = _sign_in(served), Caller(served, "creation")
    with holding(served.sandbox.passwords, "verify", monkeypatch) as held:
        pressed = pool.submit(_press, caller)
        assert held.inside.acquire(timeout=30)
        client = served.client
        paths = ("/", "/connexion", "/creation", "/readyz", "/healthz", "/openapi.json")
        looked = {path: client.get(path).status_code for path in paths}
        stepped = other.identify().status_code
        still = pressed.done()
        held.free.set()
        pressed.result(30)

    assert (looked, stepped, still) == (dict.fromkeys(paths, 200), 200, False)


def test_readiness_does_not_wait_for_steps(
    monkeypatch: pytest.MonkeyPatch, pool: ThreadPoolExecutor
) -> None:
    """Nor for a registry that makes one wait: it is asked by workers of its own."""
    served = Served(threads=1)
    caller = Caller(served, "creation")
    with holding(served.sandbox.registry, "verify", monkeypatch) as held:
        pressed = pool.submit(caller.identify)
        assert held.inside.acquire(timeout=30)
        ready = served.client.get("/readyz").status_code
        held.free.set()

        assert (ready, pressed.result(30).status_code) == (200, 200)


def test_looks_at_a_password_hold_up_nothing_and_are_refused_at_once(
    monkeypatch: pytest.MonkeyPatch, pool: ThreadPoolExecutor
) -> None:
    """The page then shows no bar; the form is judged when it is sent."""
    served = Served(threads=1)
    visitor = served.visitor()
    visitor.open("/creation")
    with holding(served.sandbox.passwords, "score", monkeypatch) as held:
        looks = _fill(pool, _lanes(served).scoring, lambda: _look(visitor), LOOKS)
        refused = _look(visitor)
        home = served.client.get("/").status_code
        held.free.set()

        assert (refused.status_code, refused.headers["retry-after"], home) == (503, "2", 200)
        assert refused.json()["code"] == "strength.busy"
        assert [each.result(30).status_code for each in looks] == [200] * LOOKS


def test_a_refused_sign_in_keeps_what_was_typed(
    monkeypatch: pytest.MonkeyPatch, pool: ThreadPoolExecutor
) -> None:
    """On a page, it says that nothing was counted, and the address is still there."""
    served = Served(hashing=1, hashing_queue=0)
    caller, visitor = _sign_in(served), served.visitor()
    visitor.open("/connexion")
    with holding(served.sandbox.passwords, "verify", monkeypatch) as held:
        pressed = pool.submit(_press, caller)
        assert held.inside.acquire(timeout=30)
        page = visitor.press("Se connecter", email="a@b.example", password="sept girafes")
        held.free.set()
        pressed.result(30)

    assert (visitor.status, visitor.response.headers["retry-after"]) == (503, "10")
    assert page.field("E-mail")["value"] == "a@b.example"


def _look(visitor: Visitor) -> Any:
    form = visitor.page.form_of(visitor.page.button("Valider"))
    token = next(it["value"] for it in form.every("input") if it["name"] == "form_token")
    return visitor.client.post(
        "/securite",
        data={"form_token": token, "password": "sept girafes lisent"},
        headers={"Accept": "application/json"},
    )


@pytest.mark.parametrize(("port", "method"), [("registry", "verify"), ("storage", "writing")])
def test_ft_20_a_step_that_is_left_is_done_whole(
    port: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request is cancelled in the middle; no lock stays behind, and the person goes on."""
    served = Served()
    caller = Caller(served, "creation")
    flows = served.app.state.frame.flows
    command = SubmitIdentity(birth_date=JOHN["birth_date"], rpps=JOHN["rpps"], accept_terms=True)
    with holding(getattr(served.sandbox, port), method, monkeypatch) as held:

        async def press() -> None:
            await flows.submit(Press(token=caller.token, command=command, client="192.0.2.1"))

        async def leave() -> None:
            async with anyio.create_task_group() as group:
                group.start_soon(press)
                await anyio.to_thread.run_sync(held.inside.acquire)
                group.cancel_scope.cancel()
                held.free.set()

        anyio.run(leave)

    seen = caller.client.get(caller.path, headers=caller.headers).json()
    assert seen["state"] == "choose_channel"
    channel = seen["screen"]["fields"][0]["options"][0]["value"]
    assert caller.send("send_code", channel=channel).status_code == 200

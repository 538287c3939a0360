"""What a request may cost: hops to another thread, and units of the store (never seconds).

A press is one hop.  What is decided from the store alone takes one unit that writes; what is asked
outside besides, a unit that reads before it.  A start costs the store nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from monespace_http.transport import workers
from monespace_http.transport.workers import Workers
from tests.http.counting import Counted
from tests.http.visiting import JOHN, PASSWORD, Visitor
from tests.http.walking import EMAIL, NEW, Walker, confirm, session

Cost = tuple[int, int, int]
"""Hops, units that read, units that write."""

START: Cost = (1, 0, 0)
INSIDE: Cost = (1, 0, 1)
ASKING: Cost = (1, 1, 1)
LOOK: Cost = (1, 1, 0)


class _Budgeted(Counted):
    """A served sandbox whose hops are counted beside its units."""

    def __init__(self, hops: list[None]) -> None:
        super().__init__()
        self.hops = hops

    def cost_of(self, ask: Callable[[], Any]) -> Cost:
        """Ask something that must go well; what it took.  Then messages leave, uncounted."""
        self.hops.clear()
        answer, calls = self.cost(ask)
        assert answer is None or answer.status_code in {200, 201, 204, 303}, answer.text
        hops = len(self.hops)
        self.sandbox.deliver()
        return hops, calls["store.reading"], calls["store.writing"]

    def follow(self, visitor: Visitor, label: str, **typed: str) -> Cost:
        """Press on a page; what the POST alone took.  Then the browser follows."""
        visitor.client.follow_redirects = False
        cost = self.cost_of(
            lambda: visitor.client.post(visitor._action(label), data=visitor.filled(label, **typed))
        )
        visitor.client.follow_redirects = True
        visitor.open(visitor.path)
        return cost


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> _Budgeted:
    """Count the hops of all lanes; slow mode was looked up just now, and is not again."""
    hops: list[None] = []
    run = Workers._run

    async def counted(self: Workers, call: Callable[[], Any]) -> Any:
        hops.append(None)
        return await run(self, call)

    monkeypatch.setattr(Workers, "_run", counted)
    monkeypatch.setattr(workers, "_LOOKED_UP", math.inf)
    return _Budgeted(hops)


def _watched(served: _Budgeted) -> None:
    served.watch()
    Walker(served, "creation").identify()  # slow mode is looked up


def _bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_creation_over_json(served: _Budgeted) -> None:
    _watched(served)
    client = served.client
    start = served.cost_of(lambda: client.post("/api/journeys", json={"flow": "creation"}))
    walker, cost = Walker(served, "creation"), served.cost_of
    costs = {
        "extend": cost(lambda: walker.send("extend")),
        "submit_identity": cost(walker.identify),
        "back": cost(lambda: walker.send("back")),
        "submit_identity again": cost(walker.identify),
        "send_code": cost(walker.choose),
        "submit_code": cost(walker.enter),
        "activate": cost(walker.activate),
    }

    assert start == START
    assert costs == {
        "extend": INSIDE,
        "submit_identity": ASKING,
        "back": INSIDE,
        "submit_identity again": ASKING,
        "send_code": ASKING,
        "submit_code": INSIDE,
        "activate": ASKING,
    }


def test_a_creation_by_the_order_s_address_over_json(served: _Budgeted) -> None:
    _watched(served)
    walker = Walker(served, "creation")
    for step in (walker.identify, lambda: walker.choose("email")):
        served.cost_of(step)

    assert served.cost_of(walker.enter) == INSIDE
    assert served.cost_of(walker.create) == ASKING


def test_a_sign_in_over_json(served: _Budgeted) -> None:
    served.create_account()
    served.watch()
    walker = Walker(served, "signin")
    assert served.cost_of(walker.sign_in) == ASKING

    bearer, client = _bearing(walker.view["session"]), served.client
    assert served.cost_of(lambda: client.get("/api/session", headers=bearer)) == LOOK
    assert served.cost_of(lambda: client.get(walker.path, headers=walker.headers)) == LOOK
    assert served.cost_of(lambda: client.delete("/api/session", headers=bearer)) == ASKING


def test_a_sign_in_with_its_start_costs_no_more_than_without(served: _Budgeted) -> None:
    served.create_account()
    served.watch()
    fields = {"email": EMAIL, "password": PASSWORD}
    body = {"flow": "signin", "command": "sign_in", "fields": fields}

    assert served.cost_of(lambda: served.client.post("/api/journeys", json=body)) == ASKING


def test_a_reset_over_json(served: _Budgeted) -> None:
    served.create_account()
    confirm(served)
    served.watch()
    walker = Walker(served, "reset")

    assert served.cost_of(walker.request) == INSIDE
    assert served.cost_of(walker.open_link)[0] == 1
    assert served.cost_of(walker.save_password) == ASKING


def test_settings_over_json(served: _Budgeted) -> None:
    served.create_account()
    bearer = session(served)
    served.watch()
    walker = Walker(served, "settings", bearer)

    assert served.cost_of(lambda: walker.send("close_sessions")) == INSIDE
    assert served.cost_of(lambda: walker.save(password=NEW)) == ASKING


def test_what_is_refused_is_not_looked_at_first(served: _Budgeted) -> None:
    """A view is read for a malformed body and an unknown command alone."""
    _watched(served)
    walker = Walker(served, "creation")
    path, headers = f"{walker.path}/submit_code", walker.headers

    def refused(status: int, ask: Callable[[], Any]) -> Cost:
        served.hops.clear()
        answer, calls = served.cost(ask)
        assert answer.status_code == status
        return len(served.hops), calls["store.reading"], calls["store.writing"]

    def post(path: str, body: dict[str, Any], headers: dict[str, str]) -> Callable[[], Any]:
        return lambda: served.client.post(path, json=body, headers=headers)

    assert refused(409, post(path, {"code": "1"}, headers)) == INSIDE
    assert refused(404, post("/api/journeys/2222-2222/extend", {}, headers)) == INSIDE
    assert refused(401, post(path, {"code": "1"}, {})) == (0, 0, 0)
    assert refused(400, post(path, {"code": 1}, headers)) == LOOK
    assert refused(404, post(f"{walker.path}/close_sessions", {}, headers)) == (2, 1, 1)


def test_slow_mode_is_looked_up_once(served: _Budgeted) -> None:
    """By the first of a second, in its own hop."""
    served.watch()
    costs = [served.cost_of(Walker(served, "creation").identify) for _ in range(2)]

    assert costs == [(1, 2, 1), ASKING]


# --- pages ---------------------------------------------------------------------------------------
# A first form is started under a key: so its journey is looked for, as it may be sent again.

FIRST: Cost = (1, 2, 1)
FIRST_INSIDE: Cost = (1, 1, 1)


def test_a_creation_in_pages(served: _Budgeted) -> None:
    _watched(served)
    visitor = served.visitor()
    look = served.cost_of(lambda: visitor.client.get("/creation"))
    visitor.open("/creation")
    costs = [served.follow(visitor, "Valider", **JOHN)]
    begun = served.cost_of(lambda: visitor.client.get("/creation"))
    channel = visitor.page.field("3361***78")["value"]
    costs += [served.follow(visitor, "Recevoir votre code", channel=channel)]
    costs += [served.follow(visitor, "Retour")]
    costs += [served.follow(visitor, "Recevoir votre code", channel=channel)]
    costs += [served.follow(visitor, "Valider", code=served.code)]
    typed = {"email": EMAIL, "email_confirmation": EMAIL}
    typed |= {"password": PASSWORD, "password_confirmation": PASSWORD}
    costs += [served.follow(visitor, "Activer", **typed)]

    assert (look, begun) == ((0, 0, 0), LOOK)
    assert costs == [FIRST, ASKING, INSIDE, ASKING, INSIDE, ASKING]


def test_a_sign_in_in_pages(served: _Budgeted) -> None:
    served.create_account()
    served.watch()
    visitor = served.visitor()
    visitor.open("/connexion")

    assert served.follow(visitor, "Se connecter", email=EMAIL, password=PASSWORD) == FIRST


def test_a_reset_in_pages(served: _Budgeted) -> None:
    served.create_account()
    confirm(served)
    served.watch()
    visitor = served.visitor()
    visitor.open("/mot-de-passe")
    request = served.follow(visitor, "Valider", email=EMAIL)
    visitor.open(f"/lien/{served.sandbox.messages[-1].link_token}")
    use = served.follow(visitor, "Continuer")
    visitor.open("/mot-de-passe")
    save = served.follow(visitor, "Enregistrer", password=NEW, password_confirmation=NEW)

    assert (request, use[0], save) == (FIRST_INSIDE, 1, ASKING)


def test_a_member_is_looked_at_in_the_same_hop(served: _Budgeted) -> None:
    """Who is signed in is one more unit that reads, and no hop."""
    served.create_account()
    served.watch()
    visitor = served.sign_in()
    visitor.open("/parametres")
    typed = {"current_password": PASSWORD, "email": EMAIL}

    assert served.cost_of(lambda: visitor.client.get("/parametres")) == (2, 2, 0)
    assert served.follow(visitor, "Enregistrer", **typed) == (1, 3, 1)

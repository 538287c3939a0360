"""The outer brake per address (BF-03, BF-05, BF-06, BF-13, BF-14) and who is behind one."""

from typing import Any

import pytest
from starlette.requests import Request

from monespace_http import Brakes
from monespace_http.clients import client_key
from tests.http.visiting import JOHN, Caller, Served


def _refused(served: Served, number: int, **headers: str) -> Any:
    caller = Caller(served, "creation")
    caller.client.headers.update(headers)
    rpps = f"9900000{number:04d}"
    return caller.send("submit_identity", birth_date="01/01/1980", rpps=rpps, accept_terms=True)


def test_wrong_pairs_are_braked_by_address() -> None:
    served = Served(brakes=Brakes(identity="3/hour"))
    answers = [_refused(served, 1) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 429]
    assert answers[3].json()["code"] == "throttled"
    assert 3500 < int(answers[3].headers["retry-after"]) <= 3600


def test_different_numbers_are_braked_sooner() -> None:
    """BF-03: one date sprayed over many numbers."""
    served = Served(brakes=Brakes(identity_numbers="3/hour"))
    again = [_refused(served, 1).status_code for _ in range(4)]
    spread = [_refused(served, number).status_code for number in (2, 3, 4)]

    assert again == [422, 422, 422, 422]
    assert spread == [422, 422, 429]


def test_successes_do_not_count() -> None:
    """A hospital's doctors share one address."""
    served = Served(brakes=Brakes(identity="1/hour"))

    assert [Caller(served, "creation").identify().status_code for _ in range(3)] == [200, 200, 200]


def test_every_request_for_a_link_counts() -> None:
    """Known and unknown addresses alike: a 429 must tell nobody which ones are known."""
    served = Served(brakes=Brakes(reset="2/hour"))
    statuses = [
        Caller(served, "reset").send("request_link", email=f"a{n}@x.example").status_code
        for n in range(3)
    ]

    assert statuses == [200, 200, 429]


def test_guessed_links_are_braked() -> None:
    """BF-13."""
    served = Served(brakes=Brakes(link="2/hour"))
    client = served.client

    assert [client.get(f"/lien/guess-{n}").status_code for n in range(3)] == [410, 410, 429]
    assert client.post("/api/links", json={"token": "guess"}).status_code == 429


def test_a_brake_whose_counts_are_lost_fails_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """BF-14."""
    from limits.strategies import MovingWindowRateLimiter

    def lost(*_: object) -> bool:
        raise ConnectionError("the store of the limits")

    served = Served(brakes=Brakes())
    caller = Caller(served, "creation")
    monkeypatch.setattr(MovingWindowRateLimiter, "test", lost)

    assert caller.identify().status_code == 503


_OURS = ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("expected", "peer", "forwarded", "trusted"),
    [
        ("192.0.2.7", "192.0.2.7", "", ()),
        ("192.0.2.7", "::ffff:192.0.2.7", "", ()),
        ("2001:db8:0:1::/64", "2001:db8:0:1:aaaa::1", "", ()),
        ("192.0.2.7", "192.0.2.7", "198.51.100.1", ()),
        ("198.51.100.1", "10.0.0.1", "198.51.100.1", _OURS),
        ("198.51.100.1", "10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", _OURS),
        ("10.0.0.1", "10.0.0.1", "rubbish", _OURS),
        ("testclient", "testclient", "", _OURS),
    ],
)
def test_an_address_is_believed_as_far_as_the_proxies_are_ours(
    expected: str, peer: str, forwarded: str, trusted: tuple[str, ...]
) -> None:
    """BF-05, BF-06: what a stranger writes in X-Forwarded-For counts for nothing."""
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    request = Request({"type": "http", "client": (peer, 1), "headers": headers})

    assert expected == client_key(request, trusted)

"""Answers that must not differ take the same calls and read the same (TM-01 to TM-03).

No clock is read here: what makes the same calls takes the same time.  Samples are interleaved,
so that no class is always the first or the last.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from hmac import compare_digest
from types import SimpleNamespace
from typing import Any

import pytest
from attrs import evolve

from monespace_flows.driver.acts import code as code_act
from monespace_flows.ports import Account
from monespace_http.transport import workers
from tests.http.counting import Counted
from tests.http.visiting import PASSWORD, Caller, Served
from tests.http.walking import EMAIL, Walker, confirm

ROUNDS = 5
REFUSED = {
    "unknown number": ("99000000093", "17/06/1975"),
    "another date": ("99000000036", "17/06/1975"),
    "another date, with an account": ("99000000002", "18/06/1975"),
    "struck off": ("99000000051", "01/01/1960"),
    "suspended": ("99000000085", "29/02/1984"),
    "no contact": ("99000000069", "31/12/1988"),
}
CLAIRE = "claire.martin@medecin.example"
DISABLED = "paul.interne@chu.example"
ADDRESSES = {
    "unknown": "nobody@medecin.example",
    "known": EMAIL,
    "unconfirmed": "amelie@medecin.example",
    "disabled": DISABLED,
}


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Counted:
    """Serve three accounts: one confirmed, one not, and one disabled.

    Slow mode is looked up at every press here, not once a second: no clock decides what is counted.
    """
    monkeypatch.setattr(workers, "_LOOKED_UP", 0.0)
    served = Counted()
    served.create_account()
    confirm(served)
    _create(served, "99000000010", "28/02/1982", ADDRESSES["unconfirmed"])
    _create(served, "99000000036", "21/04/1996", DISABLED)
    _disable(served, DISABLED)
    served.watch()
    return served


def _create(served: Counted, rpps: str, born: str, email: str) -> None:
    walker = Walker(served, "creation")
    walker.send("submit_identity", rpps=rpps, birth_date=born, accept_terms=True)
    walker.choose()
    walker.enter()
    assert walker.activate(email).status_code == 200


def _disable(served: Counted, email: str) -> None:
    sandbox = served.sandbox
    with sandbox.storage.writing() as unit:
        account = unit.accounts.by_email(sandbox.secrets.digests("email", email))
        assert isinstance(account, Account)
        now, version = sandbox.clock.now(), account.version
        unit.accounts.update(evolve(account, disabled_at=now, version=version + 1), version)


def _differences(
    served: Counted, flow: str, command: str, classes: Mapping[str, Mapping[str, Any]]
) -> dict[str, set[str]]:
    """Ask for each class in turn, over and over; the classes by what they got, if it differs."""
    got: dict[str, set[str]] = {}
    for _ in range(ROUNDS):
        for name, fields in classes.items():
            caller = Caller(served, flow)
            answer, calls = served.cost(partial(caller.send, command, **fields))
            body = re.sub(r'"(reference|erase_after|expires_at)":"[^"]*"', "", answer.text)
            body = body.replace(str(fields.get("email", "")) or " ", "")  # as it was typed
            told = f"{answer.status_code} {sorted(answer.headers)} {sorted(calls.items())} {body}"
            got.setdefault(told, set()).add(name)
        served.sandbox.clock.advance(hours=48)
    return got if len(got) > 1 else {}


@pytest.mark.parametrize("flow", ["creation", "recovery"])
def test_tm01_every_pair_that_is_refused_costs_the_same(served: Counted, flow: str) -> None:
    pairs = {
        name: {"rpps": rpps, "birth_date": born, "accept_terms": True}
        for name, (rpps, born) in REFUSED.items()
    }

    assert _differences(served, flow, "submit_identity", pairs) == {}


def test_tm01_the_registry_is_asked_once(served: Counted) -> None:
    caller = Caller(served, "creation")
    rpps, born = REFUSED["unknown number"]
    fields: dict[str, Any] = {"rpps": rpps, "birth_date": born, "accept_terms": True}
    _, calls = served.cost(partial(caller.send, "submit_identity", **fields))

    assert calls["registry.verify"] == 1
    assert calls["store.budgets.add"] == 2  # of the number, and of everybody together (BF-04)


def test_tm02_every_refused_sign_in_costs_the_same(served: Counted) -> None:
    """Unknown, wrong, unconfirmed and wrong, disabled and right."""
    tries = {
        "unknown": {"email": ADDRESSES["unknown"], "password": PASSWORD},
        "wrong": {"email": EMAIL, "password": "not the password"},
        "unconfirmed": {"email": ADDRESSES["unconfirmed"], "password": "not the password"},
        "disabled, wrong": {"email": DISABLED, "password": "not the password"},
        "disabled, right": {"email": DISABLED, "password": PASSWORD},
    }

    assert _differences(served, "signin", "sign_in", tries) == {}


@pytest.mark.parametrize("address", ADDRESSES)
def test_tm02_one_password_is_verified_whoever_is_named(served: Counted, address: str) -> None:
    caller = Caller(served, "signin")
    typed = {"email": ADDRESSES[address], "password": "not the password"}
    _, calls = served.cost(lambda: caller.send("sign_in", **typed))

    assert (calls["passwords.verify"], calls["passwords.hash"]) == (1, 0)


def test_tm02_one_password_is_verified_even_when_the_account_must_wait(served: Counted) -> None:
    for _ in range(5):
        Caller(served, "signin").send("sign_in", email=EMAIL, password="not the password")
    caller = Caller(served, "signin")
    answer, calls = served.cost(lambda: caller.send("sign_in", email=EMAIL, password=PASSWORD))

    assert (answer.status_code, calls["passwords.verify"]) == (422, 1)


def test_tm03_every_request_for_a_link_costs_the_same(served: Counted) -> None:
    """Known, unknown, unconfirmed and disabled: statement for statement, row for row."""
    typed = {name: {"email": address} for name, address in ADDRESSES.items()}

    assert _differences(served, "reset", "request_link", typed) == {}


@pytest.mark.parametrize("address", ADDRESSES)
def test_tm03_one_row_waits_and_no_mail_server_is_asked(served: Counted, address: str) -> None:
    """However long it hangs: it is another process that delivers."""
    caller = Caller(served, "reset")
    _, calls = served.cost(lambda: caller.send("request_link", email=ADDRESSES[address]))

    assert (calls["store.outbox.add"], calls["messaging.deliver"]) == (1, 0)


def test_tm_04_a_code_is_compared_in_equal_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Right in the first digit or the last, keyed digests are compared, and never with ``==``."""
    compared: list[tuple[bytes, bytes]] = []

    def noted(expected: bytes, given: bytes) -> bool:
        compared.append((expected, given))
        return compare_digest(expected, given)

    monkeypatch.setattr(code_act, "hmac", SimpleNamespace(compare_digest=noted))
    served = Served()
    walker = Walker(served, "creation")
    walker.identify()
    walker.choose()
    right = served.code
    others = [right[0] + _other(right[1:]), _other(right[:-1]) + right[-1]]

    assert [walker.enter(each).status_code for each in (*others, right)] == [422, 422, 200]
    assert len(compared) >= 3
    assert all(right not in repr(pair) and len(pair[1]) > 40 for pair in compared)


def _other(digits: str) -> str:
    """As many digits, and each of them wrong."""
    return "".join(str((int(digit) + 1) % 10) for digit in digits)

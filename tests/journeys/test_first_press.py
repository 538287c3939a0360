"""Nothing is kept of a journey before its first press (decision 0020)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from monespace_flows import Back, Extend, Flows
from monespace_flows.driver import transaction
from monespace_flows.driver.sessions import is_bound
from monespace_flows.errors import CommandNotOffered, JourneyUnknown, SessionRequired
from monespace_flows.flows import STANDARD
from monespace_flows.journey import StoredJourney
from monespace_flows.ports import Storage
from monespace_flows.testing import Sandbox
from monespace_flows.testing.stores import Journeys

from . import acting


def test_a_start_and_a_look_write_nothing() -> None:
    """However many there are, of whichever flow."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    before = acting.kept(sandbox)
    for flow in STANDARD:
        for _ in range(3):
            view = sandbox.flows.start(flow.name, session)
            assert sandbox.flows.view(view.token) == view

    assert acting.kept(sandbox) == before


def test_the_first_press_writes_it_and_its_start() -> None:
    """Under the reference that was on the first screen, as of when that was shown."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")
    sandbox.clock.advance(minutes=2)
    after = sandbox.flows.submit(view.token, Extend())

    first, second = acting.journal_of(sandbox, view)
    assert (first.command, second.command) == ("start", "extend")
    assert second.at - first.at == timedelta(minutes=2)
    assert after.reference == view.reference


def test_afterwards_the_secret_part_alone_is_its_token() -> None:
    """Which is what views carry from then on; the longer one still opens it."""
    sandbox = Sandbox()
    long = sandbox.flows.start("creation").token
    short = sandbox.flows.submit(long, Extend()).token

    assert short == long.partition(".")[0]
    assert sandbox.flows.view(long) == sandbox.flows.view(short)
    assert sandbox.flows.submit(short, acting.identity()).state == "choose_channel"


def test_a_press_that_is_not_offered_begins_nothing() -> None:
    sandbox = Sandbox()
    token = sandbox.flows.start("creation").token
    with pytest.raises(CommandNotOffered):
        sandbox.flows.submit(token, Back())

    assert acting.kept(sandbox)["journeys"] == {}


@pytest.mark.parametrize("part", range(6), ids=str)
def test_lk_a_token_that_was_changed_is_unknown(part: int) -> None:
    """Its secret, reference, flow, time, session or seal: it begins nothing."""
    sandbox = Sandbox()
    parts = sandbox.flows.start("settings", acting.member(sandbox)).token.split(".")
    before = acting.kept(sandbox)
    for changed in (f"{parts[part]}0", parts[part][:-1], "", "é", "\ud800", "9" * 400):
        token = ".".join([*parts[:part], changed, *parts[part + 1 :]])
        with pytest.raises(JourneyUnknown):
            sandbox.flows.submit(token, Extend())
        with pytest.raises(JourneyUnknown):
            sandbox.flows.view(token)

    assert acting.kept(sandbox) == before


@pytest.mark.parametrize("token", ["", ".", "....", ".....", "x" * 513, "a.b.c.d.e.f.g"])
def test_lk_what_is_no_token_is_unknown(token: str) -> None:
    with pytest.raises(JourneyUnknown):
        Sandbox().flows.view(token)


def test_ft_16_a_token_outlives_the_next_key_and_not_the_end_of_its_own() -> None:
    sandbox = Sandbox()
    token = sandbox.flows.start("creation").token
    sandbox.secrets.rotate()
    assert sandbox.flows.view(token).state == "enter_identity"
    sandbox.secrets.forget_oldest()

    with pytest.raises(JourneyUnknown):
        sandbox.flows.submit(token, Extend())


def test_a_journey_of_a_flow_that_is_gone_is_unknown() -> None:
    """Another release, or another process, has fewer of them."""
    sandbox = Sandbox()
    token = sandbox.flows.start("settings", acting.member(sandbox)).token
    fewer = Flows(sandbox.ports, flows=[it for it in STANDARD if it.name != "settings"])

    with pytest.raises(JourneyUnknown):
        fewer.submit(token, Extend())


def test_ss_settings_that_were_only_started_end_with_their_session() -> None:
    """What the token says of a session lets nobody in once it is over."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    token = sandbox.flows.start("settings", session).token
    sandbox.flows.sign_out(session)

    with pytest.raises(SessionRequired):
        sandbox.flows.submit(token, acting.save())
    assert sandbox.flows.view(token).status == "expired"


def test_ss_settings_saved_and_started_again_with_the_same_key_are_the_same() -> None:
    """Saving has ended the session under which the key was used: the journey is there still."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    first = sandbox.flows.start("settings", session, key="a key of its own")
    saved = sandbox.flows.submit(first.token, acting.save(password=acting.OTHER_PASSWORD))

    again = sandbox.flows.start("settings", session, key="a key of its own")
    assert (again.reference, again.token) == (saved.reference, saved.token)


def test_fl_11_a_journey_that_is_forgotten_does_not_begin_again() -> None:
    """Purged after its end, or erased: the journal knows that it was."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")
    sandbox.flows.submit(view.token, Extend())
    acting.forget_journeys(sandbox)

    for ask in (sandbox.flows.view, lambda token: sandbox.flows.submit(token, Extend())):
        with pytest.raises(JourneyUnknown):
            ask(view.token)


def test_ft_06_processes_come_to_one_journey_by_one_key() -> None:
    """The very token only where it was made; each opens the journey, which begins once."""
    sandbox = Sandbox()
    other = Flows(sandbox.ports)
    first = sandbox.flows.start("creation", key="a key of its own")
    sandbox.clock.advance(seconds=1)
    second = other.start("creation", key="a key of its own")
    assert first.reference == second.reference
    assert first.token != second.token

    sandbox.flows.submit(first.token, Extend())
    other.submit(second.token, Extend())
    assert len(acting.kept(sandbox)["journeys"]) == 1
    assert other.start("creation", key="a key of its own").token == first.token.partition(".")[0]


def test_what_is_remembered_of_keys_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monespace_flows.driver.starting._REMEMBERED", 2)
    sandbox = Sandbox()
    tokens = [sandbox.flows.start("creation", key=f"key {it}").token for it in range(3)]
    sandbox.clock.advance(seconds=1)

    again = [sandbox.flows.start("creation", key=f"key {it}").token for it in range(2, -1, -1)]
    assert again[0] == tokens[2]
    assert again[2] != tokens[0]


# --- what somebody else does meanwhile -----------------------------------------------------------


class Racing:
    """A store on which somebody else does something once, just before a unit that writes."""

    def __init__(self, storage: Storage, act: Callable[[], object]) -> None:
        self._storage = storage
        self._acts = [act]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def writing(self) -> Any:
        while self._acts:
            self._acts.pop()()
        return self._storage.writing()


def slower(sandbox: Sandbox, act: Callable[[], object]) -> Flows:
    storage: Any = Racing(sandbox.storage, act)
    return Flows(evolve(sandbox.ports, storage=storage))


def test_of_two_first_presses_at_once_one_begins_it() -> None:
    """The other is a press in a journey that has just moved."""
    sandbox = Sandbox()
    token = sandbox.flows.start("creation").token
    slow = slower(sandbox, lambda: sandbox.flows.submit(token, Extend()))
    slow.submit(token, acting.identity())

    view = sandbox.flows.view(token)
    commands = [entry.command for entry in acting.journal_of(sandbox, view)]
    assert commands == ["start", "extend", "submit_identity"]


def test_a_first_press_just_after_the_look_for_the_journey_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The journey was not there and its lines are: it began, and is not forgotten."""
    sandbox = Sandbox()
    token = sandbox.flows.start("creation").token
    acts = [lambda: sandbox.flows.submit(token, Extend())]
    find = Journeys.by_token

    def found(self: Journeys, digest: str, *, lock: bool = False) -> StoredJourney | None:
        kept = find(self, digest, lock=lock)
        while acts:
            acts.pop()()
        return kept

    monkeypatch.setattr(Journeys, "by_token", found)

    assert sandbox.flows.view(token).token == token.partition(".")[0]


def test_fl_11_a_journey_that_goes_while_the_registry_is_asked_is_unknown() -> None:
    sandbox = Sandbox()
    token = acting.begun(sandbox).token

    with pytest.raises(JourneyUnknown):
        slower(sandbox, lambda: acting.forget_journeys(sandbox)).submit(token, acting.identity())


def test_ss_a_session_that_ends_while_settings_begin_is_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the look and the account's name, which is then held, another may have ended it."""
    sandbox = Sandbox()
    session = acting.member(sandbox)
    token = sandbox.flows.start("settings", session).token
    looks: list[bool] = []

    def ended_once(*about: Any) -> bool:
        looks.append(is_bound(*about) and bool(looks))
        return looks[-1]

    monkeypatch.setattr(transaction, "is_bound", ended_once)

    assert sandbox.flows.submit(token, Extend()).state == "edit_settings"
    assert looks == [False, True]


def test_a_press_may_say_which_journey_it_means() -> None:
    """Whoever has a reference beside the token need not look at the journey first to compare."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")

    with pytest.raises(JourneyUnknown):
        sandbox.flows.submit(view.token, Extend(), reference="2345-6789")
    assert acting.kept(sandbox)["journeys"] == {}
    named = sandbox.flows.submit(view.token, Extend(), reference=view.reference)
    assert named.reference == view.reference

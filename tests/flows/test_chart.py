"""What a chart may not hold, since it could move a person unasked."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from statemachine import Event, HistoryState, State

from monespace_flows.chart import Chart, Slot, lint, rows, say, stay, wish
from monespace_flows.effects import Budget, CancelCode, CountFailure, CreateAccount
from monespace_flows.errors import ChartRefused
from monespace_flows.notices import CODE_EXHAUSTED, CODE_WRONG
from monespace_flows.screens import Button

from .charts import Turnstile, flow, is_first, prolong, slot


async def later(model: Slot) -> bool:
    return True


def with_the_machine(model: Slot, machine: Any) -> bool:
    return machine is not None


class Extending(Turnstile):
    pass


class Trusting(Chart):
    a = State(initial=True)
    b = State(final=True)
    go = Event(a.to(b))
    catch_errors_as_events = True


class WithAMethod(Chart):
    a = State(initial=True)
    b = State(final=True)
    go = Event(a.to(b))

    def on_enter_b(self) -> None: ...


class Listened(Chart):
    a = State(initial=True)
    b = State(final=True)
    go = Event(a.to(b))
    listeners = [Slot]  # noqa: RUF012 - what the library reads


class Nested(Chart):
    class a(State.Compound):  # noqa: N801 - a state
        x = State(initial=True)
        y = State(final=True)
        go = Event(x.to(y))

    b = State(final=True)
    leave = Event(a.to(b))  # type: ignore[arg-type]  # what the library's types do not know


class Parallel(Chart):
    class a(State.Parallel):  # noqa: N801 - a state
        class left(State.Compound):  # noqa: N801 - a state
            x = State(initial=True)
            y = State(final=True)
            go = Event(x.to(y))

        class right(State.Compound):  # noqa: N801 - a state
            z = State(initial=True)
            w = State(final=True)
            turn = Event(z.to(w))

    b = State(final=True)
    leave = Event(a.to(b))  # type: ignore[arg-type]  # what the library's types do not know


class Remembering(Chart):
    class a(State.Compound):  # noqa: N801 - a state
        x = State(initial=True)
        y = State()
        back = HistoryState()
        go = Event(x.to(y))

    b = State(final=True)
    leave = Event(a.to(b))  # type: ignore[arg-type]  # what the library's types do not know


class Entered(Chart):
    a = State(initial=True)
    b = State(final=True, enter=prolong)
    go = Event(a.to(b))


class Left(Chart):
    a = State(initial=True, exit=prolong)
    b = State(final=True)
    go = Event(a.to(b))


class Invoking(Chart):
    a = State(initial=True, invoke=prolong)
    b = State(final=True)
    go = Event(a.to(b))


class Eventless(Chart):
    a = State(initial=True)
    b = State(final=True)
    a.to(b)
    go = Event(a.to(b))


class Delayed(Chart):
    a = State(initial=True)
    b = State(final=True)
    go = Event(a.to(b), delay=10)


class Nowhere(Chart):
    a = State(initial=True)
    b = State(final=True)
    go = Event(a.to(b))
    stop = Event(a.to(None, on=prolong))


class Validated(Chart):
    a = State(initial=True)
    b = State(final=True)
    go = Event(a.to(b, validators=prolong))


class Before(Chart):
    a = State(initial=True)
    b = State(final=True)
    go = Event(a.to(b, before=prolong))


class After(Chart):
    a = State(initial=True)
    b = State(final=True)
    go = Event(a.to(b, after=prolong))


class Named(Chart):
    a = State(initial=True)
    b = State(final=True)
    go = Event(a.to(b, cond="is_first"))


class Waiting(Chart):
    a = State(initial=True)
    b = State(final=True)
    go = Event(a.to(b, cond=later))


class Reaching(Chart):
    a = State(initial=True)
    b = State(final=True)
    go = Event(a.to(b, cond=with_the_machine))


REFUSED: dict[type[Chart], str] = {
    Extending: "test: a chart that extends another",
    Trusting: "test: catch_errors_as_events",
    WithAMethod: "test: on_enter_b",
    Listened: "test: listeners",
    Nested: "test.a: nested",
    Parallel: "test.a: nested",
    Remembering: "test.a: nested",
    Entered: "test.b: prolong would run",
    Left: "test.a: prolong would run",
    Invoking: "test.a: ",
    Eventless: "test.a: a row without an event",
    Delayed: "test.a: time passes",
    Nowhere: "test.a: a row leads to one state",
    Validated: "test.a: prolong is neither",
    Before: "test.a: prolong is neither",
    After: "test.a: prolong is neither",
    Named: "test.a: is_first is not a plain function",
    Waiting: "test.a: later is not a plain function",
    Reaching: "test.a: with_the_machine asks for more",
}


@pytest.mark.parametrize(
    ("chart", "words"), REFUSED.items(), ids=[chart.__name__ for chart in REFUSED]
)
def test_a_chart_that_could_fail_open_is_refused(chart: type[Chart], words: str) -> None:
    """The error says where, and what."""
    with pytest.raises(ChartRefused, match=re.escape(words)):
        flow(chart)


def test_a_plain_chart_is_accepted() -> None:
    """Its own flow may be checked again."""
    lint(flow(Turnstile))


def test_a_state_without_a_screen_is_refused() -> None:
    """Nobody may stand in a room that is not there."""
    it = flow(Turnstile)
    screens = {state: screen for state, screen in it.screens.items() if state != "open_"}

    with pytest.raises(ChartRefused, match="open_"):
        type(it)(name="test", version=1, chart=Turnstile, screens=screens, letters={}, lives={})


def test_a_button_without_a_row_is_refused() -> None:
    """A person would press it in vain."""
    with pytest.raises(ChartRefused, match="« Voler »"):
        flow(Turnstile, buttons=[Button("fly", "Voler")])
    with pytest.raises(ChartRefused, match="« Prolonger »"):
        flow(Turnstile, buttons=[Button("extend", "Prolonger")])


def test_a_flow_knows_where_it_begins_where_it_ends_and_what_it_offers() -> None:
    """Read from the chart, never written twice."""
    it = flow(Turnstile, buttons=[Button("push", "Pousser")])

    assert it.initial == "closed"
    assert set(it.finals) == {"passed"}
    assert it.offered == {
        "closed": {"push", "jam", "snap"},
        "open_": {"push", "extend"},
        "passed": set(),
    }


def test_the_fingerprint_follows_the_table_and_the_screens() -> None:
    """Two equal ones behave the same."""

    class Copy(Chart):
        closed = State(initial=True)
        open_ = State()
        passed = State(final=True)
        push = Event(closed.to(open_, cond=is_first) | open_.to(passed))

    class Other(Chart):
        closed = State(initial=True)
        open_ = State()
        passed = State(final=True)
        push = Event(closed.to(open_) | open_.to(passed))

    prints = [
        flow(Copy).fingerprint,
        flow(Other).fingerprint,
        flow(Copy, buttons=[Button("push", "Pousser")]).fingerprint,
    ]
    assert len(set(prints)) == 3
    assert flow(Copy).fingerprint == prints[0]
    assert all(re.fullmatch("[0-9a-f]{16}", text) for text in prints)


def test_saying_and_wishing_are_actions_with_telling_names() -> None:
    """The name is what the tables and the maps show."""
    saying = say(CODE_WRONG, CODE_EXHAUSTED)
    wishing = wish(CancelCode(), CountFailure(Budget.CODE), CreateAccount(address_is_proven=True))
    model = slot("closed")

    saying(model)
    wishing(model)

    assert saying.__name__ == "say(code.wrong, code.exhausted)"
    assert wishing.__name__ == (
        "wish(CancelCode, CountFailure(code), CreateAccount(address_is_proven))"
    )
    assert [effect.kind for effect in model.effects] == [
        "Say", "Say", "CancelCode", "CountFailure", "CreateAccount",
    ]  # fmt: skip
    assert str(CreateAccount()) == "CreateAccount"


def test_staying_is_an_internal_row() -> None:
    """It leads to where it comes from."""

    class Staying(Chart):
        a = State(initial=True)
        b = State(final=True)
        go = Event(stay(a, cond=is_first) | a.to(b))

    first, second = rows(Staying)
    assert (first.source, first.target, first.internal) == ("a", "a", True)
    assert (second.target, second.internal) == ("b", False)


def test_a_slot_changes_its_journey_and_shows_nothing() -> None:
    """The library prints its model: the slot has no text of its own."""
    model = slot("closed")

    model.change(extended_at=model.at + timedelta(minutes=1))

    assert model.journey.extended_at == model.at + timedelta(minutes=1)
    assert "2345-6789" not in repr(model)

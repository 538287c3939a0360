"""What the check of a table finds: each rule is broken by a small flow of its own."""

from itertools import cycle

from statemachine import Event, State

from monespace_flows.chart import Chart, Flow, Slot, stay
from monespace_flows.policy import Policy
from monespace_flows.screens import Button, Link, Place, Screen
from monespace_flows.verify.findings import Finding, check

HUMAN = Link("Assistance", Place.ASSISTANCE)


def never(model: Slot) -> bool:
    return False


_moods = cycle([True, False])


def it_changes_its_mind(model: Slot) -> bool:
    return next(_moods)


def make_flow(chart: type[Chart], buttons: dict[str, tuple[str, ...]], *links: Link) -> Flow:
    """Make a flow on a chart: the buttons of each state, and links on every open screen."""
    screens = {
        state.id: Screen(
            id=state.id,
            title=state.id,
            buttons=tuple(Button(event, event) for event in buttons.get(state.id, ())),
            links=() if state.final else links,
        )
        for state in chart.states
    }
    return Flow(name="toy", version=1, chart=chart, screens=screens, letters={}, lives={})


def broken_by(flow: Flow) -> list[tuple[str, str]]:
    """List the rules that a flow breaks, and where."""
    return [(finding.rule, finding.where) for finding in check(flow)]


class Sound(Chart):
    here = State(initial=True)
    done = State(final=True)
    expired = State(final=True)

    back = Event(here.to(done))
    tick = Event(here.to(expired))


class Undecided(Chart):
    here = State(initial=True)
    done = State(final=True)

    extend = Event(stay(here))
    back = Event(here.to(done, cond=never))
    tick = Event(here.to(done))


class DeadRow(Chart):
    here = State(initial=True)
    done = State(final=True)
    unseen = State(final=True)

    back = Event(here.to(done) | here.to(unseen))
    tick = Event(here.to(done))


class DeadEnd(Chart):
    here = State(initial=True)
    trap = State()
    done = State(final=True)
    expired = State(final=True)

    back = Event(here.to(trap) | trap.to(done))
    extend = Event(here.to(done))
    tick = Event(here.to(expired) | trap.to(expired))


class Endless(Chart):
    here = State(initial=True)
    done = State(final=True)

    back = Event(here.to(done))
    tick = Event(stay(here))


class Leaving(Chart):
    here = State(initial=True)
    done = State(final=True)
    expired = State(final=True)

    back = Event(here.to(done))
    tick = Event(here.to(expired))


class Fickle(Chart):
    here = State(initial=True)
    done = State(final=True)
    expired = State(final=True)

    back = Event(here.to(done, cond=it_changes_its_mind) | stay(here))
    tick = Event(here.to(expired))


def test_a_sound_flow_has_no_findings() -> None:
    assert check(make_flow(Sound, {"here": ("back",)}, HUMAN)) == []
    assert check(make_flow(Sound, {"here": ("back",)}), [Policy()]) == []


def test_an_event_that_no_row_decides_is_found() -> None:
    """S26, by reading the table and by walking it; the row with the guard never decides either."""
    undecided, unguarded, dead = sorted(
        check(make_flow(Undecided, {"here": ("back", "extend")}, HUMAN)), key=lambda it: it.what
    )[::-1]

    assert undecided.what.startswith("undecided: here --back NoFacts(")
    assert unguarded == Finding("L3", "toy.here.back[0]", "this row never decides")
    assert dead == Finding("S26", "toy.here.back[0]", "no row decides when its guards refuse")


def test_a_row_and_a_room_that_nobody_sees_are_found() -> None:
    """L3."""
    flow = make_flow(DeadRow, {"here": ("back",)}, HUMAN)

    assert broken_by(flow) == [("L3", "toy.here.back[1]"), ("L3", "toy.unseen")]


def test_a_screen_that_offers_nothing_is_a_dead_end() -> None:
    """L1, L2: a row leads on, but no button is shown that would take it."""
    flow = make_flow(DeadEnd, {"here": ("back", "extend")})

    assert broken_by(flow) == [("L1", "toy.trap"), ("L2", "toy.trap")]


def test_a_screen_that_names_someone_is_no_dead_end() -> None:
    """L1, L2: « Assistance » is a way out."""
    assert broken_by(make_flow(DeadEnd, {"here": ("back", "extend")}, HUMAN)) == []


def test_a_journey_that_time_does_not_end_is_found() -> None:
    """L4."""
    assert broken_by(make_flow(Endless, {"here": ("back",)}, HUMAN)) == [("L4", "toy.here")]


def test_an_end_that_has_an_exit_is_found() -> None:
    """S27; the library refuses it in a class body, so the row is added afterwards."""
    stay(Leaving.states_map["done"], event="back")

    findings = broken_by(make_flow(Leaving, {"here": ("back",)}, HUMAN))

    assert ("S27", "toy.done.back[0]") in findings


def test_a_library_that_reads_the_table_otherwise_is_found() -> None:
    """S26: here the guard itself answers otherwise when it is asked again."""
    flow = make_flow(Fickle, {"here": ("back",)}, HUMAN)

    assert ("S26", "toy.here.back[0]") in broken_by(flow)

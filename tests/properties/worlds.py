"""The small worlds in which every situation is looked at, and charts of which a guard is broken."""

import inspect
import sys
import textwrap
from functools import cache

from attrs import evolve

from monespace_flows.chart import Chart, Flow, Guard, Slot
from monespace_flows.flows import FLOWS, STANDARD
from monespace_flows.testing.situations import (
    AMELIE,
    JOHN,
    PAUL,
    Actor,
    Person,
    Walked,
    World,
    walk,
)

__all__ = ["WORLDS", "broken", "explored"]


def at(browser: str, person: Person, *flows: str, signed_in: bool = False) -> Actor:
    return Actor(browser=browser, person=person, flows=flows, signed_in=signed_in)


_STRAIGHT = frozenset(
    (
        *("submit_identity", "continue_recovery", "send_code", "submit_code"),
        *("activate", "create", "save", "close_sessions"),
    )
)
"""What leads on, and nothing that goes back: two journeys together need no more to collide."""

_ALL = (
    # One person, one journey, everything that can be done wrong.
    World(name="creation", actors=(at("one", JOHN, "creation"),), thorough=True),
    World(
        name="recovery", actors=(at("one", AMELIE, "recovery"),), accounts=(AMELIE,), thorough=True
    ),
    World(
        name="recovery without an account",
        actors=(at("one", AMELIE, "recovery"),),
        events=_STRAIGHT,
        thorough=True,
    ),
    World(
        name="reset",
        actors=(at("one", JOHN, "reset"),),
        accounts=(JOHN,),
        waits=1,
        thorough=True,
    ),
    World(
        name="signin",
        actors=(at("one", JOHN, "signin"),),
        accounts=(JOHN,),
        waits=1,
        thorough=True,
    ),
    World(
        name="settings",
        actors=(at("one", JOHN, "settings", signed_in=True),),
        accounts=(JOHN,),
        waits=1,
        thorough=True,
    ),
    # Against the clock.
    World(name="creation in time", actors=(at("one", AMELIE, "creation"),), waits=1),
    World(
        name="recovery in time",
        actors=(at("one", AMELIE, "recovery"),),
        accounts=(AMELIE,),
        waits=1,
    ),
    World(
        name="all resends",
        actors=(at("one", AMELIE, "creation"),),
        events=frozenset(("submit_identity", "send_code", "resend_code")),
        waits=4,
    ),
    World(
        name="a locked number",
        actors=(at("one", JOHN, "creation"),),
        events=frozenset(("submit_identity",)),
        waits=2,
        thorough=True,
    ),
    # One doctor in two browsers.
    World(
        name="two creations",
        actors=(at("one", AMELIE, "creation"), at("two", AMELIE, "creation")),
        events=_STRAIGHT | {"back"},
    ),
    World(
        name="two recoveries",
        actors=(at("one", AMELIE, "recovery"), at("two", AMELIE, "recovery")),
        accounts=(AMELIE,),
        events=_STRAIGHT,
    ),
    World(
        name="a recovery and a reset",
        actors=(at("one", AMELIE, "recovery"), at("two", AMELIE, "reset")),
        accounts=(AMELIE,),
        events=_STRAIGHT | {"request_link", "save_password"},
    ),
    # Two doctors, one address.
    World(
        name="one address",
        actors=(at("one", JOHN, "creation"), at("two", PAUL, "creation")),
        events=_STRAIGHT,
    ),
    # A journey and a change of settings.
    World(
        name="a recovery and settings",
        actors=(at("one", AMELIE, "recovery"), at("two", AMELIE, "settings", signed_in=True)),
        accounts=(AMELIE,),
        events=_STRAIGHT,
    ),
    World(
        name="a reset and settings",
        actors=(at("one", AMELIE, "reset"), at("two", AMELIE, "settings", signed_in=True)),
        accounts=(AMELIE,),
        events=_STRAIGHT | {"request_link", "save_password"},
    ),
    # A journey and an erasure.
    World(
        name="a recovery and an erasure",
        actors=(at("one", AMELIE, "recovery"),),
        accounts=(AMELIE,),
        erases=(AMELIE,),
        events=_STRAIGHT | {"back"},
    ),
    World(
        name="a reset and an erasure",
        actors=(at("one", AMELIE, "reset"),),
        accounts=(AMELIE,),
        erases=(AMELIE,),
    ),
)
WORLDS = {world.name: world for world in _ALL}


@cache
def explored(name: str) -> Walked:
    """Walk through a world once."""
    return walk(WORLDS[name])


def broken(flow: str, guard: str, *, answer: bool) -> tuple[Flow, ...]:
    """The flows of the guide, in one of which a guard always gives one answer."""
    chart = FLOWS[flow].chart
    names = dict(vars(sys.modules[chart.__module__]))
    names[guard] = _always(answer)
    names["__name__"] = f"{chart.__module__}.broken"
    exec(textwrap.dedent(inspect.getsource(chart)), names)  # noqa: S102 - the chart's own source
    copy = names[chart.__name__]
    assert isinstance(copy, type)
    assert issubclass(copy, Chart)
    return tuple(evolve(it, chart=copy) if it.name == flow else it for it in STANDARD)


def _always(answer: bool) -> Guard:
    def agrees(model: Slot) -> bool:
        return True

    def refuses(model: Slot) -> bool:
        return False

    return agrees if answer else refuses

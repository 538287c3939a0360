"""A chart compiled into a plain table, so that support can retell a hundred thousand journeys.

python-statemachine stays the definition: the rows are read from it once, and a test proves that
both decide alike on every reachable state, command and facts.  On top of the plain table,
:class:`Memory` remembers what each *standing* (a journey without times, names and counts, which
no guard reads) answers to each command and facts: the second journey that goes the same way costs
a dictionary look-up a step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import evolve, frozen
from statemachine.transition import Transition

from ..chart import Action, Flow, Guard, Slot
from ..commands import COMMANDS
from ..effects import Say
from ..errors import ChartRefused
from ..facts import Contact, Facts
from ..journey import Journey, SentCode
from ..serialization import structure
from ..step import Stepped, begin

__all__ = ["Memory", "Outcome", "Table", "facts_key", "standing"]

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@frozen
class _Line:
    guards: tuple[tuple[Guard, bool], ...]
    actions: tuple[Action, ...]
    target: str

    def fires(self, slot: Slot) -> bool:
        return all(guard(slot) == expected for guard, expected in self.guards)


class Table:
    """A flow's chart as rows of plain functions; :meth:`step` decides as the chart does.

    A flow's lint has seen to it that a chart does nothing beside its rows.
    """

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.states = frozenset(str(state.id) for state in flow.chart.states)
        self._lines: dict[tuple[str, str], list[_Line]] = {}
        for state in flow.chart.states:
            for transition in state.transitions:
                line = _compile(transition)
                for event in transition.events:
                    self._lines.setdefault((state.id, str(event)), []).append(line)

    def step(self, journey: Journey, event: str, facts: Facts, at: datetime) -> Stepped:
        """Take one step; see :func:`monespace_flows.step.step`."""
        lines = self._lines.get((journey.state, event))
        if lines is None:
            raise ChartRefused(f"{self.flow.name}.{journey.state} has no row for this event")
        slot = _slot(journey, facts, at)
        line = next((line for line in lines if line.fires(slot)), None)
        if line is None:
            raise ChartRefused(f"{self.flow.name}.{journey.state} has no row for these facts")
        for action in line.actions:
            action(slot)
        after = evolve(
            slot.journey,
            state=line.target,
            seq=journey.seq + 1,
            entered_at=journey.entered_at if line.target == journey.state else at,
            shown_at=at,
            notices=tuple(effect.notice for effect in slot.effects if isinstance(effect, Say)),
        )
        return Stepped(after, tuple(e for e in slot.effects if not isinstance(e, Say)))


def _slot(journey: Journey, facts: Facts, at: datetime) -> Slot:
    slot = Slot()
    slot.state = journey.state
    slot.at = at
    slot.facts = facts
    slot.effects = []
    slot.journey = evolve(
        journey,
        notices=(),
        problems=(),
        wait=facts.wait,
        subject=facts.subject or journey.subject,
    )
    return slot


def _compile(transition: Transition) -> _Line:
    assert transition.target is not None  # noqa: S101 - flat charts have no other rows
    return _Line(
        guards=tuple((spec.func, spec.expected_value) for spec in _inline(transition.cond)),
        actions=tuple(spec.func for spec in _inline(transition.on)),
        target=str(transition.target.id),
    )


def _inline(group: Iterable[Any]) -> list[Any]:
    return [spec for spec in group if not spec.is_convention]


# --- standings -----------------------------------------------------------------------------------


def standing(journey: Journey) -> Journey:
    """A journey without what no guard may read: names, times, counts, buttons that came later."""
    return evolve(
        journey,
        reference="",
        started_at=EPOCH,
        entered_at=EPOCH,
        shown_at=EPOCH,
        seq=0,
        extended_at=None,
        subject=None,
        terms_version=None,
        contacts=tuple(_bare(contact) for contact in journey.contacts),
        contact=_bare(journey.contact) if journey.contact else None,
        code=SentCode(sent_at=EPOCH) if journey.code else None,
        sent=(),
        offer_reset_link=False,
        login_is_taken=False,
        notices=(),
        problems=(),
        wait=0,
    )


def _bare(contact: Contact) -> Contact:
    return Contact("", contact.channel, "")


def facts_key(facts: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells recorded facts apart for a table: all but who it was and how long to wait."""
    key: list[Any] = []
    for name, value in facts.items():
        kind = value.__class__
        if kind is str or kind is bool:
            if name != "subject":
                key.append((name, value))
        elif kind is list:
            key.append((name, *[it if it.__class__ is str else it["channel"] for it in value]))
        elif kind is dict:
            key.append((name, value["channel"]))
    return tuple(key)


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in facts.items() if name not in ("subject", "wait")}
    if "contacts" in plain:
        plain["contacts"] = [{**contact, "id": "", "masked": ""} for contact in plain["contacts"]]
    if plain.get("contact"):
        plain["contact"] = {**plain["contact"], "id": "", "masked": ""}
    return plain


@frozen
class Outcome:
    """What a table answers: the standing after (by number), and what the journal would say.

    ``standing`` is ``-1`` where the table cannot take the step; ``state`` then says why.
    """

    standing: int
    state: str
    screen: str
    notices: list[str]
    effects: list[str]


class Memory:
    """A flow's table with everything that it answered so far."""

    def __init__(self, flow: Flow) -> None:
        self.table = Table(flow)
        self._commands = {**COMMANDS, **flow.commands_by_event}
        self.answers: dict[tuple[Any, ...], Outcome] = {}
        self._standings: list[Journey] = []
        self._numbers: dict[Journey, int] = {}
        self.start = self._number(begin(flow, "", EPOCH))

    def outcome(self, number: int, event: str, facts: Mapping[str, Any]) -> Outcome:
        """What the table answers to a command with recorded facts."""
        key = (number, event, facts_key(facts))
        found = self.answers.get(key)
        if found is None:
            found = self.answers[key] = self._ask(number, event, facts)
        return found

    def _ask(self, number: int, event: str, facts: Mapping[str, Any]) -> Outcome:
        command = self._commands.get(event)
        if command is None:
            return _cannot("unknown command")
        try:
            known = structure(_plain(facts), command.facts)
            stepped = self.table.step(self._standings[number], event, known, EPOCH)
        except ValueError:
            return _cannot("unknown facts")
        except ChartRefused:
            return _cannot("not offered")
        except AssertionError:
            return _cannot("facts that do not fit")
        after = stepped.journey
        return Outcome(
            standing=self._number(after),
            state=after.state,
            screen=self.table.flow.screens[after.state].id,
            notices=list(after.notices),
            effects=[effect.kind for effect in stepped.effects],
        )

    def _number(self, journey: Journey) -> int:
        bare = standing(journey)
        number = self._numbers.get(bare)
        if number is None:
            number = self._numbers[bare] = len(self._standings)
            self._standings.append(bare)
        return number


def _cannot(why: str) -> Outcome:
    return Outcome(standing=-1, state=why, screen="", notices=[], effects=[])

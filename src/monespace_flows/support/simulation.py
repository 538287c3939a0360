"""A journey told again with other answers or at other times: pure, nothing sent or written.

It goes on while the person would still stand where the next recorded command was given; after that,
what they would have done is unknown and it stops.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum

import attrs
from attrs import evolve, field, frozen

from ..chart import Flow
from ..commands import Tick
from ..facts import CodeFacts, CodeVerdict, Deadline, Facts, SendFacts, SendVerdict, TickFacts
from ..journal.entry import Entry
from ..journey import Journey
from ..policy import Policy
from ..retelling.fold import Outcome, fold
from ..retelling.table import DecisionTable
from ..rules.waits import entry_end, journey_end
from ..wording import Text
from .whatif import Change, complete

__all__ = ["SimulatedStep", "Simulation", "simulate"]


class StopReason(Enum):
    """Why a simulation ended before the journal did."""

    ELSEWHERE = "elsewhere"
    NOT_OFFERED = "not_offered"
    ERASED = "erased"
    EXPIRED = "expired"

    @property
    def words(self) -> Text:
        """The reason in words."""
        return _STOPS[self]


_STOPS = {
    StopReason.ELSEWHERE: Text(
        "La personne serait ailleurs : la suite enregistrée ne s'applique plus.",
        "The person would stand elsewhere: what was recorded next does not apply.",
    ),
    StopReason.NOT_OFFERED: Text(
        "Cette réponse n'est pas possible ici : la suite est inconnue.",
        "The table cannot decide on this answer here.",
    ),
    StopReason.ERASED: Text(
        "La saisie aurait été effacée : la suite est inconnue.",
        "The entry would have been erased: what follows is unknown.",
    ),
    StopReason.EXPIRED: Text("La demande aurait expiré.", "The journey would have expired."),
}


@frozen(kw_only=True)
class SimulatedStep:
    """One step of a simulation beside what was recorded."""

    seq: int
    at: datetime
    event: str
    before: str
    after: str
    notices: tuple[str, ...]
    effects: tuple[str, ...]
    recorded_after: str | None
    differs: bool


@frozen(kw_only=True)
class Simulation:
    """A journey as it would have gone; ``stop`` says why it ends early, if it does."""

    turns: tuple[SimulatedStep, ...]
    state: str
    stop: StopReason | None = None

    @property
    def first_difference(self) -> SimulatedStep | None:
        """The first step that goes otherwise than recorded."""
        return next((turn for turn in self.turns if turn.differs), None)


def simulate(
    flow: Flow,
    entries: Sequence[Entry],
    *,
    changes: Iterable[Change] = (),
    shifts: Mapping[int, timedelta] | None = None,
    policy: Policy | None = None,
) -> Simulation:
    """Tell a journey again with other answers or at other times.

    Args:
        flow: its definition.
        entries: its journal, read and checked.
        changes: other answers.
        shifts: by line, how much later (or earlier) it and all after it come.
        policy: the lives that the clock then ends.
    """
    told = _Simulator(DecisionTable(flow), policy or Policy(), shifts or {})
    for change in changes:
        told.changes.setdefault(change.seq, []).append(change)
    for _ in fold(told.take, told.table.start(entries[0]), entries[1:]):
        pass  # the turns are written as lines are taken: a deadline may come between two
    state = told.turns[-1].after if told.turns else flow.initial
    return Simulation(turns=tuple(told.turns), state=state, stop=told.stop)


@attrs.define
class _Simulator:
    """Answers a line as the table would have in that other world; remembers why it stopped."""

    table: DecisionTable
    policy: Policy
    shifts: Mapping[int, timedelta]
    changes: dict[int, list[Change]] = field(factory=dict)
    offset: timedelta = timedelta(0)
    turns: list[SimulatedStep] = field(factory=list)
    stop: StopReason | None = None

    def take(self, journey: Journey, entry: Entry) -> Outcome[Journey]:
        shift = self.shifts.get(entry.seq)
        self.offset += shift or timedelta(0)
        if journey.state != entry.before:
            return self._stopped(StopReason.ELSEWHERE)
        at = entry.at + self.offset
        if self.offset and isinstance(entry.facts, TickFacts):
            if not self._is_due(journey, entry.facts.deadline, at):
                return Outcome(journey, journey.state)  # that tick does not come
        elif self.offset and self._is_due(journey, Deadline.JOURNEY, at):
            self._tick(journey, Deadline.JOURNEY, entry, at)
            return self._stopped(StopReason.EXPIRED)
        elif shift is not None and self.offset and self._is_due(journey, Deadline.ENTRY, at):
            journey = self._tick(journey, Deadline.ENTRY, entry, at)
            if attrs.fields(self.table.flow.commands_by_event[entry.command]):
                return self._stopped(StopReason.ERASED)
        return self._taken(journey, entry, self._answered(journey, entry, at), at)

    def _answered(self, journey: Journey, entry: Entry, at: datetime) -> Facts:
        """What the world would have answered."""
        facts, changes = entry.facts, self.changes.get(entry.seq, ())
        for change in changes:
            facts = evolve(facts, problems=(), wait=0, **{change.name: change.value})
        return self._aged(complete(facts, journey) if changes else facts, journey, at)

    def _taken(
        self, journey: Journey, entry: Entry, facts: Facts, at: datetime
    ) -> Outcome[Journey]:
        outcome = self.table.decide(journey, entry.command, facts, at)
        if outcome.after is None:
            return self._stopped(StopReason.NOT_OFFERED)
        self._write(journey, entry, entry.command, outcome, at)
        return outcome

    def _tick(self, journey: Journey, deadline: Deadline, entry: Entry, at: datetime) -> Journey:
        outcome = self.table.decide(journey, Tick.event, TickFacts(deadline=deadline), at)
        if outcome.after is None:
            return journey
        self._write(journey, entry, Tick.event, outcome, at)
        return outcome.after

    def _stopped(self, why: StopReason) -> Outcome[Journey]:
        self.stop = why
        return Outcome(None, why.value)

    def _write(
        self, journey: Journey, entry: Entry, event: str, outcome: Outcome[Journey], at: datetime
    ) -> None:
        notices, effects = tuple(outcome.notices), tuple(outcome.effects)
        recorded = (entry.command, entry.after, entry.notices, *(it.kind for it in entry.effects))
        self.turns.append(
            SimulatedStep(
                seq=entry.seq,
                at=at,
                event=event,
                before=journey.state,
                after=outcome.state,
                notices=notices,
                effects=effects,
                recorded_after=entry.after if event == entry.command else None,
                differs=(event, outcome.state, notices, *effects) != recorded,
            )
        )

    def _is_due(self, journey: Journey, deadline: Deadline, at: datetime) -> bool:
        flow, lives = self.table.flow, self.policy.journeys
        if deadline is Deadline.ENTRY:
            typed = flow.screens[journey.state].is_typed
            return typed and at >= entry_end(journey.shown_at, lives)
        if journey.seq >= lives.steps:
            return True
        life = flow.lives.get(journey.state)
        own = life(self.policy) if life else None
        return at >= journey_end(
            journey.started_at, journey.entered_at, journey.extended_at, own, lives
        )

    def _aged(self, facts: Facts, journey: Journey, at: datetime) -> Facts:
        """The answers that time alone changes: a code grows old, a wait ends."""
        code = journey.code
        if isinstance(facts, CodeFacts) and code is not None and facts.code in _YOUNG:
            old = self.offset and at - code.sent_at >= self.policy.codes.life
            return evolve(facts, code=CodeVerdict.EXPIRED) if old else facts
        if isinstance(facts, SendFacts) and facts.send is SendVerdict.TOO_SOON and facts.wait:
            over = self.offset >= timedelta(seconds=facts.wait)
            return evolve(facts, send=SendVerdict.POSSIBLE, wait=0) if over else facts
        return facts


_YOUNG = {CodeVerdict.MATCHES, CodeVerdict.DIFFERS, CodeVerdict.LAST_TRY_DIFFERS}

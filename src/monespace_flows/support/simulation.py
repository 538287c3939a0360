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
from ..retelling.table import Table
from ..rules.deadlines import entry_end, journey_end
from ..step import Stepped, begin
from .whatif import Change, attempt, complete
from .words import Text

__all__ = ["Simulation", "Stop", "Turn", "simulate"]


class Stop(Enum):
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
    Stop.ELSEWHERE: Text(
        "La personne serait ailleurs : la suite enregistrée ne s'applique plus.",
        "The person would stand elsewhere: what was recorded next does not apply.",
    ),
    Stop.NOT_OFFERED: Text(
        "Cette réponse n'est pas possible ici : la suite est inconnue.",
        "The table cannot decide on this answer here.",
    ),
    Stop.ERASED: Text(
        "La saisie aurait été effacée : la suite est inconnue.",
        "The entry would have been erased: what follows is unknown.",
    ),
    Stop.EXPIRED: Text("La demande aurait expiré.", "The journey would have expired."),
}


@frozen(kw_only=True)
class Turn:
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

    turns: tuple[Turn, ...]
    state: str
    stop: Stop | None = None

    @property
    def first_difference(self) -> Turn | None:
        """The first step that goes otherwise than recorded."""
        return next((turn for turn in self.turns if turn.differs), None)


def simulate(
    flow: Flow,
    entries: Sequence[Entry],
    *,
    changes: Iterable[Change] = (),
    shifts: Mapping[int, timedelta] | None = None,
    policy: Policy | None = None,
    table: Table | None = None,
) -> Simulation:
    """Tell a journey again with other answers or at other times.

    Args:
        flow: its definition.
        entries: its journal, read and checked.
        changes: other answers.
        shifts: by line, how much later (or earlier) it and all after it come.
        policy: the lives that the clock then ends.
        table: the flow's compiled table, if it is at hand.
    """
    told = _Telling(flow, entries[0], policy or Policy(), table or Table(flow))
    by_line: dict[int, list[Change]] = {}
    for change in changes:
        by_line.setdefault(change.seq, []).append(change)
    offset = timedelta(0)
    for entry in entries[1:]:
        moved = (shifts or {}).get(entry.seq)
        offset += moved or timedelta(0)
        stop = told.take(entry, by_line.get(entry.seq, ()), offset, is_shifted=moved is not None)
        if stop is not None:
            return Simulation(turns=tuple(told.turns), state=told.journey.state, stop=stop)
    return Simulation(turns=tuple(told.turns), state=told.journey.state)


@attrs.define
class _Telling:
    flow: Flow
    start: Entry
    policy: Policy
    table: Table
    turns: list[Turn] = field(factory=list)
    journey: Journey = field(init=False)

    def __attrs_post_init__(self) -> None:
        start = self.start
        self.journey = begin(self.flow, start.reference, start.at, start.facts.subject)

    def take(
        self, entry: Entry, changes: Sequence[Change], offset: timedelta, *, is_shifted: bool
    ) -> Stop | None:
        at = entry.at + offset
        if self.journey.state != entry.before:
            return Stop.ELSEWHERE
        if offset:
            if isinstance(entry.facts, TickFacts):
                if not self._is_due(entry.facts.deadline, at):
                    return None
            elif self._is_due(Deadline.JOURNEY, at):
                self._tick(Deadline.JOURNEY, entry, at)
                return Stop.EXPIRED
            elif is_shifted and self._is_due(Deadline.ENTRY, at):
                self._tick(Deadline.ENTRY, entry, at)
                if attrs.fields(self.table.flow.commands_by_event[entry.command]):
                    return Stop.ERASED
        facts = entry.facts
        for change in changes:
            facts = evolve(facts, problems=(), wait=0, **{change.name: change.value})
        facts = complete(facts, self.journey) if changes else facts
        facts = self._aged(facts, at, offset)
        stepped = attempt(self.table, self.journey, entry.command, facts, at)
        if stepped is None:
            return Stop.NOT_OFFERED
        self._write(entry, entry.command, stepped, at)
        return None

    def _tick(self, deadline: Deadline, entry: Entry, at: datetime) -> None:
        stepped = attempt(self.table, self.journey, Tick.event, TickFacts(deadline=deadline), at)
        if stepped is not None:
            self._write(entry, Tick.event, stepped, at)

    def _write(self, entry: Entry, event: str, stepped: Stepped, at: datetime) -> None:
        before, self.journey = self.journey, stepped.journey
        effects = tuple(effect.kind for effect in stepped.effects)
        after = self.journey
        same = (
            event == entry.command
            and after.state == entry.after
            and after.notices == entry.notices
            and effects == tuple(wish.kind for wish in entry.effects)
        )
        self.turns.append(
            Turn(
                seq=entry.seq,
                at=at,
                event=event,
                before=before.state,
                after=after.state,
                notices=after.notices,
                effects=effects,
                recorded_after=entry.after if event == entry.command else None,
                differs=not same,
            )
        )

    def _is_due(self, deadline: Deadline, at: datetime) -> bool:
        journey, lives = self.journey, self.policy.journeys
        if deadline is Deadline.ENTRY:
            typed = self.flow.screens[journey.state].is_typed
            return typed and at >= entry_end(journey.shown_at, lives)
        life = self.flow.lives.get(journey.state)
        own = life(self.policy) if life else None
        return at >= journey_end(
            journey.started_at, journey.entered_at, journey.extended_at, own, lives
        )

    def _aged(self, facts: Facts, at: datetime, offset: timedelta) -> Facts:
        """The answers that time alone changes: a code grows old, a wait ends."""
        code = self.journey.code
        if isinstance(facts, CodeFacts) and code is not None and facts.code in _YOUNG:
            old = offset and at - code.sent_at >= self.policy.codes.life
            return evolve(facts, code=CodeVerdict.EXPIRED) if old else facts
        if isinstance(facts, SendFacts) and facts.send is SendVerdict.TOO_SOON and facts.wait:
            over = offset >= timedelta(seconds=facts.wait)
            return evolve(facts, send=SendVerdict.POSSIBLE, wait=0) if over else facts
        return facts


_YOUNG = {CodeVerdict.MATCHES, CodeVerdict.DIFFERS, CodeVerdict.LAST_TRY_DIFFERS}

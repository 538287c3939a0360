"""One step on the store: lock, facts, table, effects, journal entry, swap, all or nothing."""

from __future__ import annotations

from datetime import datetime

from attrs import evolve

from ..chart import Flow
from ..commands import Tick
from ..errors import LostSwap
from ..facts import Deadline, Facts, NoFacts, TickFacts
from ..journal.entry import START, Entry, Wish, write_entry
from ..journey import Journey, StoredJourney
from ..ports import OutboxMessage, Secrets, Unit
from ..serialization import to_json
from ..step import Stepped, begin, step
from .case import Beginning, Case, close_dossier, digest_token
from .executors import execute
from .gatherers import Gatherer, gatherers_of
from .views import end_of

__all__ = ["draw_reference", "record_start", "take_step", "tick"]

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def take_step(case: Case, unit: Unit, events: frozenset[str]) -> Journey:
    """Take the case's step inside a write unit.

    Args:
        case: what the submission works with, its outside facts found.
        unit: the transaction.
        events: the names of the events that the host listens to.

    Raises:
        LostSwap: the journey moved on since the case was opened and must be read again.
    """
    locked = _lock(case, unit)
    gatherer = gatherers_of(case.flow)[case.command.facts]
    if locked.journey.seq != case.journey.seq:
        _catch_up(case, locked, gatherer)
    facts = gatherer.inside(case, unit)
    after = _write(case, unit, facts, events)
    if case.beginning is not None:
        _begin(case, case.beginning, unit, events)
    return after


def _begin(case: Case, beginning: Beginning, unit: Unit, events: frozenset[str]) -> None:
    """Begin the other journey that the step asked for, and take its first step.

    It belongs to whoever opens what it sends: nobody has the token that this draws.
    """
    flow = beginning.flow
    journey = begin(flow, draw_reference(case.ports.secrets), case.at)
    stored = StoredJourney(
        journey=journey,
        token_digest=digest_token(case.ports.secrets.token()),
        expires_at=end_of(flow, journey, case.policy),
    )
    record_start(unit, flow, stored)
    begun = Case(
        ports=case.ports,
        policy=case.policy,
        site=case.site,
        flows=case.flows,
        flow=flow,
        stored=unit.journeys.get(journey.reference) or stored,
        command=beginning.command,
        at=case.at,
        dossier=beginning.dossier,
        email_digests=case.email_digests,
        account=case.account,
    )
    _write(begun, unit, beginning.facts, events)


def draw_reference(secrets: Secrets) -> str:
    """Draw a journey's public reference: eight signs that nobody mistakes for others."""
    drawn = secrets.digits(16)
    letters = [_ALPHABET[int(drawn[i : i + 2]) % len(_ALPHABET)] for i in range(0, 16, 2)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def tick(case: Case, unit: Unit, deadline: Deadline) -> Journey:
    """Let the clock take its step inside a write unit."""
    if _lock(case, unit).journey.seq != case.journey.seq:
        raise LostSwap
    case.command = Tick()
    return _write(case, unit, TickFacts(deadline=deadline), frozenset())


def record_start(unit: Unit, flow: Flow, stored: StoredJourney) -> None:
    """Write a new journey and the first line of its journal."""
    journey = stored.journey
    digest = _append(
        unit,
        flow,
        previous="",
        before=journey,
        command=START,
        facts=NoFacts(subject=journey.subject),
        stepped=Stepped(journey, ()),
        at=journey.started_at,
    )
    unit.journeys.add(evolve(stored, journal_hash=digest))


def _lock(case: Case, unit: Unit) -> StoredJourney:
    locked = unit.journeys.get(case.journey.reference, lock=True)
    if locked is None:
        raise LostSwap
    return locked


def _catch_up(case: Case, locked: StoredJourney, gatherer: Gatherer) -> None:
    """Go on with a journey that moved, if all that was asked outside holds for it as it is now.

    Whoever presses the same button together then takes turns at the journey's row, each once,
    instead of racing for it again and again.
    """
    before = case.journey.state, gatherer.about(case)
    case.reopen(locked)
    if before != (case.journey.state, gatherer.about(case)):
        raise LostSwap


def _write(case: Case, unit: Unit, facts: Facts, events: frozenset[str]) -> Journey:
    before, command = case.journey, case.command
    stepped = step(case.flow, before, command.event, facts, case.at)
    case.after = stepped.journey
    for place, effect in enumerate(stepped.effects):
        execute(case, unit, effect, _key(stepped.journey, place))
    digest = _append(
        unit,
        case.flow,
        previous=case.stored.journal_hash,
        before=before,
        command=command.event,
        facts=facts,
        stepped=stepped,
        at=case.at,
    )
    _queue_events(case, unit, events)
    after = stepped.journey
    is_over = after.state in case.flow.finals
    case.keep(
        journey=after,
        journal_hash=digest,
        expires_at=end_of(case.flow, after, case.policy),
        dossier=None if is_over else close_dossier(case.ports, case.dossier),
        code_digest=case.stored.code_digest if after.code is not None else None,
    )
    unit.journeys.swap(case.stored, before.seq)
    return after


def _append(
    unit: Unit,
    flow: Flow,
    *,
    previous: str,
    before: Journey,
    command: str,
    facts: Facts,
    stepped: Stepped,
    at: datetime,
) -> str:
    after = stepped.journey
    line, digest = write_entry(
        Entry(
            seq=after.seq,
            at=at,
            reference=after.reference,
            flow=flow.name,
            flow_version=flow.version,
            fingerprint=flow.fingerprint,
            before=before.state,
            command=command,
            facts=facts,
            effects=tuple(
                Wish(kind=effect.kind, key=_key(after, place))
                for place, effect in enumerate(stepped.effects)
            ),
            after=after.state,
            notices=after.notices,
            screen=flow.screens[after.state].id,
            previous=previous,
        )
    )
    unit.journal.append(after.reference, after.seq, at, line)
    return digest


def _key(after: Journey, place: int) -> str:
    """The idempotency key of an effect: the same step can never do it twice."""
    return f"{after.reference}-{after.seq}-{place}"


def _queue_events(case: Case, unit: Unit, events: frozenset[str]) -> None:
    for event in case.events:
        name = type(event).__name__
        if name in events:
            unit.outbox.add(
                OutboxMessage(
                    id=f"{event.id}-event",
                    journey=case.journey.reference,
                    channel="event",
                    purpose=name,
                    sealed=case.ports.secrets.seal(to_json(event)),
                    created_at=case.at,
                    due_at=case.due_at,
                )
            )

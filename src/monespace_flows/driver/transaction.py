"""One step on the store: lock, facts, table, effects, journal entry, swap, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from attrs import evolve

from ..chart import Flow
from ..commands import Tick
from ..effects import Effect
from ..errors import LostSwap, MonespaceError, PortBusy
from ..events import Alarm
from ..facts import Deadline, Facts, NoFacts, TickFacts
from ..journal.entry import START, Entry, Wish, write_entry
from ..journey import Journey, StoredJourney
from ..ports import Secrets, Unit
from ..rules.waits import DAY
from ..step import Stepped, begin, step
from .acts import EffectContext, Findings, Gatherer, closed_channels, executors_of, gatherers_of
from .acts.base import Beginning
from .case import (
    Answer,
    Case,
    Client,
    close_answer,
    digest_token,
    open_answer,
    seal_of,
)
from .queueing import queue_event
from .sessions import is_bound
from .starting import draw_reference
from .views import end_of, judge_outcome, offers_channels

__all__ = ()

ATTEMPTS = 8
"""How often work that lost a race is taken again before the caller is told to come back."""

Result = TypeVar("Result")


def retried(attempt: Callable[[], Result], *lost: type[MonespaceError]) -> Result:
    """Take a unit of work until no other writer was first.

    Args:
        attempt: the work; each time it reads everything afresh.
        lost: what says that another was first, beside ``LostSwap``.

    Raises:
        PortBusy: others were first again and again; the caller may come back in a moment.
    """
    for _ in range(ATTEMPTS):
        with suppress(LostSwap, *lost):
            return attempt()
    raise PortBusy("storage")


def take_step(case: Case[Any]) -> EffectContext[Any]:
    """Ask what is slow, then take the case's step in one transaction.

    Raises:
        LostSwap: the journey moved on since the case was opened and must be read again.
    """
    gatherer = gatherer_of(case)
    asked = gatherer.outside(case)
    with case.ports.storage.writing() as unit:
        locked = _lock(case, unit)
        if locked.journey.seq != case.journey.seq:
            _require_unanswered(case, locked)
            _catch_up(case, locked, gatherer)
        facts, found = gatherer.inside(case, asked, unit)
        return _write(case, unit, facts, found)


def take_step_inside(case: Case[Any], unit: Unit) -> EffectContext[Any]:
    """Take a step about which nothing is asked outside, in the unit that holds its journey."""
    gatherer = gatherer_of(case)
    facts, found = gatherer.inside(case, gatherer.outside(case), unit)
    return _write(case, unit, facts, found)


def gatherer_of(case: Case[Any]) -> Gatherer[Any, Any, Any]:
    """Who brings the facts of a case's command."""
    return gatherers_of(case.flow)[case.command.facts]


def _begin(context: EffectContext[Any], beginning: Beginning) -> None:
    """Begin the other journey that a step asked for, and take its first step.

    It belongs to whoever opens what it sends: nobody has the token that this draws.
    """
    case, flow = context.case, beginning.flow
    journey = begin(flow, draw_reference(case.ports.secrets), case.at)
    begun = Case(
        app=case.app,
        flow=flow,
        stored=StoredJourney(
            journey=journey,
            token_digest=digest_token(case.ports.secrets.token()),
            expires_at=end_of(flow, journey, case.policy),
        ),
        command=beginning.command,
        at=case.at,
        dossier=beginning.dossier,
    )
    other = _write(begun, context.unit, beginning.facts, beginning.found)
    context.events += other.events  # for who looks on; the host is told of both steps alike
    context.has_queued = context.has_queued or other.has_queued


def tick(case: Case[Tick], deadline: Deadline) -> None:
    """Let the clock take its step, in a transaction of its own."""
    with case.ports.storage.writing() as unit:
        if _lock(case, unit).journey.seq != case.journey.seq:
            raise LostSwap
        _write(case, unit, TickFacts(deadline=deadline), Findings())


def _record_start(case: Case[Any], unit: Unit) -> None:
    """Write the first line of the journal of a journey that begins with this step."""
    stored, sessions = case.stored, case.policy.sessions
    if stored.account_id is not None:
        # Whoever erases the account comes before or after: nothing of it is left behind.
        unit.lock(f"account:{stored.account_id}")
        if not is_bound(unit, stored.session_digest, case.at, sessions):
            raise LostSwap
    digest = _append(
        unit,
        case.flow,
        case.ports.secrets,
        client=case.client,
        previous="",
        before=stored.journey,
        command=START,
        facts=NoFacts(subject=stored.journey.subject),
        stepped=Stepped(stored.journey, ()),
        at=stored.journey.started_at,
    )
    case.stored = evolve(stored, journal_hash=digest)


def _lock(case: Case[Any], unit: Unit) -> StoredJourney:
    if not case.stored.is_kept:  # of two first presses the store refuses one, if need be
        return unit.journeys.by_token(case.stored.token_digest, lock=True) or case.stored
    locked = unit.journeys.get(case.journey.reference, lock=True)
    if locked is None:
        raise LostSwap
    return locked


def _require_unanswered(case: Case[Any], locked: StoredJourney) -> None:
    """Leave a press that another request has just had answered: its answer is told again."""
    answer = open_answer(case.ports, locked)
    if case.press is not None and answer is not None and case.press.is_of(answer):
        raise LostSwap


def _catch_up(case: Case[Any], locked: StoredJourney, gatherer: Gatherer[Any, Any, Any]) -> None:
    """Go on with a journey that moved, if all that was asked outside holds for it as it is now.

    Whoever presses the same button together then takes turns at the journey's row, each once,
    instead of racing for it again and again.
    """
    before = case.journey.state, gatherer.about(case)
    case.reopen(locked)
    if before != (case.journey.state, gatherer.about(case)):
        raise LostSwap


def _write(case: Case[Any], unit: Unit, facts: Facts, found: Findings) -> EffectContext[Any]:
    before, event = case.journey, case.command.event
    is_first = not case.stored.is_kept
    if is_first:
        _record_start(case, unit)
    stepped = step(case.flow, before, event, facts, case.at)
    after = stepped.journey
    context = EffectContext(case=case, unit=unit, found=found, after=after, account=found.account)
    _do(context, stepped.effects)
    digest = _append(
        unit,
        case.flow,
        case.ports.secrets,
        client=case.client,
        previous=case.stored.journal_hash,
        before=before,
        command=event,
        facts=facts,
        stepped=stepped,
        at=case.at,
        until=found.until,
    )
    if offers_channels(case.flow, after):
        case.closed = closed_channels(unit, case.site.zone, case.at)
    _queue_events(context)
    is_over = after.state in case.flow.finals
    case.keep(
        journey=after,
        journal_hash=digest,
        expires_at=end_of(case.flow, after, case.policy),
        dossier=None if is_over else case.close_dossier(),
        code_digest=case.stored.code_digest if after.code is not None else None,
        answer=_answer(context, before),
    )
    _store(unit, case.stored, None if is_first else before.seq)
    if context.beginning is not None:
        _begin(context, context.beginning)
    return context


def _store(unit: Unit, stored: StoredJourney, seq: int | None) -> None:
    """Keep a journey, in the place of what it was at ``seq``, if it was kept before."""
    if seq is None:
        unit.journeys.add(stored)
    else:
        unit.journeys.swap(stored, seq)


def _do(context: EffectContext[Any], effects: Sequence[Effect]) -> None:
    executors = executors_of(context.case.flow)
    for place, effect in enumerate(effects):
        context.key = _key(context.after, place)
        executors[type(effect)](context, effect)


def _answer(context: EffectContext[Any], before: Journey) -> str | None:
    case = context.case
    if case.press is None:
        return None
    answer = Answer(
        press=case.press.digests[0],
        outcome=judge_outcome(case.flow, before, context.after).value,
        said=case.press.said,
        token=context.token,
        session=context.session_token,
        browser=context.browser_token,
    )
    return close_answer(case.ports, answer)


def _append(
    unit: Unit,
    flow: Flow,
    secrets: Secrets,
    *,
    client: Client | None,
    previous: str,
    before: Journey,
    command: str,
    facts: Facts,
    stepped: Stepped,
    at: datetime,
    until: datetime | None = None,
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
                Wish(kind=effect.kind, key=_key(after, place), told=effect.told)
                for place, effect in enumerate(stepped.effects)
            ),
            after=after.state,
            notices=after.notices,
            screen=flow.screens[after.state].id,
            client=None if client is None else client.pseudonym,
            network=None if client is None else client.network,
            until=until,
            previous=previous,
        ),
        seal_of(secrets),
    )
    unit.journal.append(after.reference, after.seq, at, line)
    return digest


def _key(after: Journey, place: int) -> str:
    """The idempotency key of an effect: the same step can never do it twice."""
    return f"{after.reference}-{after.seq}-{place}"


def _queue_events(context: EffectContext[Any]) -> None:
    case = context.case
    for event in context.events:
        end = event.at + (DAY if isinstance(event, Alarm) else case.policy.journeys.retention)
        is_heard = queue_event(
            context.unit,
            case.ports.secrets,
            event,
            end,
            journey=case.journey.reference,
            due_at=case.due_at,
        )
        context.has_queued = context.has_queued or is_heard

"""What an application asks of a flow before it takes it: nothing may be missing on the day."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from inspect import signature
from typing import get_args, get_type_hints
from weakref import WeakValueDictionary

from attrs import NOTHING, evolve, fields

from ..chart import Flow, Slot
from ..commands import RequestLink, Tick
from ..effects import BeginReset, Effect, SendCode, SendLetter, WarnHolder
from ..errors import ChartRefused
from ..facts import Channel, Contact, Deadline, Role, TickFacts
from ..journey import Journey, SentCode
from ..step import begin
from .acts import Findings, executors_of, gatherers_of
from .acts.letters import WARNING
from .acts.link import begun_by

__all__ = ()

_WHEN = datetime(2000, 1, 1, tzinfo=UTC)
"""When the journey began that guards are tried on; none reads the clock."""

_whole: WeakValueDictionary[int, Flow] = WeakValueDictionary()
"""The flows that miss nothing, by which object they are: one says the same for ever, and an
application is made again and again in tests."""


def take_flows(flows: Iterable[Flow]) -> Mapping[str, Flow]:
    """Take an application's flows, by their names and in their order.

    Raises:
        ChartRefused: naming, for each thing that is missing or said twice, what, where, and what
            to write.
    """
    taken: dict[str, Flow] = {}
    faults: list[str] = []
    for flow in flows:
        twice = (it for it in taken.values() if it.name == flow.name or it.path == flow.path)
        faults += [f"{flow.name}: {it.name} has that name or path already" for it in twice]
        if _whole.get(id(flow)) is not flow:
            missing = [f"{flow.name}: {fault}" for fault in _missing(flow)]
            if not missing:
                _whole[id(flow)] = flow
            faults += missing
        taken[flow.name] = flow
    faults += _missing_together(taken.values())
    if faults:
        raise ChartRefused("\n".join(faults))
    return taken


def _missing(flow: Flow) -> Iterator[str]:
    yield from _names(flow)
    yield from _answers(flow)
    yield from _rooms(flow)
    yield from _effects(flow)
    yield from _guards(flow)
    yield from _findings(flow)


def _missing_together(flows: Collection[Flow]) -> Iterator[str]:
    """What one flow needs of another."""
    for flow in flows:
        if BeginReset() in flow.wished and not any(begun_by(flows, RequestLink)):
            yield f"{flow.name}: no flow begins with {RequestLink.event}, which its reset needs"


def _names(flow: Flow) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", flow.name):
        yield "name: write small letters, digits and underscores"
    if not re.fullmatch(r"/[a-z0-9][a-z0-9/-]*", flow.path):
        yield "path: say where its pages are, as /fermer-mon-compte"
    if not (flow.label.fr and flow.label.en):
        yield "label: say in both languages what support calls it"
    if not flow.yours:
        yield "yours: say what the person is told of it, as « votre connexion »"
    if flow.needs_session and not flow.about:
        yield "about: say what it is good for: the home page of members tells it"


def _answers(flow: Flow) -> Iterator[str]:
    """Each event needs a command, each command its facts, and the facts someone to bring them."""
    for event in sorted(flow.events - flow.commands_by_event.keys()):
        yield f"commands: no command has the event {event}: write its class and name it there"
    for command in flow.commands:
        if command.event not in flow.events:
            yield f"chart: no row decides {command.event}, which commands names"
        elif command.facts not in gatherers_of(flow):
            yield f"gatherers: nobody brings {command.facts.__name__}, which {command.event} needs"


def _rooms(flow: Flow) -> Iterator[str]:
    """Nobody may be left in a state for ever, nor be told what cannot be said."""
    if "expired" not in flow.finals:
        yield "chart: no final state expired: a journey left alone must end somewhere"
    for state, screen in flow.screens.items():
        if state not in flow.finals and "tick" not in flow.offered[state]:
            yield f"chart: no row of tick in {state}: say what becomes of a journey left there"
        for notice in screen.standing:
            if notice not in flow.notices:
                yield f"screens: {state} stands with the notice {notice}, which no row says"
    for state in flow.lives.keys() - flow.screens.keys():
        yield f"lives: {state} is no state of the chart"


def _guards(flow: Flow) -> Iterator[str]:
    """Each guard is asked once, of a journey that has everything and of facts that say nothing."""
    model = Slot()
    model.at, model.effects = _WHEN, []
    model.journey = _full(flow)
    for event, command in flow.commands_by_event.items():
        missing = [one.name for one in fields(command.facts) if one.default is NOTHING]
        if command is not Tick and missing:
            where = f"{command.facts.__name__}.{missing[0]}"
            yield f"facts: give {where} a default: nothing may be known yet"
            continue
        model.facts = TickFacts(deadline=Deadline.ENTRY) if command is Tick else command.facts()
        for guard in flow.guarded_by[event]:
            try:
                guard(model)
            except Exception as error:  # noqa: BLE001 - told below, and the flow is refused
                fault = f"{type(error).__name__}: {error}"
                yield f"chart: {guard.__name__}, in a row of {event}: {fault}"


def _full(flow: Flow) -> Journey:
    contact = Contact("id", Channel.EMAIL, "d***@ordre.example")
    return evolve(
        begin(flow, "", _WHEN, "subject"),
        role=Role.DOCTOR,
        terms_version="",
        contacts=(contact,),
        contact=contact,
        code=SentCode(sent_at=_WHEN),
        sent=((contact.channel, _WHEN),),
    )


def _findings(flow: Flow) -> Iterator[str]:
    """An effect is done with what was found before its row, or could not be."""
    executors, gatherers = executors_of(flow), gatherers_of(flow)
    for event, effects in flow.wished_by.items():
        command = flow.commands_by_event.get(event)
        if command is None or not (command is Tick or command.facts in gatherers):
            continue  # told of the commands and the gatherers
        found = Findings if command is Tick else _hint(gatherers[command.facts].outside, "return")
        if found is None:
            yield f"gatherers: write what outside returns, where {command.facts.__name__} are asked"
            continue
        for effect in effects:
            executor = executors.get(type(effect))
            needed = _hint(executor) if executor else Findings
            if needed is None:
                yield f"executors: write what {effect.kind} works with: EffectContext[...]"
            elif not issubclass(found, needed):
                yield (
                    f"executors: {effect.kind} works with {needed.__name__}, and for {event} "
                    f"{found.__name__} is what is found"
                )


@lru_cache  # an application is made again and again in tests
def _hint(function: Callable[..., object], name: str = "") -> type[Findings] | None:
    """The findings that a function says that it returns, or else those of its first argument."""
    try:
        hints = get_type_hints(function)
    except NameError:
        return None
    hint = hints.get(name or next(iter(signature(function).parameters), ""))
    kind = hint if isinstance(hint, type) else next(iter(get_args(hint)), None)
    return kind if isinstance(kind, type) and issubclass(kind, Findings) else None


def _effects(flow: Flow) -> Iterator[str]:
    for effect in flow.wished:
        if type(effect) not in executors_of(flow):
            yield f"executors: nobody does {effect.kind}, which a row wishes"
        for letter in _letters(effect):
            if letter not in flow.letters:
                yield f"letters: {letter} is sent and nowhere written"


def _letters(effect: Effect) -> tuple[str, ...]:
    if isinstance(effect, SendCode):
        return tuple(f"code.{channel.value}" for channel in Channel)
    if isinstance(effect, WarnHolder):
        return (WARNING,)
    return (effect.letter,) if isinstance(effect, SendLetter) else ()

"""What an application asks of a flow before it takes it: nothing may be missing on the day."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from ..chart import Flow
from ..commands import RequestLink
from ..effects import BeginReset, Effect, SendCode, SendLetter
from ..errors import ChartRefused
from ..facts import Channel
from .acts import gatherers_of
from .acts.executors import begun_by, executors_of

__all__ = ["take_flows"]


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
        faults += [f"{flow.name}: {fault}" for fault in _missing(flow)]
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
    return (effect.letter,) if isinstance(effect, SendLetter) else ()

"""The flows as data: read in a thousandth of the time that their charts take to import.

A file for each flow holds what its chart answers wherever a person can stand
(:mod:`~monespace_flows.verify.compilation` writes it, ``make maps`` runs that, a test proves it).
It is enough to tell a journal again.  Where it has no answer, :func:`retell` says so and the charts
must be asked (:func:`monespace_flows.retelling.replay.replay`): it never guesses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from enum import Enum
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import attrs
from attrs import frozen

from ...errors import JournalDamaged
from ...facts import Contact, Facts
from ...journal.entry import START, Entry
from ...policy import Policy
from ...spoken import Text
from ..comparison import Divergence, compare

__all__ = [
    "COMPILED",
    "HOSTED",
    "INDEX",
    "ButtonOutline",
    "CompiledButton",
    "CompiledFlow",
    "CompiledScreen",
    "Listed",
    "Outline",
    "Retold",
    "ScreenOutline",
    "compiled_flow",
    "key_of",
    "listed_flows",
    "retell",
    "standing_of",
]


class ButtonOutline(Protocol):
    """A button: the command's event and the words on it."""

    @property
    def command(self) -> str:
        """The event."""

    @property
    def label(self) -> str:
        """The words."""

    @property
    def requires(self) -> str | None:
        """The truth of the journey without which it is not shown."""


class ScreenOutline(Protocol):
    """A state's screen."""

    @property
    def title(self) -> str:
        """What stands at its top."""

    @property
    def buttons(self) -> Sequence[ButtonOutline]:
        """What may be pressed there."""


class Outline(Protocol):
    """A flow without its table."""

    @property
    def name(self) -> str:
        """Its name, as journals have it."""

    @property
    def version(self) -> int:
        """The newest version of its journals."""

    @property
    def fingerprint(self) -> str:
        """The digest of its table and screens."""

    @property
    def finals(self) -> AbstractSet[str]:
        """The states that end a journey."""

    @property
    def screens(self) -> Mapping[str, ScreenOutline]:
        """What each state shows."""

    @property
    def lives(self) -> Mapping[str, Callable[[Policy], timedelta]]:
        """The states that have a life of their own."""


# --- the flows as data ----------------------------------------------------------------------------

COMPILED = Path(__file__).with_name("flows")
"""The folder where the flows are kept as data, each in a file of its name."""

INDEX = Path(__file__).with_name("flows.json")
"""The file that lists them, with what is asked of each without reading it whole."""

_UNREAD = {"problems", "subject", "wait", "role", "terms_version"}  # but for "is there any problem"
_UNREAD_OF_JOURNEY = {
    "reference", "flow", "started_at", "entered_at", "shown_at", "seq", "extended_at", "subject",
    "role", "terms_version", "sent", "offer_reset_link", "login_is_taken", "notices", "problems",
    "wait",
}  # fmt: skip


class CompiledButton(NamedTuple):
    """A button of a screen."""

    command: str
    label: str
    requires: str | None = None


class CompiledScreen(NamedTuple):
    """What a state shows."""

    title: str
    buttons: tuple[CompiledButton, ...]


@frozen(kw_only=True)
class CompiledFlow:
    """A flow as data; ``standings`` are the places where a person may be, the first one first."""

    name: str
    version: int
    fingerprint: str
    finals: frozenset[str]
    screens: Mapping[str, CompiledScreen]
    lives: Mapping[str, Callable[[Policy], timedelta]]
    standings: Sequence[Mapping[str, Any]]
    answers: Mapping[str, tuple[int, Sequence[str], Sequence[str]]]


class Retold(NamedTuple):
    """A journal told again: the first divergence, and where it leads as a standing."""

    divergence: Divergence | None
    standing: Mapping[str, Any]


class Listed(NamedTuple):
    """A flow in the list: what support calls it, and the states that end its journeys."""

    label: Text
    finals: frozenset[str]


@cache
def _listed() -> dict[str, Listed]:
    data: dict[str, Any] = json.loads(INDEX.read_text("utf-8"))
    return {
        name: Listed(Text(*told["label"]), frozenset(told["finals"])) for name, told in data.items()
    }


def listed_flows() -> Mapping[str, Listed]:
    """The flows that support knows, by name: those of the guide in its order, then a host's."""
    return {**_listed(), **{name: listed for name, (listed, _) in HOSTED.items()}}


HOSTED: dict[str, tuple[Listed, Callable[[], dict[str, Any]]]] = {}
"""The flows of a host that were made known (:func:`~.hosted.know`), and what describes each."""


@cache
def compiled_flow(name: str) -> CompiledFlow | None:
    """Read a flow, or describe a host's; ``None`` when there is none of this name."""
    if name in HOSTED:
        _, describe = HOSTED[name]
        return _made(name, describe())
    if name not in _listed():
        return None
    return _made(name, json.loads((COMPILED / f"{name}.json").read_text("utf-8")))


def _made(name: str, data: Mapping[str, Any]) -> CompiledFlow:
    return CompiledFlow(
        name=name,
        version=data["version"],
        fingerprint=data["fingerprint"],
        finals=frozenset(data["finals"]),
        screens={
            state: CompiledScreen(title, tuple(CompiledButton(*button) for button in buttons))
            for state, (title, buttons) in data["screens"].items()
        },
        lives={state: attrgetter(path) for state, path in data["lives"].items()},
        standings=data["standings"],
        answers=data["answers"],
    )


def retell(flow: CompiledFlow, entries: Sequence[Entry]) -> Retold | None:
    """Fold a journal that has been read and checked.

    Returns:
        what was found, or ``None`` where the compiled table has no answer.

    Raises:
        JournalDamaged: it does not begin with a start.
    """
    if not entries or entries[0].command != START:
        raise JournalDamaged("the journal does not begin with a start")
    standing = 0
    for entry in entries[1:]:
        answer = flow.answers.get(f"{standing} {entry.command} {key_of(entry.facts)}")
        if answer is None:
            return None
        standing, notices, effects = answer
        state = flow.standings[standing]["state"]
        divergence = compare(entry, state, notices, effects)
        if divergence is not None:
            return Retold(divergence=divergence, standing=flow.standings[standing])
    return Retold(divergence=None, standing=flow.standings[standing])


def key_of(facts: Facts) -> str:
    """What a table can tell of facts, in a line: no name, no time, and of a form only its shape."""
    told = ["malformed"] if facts.problems else []
    for one in attrs.fields(type(facts)):
        value = getattr(facts, one.name)
        if one.name not in _UNREAD and value != one.default:
            told.append(f"{one.name}={_word(value)}")
    return " ".join(told)


def standing_of(journey: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where a person stands, from a journey as plain data: what a guard may read, and no name."""
    told = {name: value for name, value in journey.items() if name not in _UNREAD_OF_JOURNEY}
    if "contacts" in told:
        told["contacts"] = [contact["channel"] for contact in told["contacts"]]
    if told.get("contact") is not None:
        told["contact"] = told["contact"]["channel"]
    if told.get("code") is not None:
        told["code"] = True
    return told


def _word(value: object) -> str:
    match value:
        case Enum():
            return str(value.value)
        case Contact():
            return value.channel.value
        case tuple():
            return "+".join(map(_word, value))
        case _:
            return str(value)

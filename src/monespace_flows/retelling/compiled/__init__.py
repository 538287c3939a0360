"""The flows as data: read in a thousandth of the time that their charts take to import.

A file for each flow holds what its chart answers wherever a person can stand
(:mod:`~monespace_flows.verify.compilation` writes it, ``make maps`` runs that, a test proves it).
It is enough to tell a journal again.  Where it has no answer, :func:`retell` says so and the charts
must be asked (:func:`~monespace_flows.retelling.table.replay`): it never guesses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from attrs import frozen

from ...facts import NoFacts
from ...journal.entry import ACCOUNT_ACTS, ACCOUNT_JOURNAL, Entry
from ...policy import Policy
from ...wording import Text
from ..fold import Outcome, Replay, retell_by
from ..standing import answer_key

__all__ = [
    "COMPILED",
    "HOST_FLOWS",
    "INDEX",
    "CompiledFlow",
    "FlowOutline",
    "FlowSummary",
    "compiled_flow",
    "listed_flows",
    "retell",
]

COMPILED = Path(__file__).with_name("flows")
"""The folder where the flows are kept as data, each in a file of its name."""

INDEX = Path(__file__).with_name("flows.json")
"""The file that lists them, with what is asked of each without reading it whole."""


# --- what support must know of a flow ------------------------------------------------------------


class _Button(Protocol):
    @property
    def command(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def requires(self) -> str | None:
        """The truth of the journey without which it is not shown."""


class _Field(Protocol):
    @property
    def label(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def hint(self) -> str | None: ...


class _Screen(Protocol):
    @property
    def title(self) -> str: ...

    @property
    def intro(self) -> str | None: ...

    @property
    def fields(self) -> Sequence[_Field]: ...

    @property
    def buttons(self) -> Sequence[_Button]: ...


class FlowOutline(Protocol):
    """A flow without its table: its screens' titles and buttons, its ends and lives.

    A :class:`~monespace_flows.chart.Flow` is one, and so is a :class:`CompiledFlow`.
    """

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
    def screens(self) -> Mapping[str, _Screen]:
        """What each state shows."""

    @property
    def lives(self) -> Mapping[str, Callable[[Policy], timedelta]]:
        """The states that have a life of their own."""


class _CompiledButton(NamedTuple):
    command: str
    label: str
    requires: str | None = None


class _CompiledField(NamedTuple):
    label: str
    kind: str
    hint: str


class _CompiledScreen(NamedTuple):
    title: str
    buttons: tuple[_CompiledButton, ...]
    intro: str
    fields: tuple[_CompiledField, ...]


@frozen(kw_only=True)
class CompiledFlow:
    """A flow as data; ``standings`` are the places where a person may be, the first one first."""

    name: str
    version: int
    fingerprint: str
    finals: frozenset[str]
    screens: Mapping[str, _CompiledScreen]
    lives: Mapping[str, Callable[[Policy], timedelta]]
    standings: Sequence[Mapping[str, Any]]
    answers: Mapping[str, tuple[int, Sequence[str], Sequence[str]]]

    def answer(self, number: int, entry: Entry) -> Outcome[int]:
        """What the chart answers to a line of a journal, where that is known."""
        found = self.answers.get(answer_key(number, entry.command, entry.facts))
        if found is None:
            return Outcome(None, "unknown")
        after, notices, told = found
        return Outcome(after, self.standings[after]["state"], notices, told)


def retell(flow: CompiledFlow, entries: Sequence[Entry]) -> Replay[Mapping[str, Any]] | None:
    """Tell a journal again that has been read and checked.

    Returns:
        where it leads as standings, or ``None`` where the compiled table has no answer.

    Raises:
        JournalDamaged: it does not begin with a start.
    """
    told = retell_by(flow.answer, lambda _: 0, entries)
    if told.divergence is not None and told.divergence.is_refusal:
        return None
    standings = tuple(flow.standings[number] for number in told.reached)
    return Replay(reached=standings, divergence=told.divergence)


# --- reading -------------------------------------------------------------------------------------


class FlowSummary(NamedTuple):
    """A flow in the list: what support calls it, and the states that end its journeys."""

    label: Text
    finals: frozenset[str]


HOST_FLOWS: dict[str, tuple[FlowSummary, Callable[[], dict[str, Any]]]] = {}
"""The flows of a host that were made known (:mod:`~monespace_flows.support.registration`), and what
describes each."""


@cache
def _listed() -> dict[str, FlowSummary]:
    flows: dict[str, Any] = json.loads(INDEX.read_text("utf-8"))["flows"]
    return {
        name: FlowSummary(Text(*told["label"]), frozenset(told["finals"]))
        for name, told in flows.items()
    }


def listed_flows() -> Mapping[str, FlowSummary]:
    """The flows that support knows, by name: those of the guide in its order, then a host's."""
    return {**_listed(), **{name: listed for name, (listed, _) in HOST_FLOWS.items()}}


@cache
def compiled_flow(name: str) -> CompiledFlow | None:
    """Read a flow, or describe a host's; ``None`` when there is none of this name."""
    if name in HOST_FLOWS:
        _, describe = HOST_FLOWS[name]
        return _made(name, describe())
    if name == ACCOUNT_JOURNAL:
        return _made(name, _account_journal())
    if name not in _listed():
        return None
    return _made(name, json.loads((COMPILED / f"{name}.json").read_text("utf-8")))


def _account_journal() -> dict[str, Any]:
    """Describe the journal of an account: every act may follow every other, and none ends it."""
    titles = {
        "kept": "Compte",
        **{state: _TITLES[act] for act, (state, _) in ACCOUNT_ACTS.items()},
    }
    numbers = {state: number for number, state in enumerate(titles)}
    return {
        "version": 1,
        "fingerprint": ACCOUNT_JOURNAL,
        "finals": [],
        "screens": {state: [title, [], "", []] for state, title in titles.items()},
        "lives": dict.fromkeys(titles, "journeys.retention"),
        "standings": [{"state": state} for state in titles],
        "answers": {
            answer_key(number, act, NoFacts()): [numbers[state], [], [effect]]
            for number in numbers.values()
            for act, (state, effect) in ACCOUNT_ACTS.items()
        },
    }


_TITLES = {
    "unlock": "Compte déverrouillé",
    "disable": "Compte désactivé",
    "enable": "Compte réactivé",
    "import": "Compte repris d'un ancien site",
    "confirm": "Adresse confirmée",
    "sign_out": "Session fermée",
    "accept_terms": "Conditions acceptées",
    "object": "Changement d'adresse annulé",
    "freeze": "Compte bloqué",
    "sign_in_elsewhere": "Session ouverte",
    "strike_off": "Compte désactivé",
}


def _made(name: str, data: Mapping[str, Any]) -> CompiledFlow:
    return CompiledFlow(
        name=name,
        version=data["version"],
        fingerprint=data["fingerprint"],
        finals=frozenset(data["finals"]),
        screens={
            state: _CompiledScreen(
                title,
                tuple(_CompiledButton(*button) for button in buttons),
                intro,
                tuple(_CompiledField(*each) for each in fields),
            )
            for state, (title, buttons, intro, fields) in data["screens"].items()
        },
        lives={state: attrgetter(path) for state, path in data["lives"].items()},
        standings=data["standings"],
        answers=data["answers"],
    )

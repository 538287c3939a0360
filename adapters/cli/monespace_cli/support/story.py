"""One journey as support may read it: its journal checked, told again and compared; and as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs
from attrs import frozen

from monespace_flows.facts import Facts
from monespace_flows.journal.entry import Entry
from monespace_flows.journal.text import write_instant
from monespace_flows.notices import NOTICES, PROBLEMS, words_of
from monespace_flows.policy import Policy
from monespace_flows.retelling.compiled import CompiledFlow, retell
from monespace_flows.retelling.fold import Divergence, leads_to
from monespace_flows.support.diagnosis import Diagnosis
from monespace_flows.support.timeline import Moment, timeline

from .source import Found, Tale, check_tale

if TYPE_CHECKING:
    from monespace_backends.reading import KeptJourney, SentMessage

__all__ = ()

_TO_PERSONS = {"sms", "email", "none"}


@frozen(kw_only=True)
class _Verdict:
    """What telling the journey again found.

    ``divergence`` is where today's table decides otherwise; ``stored_differs``: the journal leads
    elsewhere than the journey that is stored; ``is_purged``: that one is past its life and gone.
    """

    divergence: Divergence | None = None
    stored_differs: bool = False
    is_purged: bool = False
    other_table: bool = False

    @property
    def is_same(self) -> bool:
        """Whether everything agrees."""
        return self.divergence is None and not self.stored_differs


@frozen(kw_only=True)
class Story:
    """A journey's journal, messages and verdict; of a file, messages are unknown: ``None``."""

    tale: Tale
    messages: tuple[SentMessage, ...] | None
    verdict: _Verdict

    @property
    def reference(self) -> str:
        """The journey's."""
        return self.tale.reference

    @property
    def flow(self) -> CompiledFlow:
        """Its flow."""
        return self.tale.flow

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Its journal."""
        return self.tale.entries

    @property
    def started_at(self) -> datetime:
        """When it began."""
        return self.entries[0].at

    @property
    def ended_at(self) -> datetime:
        """When its last step was taken."""
        return self.entries[-1].at


def tell_story(found: Found, sent: Sequence[SentMessage] | None) -> Story:
    """Check and judge a journey that was read, with what it sent, where that is known.

    Raises:
        Stop: its journal is damaged, or a newer version wrote it.
    """
    tale = check_tale(found.recorded, found.head)
    return Story(
        tale=tale,
        messages=None if sent is None else tuple(it for it in sent if it.channel in _TO_PERSONS),
        verdict=_judged(tale, found.kept, is_purged=found.kept is None and sent is not None),
    )


def _judged(tale: Tale, kept: KeptJourney | None, *, is_purged: bool) -> _Verdict:
    divergence, leads_elsewhere = retold(tale, kept)
    return _Verdict(
        divergence=divergence,
        stored_differs=divergence is None and leads_elsewhere,
        is_purged=is_purged,
        other_table=any(entry.fingerprint != tale.flow.fingerprint for entry in tale.entries),
    )


def retold(tale: Tale, kept: KeptJourney | None) -> tuple[Divergence | None, bool]:
    """Where the journal and the table part, and whether the stored journey is another."""
    told = retell(tale.flow, tale.entries)
    if told is None:
        return _asked_of_the_chart(tale, kept)
    if kept is None:
        return told.divergence, False
    return told.divergence, not leads_to(tale.entries, told.end, json.loads(kept.journey))


def _asked_of_the_chart(tale: Tale, kept: KeptJourney | None) -> tuple[Divergence | None, bool]:
    from monespace_flows.flows import FLOWS
    from monespace_flows.journey import Journey
    from monespace_flows.retelling.table import replay
    from monespace_flows.serialization import from_json

    told = replay(FLOWS[tale.flow.name], tale.entries)
    if kept is None:
        return told.divergence, False
    return told.divergence, told.end != from_json(kept.journey, Journey)


def story_data(story: Story, diagnosis: Diagnosis, policy: Policy) -> dict[str, Any]:
    """Make plain JSON data of a story."""
    return {
        "reference": story.reference,
        "flow": story.flow.name,
        "flow_version": story.entries[-1].flow_version,
        "state": story.entries[-1].after,
        "status": diagnosis.status.value,
        "started_at": write_instant(story.started_at),
        "last_at": write_instant(story.ended_at),
        "cause": {
            "id": diagnosis.cause_id,
            "text": diagnosis.cause.fr,
            "way_out": diagnosis.way_out.fr,
        },
        "steps": [
            _step(entry, moment, policy)
            for entry, moment in zip(
                story.entries, timeline(story.flow, story.entries), strict=True
            )
        ],
        "messages": None if story.messages is None else [_message(it) for it in story.messages],
        "deliveries": deliveries_data(story.tale),
        "replay": _replay(story.verdict),
    }


def _step(entry: Entry, moment: Moment, policy: Policy) -> dict[str, Any]:
    words = words_of(policy, entry.facts.wait)
    return {
        "seq": entry.seq,
        "at": write_instant(entry.at),
        "gap_seconds": moment.gap.total_seconds(),
        "command": entry.command,
        "pressed": moment.pressed.fr,
        "client": entry.client,
        "network": entry.network,
        "before": entry.before,
        "after": entry.after,
        "facts": _verdicts(entry.facts),
        "known": [text.fr for text in moment.known],
        "effects": [wish.kind for wish in entry.effects],
        "refused": moment.refused,
        "screen": {"id": entry.screen, "title": moment.title_after},
        "notices": [
            {"id": it, "kind": NOTICES[it].kind, "text": NOTICES[it].text.format_map(words)}
            for it in entry.notices
            if it in NOTICES
        ],
        "problems": [
            {"field": it.field, "id": it.value, "text": PROBLEMS[it].format_map(words)}
            for it in entry.facts.problems
        ],
        "offered": list(moment.possible),
    }


def _verdicts(facts: Facts) -> dict[str, str | int | bool]:
    """The facts that are answers from closed sets; no pseudonym, no contact."""
    values = {one.name: getattr(facts, one.name) for one in attrs.fields(type(facts))}
    told: dict[str, str | int | bool] = {
        name: value.value for name, value in values.items() if isinstance(value, Enum)
    }
    return told | {name: value for name, value in values.items() if type(value) in {bool, int}}


def deliveries_data(tale: Tale) -> list[dict[str, Any]]:
    """What became of a journey's messages, each line of each."""
    return [
        {
            "message": it.message,
            "at": write_instant(it.at),
            "channel": it.channel,
            "purpose": it.purpose,
            "fate": it.fate.value,
            "by": it.by,
            "attempts": it.attempts,
        }
        for told in tale.deliveries
        for it in told
        if it.channel != "none"
    ]


def _message(message: SentMessage) -> dict[str, Any]:
    return {
        "channel": message.channel,
        "purpose": message.purpose,
        "status": message.status,
        "created_at": write_instant(message.created_at),
        "finished_at": None if message.finished_at is None else write_instant(message.finished_at),
        "attempts": message.attempts,
        "error": message.error,
    }


def _replay(verdict: _Verdict) -> dict[str, Any]:
    divergence = verdict.divergence
    return {
        "same": verdict.is_same,
        "divergence": None if divergence is None else attrs.asdict(divergence),
        "stored_differs": verdict.stored_differs,
        "purged": verdict.is_purged,
        "other_table": verdict.other_table,
    }

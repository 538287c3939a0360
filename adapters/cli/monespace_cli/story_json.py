"""A journey as JSON for scripts: verdicts, states, times and texts, never a value."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs

from monespace_flows.facts import Facts
from monespace_flows.journal.entry import Entry
from monespace_flows.journal.text import write_instant
from monespace_flows.notices import NOTICES, PROBLEMS
from monespace_flows.policy import Policy
from monespace_flows.support.diagnosis import Diagnosis
from monespace_flows.support.timeline import Moment, timeline

from .sentences import words_at
from .story import Story, Verdict

if TYPE_CHECKING:
    from monespace_backends.reading import SentMessage

__all__ = ["SCHEMA", "story_data"]

SCHEMA = "monespace/show/1"


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
        "replay": _replay(story.verdict),
    }


def _step(entry: Entry, moment: Moment, policy: Policy) -> dict[str, Any]:
    words = words_at(entry, policy)
    return {
        "seq": entry.seq,
        "at": write_instant(entry.at),
        "gap_seconds": moment.gap.total_seconds(),
        "command": entry.command,
        "pressed": moment.pressed.fr,
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


def _replay(verdict: Verdict) -> dict[str, Any]:
    divergence = verdict.divergence
    return {
        "same": verdict.is_same,
        "divergence": None if divergence is None else attrs.asdict(divergence),
        "stored_differs": verdict.stored_differs,
        "purged": verdict.is_purged,
        "other_table": verdict.other_table,
    }

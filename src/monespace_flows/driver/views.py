"""What a person sees of a journey: the screen of its state, filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from attrs import evolve

from ..chart import Flow
from ..journey import Journey
from ..notices import ACCOUNT_EXISTS, ENTRY_ERASED, JOURNEY_EXPIRED, NOTICES, PROBLEMS, words_of
from ..policy import Policy
from ..rules.deadlines import entry_end, journey_end
from ..screens import (
    Button,
    Field,
    FieldView,
    NoticeView,
    Option,
    Outcome,
    Screen,
    ScreenView,
    View,
)

__all__ = [
    "Texts",
    "check_texts",
    "end_of",
    "expire",
    "is_shown",
    "judge_outcome",
    "render",
]

Texts = Mapping[str, str]
"""A host's own texts by the id of the notice or field problem that they replace."""

_REFUSING = {ACCOUNT_EXISTS.id, ENTRY_ERASED.id}


def check_texts(texts: Texts, policy: Policy) -> None:
    """Refuse a host's texts that could not be shown when a person needs them.

    Raises:
        ValueError: naming the id that nothing has, or whose text names what nobody knows.
    """
    known = {*NOTICES, *(problem.value for problem in PROBLEMS)}
    for text_id, text in texts.items():
        if text_id not in known:
            raise ValueError(f"texts: no notice and no problem is called {text_id}")
        try:
            text.format_map(words_of(policy))
        except (LookupError, ValueError, AttributeError) as error:
            raise ValueError(f"texts: {text_id} cannot be filled in: {error}") from error


def end_of(flow: Flow, journey: Journey, policy: Policy) -> datetime:
    """Say when a journey expires."""
    life = flow.lives.get(journey.state)
    return journey_end(
        journey.started_at,
        journey.entered_at,
        journey.extended_at,
        life(policy) if life else None,
        policy.journeys,
    )


def render(
    flow: Flow, journey: Journey, policy: Policy, *, value: str | None = None, texts: Texts
) -> View:
    """Make the view of a journey.

    Args:
        flow: its definition.
        journey: where the person stands.
        policy: the numbers that the texts name.
        value: the e-mail address that a fixed or prefilled field shows.
        texts: the host's own texts, by id.
    """
    words = words_of(policy, journey.wait)
    screen = flow.screens[journey.state]
    return View(
        reference=journey.reference,
        flow=flow.name,
        state=journey.state,
        status=_status(flow, journey.state),
        screen=_screen(screen, journey, words, value, texts),
        notices=tuple(_notice(notice, words, texts) for notice in journey.notices),
        erase_after=entry_end(journey.shown_at, policy.journeys) if screen.is_typed else None,
        expires_at=end_of(flow, journey, policy),
        retry_after=timedelta(seconds=journey.wait) if journey.wait else None,
    )


def judge_outcome(before: Journey, after: Journey) -> Outcome:
    """Say how a step ended, for an adapter's status code."""
    if before.state != after.state:
        return Outcome.ACCEPTED
    if after.wait:
        return Outcome.THROTTLED
    said = [NOTICES[notice] for notice in after.notices]
    refused = any(notice.kind == "error" or notice.id in _REFUSING for notice in said)
    return Outcome.REFUSED if refused or after.problems else Outcome.ACCEPTED


def _status(flow: Flow, state: str) -> Literal["open", "done", "expired"]:
    if state not in flow.finals:
        return "open"
    return "expired" if state == "expired" else "done"


def _screen(
    screen: Screen, journey: Journey, words: dict[str, Any], value: str | None, texts: Texts
) -> ScreenView:
    errors = {
        problem.field: texts.get(problem.value, PROBLEMS[problem]).format_map(words)
        for problem in reversed(journey.problems)
    }
    return ScreenView(
        id=screen.id,
        title=screen.title,
        intro=screen.intro,
        section=screen.section,
        step=screen.step,
        fields=tuple(_field(f, journey, words, value, errors) for f in screen.fields),
        buttons=tuple(button for button in screen.buttons if is_shown(button, journey)),
        links=screen.links,
    )


def is_shown(button: Button, journey: Journey) -> bool:
    """Whether a button is offered to this person."""
    return button.requires is None or bool(getattr(journey, button.requires))


def _field(
    field: Field,
    journey: Journey,
    words: dict[str, Any],
    value: str | None,
    errors: Mapping[str, str],
) -> FieldView:
    return FieldView(
        name=field.name,
        label=field.label,
        kind=field.kind,
        required=field.required,
        hint=field.hint.format_map(words) if field.hint else None,
        autocomplete=field.autocomplete,
        links=field.links,
        new_secret=field.new_secret,
        value=value if field.kind == "fixed" or field.prefilled else None,
        options=_options(journey) if field.kind == "radio" else (),
        error=errors.get(field.name),
    )


def _options(journey: Journey) -> tuple[Option, ...]:
    return tuple(
        Option(value=contact.id, label=contact.masked, kind=contact.channel.value)
        for contact in journey.contacts
    )


def _notice(notice_id: str, words: dict[str, Any], texts: Texts) -> NoticeView:
    notice = NOTICES[notice_id]
    return NoticeView(
        id=notice.id,
        kind=notice.kind,
        text=texts.get(notice.id, notice.text).format_map(words),
        links=notice.links,
    )


def expire(journey: Journey) -> Journey:
    """The journey as a late visitor sees it, before the clock's own step is written."""
    return evolve(journey, state="expired", notices=(JOURNEY_EXPIRED.id,), problems=(), wait=0)

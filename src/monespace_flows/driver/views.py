"""What a person sees of a journey: the screen of its state, filled in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Literal

from attrs import evolve

from ..chart import Flow
from ..facts import Channel
from ..journey import Journey
from ..language import FRENCH, Language
from ..notices import (
    ACCOUNT_EXISTS,
    ENTRY_ERASED,
    JOURNEY_EXPIRED,
    SMS_CLOSED,
    words_of,
)
from ..policy import Policy
from ..rules.codes import next_send
from ..rules.waits import entry_end, journey_end
from ..screens import (
    Button,
    Field,
    FieldView,
    Notice,
    NoticeView,
    Option,
    Outcome,
    Screen,
    ScreenView,
    View,
)
from ..texts import say_notice, say_problem, say_screen

__all__ = ()

_REFUSING = {ACCOUNT_EXISTS.id, ENTRY_ERASED.id}
_NEWS = timedelta(minutes=1)
"""How long what a step said is news to whoever looks."""


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


def offers_channels(flow: Flow, journey: Journey) -> bool:
    """Whether the journey's screen asks by which channel a code may come."""
    return any(each.kind == "radio" for each in flow.screens[journey.state].fields)


def awaits_code(flow: Flow, journey: Journey) -> bool:
    """Whether the journey's screen asks for a code that was sent."""
    fields = flow.screens[journey.state].fields
    return journey.code is not None and any(each.kind == "code" for each in fields)


def close_channels(view: View, closed: Collection[Channel], language: Language) -> View:
    """Show that a channel is closed, and why, beside what would have been sent by it."""
    if not closed:
        return view
    names = {channel.value for channel in closed}
    why = say_notice(SMS_CLOSED, language.say_over).text
    fields = tuple(
        evolve(
            each,
            options=tuple(
                evolve(it, unavailable=why if it.kind in names else None) for it in each.options
            ),
        )
        for each in view.screen.fields
    )
    return evolve(view, screen=evolve(view.screen, fields=fields))


def render(
    flow: Flow,
    journey: Journey,
    policy: Policy,
    *,
    value: str | None = None,
    language: Language = FRENCH,
    zone: tzinfo = UTC,
) -> View:
    """Make the view of a journey.

    Args:
        flow: its definition.
        journey: where the person stands.
        policy: the numbers that the texts name.
        value: the e-mail address that a fixed or prefilled field shows, and that texts name.
        language: in which it is said.
        zone: in which hours are told.
    """
    words = {
        **words_of(policy, journey.wait, language),
        **_known(journey, policy, language, zone),
    }
    if value:
        words["address"] = value
    screen = say_screen(flow.screens[journey.state], language.say_over)
    is_for_code = any(each.kind == "code" for each in screen.fields)
    return View(
        reference=journey.reference,
        flow=flow.name,
        state=journey.state,
        status=_status(flow, journey.state),
        screen=_screen(screen, journey, words, value, language),
        notices=tuple(
            _notice(say_notice(flow.notices[each], language.say_over), screen, words)
            for each in journey.notices
        ),
        erase_after=entry_end(journey.shown_at, policy.journeys) if screen.is_typed else None,
        expires_at=end_of(flow, journey, policy),
        resend_at=_resend_at(journey, policy) if is_for_code else None,
        sends_left=_sends_left(journey, policy) if is_for_code else None,
        retry_after=timedelta(seconds=journey.wait) if journey.wait else None,
    )


def _known(journey: Journey, policy: Policy, language: Language, zone: tzinfo) -> dict[str, str]:
    """What texts may name of a journey: its code, where that went, and what is left."""
    code, contact = journey.code, journey.contact
    if code is None or contact is None:
        return {}
    sent_at = language.hour(code.sent_at, zone)
    return {
        "code_sent": language.phrase(
            f"told.code_sent.{contact.channel.value}",
            digits=policy.codes.digits,
            contact=contact.masked,
            sent_at=sent_at,
            until=language.hour(code.sent_at + policy.codes.life, zone),
        ),
        # Whatever was typed, an earlier code included, this is true.
        "newer": (language.phrase("told.newer", sent_at=sent_at) if len(journey.sent) > 1 else ""),
        "tries_left": _say_tries(policy.codes.tries - code.tries, language),
    }


def _say_tries(left: int, language: Language) -> str:
    if left <= 0:
        return ""
    if left == 1:
        return language.phrase("told.tries_left.one")
    return language.phrase("told.tries_left.many", count=left)


def _resend_at(journey: Journey, policy: Policy) -> datetime | None:
    if journey.contact is None:
        return None
    return next_send(journey.contact.channel, journey.sent, policy.codes)


def _sends_left(journey: Journey, policy: Policy) -> int:
    return max(0, len(policy.codes.resend_waits) + 1 - len(journey.sent))


def judge_outcome(flow: Flow, before: Journey, after: Journey) -> Outcome:
    """Say how a step ended, for an adapter's status code."""
    if before.state != after.state:
        return Outcome.ACCEPTED
    if after.wait:
        return Outcome.THROTTLED
    refused = any(_refuses(flow.notices[notice]) for notice in after.notices)
    return Outcome.REFUSED if refused or after.problems else Outcome.ACCEPTED


def _status(flow: Flow, state: str) -> Literal["open", "done", "expired"]:
    if state not in flow.finals:
        return "open"
    return "expired" if state == "expired" else "done"


def _screen(
    screen: Screen,
    journey: Journey,
    words: dict[str, Any],
    value: str | None,
    language: Language,
) -> ScreenView:
    errors = {
        problem.field: say_problem(problem, language.say_over).format_map(words)
        for problem in reversed(journey.problems)
    }
    return ScreenView(
        id=screen.id,
        title=screen.title,
        intro=screen.intro.format_map(words) or None if screen.intro else None,
        section=screen.section,
        step=screen.step,
        fields=tuple(_field(f, journey, words, value, errors) for f in screen.fields),
        buttons=tuple(button for button in screen.buttons if is_shown(button, journey)),
        links=screen.links,
        quiet=screen.quiet,
        again=screen.again,
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


def _notice(notice: Notice, screen: Screen, words: dict[str, Any]) -> NoticeView:
    here = {each.name for each in screen.fields}
    return NoticeView(
        id=notice.id,
        kind=notice.kind,
        text=notice.text.format_map(words),
        links=notice.links,
        fields=tuple(name for name in notice.fields if name in here),
    )


def revisit(flow: Flow, journey: Journey, now: datetime) -> Journey:
    """The journey as who comes back sees it: a refusal was told once, by the answer to the press.

    What belongs to the screen stays; what else a step said is told for a minute, so that the page
    that a press leads to can tell it.
    """
    screen = flow.screens[journey.state]
    fresh = now - journey.shown_at < _NEWS
    told = tuple(
        notice
        for notice in journey.notices
        if notice in screen.standing or (fresh and not _refuses(flow.notices[notice]))
    )
    return evolve(journey, notices=told, problems=())


def _refuses(notice: Notice) -> bool:
    return notice.kind == "error" or notice.id in _REFUSING


def expire(journey: Journey) -> Journey:
    """The journey as a late visitor sees it, before the clock's own step is written."""
    return evolve(journey, state="expired", notices=(JOURNEY_EXPIRED.id,), problems=(), wait=0)

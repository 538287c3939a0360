"""Instants, gaps and spans as French people write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

__all__ = ["axis", "place_on", "say_clock", "say_day", "say_gap", "say_span"]

_MONTHS = (
    "janv.", "févr.", "mars", "avr.", "mai", "juin",
    "juil.", "août", "sept.", "oct.", "nov.", "déc.",
)  # fmt: skip
_STEPS = (
    (1, "s", (1, 2, 5, 10, 15, 30)),
    (60, "min", (1, 2, 5, 10, 15, 30)),
    (3600, "h", (1, 2, 4, 6, 12)),
    (86400, "j", (1, 2, 5, 10, 30, 90, 180)),
)
_LABELLED = 5  # columns that a tick and its number need


def say_day(day: date) -> str:
    """Say a day: « 22 nov. 2026 »."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def say_clock(at: datetime, zone: tzinfo) -> str:
    """Say the time of day: « 19:03:01 »."""
    return f"{at.astimezone(zone):%H:%M:%S}"


def say_span(start: datetime, end: datetime, zone: tzinfo) -> str:
    """Say from when to when: « 22 nov. 2026 19:03 → 19:09 »."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    told = f"{say_day(first)} {first:%H:%M}"
    if last.date() != first.date():
        return f"{told} → {say_day(last)} {last:%H:%M}"
    return told if f"{last:%H:%M}" == f"{first:%H:%M}" else f"{told} → {last:%H:%M}"


def say_gap(gap: timedelta) -> str:
    """Say how much later: « +2:39 », « +1:05:00 », « +3 j »."""
    seconds = int(gap.total_seconds())
    if seconds >= 86400:
        return f"+{seconds // 86400} j"
    hours, minutes = divmod(seconds // 60, 60)
    clock = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"+{clock}:{seconds % 60:02}"


def axis(span: timedelta, width: int) -> str:
    """Draw a scale of time: « 0 ─── 2 ─── 4 min », ``width`` columns and the unit."""
    seconds = span.total_seconds()
    if seconds < 1:
        return ""
    unit, name, step = _step(seconds, width)
    cells = [" "] * width
    end = 0
    for tick in range(0, int(seconds // unit) + 1, step):
        start = place_on(timedelta(seconds=tick * unit), span, width)
        label = str(tick)
        if start + len(label) > width:
            break
        for column in range(end + 1, start - 1):
            cells[column] = "─"
        cells[start : start + len(label)] = label
        end = start + len(label)
    return f"{''.join(cells).rstrip()} {name}"


def place_on(at: timedelta, span: timedelta, width: int) -> int:
    """The column of an instant on a scale."""
    return round(at / span * (width - 1)) if span else 0


def _step(seconds: float, width: int) -> tuple[int, str, int]:
    for unit, name, steps in _STEPS:
        for step in steps:
            if seconds / (unit * step) * _LABELLED <= width:
                return unit, name, step
    return 86400, "j", 365

"""A screen that the person saw, as a box of text."""

from __future__ import annotations

from monespace_flows.support.seen import SeenScreen

from ..output import wrapped

__all__ = ()

_MOST = 80
_LEAST = 20


def boxed(screen: SeenScreen, width: int) -> list[str]:
    """Draw a screen in at most ``width`` columns: title, notices, fields, buttons."""
    inside = max(_LEAST, min(width, _MOST) - 4)
    parts = [
        wrapped(screen.intro, inside) if screen.intro else [],
        [line for it in (*screen.notices, *screen.later) for line in wrapped(it, inside, "! ")],
        [line for it in screen.fields for text in it.lines for line in wrapped(text, inside)],
        wrapped(" ".join(_button(it) for it in screen.buttons), inside) if screen.buttons else [],
    ]
    told = wrapped(screen.title, inside)
    for part in parts:
        told += ["", *part] if part else []
    rule = "─" * (inside + 2)
    return [f"┌{rule}┐", *(f"│ {line:<{inside}} │" for line in told), f"└{rule}┘"]


def _button(label: str) -> str:
    return f"[\u00a0{label.replace(' ', chr(0xA0))}\u00a0]"

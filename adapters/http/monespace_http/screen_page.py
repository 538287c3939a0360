"""One screen as the template needs it: values to show again, timer, progress, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import frozen

from monespace_flows.policy import JourneyPolicy
from monespace_flows.screens import FieldView, NoticeView, Outcome, View

from .steps import Progress, progress

__all__ = ["ScreenPage", "Timer", "timer"]

_SECRET_KINDS = frozenset({"password", "code"})
_EXTEND = "extend"
_NO_ECHO: Mapping[str, str] = {}


@frozen
class Timer:
    """When the page erases itself, and when it warns: seconds from now."""

    seconds: int
    warning: int
    erases: bool
    minutes: int


def timer(view: View, now: datetime, policy: JourneyPolicy) -> Timer | None:
    """Time a screen that is shown now: ten minutes for what is typed, or the journey's end."""
    if not any(button.command == _EXTEND for button in view.screen.buttons):
        return None
    left = view.expires_at - now
    if view.erase_after is not None:
        left = min(left, policy.entry_life)
    seconds = max(0, int(left.total_seconds()))
    margin = int((policy.entry_life - policy.entry_warning).total_seconds())
    return Timer(
        seconds=seconds,
        warning=max(0, seconds - margin),
        erases=view.erase_after is not None,
        minutes=policy.entry_life // timedelta(minutes=1),
    )


@frozen(kw_only=True)
class ScreenPage:
    """A view, and what was typed where it may be shown again."""

    view: View
    action: str
    timer: Timer | None
    echo: Mapping[str, str] = _NO_ECHO
    remark: str | None = None

    @property
    def progress(self) -> Progress | None:
        """Where the screen stands in its journey."""
        return progress(self.view)

    @property
    def errors(self) -> tuple[NoticeView, ...]:
        """The notices that say what is wrong."""
        return tuple(notice for notice in self.view.notices if notice.kind == "error")

    @property
    def others(self) -> tuple[NoticeView, ...]:
        """The notices that inform."""
        return tuple(notice for notice in self.view.notices if notice.kind != "error")

    @property
    def wrong_fields(self) -> tuple[FieldView, ...]:
        """The fields to correct."""
        return tuple(each for each in self.view.screen.fields if each.error)

    @property
    def is_wrong(self) -> bool:
        """Whether the page's title starts with « Erreur »."""
        return bool(self.errors or self.wrong_fields)

    @property
    def is_blocked(self) -> bool:
        """Whether the person was told something instead of moving on."""
        return self.view.outcome is not Outcome.ACCEPTED

    @property
    def all_required(self) -> bool:
        """Whether every field on the screen must be filled in."""
        return all(each.required for each in self.view.screen.fields if each.kind != "fixed")

    @property
    def title(self) -> str:
        """The title of the window."""
        title = self.view.screen.title
        return f"Erreur – {title}" if self.is_wrong else title

    def shown(self, each: FieldView) -> str:
        """What a field holds: what was just typed, else what the core says, never a secret."""
        if each.kind in _SECRET_KINDS:
            return ""
        if each.kind != "fixed" and self._may_echo and each.name in self.echo:
            return self.echo[each.name]
        if each.kind == "radio" and len(each.options) == 1:
            return each.options[0].value
        return each.value or ""

    @property
    def _may_echo(self) -> bool:
        return all(notice.id != "entry.erased" for notice in self.view.notices)

"""One screen as the template needs it: its form, timer, progress, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import field, frozen

from monespace_flows.chart import Flow
from monespace_flows.driver import Site
from monespace_flows.notices import ASSISTANCE
from monespace_flows.policy import JourneyPolicy, Policy
from monespace_flows.screens import Link, NoticeView, Outcome, View
from monespace_flows.spoken import say_hour

from .password_rules import password_rules
from .screen_form import ScreenForm
from .steps import Progress, progress

__all__ = ["Correction", "Resend", "ScreenPage", "Timer", "timer"]

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


@frozen
class Resend:
    """How long until another code may be asked for: seconds from now, and the hour in words."""

    seconds: int
    hour: str


@frozen
class Correction:
    """A line of what is wrong, and the field to which it leads."""

    id: str
    field: str
    text: str


@frozen(kw_only=True)
class ScreenPage:
    """A view, and what was typed where it may be shown again."""

    flow: Flow
    view: View
    action: str
    timer: Timer | None
    echo: Mapping[str, str] = field(default=_NO_ECHO, repr=False)
    remark: str | None = None

    @property
    def links(self) -> tuple[Link, ...]:
        """The screen's links, but for the one in the very words that stand on every page."""
        return tuple(it for it in self.view.screen.links if it != ASSISTANCE)

    # --- what is filled in and pressed -------------------------------------------------------

    def form(self, policy: Policy, site: Site, suffix: str = "") -> ScreenForm:
        """The screen's fields; ``suffix`` keeps their ids apart from those of another form."""
        return ScreenForm(
            fields=self.view.screen.fields,
            echo=self.echo if self._may_echo else {},
            blamed=self._blamed(),
            password_rules=password_rules(policy.passwords, site),
            suffix=suffix,
        )

    def resend(self, now: datetime, site: Site) -> Resend | None:
        """How long another code must wait, if it must; ``now`` is when the page is shown."""
        at = self.view.resend_at
        if at is None or at <= now:
            return None
        seconds = -(-(at - now) // timedelta(seconds=1))
        # The minute that has begun by then: at the hour told, the wait must be over.
        told = at if at.second == at.microsecond == 0 else at + timedelta(minutes=1)
        return Resend(seconds, say_hour(told, site.zone))

    @property
    def progress(self) -> Progress | None:
        """Where the screen stands in its journey."""
        return progress(self.flow, self.view)

    # --- what is told ------------------------------------------------------------------------

    @property
    def others(self) -> tuple[NoticeView, ...]:
        """The notices that inform."""
        return tuple(notice for notice in self.view.notices if notice.kind != "error")

    @property
    def told_ids(self) -> tuple[str, ...]:
        """The ids of all that informs: read once, when the focus comes there."""
        remark = ("told-remark",) if self.remark else ()
        return (*remark, *(self.notice_id(notice) for notice in self.others))

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """What to correct: errors of fields, and notices about a field that has none."""
        return (
            *(self._correction(notice) for notice in self._errors if self._leads(notice)),
            *(
                Correction(f"correction-{each.name}", each.name, each.error)
                for each in self.view.screen.fields
                if each.error
            ),
        )

    @property
    def sentences(self) -> tuple[NoticeView, ...]:
        """The errors that lead to no field, or that say in general what a field says."""
        return tuple(notice for notice in self._errors if not self._leads(notice))

    @property
    def headline(self) -> str:
        """What the summary of errors is called."""
        count = len({each.field for each in self.corrections})
        if count == 0:
            return "Votre demande n'a pas abouti"
        return "1 erreur à corriger" if count == 1 else f"{count} erreurs à corriger"

    @property
    def is_wrong(self) -> bool:
        """Whether the page's title starts with « Erreur »."""
        return bool(self._errors or self._wrong_names)

    @property
    def is_blocked(self) -> bool:
        """Whether the person was told something instead of moving on."""
        return self.view.outcome is not Outcome.ACCEPTED

    @property
    def title(self) -> str:
        """The title of the window."""
        title = self.view.screen.title
        return f"Erreur – {title}" if self.is_wrong else title

    @staticmethod
    def notice_id(notice: NoticeView) -> str:
        """The id of a notice in the page."""
        return f"notice-{notice.id.replace('.', '-')}"

    # --- which notice is about which field ---------------------------------------------------

    @property
    def _errors(self) -> tuple[NoticeView, ...]:
        return tuple(notice for notice in self.view.notices if notice.kind == "error")

    @property
    def _wrong_names(self) -> frozenset[str]:
        return frozenset(each.name for each in self.view.screen.fields if each.error)

    def _leads(self, notice: NoticeView) -> bool:
        """Whether a notice is the one place that tells what is wrong with its fields.

        One with live words stays a sentence: a link cannot stand within a link.
        """
        return bool(notice.fields) and not notice.links and not self._is_said(notice)

    def _is_said(self, notice: NoticeView) -> bool:
        return not self._wrong_names.isdisjoint(notice.fields)

    def _correction(self, notice: NoticeView) -> Correction:
        return Correction(self.notice_id(notice), notice.fields[0], notice.text)

    def _blamed(self) -> Mapping[str, tuple[str, ...]]:
        blamed: dict[str, tuple[str, ...]] = {}
        for notice in self._errors:
            for name in notice.fields:
                blamed[name] = (*blamed.get(name, ()), self.notice_id(notice))
        return blamed

    @property
    def _may_echo(self) -> bool:
        return all(notice.id != "entry.erased" for notice in self.view.notices)

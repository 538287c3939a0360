"""One screen as the template needs it: its form, timer, progress, what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from attrs import field, frozen

from monespace_flows.chart import Flow
from monespace_flows.driver import Site
from monespace_flows.policy import JourneyPolicy, PasswordPolicy, Policy
from monespace_flows.screens import FieldView, Link, NoticeView, Outcome, Place, View
from monespace_flows.texts import say_step

from .words import Words

__all__ = ()


@frozen(kw_only=True)
class _Rule:
    """One rule: its name, its words, and the value with which the script judges it."""

    name: str
    text: str
    value: str = ""


def _password_rules(policy: PasswordPolicy, site: Site, words: Words) -> tuple[_Rule, ...]:
    """Say what a password must be; whoever judges it in the end is the core."""
    minimum = str(policy.minimum_length)
    return (
        _Rule(
            name="length", text=words.say("page.password.length", minimum=minimum), value=minimum
        ),
        _Rule(
            name="personal", text=words.say("page.password.personal"), value="|".join(site.words)
        ),
        _Rule(name="strength", text=words.say("page.password.hard")),
    )


# --- Where a screen stands in its journey, for the progress indication ---------------------------
# Number and name come from one list: the steps that the flow's own screens name, in their order.


@frozen
class _Progress:
    """« Étape 2 sur 4 : Valider mon identité »: the number of the step, and all their names."""

    number: int
    names: tuple[str, ...]

    @property
    def total(self) -> int:
        """How many steps there are."""
        return len(self.names)

    @property
    def name(self) -> str:
        """The name of the step on which the person stands."""
        return self.names[self.number - 1]


# --- The fields of one form as the template needs them: ids, what was typed, what is wrong -------

_SECRET_KINDS = frozenset({"password", "code"})
_NO_BLAME: Mapping[str, tuple[str, ...]] = {}


@frozen(kw_only=True)
class _ScreenForm:
    """The fields of a screen; ``suffix`` keeps ids apart when a page has two forms.

    ``blamed`` gives, for each field that a notice is about, the ids of those notices: a field
    without an error of its own is described by them.
    """

    fields: tuple[FieldView, ...]
    echo: Mapping[str, str] = field(repr=False)
    blamed: Mapping[str, tuple[str, ...]] = _NO_BLAME
    password_rules: tuple[_Rule, ...] = ()
    flow: str = ""
    suffix: str = ""
    words: Words

    def id(self, part: str, each: FieldView) -> str:
        """The id of a field, or of its label, hint or error."""
        return f"{part}-{each.name}{self.suffix}"

    def is_wrong(self, each: FieldView) -> bool:
        """Whether something is wrong with a field."""
        return bool(each.error) or each.name in self.blamed

    def described(self, each: FieldView) -> tuple[str, ...]:
        """The ids of all that describes a field: its hint, then what is wrong."""
        hint = (self.id("hint", each),) if each.hint or self.rules(each) else ()
        if each.error:
            return (*hint, self.id("error", each))
        return (*hint, *self.blamed.get(each.name, ()))

    def is_weak(self, each: FieldView) -> bool:
        """Whether a new password was typed and refused; none typed is not a weak one."""
        return bool(each.error and self.echo.get(each.name))

    def rules(self, each: FieldView) -> tuple[_Rule, ...]:
        """What a new password must be: said as a list, it stands for the hint."""
        return self.password_rules if each.new_secret else ()

    def shown(self, each: FieldView) -> str:
        """What a field holds: what was just typed, else what the core says, never a secret."""
        if each.kind in _SECRET_KINDS:
            return ""
        if each.kind != "fixed" and each.name in self.echo:
            return self.echo[each.name]
        if each.kind == "radio" and len(each.options) == 1:
            return each.options[0].value
        return each.value or ""

    @property
    def account(self) -> str:
        """The login that a password manager must be told, where no field before says it."""
        names = [each.autocomplete for each in self.fields]
        if not any(each.new_secret for each in self.fields) or "username" not in names:
            return ""
        login = self.fields[names.index("username")]
        is_told = login is self.fields[0]
        return "" if is_told else self.shown(login)

    @property
    def obligation(self) -> str:
        """What must be filled in, in one sentence."""
        asked = [each for each in self.fields if each.kind != "fixed"]
        if not asked:
            return ""
        if not all(each.required for each in asked):
            return self.words.plain("page.password_optional")
        return self.words.plain("page.one_required" if len(asked) == 1 else "page.all_required")

    @property
    def strengths(self) -> tuple[str, ...]:
        """What the strength of a password is called, the weakest first."""
        return self.words.strengths


# --- One screen as the template needs it: its form, timer, progress, what is wrong ---------------

_EXTEND = "extend"
_NO_ECHO: Mapping[str, str] = {}


@frozen
class _Timer:
    """When the page erases itself, and when it warns: seconds from now."""

    seconds: int
    warning: int
    erases: bool
    minutes: int


@frozen
class _Resend:
    """How long until another code may be asked for: seconds from now, and the hour in words."""

    seconds: int
    hour: str


@frozen
class _Correction:
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
    now: datetime
    policy: JourneyPolicy
    words: Words
    echo: Mapping[str, str] = field(default=_NO_ECHO, repr=False)
    remark: str | None = None
    code: str = ""

    @property
    def links(self) -> tuple[Link, ...]:
        """The screen's links, but for the one in the very words that stand on every page."""
        everywhere = Link(self.words.plain("page.assistance"), Place.ASSISTANCE)
        return tuple(it for it in self.view.screen.links if it != everywhere)

    @property
    def timer(self) -> _Timer | None:
        """The screen's time, if any: ten minutes for what is typed, or the journey's end."""
        if not any(button.command == _EXTEND for button in self.view.screen.buttons):
            return None
        left = self.view.expires_at - self.now
        if self.view.erase_after is not None:
            left = min(left, self.policy.entry_life)
        seconds = max(0, int(left.total_seconds()))
        margin = int((self.policy.entry_life - self.policy.entry_warning).total_seconds())
        return _Timer(
            seconds=seconds,
            warning=max(0, seconds - margin),
            erases=self.view.erase_after is not None,
            minutes=self.policy.entry_life // timedelta(minutes=1),
        )

    @property
    def linked(self) -> frozenset[str]:
        """The places that the screen links to by itself: the layout does not repeat them."""
        within = (
            self.view.screen.links,
            *(each.links for each in self.view.screen.fields),
            *(notice.links for notice in self.view.notices),
        )
        return frozenset(link.place for links in within for link in links)

    # --- what is filled in and pressed -------------------------------------------------------

    def form(self, policy: Policy, site: Site, suffix: str = "") -> _ScreenForm:
        """The screen's fields; ``suffix`` keeps their ids apart from those of another form."""
        return _ScreenForm(
            fields=self.view.screen.fields,
            echo=self.echo if self._may_echo else {},
            blamed=self._blamed(),
            password_rules=_password_rules(policy.passwords, site, self.words),
            words=self.words,
            flow=self.flow.name,
            suffix=suffix,
        )

    def resend(self, now: datetime, site: Site) -> _Resend | None:
        """How long another code must wait, if it must; ``now`` is when the page is shown."""
        at = self.view.resend_at
        if at is None or at <= now:
            return None
        seconds = -(-(at - now) // timedelta(seconds=1))
        # The minute that has begun by then: at the hour told, the wait must be over.
        told = at if at.second == at.microsecond == 0 else at + timedelta(minutes=1)
        return _Resend(seconds, self.words.language.hour(told, site.zone))

    @property
    def progress(self) -> _Progress | None:
        """Which step of its journey the screen is, if the journey counts steps."""
        screens = self.flow.screens.values()
        steps = (say_step(screen, self.words.language.say_over) for screen in screens)
        names = tuple(dict.fromkeys(step for step in steps if step is not None))
        if self.view.screen.step not in names:
            return None
        return _Progress(names.index(self.view.screen.step) + 1, names)

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
    def corrections(self) -> tuple[_Correction, ...]:
        """What to correct: errors of fields, and notices about a field that has none."""
        return (
            *(self._correction(notice) for notice in self._errors if self._leads(notice)),
            *(
                _Correction(f"correction-{each.name}", each.name, each.error)
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
            return self.words.plain("page.errors.none")
        if count == 1:
            return self.words.plain("page.errors.one")
        return self.words.plain("page.errors.many", count=count)

    @property
    def is_wrong(self) -> bool:
        """Whether the page's title says that something is wrong."""
        return bool(self._errors or self._wrong_names)

    @property
    def is_blocked(self) -> bool:
        """Whether the person was told something instead of moving on."""
        return self.view.outcome is not Outcome.ACCEPTED

    @property
    def title(self) -> str:
        """The title of the window."""
        title = self.view.screen.title
        return self.words.plain("page.title.error", title=title) if self.is_wrong else title

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

    def _correction(self, notice: NoticeView) -> _Correction:
        return _Correction(self.notice_id(notice), notice.fields[0], notice.text)

    def _blamed(self) -> Mapping[str, tuple[str, ...]]:
        blamed: dict[str, tuple[str, ...]] = {}
        for notice in self._errors:
            for name in notice.fields:
                blamed[name] = (*blamed.get(name, ()), self.notice_id(notice))
        return blamed

    @property
    def _may_echo(self) -> bool:
        return all(notice.id != "entry.erased" for notice in self.view.notices)

"""All that is remembered, and what any command meets before it is looked at."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from attrs import define, field

from ..people import PEOPLE, Person
from .times import ABSOLUTE, CHOICE_LIFE, CODE_LIFE, DAY, ENTRY, IDLE, LIFE, LINK_LIFE, LONGEST

Notices = tuple[str, ...]

FINALS = {"created", "recovered", "password_changed", "signed_in", "expired"}
OFFERED = {
    "enter_identity": {"submit_identity", "extend", "restart"},
    "account_found": {"continue_recovery", "back", "extend", "restart"},
    "choose_channel": {"send_code", "back", "extend", "restart"},
    "enter_code": {"submit_code", "resend_code", "back", "extend", "restart"},
    "choose_credentials": {"activate", "back", "extend", "restart"},
    "choose_password": {"create", "back", "extend", "restart"},
    "enter_email": {"request_link", "extend", "restart"},
    "link_sent": {"restart"},
    "choose_new_password": {"save_password", "extend", "restart"},
    "enter_credentials": {"sign_in", "extend", "restart"},
    "edit_settings": {"save", "extend", "restart"},
}
UNTYPED = {"account_found", "choose_channel", "link_sent"}
FIRST = {
    "creation": "enter_identity",
    "recovery": "enter_identity",
    "reset": "enter_email",
    "signin": "enter_credentials",
    "settings": "edit_settings",
}
ALWAYS = {"choose_new_password": ("link.used",), "account_found": ("account.exists",)}
"""What a screen says again whatever is pressed."""


class Refused(Exception):
    """The command does not even reach the journey: ``why`` is how the library must say it."""

    def __init__(self, why: Literal["over", "not offered", "signed out", "unknown"]) -> None:
        super().__init__(why)
        self.why = why


@define
class Held:
    """What the Order holds of someone now."""

    person: Person
    mobile: str | None
    email: str | None
    admitted: bool = True

    def reach(self, channel: str) -> str | None:
        return self.mobile if channel == "sms" else self.email


@define
class Account:
    """An account; ``epoch`` counts the changes of its credentials."""

    rpps: str
    login: str
    password: str
    confirmed: bool
    epoch: int = 0
    disabled: bool = False
    frozen: bool = False


@define
class Session:
    rpps: str
    created: datetime
    seen: datetime


@define
class Link:
    """A link; ``about`` is the address that it makes the login, or that it puts back."""

    purpose: Literal["reset", "confirm", "object", "freeze"]
    rpps: str
    expires: datetime
    run: "Run | None" = None
    about: str | None = None
    epoch: int = 0

    @property
    def objects(self) -> bool:
        return self.purpose in ("object", "freeze")


@define(eq=False, repr=False)
class Run:
    """One journey; ``who`` is whom it is about, once known.

    ``more`` is the button that a refusal has brought onto the screen.  Nothing is kept of
    one before it has ``begun``, with its first press.
    """

    flow: str
    token: str
    state: str
    started: datetime
    entered: datetime
    shown: datetime
    extended: datetime | None = None
    who: str | None = None
    contacts: dict[str, str] = field(factory=dict)
    channel: str | None = None
    code_at: datetime | None = None
    tries: int = 0
    sent: list[tuple[str, datetime]] = field(factory=list)
    login: str | None = None
    more: str | None = None
    epoch: int = 0
    session: str | None = None
    begun: bool = False
    gone: bool = False

    def __repr__(self) -> str:
        return f"<{self.flow} {self.token[:4]} in {self.state}>"

    @property
    def end(self) -> datetime:
        """When the journey ends if nobody comes back."""
        if self.state == "link_sent":
            return self.entered + LINK_LIFE
        if self.state == "choose_new_password":
            return self.entered + CHOICE_LIFE
        longer = self.extended + ENTRY if self.extended else self.started
        return min(max(self.started + LIFE, longer), self.started + LONGEST)

    @property
    def is_over(self) -> bool:
        return self.state in FINALS

    def code_is_dead(self, at: datetime) -> bool:
        """K10: whatever is typed then is worth nothing, and that is said at once."""
        return self.code_at is None or at >= self.code_at + CODE_LIFE


@define
class World:
    """Everything, now; ``ever`` are the tokens of all links and sessions there have been."""

    now: datetime
    held: dict[str, Held] = field(
        factory=lambda: {it.rpps: Held(it, it.mobile, it.email) for it in PEOPLE}
    )
    accounts: dict[str, Account] = field(factory=dict)
    sessions: dict[str, Session] = field(factory=dict)
    links: dict[str, Link] = field(factory=dict)
    runs: list[Run] = field(factory=list)
    ever: set[str] = field(factory=set)
    counted: dict[tuple[str, str], list[datetime]] = field(factory=dict)
    mail: Counter[tuple[str, str]] = field(factory=Counter)
    turn: int = 0

    # --- counting --------------------------------------------------------------------------------

    def times(self, what: str, who: str) -> list[datetime]:
        return self.counted.get((what, who), [])

    def count(self, what: str, who: str, at: datetime) -> None:
        self.counted.setdefault((what, who), []).append(at)

    def forgive(self, who: str, *kinds: str) -> None:
        for what in kinds:
            self.counted.pop((what, who), None)

    # --- accounts --------------------------------------------------------------------------------

    def account_at(self, login: str) -> Account | None:
        return next((it for it in self.accounts.values() if it.login == login), None)

    def is_admitted(self, rpps: str) -> bool:
        return rpps in self.held and self.held[rpps].admitted

    def renew(self, account: Account, login: str | None, password: str | None) -> None:
        """Change credentials: every session and link of the account is dead (S13).

        What was mistyped at its addresses is forgotten.
        """
        self.forgive(account.login, "password")
        account.login = login or account.login
        self.forgive(account.login, "password")
        account.password = password or account.password
        account.epoch += 1
        self.sessions = {it: s for it, s in self.sessions.items() if s.rpps != account.rpps}
        self.links = {it: k for it, k in self.links.items() if k.rpps != account.rpps or k.objects}

    def awaited(self, rpps: str, at: datetime) -> Link | None:
        """The link that would make another address the login."""
        links = (it for it in self.links.values() if (it.rpps, it.purpose) == (rpps, "confirm"))
        return next((it for it in links if it.about and at < it.expires), None)

    def disable(self, account: Account) -> None:
        """The registry no longer admits the holder: nothing opens the account any more."""
        account.disabled = True
        account.epoch += 1
        self.sessions = {it: s for it, s in self.sessions.items() if s.rpps != account.rpps}
        self.links = {it: k for it, k in self.links.items() if k.rpps != account.rpps}

    def warn(self, who: str, failures: list[datetime], at: datetime, most: int) -> None:
        """BF-16: from so many failures on, the holder is told once a day, by one contact."""
        recent = [time for time in failures if time > at - DAY]
        told = [time for time in self.times("warning", who) if time > at - DAY]
        if len(recent) + 1 < most or told:
            return
        self.count("warning", who, at)
        held = self.held.get(who)
        contact = (held.email or held.mobile) if held is not None and held.admitted else None
        if contact:
            self.mail["notice", contact.lower()] += 1

    def is_alive(self, session: str | None, at: datetime) -> bool:
        found = self.sessions.get(session or "")
        return found is not None and at < found.seen + IDLE and at < found.created + ABSOLUTE

    def seen_state(self, run: Run) -> str:
        """What looking shows: as late as it is, and nothing of an account once signed out."""
        over = run.flow == "settings" and not self.is_alive(run.session, self.at(run))
        return "expired" if over or self.due(run) == "journey" else run.state

    def is_good(self, token: str, at: datetime) -> bool:
        link = self.links.get(token)
        return link is not None and at < link.expires

    # --- journeys --------------------------------------------------------------------------------

    def at(self, run: Run) -> datetime:
        """The present, for a journey: never before its last step (T1)."""
        return max(self.now, run.shown)

    def start(self, flow: str, token: str, session: str | None = None) -> Run:
        run = Run(flow, token, FIRST[flow], self.now, self.now, self.now, session=session)
        if session is not None:
            run.who = self.sessions[session].rpps
            run.login = self.accounts[run.who].login
        self.runs.append(run)
        return run

    def due(self, run: Run) -> Literal["journey", "entry"] | None:
        """Which deadline has passed: valid before it, invalid at it (T2)."""
        at = self.at(run)
        if run.is_over:
            return None
        if at >= run.end:
            return "journey"
        return "entry" if run.state not in UNTYPED and at >= run.shown + ENTRY else None

    def press(
        self, run: Run, event: str, act: Callable[["World", Run, datetime], Notices], *, typed: bool
    ) -> Notices:
        """Give what must be read after a command; ``act`` is what it does, if it comes so far.

        Raises:
            Refused: it does not.
        """
        at = self.at(run)
        if run.gone:
            raise Refused("unknown")
        if run.flow == "settings" and not self.is_alive(run.session, at):
            raise Refused("signed out")
        due = self.due(run)
        run.begun = run.begun or due is not None
        if due == "journey":
            run.state, run.entered, run.shown = "expired", at, at
        if run.is_over:
            raise Refused("over")
        said: Notices = ()
        if due == "entry":
            run.shown = at
            said = (*ALWAYS.get(run.state, ()), "entry.erased")
            if typed and not (event == "submit_code" and run.code_is_dead(at)):
                return said
        if event not in OFFERED[run.state] | {run.more}:
            raise Refused("not offered")
        run.begun = True
        before = run.state
        notices = act(self, run, at)
        run.shown = at
        if run.state != before:
            run.entered = at
        return (*said, *notices)

    def purge(self) -> None:
        """Forget what is past its life, for good."""
        for run in self.runs:
            run.gone = run.gone or (run.begun and run.end <= self.now)
        self.links = {it: k for it, k in self.links.items() if k.expires > self.now}
        day_ago = self.now - DAY
        self.sessions = {it: s for it, s in self.sessions.items() if s.created > day_ago}
        self.counted = {
            key: [time for time in times if time > day_ago] for key, times in self.counted.items()
        }


def extend(_: World, run: Run, at: datetime) -> Notices:
    """« Prolonger »."""
    run.extended = at
    return ALWAYS.get(run.state, ())


def back(_: World, run: Run, __: datetime) -> Notices:
    """« Retour » : to the first screen, who it was is forgotten and the code is worth nothing."""
    run.more = None
    if run.state in ("enter_code", "choose_credentials", "choose_password"):
        run.state = "choose_channel"
        return ()
    run.state, run.who, run.contacts, run.channel, run.code_at = (
        "enter_identity", None, {}, None, None,
    )  # fmt: skip
    return ()


def restart(world: World, run: Run, __: datetime) -> Notices:
    """« Recommencer », « Abandonner » : the journey is over, and so are the links to it."""
    run.state, run.code_at, run.more = "expired", None, None
    world.links = {it: link for it, link in world.links.items() if link.run is not run}
    return ("journey.abandoned",)

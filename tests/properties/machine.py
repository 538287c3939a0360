"""A random walk of people, browsers and clocks through the library, beside the model.

Every rule does one thing to both, and compares what each says.  Rules choose among what the model
holds, so that none is tried in vain.  After each rule the invariants compare the stores; after
each run every journey must be its replay, and the rows that it took are counted.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar, Literal

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from monespace_flows import SendCode, View
from monespace_flows.commands import Command
from monespace_flows.errors import (
    CommandNotOffered,
    JourneyOver,
    JourneyUnknown,
    LinkInvalid,
    PortUnavailable,
    SessionRequired,
)
from monespace_flows.ports import LinkPurpose
from monespace_flows.retelling.table import RowId
from monespace_flows.testing import DeliveredMessage, Sandbox

from .gestures import NUMBERS, Gesture, any_gesture, leading_on
from .invariants import INVARIANTS
from .model import Account, Link, Run, Session, World, access
from .model.times import CONFIRM_LIFE, ENTRY, LINK_LIFE
from .model.world import FINALS, FIRST, Refused
from .rows_taken import count_rows

ERRORS = {
    "over": JourneyOver,
    "not offered": CommandNotOffered,
    "signed out": SessionRequired,
    "unknown": JourneyUnknown,
}
FLOWS = ["creation", "creation", "recovery", "reset", "reset", "signin"]
SPANS = [0.5, 1, 2, 59, 60, 61, 120, 300]
TIMES = st.sampled_from([1, 1, 1, 1, 2, 6])
CREDENTIALS = ("choose_credentials", "choose_password", "choose_new_password", "edit_settings")
LONG_SPANS = [480, 600, 900, 1800, 3600, 86400, -1, -30, -120, -3600]


def any_of(read: Callable[[Any], list[Any]]) -> st.SearchStrategy[Any]:
    """Draw one of what the machine holds now."""
    return st.runner().flatmap(lambda machine: st.sampled_from(read(machine)))


def when(read: Callable[[Any], object]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Only when there is something to draw."""
    return precondition(lambda machine: bool(read(machine)))


def open_runs(walk: "Walk") -> list[Run]:
    return [run for run in walk.world.runs if run.token and not run.gone and not run.is_over]


def led_on(walk: "Walk") -> list[Run]:
    """The journeys that something leads on; those on their way count twice."""
    found = open_runs(walk)
    return found + [run for run in found if run.state not in FIRST.values()]


def on_screens(*states: str) -> Callable[["Walk"], list[Run]]:
    """List the journeys that stand there."""

    def found(walk: "Walk") -> list[Run]:
        return [run for run in walk.world.runs if run.token and run.state in states]

    return found


def sessions(walk: "Walk") -> list[str]:
    return sorted(walk.world.sessions)


def links(walk: "Walk") -> list[str]:
    return sorted(walk.world.links)


def reset_links(walk: "Walk") -> list[str]:
    """The links to choose a password; one of the other kind is worth nothing there (LK-11)."""
    tokens = links(walk)
    resets = [token for token in tokens if walk.world.links[token].purpose == "reset"]
    return resets * 3 + tokens[:1]


def objections(walk: "Walk") -> list[str]:
    return [token for token in links(walk) if walk.world.links[token].objects]


class Walk(RuleBasedStateMachine):
    """Doctors and an intern, in any number of browsers, under a clock that goes both ways."""

    rows: ClassVar[Counter[RowId]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.box = Sandbox()
        self.flows = self.box.flows
        self.world = World(self.box.clock.now())
        self.read = 0
        self.codes: dict[Run, list[str]] = {}
        self.old_tokens: list[str] = []
        self.changed: tuple[str, str] | None = None

    # --- both at once ----------------------------------------------------------------------------

    def press(self, run: Run, gesture: Gesture) -> None:
        """Press in the library and in the model, and compare."""
        before = run.state
        try:
            notices = self.world.press(run, gesture.event, gesture.act, typed=gesture.is_typed)
        except Refused as refused:
            self.expect_refusal(run, gesture.command, refused)
            return
        view = self.flows.submit(run.token, gesture.command)
        assert (view.state, tuple(it.id for it in view.notices)) == (run.state, notices)
        if view.outcome.value == "throttled":  # L6
            assert view.retry_after is not None
            assert timedelta(0) < view.retry_after
        self.compare_mail(run)
        self.compare_session(run, view, before)

    def expect_refusal(self, run: Run, command: Command, refused: Refused) -> None:
        with pytest.raises(ERRORS[refused.why]) as error:
            self.flows.submit(run.token, command)
        view = getattr(error.value, "view", None)
        assert view is None or view.state == run.state
        self.compare_mail(run)

    def compare_mail(self, run: Run | None = None, account: Account | None = None) -> None:
        """S8, S17, S20, S21: what left is what the model sent, to whom, no more and no less."""
        left = list(self.box.messages)[self.read :]
        self.read += len(left)
        assert Counter((it.purpose, it.to.lower()) for it in left) == self.world.mail
        self.world.mail.clear()
        for message in left:
            self.keep(message, run, account)

    def keep(self, message: DeliveredMessage, run: Run | None, account: Account | None) -> None:
        """Read the code or the link that a message carries; to an account of a step, or known."""
        if message.code is not None and run is not None:
            self.codes.setdefault(run, []).append(message.code)
        if message.link is None:
            return
        to = message.to.lower()
        if account is None:
            of_step = self.world.accounts.get(run.who or "") if run else None
            account = of_step or self.world.account_at(to)
        assert account is not None
        resets = message.purpose == "reset_link"
        if resets and run is not None and run.flow == "recovery":
            run = self.world.runs[-1]  # the reset that it has begun
        at = self.world.at(run) if run else self.world.now
        purpose = self._purpose(message, run)
        other = purpose == "object" or (purpose == "confirm" and to != account.login)
        self.world.ever.add(message.link_token)
        self.world.links[message.link_token] = Link(
            purpose=purpose,
            rpps=account.rpps,
            expires=at + (LINK_LIFE if resets else CONFIRM_LIFE),
            run=run if resets else None,
            about=to if other else None,
            epoch=account.epoch,
        )

    def _purpose(
        self, message: DeliveredMessage, run: Run | None
    ) -> Literal["reset", "confirm", "object", "freeze"]:
        """What a letter's link does: a notice's objects to what its journey did."""
        if message.purpose != "notice":
            return "reset" if message.purpose == "reset_link" else "confirm"
        return "object" if run is not None and run.flow == "settings" else "freeze"

    def compare_session(self, run: Run, view: View, before: str) -> None:
        """S18: a session opens where one must, and only there."""
        stays = run.flow == "settings" and run.state == "edit_settings"
        saved = stays and run.session not in self.world.sessions
        arrived = run.state != before and run.state in {"signed_in", "password_changed"}
        assert (view.session is not None) is (arrived or saved)
        if view.session is not None and run.who is not None:
            at = self.world.at(run)
            self.world.ever.add(view.session)
            self.world.sessions[view.session] = Session(run.who, at, at)
            run.session = view.session

    # --- how it begins ---------------------------------------------------------------------------

    @initialize(
        past=st.lists(
            st.tuples(st.sampled_from(FLOWS), st.sampled_from([4, 4, 1]), st.integers(0, 11)),
            max_size=6,
        ),
        present=st.lists(st.sampled_from(FLOWS), max_size=3),
    )
    def some_came_before(self, past: list[tuple[str, int, int]], present: list[str]) -> None:
        """Some have accounts, some have changed them, some have begun something."""
        for flow, presses, pick in past:
            self.start(flow)
            self.lead_on(self.world.runs[-1], presses, pick)
        for flow in present:
            self.start(flow)

    # --- people ----------------------------------------------------------------------------------

    @when(lambda self: len(open_runs(self)) < 4)
    @rule(flow=st.sampled_from(FLOWS))
    def start(self, flow: str) -> None:
        self.world.start(flow, self.flows.start(flow).token)

    @when(sessions)
    @rule(session=any_of(sessions))
    def start_settings(self, session: str) -> None:
        if self.world.is_alive(session, self.world.now):
            self.world.start("settings", self.flows.start("settings", session).token, session)
            return
        with pytest.raises(SessionRequired):
            self.flows.start("settings", session)

    @when(on_screens("enter_identity", "account_found"))
    @rule(data=st.data(), run=any_of(on_screens("enter_identity", "account_found")), times=TIMES)
    def press_who_one_is(self, data: st.DataObject, run: Run, times: int) -> None:
        self.press_anything(data, run, times)

    @when(on_screens("choose_channel", "enter_code"))
    @rule(data=st.data(), run=any_of(on_screens("choose_channel", "enter_code")), times=TIMES)
    def press_about_codes(self, data: st.DataObject, run: Run, times: int) -> None:
        self.press_anything(data, run, times)

    @when(on_screens(*CREDENTIALS))
    @rule(data=st.data(), run=any_of(on_screens(*CREDENTIALS)), times=TIMES)
    def press_new_credentials(self, data: st.DataObject, run: Run, times: int) -> None:
        self.press_anything(data, run, times)

    @when(on_screens("enter_email", "enter_credentials"))
    @rule(data=st.data(), run=any_of(on_screens("enter_email", "enter_credentials")), times=TIMES)
    def press_to_come_in(self, data: st.DataObject, run: Run, times: int) -> None:
        self.press_anything(data, run, times)

    @when(on_screens(*FINALS, "link_sent"))
    @rule(data=st.data(), run=any_of(on_screens(*FINALS, "link_sent")))
    def press_where_nothing_is_offered(self, data: st.DataObject, run: Run) -> None:
        self.press_anything(data, run, 1)

    def press_anything(self, data: st.DataObject, run: Run, times: int) -> None:
        """Right or wrong, there or not; and some press again and again."""
        gesture = data.draw(any_gesture(self.world, run, self.codes.get(run, [""])))
        for _ in range(times):
            self.press(run, gesture)

    @when(led_on)
    @rule(run=any_of(led_on), presses=st.sampled_from([1, 1, 1, 2, 4]), pick=st.integers(0, 11))
    def lead_on(self, run: Run, presses: int, pick: int) -> None:
        """Everything right: so that the last screens are seen as often as the first."""
        for _ in range(presses):
            newest = self.codes.get(run, [""])[-1]
            gesture = leading_on(self.world, run, newest, pick)
            link = next((it for it, k in self.world.links.items() if k.run is run), None)
            if gesture is not None:
                self.press(run, gesture)
            elif link is not None:
                self.use_link(link)

    @when(reset_links)
    @rule(token=any_of(reset_links))
    def use_link(self, token: str) -> None:
        """S9, S10: looking changes nothing; the newest works, once."""
        good = self.world.is_good(token, self.world.now)
        purpose = LinkPurpose(self.world.links[token].purpose) if good else None
        assert self.flows.link_purpose(token) == purpose
        run = access.use_link(self.world, token)
        if run is None:
            with pytest.raises(LinkInvalid):
                self.flows.open_link(token)
            return
        view = self.flows.open_link(token)
        assert (view.state, [it.id for it in view.notices]) == (run.state, ["link.used"])
        self.old_tokens.append(run.token)
        run.token = view.token

    @when(lambda self: self.old_tokens)
    @rule(token=any_of(lambda self: self.old_tokens))
    def come_back_to_where_the_link_was_asked_for(self, token: str) -> None:
        """Whoever asked for a link does not follow who used it."""
        with pytest.raises(JourneyUnknown):
            self.flows.view(token)

    # --- sessions --------------------------------------------------------------------------------

    @when(sessions)
    @rule(session=any_of(sessions), token=any_of(lambda self: [*links(self), "unknown"]))
    def confirm(self, session: str, token: str) -> None:
        """D7: the address is confirmed by who is signed in to that account."""
        rpps, link = self.world.sessions[session].rpps, self.world.links.get(token)
        ours = link is not None and (link.purpose, link.rpps) == ("confirm", rpps)
        if not self.world.is_alive(session, self.world.now):
            with pytest.raises(SessionRequired):
                self.flows.confirm_email(token, session)
        elif not (ours and self.world.is_good(token, self.world.now)):
            with pytest.raises(LinkInvalid):
                self.flows.confirm_email(token, session)
        elif link is not None and access.take_address(self.world, session, link):
            assert self.flows.confirm_email(token, session).email_confirmed
            self.world.links.pop(token, None)
        else:
            with pytest.raises(LinkInvalid):
                self.flows.confirm_email(token, session)

    @when(objections)
    @rule(token=any_of(objections))
    def say_that_it_was_not_me(self, token: str) -> None:
        """SS-08: the address of before comes back, or the recovered account opens no more."""
        link = self.world.links[token]
        if not self.world.is_good(token, self.world.now):
            with pytest.raises(LinkInvalid):
                self.flows.object_link(token)
            return
        del self.world.links[token]
        assert self.flows.object_link(token) == access.object_to(self.world, link)

    @when(sessions)
    @rule(session=any_of(sessions))
    def ask_for_a_confirmation_link(self, session: str) -> None:
        if not self.world.is_alive(session, self.world.now):
            with pytest.raises(SessionRequired):
                self.flows.resend_confirmation(session)
            return
        account = self.world.accounts[self.world.sessions[session].rpps]
        access.resend_confirmation(self.world, account)
        self.flows.resend_confirmation(session)
        self.compare_mail(account=account)

    @when(sessions)
    @rule(session=any_of(sessions))
    def look_at_session(self, session: str) -> None:
        """Looking keeps a session from idling out."""
        found, now = self.world.sessions[session], self.world.now
        view = self.flows.session(session)
        assert (view is not None) is self.world.is_alive(session, now)
        if view is not None:
            assert view.email.lower() == self.world.accounts[found.rpps].login
            found.seen = now if now - found.seen >= timedelta(minutes=1) else found.seen

    @when(sessions)
    @rule(session=any_of(sessions))
    def sign_out(self, session: str) -> None:
        self.flows.sign_out(session)
        del self.world.sessions[session]

    # --- time, the registry, breakdowns ----------------------------------------------------------

    @when(open_runs)
    @rule(
        run=any_of(open_runs),
        to=st.sampled_from([*SPANS * 4, *LONG_SPANS, *["entry", "code"] * 3, "end"]),
        margin=st.sampled_from([-1, 0, 1]),
    )
    def pass_time(self, run: Run, to: float | str, margin: int) -> None:
        """T2, T7: forward or back; or to a second before a deadline, at it, a second after."""
        deadlines = {
            "entry": run.shown + ENTRY,
            "code": (run.code_at or run.shown) + ENTRY,
            "end": run.end,
        }
        if isinstance(to, str):
            to = (deadlines[to] - self.world.now).total_seconds() + margin
        self.world.now = self.box.clock.advance(seconds=to)

    @when(open_runs)
    @rule(number=st.sampled_from(NUMBERS), what=st.sampled_from(["status", "mobile", "email"]))
    def change_the_registry(self, number: str, what: str) -> None:
        """One thing at a time: struck off, a number or an address that is gone; then as before."""
        if self.changed is not None:
            number, what, self.changed = *self.changed, None
        else:
            self.changed = number, what
        held = self.world.held[number]
        if what == "status":
            held.admitted = not held.admitted
            self.box.registry.change(number, status="inscrit" if held.admitted else "radie")
        elif what == "mobile":
            held.mobile = None if held.mobile else held.person.mobile
            self.box.registry.change(number, mobile=held.mobile)
        else:
            held.email = None if held.email else held.person.email
            self.box.registry.change(number, email=held.email)

    @when(lambda self: self.asking())
    @rule(run=any_of(lambda self: self.asking()))
    def break_the_registry(self, run: Run) -> None:
        """L8: nothing moves, nothing is counted, nothing leaves."""
        self.box.registry.fail_next()
        with pytest.raises(PortUnavailable):
            self.flows.submit(run.token, SendCode(next(iter(run.contacts))))
        self.compare_mail(run)

    def asking(self) -> list[Run]:
        """The journeys whose next step asks the registry, whatever else."""
        waiting = (run for run in open_runs(self) if run.state == "choose_channel")
        return [run for run in waiting if self.world.due(run) is None]

    @when(lambda self: self.outlived())
    @rule()
    def purge(self) -> None:
        """P11: what is past its life goes, and nothing that lives."""
        self.rows.update(count_rows(self.box.storage))
        self.box.storage.purge(self.world.now, self.world.now - timedelta(days=183))
        self.world.purge()

    def outlived(self) -> list[Run]:
        return [run for run in self.world.runs if not run.gone and run.end <= self.world.now]

    # --- what must hold --------------------------------------------------------------------------

    @invariant()
    def all_that_must_hold_holds(self) -> None:
        for holds in INVARIANTS:
            holds(self.box, self.world)

    def teardown(self) -> None:
        """S24, S25: every journey is its replay."""
        self.rows.update(count_rows(self.box.storage))

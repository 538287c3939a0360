"""The calls of :class:`~monespace_flows.Flows`, awaited: in worker threads, braked, floored."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Literal, TypeVar

from attrs import field, fields, frozen

from monespace_flows.chart import Flow
from monespace_flows.commands import (
    Command,
    RequestLink,
    Save,
    SignIn,
    SubmitIdentity,
    Tick,
    UseLink,
)
from monespace_flows.driver import Flows, SessionLine, SessionView, Strength
from monespace_flows.errors import (
    JourneyUnknown,
    LinkInvalid,
    SessionRequired,
)
from monespace_flows.policy import Policy
from monespace_flows.ports import LinkPurpose
from monespace_flows.screens import Outcome, View

from .presses import Press
from .settings import HttpSettings
from .transport.brake import Brake, Kind
from .transport.headers import HttpProblem
from .transport.languages import asked_language
from .transport.workers import Floor, Lanes, SlowMode, Workers, floor

__all__ = ["AsyncFlows", "Objected"]

_Found = TypeVar("_Found")

Objected = Literal["undone", "frozen"]
"""What « Ce n'est pas moi » did, see :meth:`Flows.object_link`."""

_BRAKES: Mapping[type[Command], Kind] = {
    SubmitIdentity: "identity",
    SignIn: "sign_in",
    RequestLink: "reset",
}
"""The commands whose answer tells something about a person; their answers have a floor, too."""

_BEGINNINGS = (SubmitIdentity, SignIn, RequestLink, Save)
"""What is pressed on first screens: whoever does it rightly is no flood."""

_COUNTED = frozenset({"identity.unknown", "identity.throttled", "credentials.refused", "link.sent"})


@frozen
class AsyncFlows:
    """The flows, as the pages and the JSON call them: never on the event loop's own thread."""

    core: Flows
    settings: HttpSettings
    lanes: Lanes
    brake: Brake
    commands: Mapping[str, type[Command]] = field(init=False)
    """What may be submitted from outside, by event: not the clock's, nor that of a link's page."""
    _slow: SlowMode = field(init=False, repr=False)

    @commands.default
    def _from_outside(self) -> dict[str, type[Command]]:
        return {
            event: kind
            for flow in self.declared.values()
            for event, kind in flow.commands_by_event.items()
            if kind not in (Tick, UseLink)
        }

    @_slow.default
    def _by_the_watch(self) -> SlowMode:
        return SlowMode(self.core.watch.is_slow, self.policy.totals.slow_answer)

    @property
    def declared(self) -> Mapping[str, Flow]:
        """The flows of this application, by name."""
        return self.core.flows

    @property
    def policy(self) -> Policy:
        """Every number and switch."""
        return self.core.policy

    def now(self) -> datetime:
        """The clock of the journeys, by which forms are dated."""
        return self.core.ports.clock.now()

    # --- journeys ----------------------------------------------------------------------------

    def preview(self, flow: str) -> View:
        """See :meth:`Flows.preview`, which asks nobody: there is nothing to wait for."""
        return self.core.preview(flow, language=asked_language())

    async def view(self, token: str) -> View:
        """See :meth:`Flows.view`."""
        return await self.lanes.light.call(self._view, token)

    def _view(self, token: str) -> View:
        return self.core.view(token, language=asked_language())

    async def look(
        self, session: str | None, token: str | None
    ) -> tuple[SessionView | None, View | None]:
        """Say who is signed in, and where a journey stands if there is one: what a page shows."""

        def look() -> tuple[SessionView | None, View | None]:
            holder = self.core.session(session) if session else None
            with suppress(JourneyUnknown):
                return holder, self._view(token) if token else None
            return holder, None

        return await self.lanes.light.call(look) if session or token else (None, None)

    async def start(
        self, flow: str, session: str | None, client: str, key: str | None = None
    ) -> View:
        """See :meth:`Flows.start`; every start counts until its journey moves on."""
        return await self.lanes.light.call(self._start, flow, session, client, key)

    def _start(self, flow: str, session: str | None, client: str, key: str | None) -> View:
        with self.brake.place("start", client) as place:
            view = self.core.start(flow, session, key=key, language=asked_language())
            place.keep()
        return view

    async def given(self, token: str, command: Command, key: str) -> View | None:
        """See :meth:`Flows.given`."""
        given = partial(self.core.given, language=asked_language())
        return await self.lanes.light.call(given, token, command, key)

    async def submit(self, press: Press) -> View:
        """See :meth:`Flows.submit`; in one hop, with all that is asked beside it.

        Raises:
            LaneFull: too many passwords wait to be hashed; nothing was begun.
            HttpProblem: 429: the client has used up what it may do.
        """
        kind, lane = _BRAKES.get(type(press.command)), self._lane(type(press.command))
        lane.admit()
        if kind is None:
            return await lane.call(self._submit, press, None, None)
        async with floor(self.settings.answer_floor, self.settings.answer_jitter) as held:
            if lane is self.lanes.hashing:
                # Who has nothing left takes no place in the queue from those who have.
                await self._check(kind, press)
            return await lane.call(self._submit, press, kind, held)

    async def _check(self, kind: Kind, press: Press) -> None:
        try:
            if self.brake.is_at_hand:
                self.brake.check(kind, press.client)
            else:
                await self.lanes.light.call(self.brake.check, kind, press.client)
        except HttpProblem:
            if not press.token:  # to go on with, later
                await self.lanes.light.call(self._begin, press)
            raise

    def admit(self, kind: type[Command]) -> None:
        """Refuse a command before anything is read for it, where its lane is full.

        Raises:
            LaneFull: nothing was begun.
        """
        self._lane(kind).admit()

    def _lane(self, kind: type[Command]) -> Workers:
        return self.lanes.hashing if _may_hash(kind) else self.lanes.light

    def _submit(self, press: Press, kind: Kind | None, held: Floor | None) -> View:
        if press.looks:
            self._look(press)
        if kind == "identity" and held is not None:
            # Before anything is asked: right or wrong, everybody waits alike (BF-04).
            self._slow.hold(held)
        token = press.token or self._begin(press)
        with self.brake.place(kind, press.client) as place:
            view = self.core.submit(
                token,
                press.command,
                shown_at=press.shown_at,
                browser=press.browser,
                key=press.key,
                client=press.client,
                reference=press.reference,
                language=asked_language(),
            )
            if any(notice.id in _COUNTED for notice in view.notices):
                place.keep(getattr(press.command, "rpps", None))
        if _is_right(press.command, view):
            self.brake.give_back("start", press.client, view.reference)
        return view

    def _look(self, press: Press) -> None:
        if press.session:
            press.signed_in = self.core.session(press.session)
        press.has_looked = True
        # A first press, whose answer was lost, may itself have ended the session that it came by:
        # the start finds its journey, or refuses (FT-06).
        is_for_members = press.flow is not None and press.flow.needs_session
        if press.token and is_for_members and press.signed_in is None:
            raise SessionRequired

    def _begin(self, press: Press) -> str:
        name = press.flow.name if press.flow is not None else ""
        press.started = self._start(name, press.session, press.client, press.start_key)
        return press.started.token

    # --- links -------------------------------------------------------------------------------

    async def link_purpose(self, token: str, client: str) -> LinkPurpose | None:
        """See :meth:`Flows.link_purpose`; links that are worth nothing count."""
        return await self.lanes.light.call(self._purpose, token, client)

    async def link_reference(self, token: str) -> str | None:
        """See :meth:`Flows.link_reference`."""
        return await self.lanes.light.call(self.core.link_reference, token)

    async def use_link(
        self, token: str, *, client: str, session: str | None, key: str | None
    ) -> View | SessionView | Objected:
        """Use a link up, whatever it is for; links that are worth nothing count.

        Whoever has just used it, and did not get the answer, is answered as before by its key.

        Raises:
            LinkInvalid: it is worth nothing.
            SessionRequired: it confirms an address, and nobody is signed in; it stays good.
        """
        return await self.lanes.light.call(self._use_link, token, client, session, key)

    def _use_link(
        self, token: str, client: str, session: str | None, key: str | None
    ) -> View | SessionView | Objected:
        purpose = self._purpose(token, client)
        if purpose is LinkPurpose.CONFIRM:
            return self.core.confirm_email(token, session, key=key)
        if purpose is not None and purpose.objects:
            return self.core.object_link(token)
        try:
            return self._open_link(token, client, key)
        except LinkInvalid:
            if key is None:
                raise
        with suppress(LinkInvalid):
            return self.core.object_link(token)
        if session is None:
            raise LinkInvalid("nobody is signed in who could have used it")
        return self.core.confirm_email(token, session, key=key)

    def _purpose(self, token: str, client: str) -> LinkPurpose | None:
        def look(token: str) -> LinkPurpose:
            purpose = self.core.link_purpose(token)
            if purpose is None:
                raise LinkInvalid
            return purpose

        with suppress(LinkInvalid):
            return self._guessing(look, token, client)
        return None

    def _open_link(self, token: str, client: str, key: str | None) -> View:
        """Open the journey of a reset link.

        Requests for a link all count, since who counts known addresses tells them apart; the one
        that led to a link in use is given back.
        """
        open_link = partial(self.core.open_link, key=key, language=asked_language())
        view = self._guessing(open_link, token, client)
        self.brake.give_back("reset", client, view.reference)
        return view

    def _guessing(self, look: Callable[[str], _Found], token: str, client: str) -> _Found:
        with self.brake.place("link", client) as place:
            try:
                return look(token)
            except LinkInvalid:
                place.keep()
                raise

    async def pending_email(self, session: str) -> str | None:
        """See :meth:`Flows.pending_email`."""
        return await self.lanes.light.call(self.core.pending_email, session)

    async def resend_confirmation(self, session: str | None) -> None:
        """See :meth:`Flows.resend_confirmation`."""
        resend = partial(self.core.resend_confirmation, language=asked_language())
        await self.lanes.light.call(resend, session)

    # --- sessions, and the rest --------------------------------------------------------------

    async def session(self, token: str) -> SessionView | None:
        """See :meth:`Flows.session`."""
        return await self.lanes.light.call(self.core.session, token)

    async def sessions(self, token: str) -> tuple[SessionLine, ...]:
        """See :meth:`Flows.sessions`."""
        return await self.lanes.light.call(self.core.sessions, token)

    async def sign_out(self, token: str) -> bool:
        """See :meth:`Flows.sign_out`; whether anyone was signed in."""
        return await self.lanes.light.call(self._sign_out, token)

    def _sign_out(self, token: str) -> bool:
        if self.core.session(token) is None:
            return False
        self.core.sign_out(token)
        return True

    async def accept_terms(self, session: str | None) -> None:
        """See :meth:`Flows.accept_terms`."""
        await self.lanes.light.call(self.core.accept_terms, session)

    async def strength(self, password: str, client: str, token: str | None = None) -> Strength:
        """See :meth:`Flows.judge_strength`; every look counts.

        Raises:
            LaneFull: too many others look; the form can be sent without.
            HttpProblem: 429: the client has used up what it may do.
        """

        def strength() -> Strength:
            with self.brake.place("strength", client) as place:
                place.keep()
                begun = time.perf_counter()
                judged = self.core.judge_strength(password, token, language=asked_language())
                # An estimate lets no other thread run: they then have three times as long alone.
                time.sleep(3 * (time.perf_counter() - begun))
                return judged

        return await self.lanes.scoring.call(strength)

    async def troubles(self) -> Mapping[str, str]:
        """See :meth:`Flows.troubles`."""
        return await self.lanes.watching.call(self.core.troubles)

    async def overdue(self) -> tuple[str, ...]:
        """See :meth:`Flows.overdue`."""
        return await self.lanes.watching.call(self.core.overdue)


def _may_hash(kind: type[Command]) -> bool:
    """Whether a command carries a password: no other one verifies, scores or hashes any."""
    return any("password" in each.name for each in fields(kind))


def _is_right(command: Command, view: View) -> bool:
    """Whether a journey's beginning was right, even if it can go no further (``C4``)."""
    moved = view.outcome is Outcome.ACCEPTED and view.status != "expired"
    known = any(notice.id == "account.exists" for notice in view.notices)
    return isinstance(command, _BEGINNINGS) and (moved or known)

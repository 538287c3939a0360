"""The calls of :class:`~monespace_flows.Flows`, awaited: in worker threads, braked, floored."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime
from typing import TypeVar

from attrs import field, frozen

from monespace_flows.commands import Command, RequestLink, Save, SignIn, SubmitIdentity
from monespace_flows.driver import Flows, SessionView, Strength
from monespace_flows.errors import LinkInvalid
from monespace_flows.ports import LinkPurpose
from monespace_flows.screens import Outcome, View

from .json.payloads import wire_commands
from .settings import HttpSettings
from .transport.brake import Brake, Kind
from .transport.workers import Workers, floor

__all__ = [
    "STATUS",
    "Submissions",
    "retry_after",
]

STATUS: Mapping[Outcome, int] = {
    Outcome.ACCEPTED: 200,
    Outcome.REFUSED: 422,
    Outcome.THROTTLED: 429,
}


def retry_after(view: View) -> dict[str, str]:
    """The header that tells a throttled client how long to wait."""
    if view.outcome is not Outcome.THROTTLED:
        return {}
    seconds = view.retry_after.total_seconds() if view.retry_after else 1
    return {"Retry-After": str(max(1, math.ceil(seconds)))}


# --- One way into the core for the pages and the JSON alike: brake, call, floor ------------------

Found = TypeVar("Found")

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
class Submissions:
    """Asks the core, in worker threads."""

    flows: Flows
    settings: HttpSettings
    workers: Workers
    brake: Brake
    commands: Mapping[str, type[Command]] = field(init=False)
    """What may be submitted, by event."""

    @commands.default
    def _wired(self) -> dict[str, type[Command]]:
        return wire_commands(self.flows.flows.values())

    def now(self) -> datetime:
        """The clock of the journeys, by which forms are dated."""
        return self.flows.ports.clock.now()

    async def preview(self, flow: str) -> View:
        """See :meth:`Flows.preview`."""
        return await self.workers.call(self.flows.preview, flow)

    async def view(self, token: str) -> View:
        """See :meth:`Flows.view`."""
        return await self.workers.call(self.flows.view, token)

    async def start(self, flow: str, session: str | None, client: str) -> View:
        """See :meth:`Flows.start`; every start counts until its journey moves on."""

        def start() -> View:
            self.brake.check("start", client)
            view = self.flows.start(flow, session)
            self.brake.count("start", client)
            return view

        return await self.workers.call(start)

    async def submit(
        self,
        token: str,
        command: Command,
        *,
        client: str,
        shown_at: datetime | None = None,
    ) -> View:
        """See :meth:`Flows.submit`."""

        def submit() -> View:
            view = self.flows.submit(token, command, shown_at=shown_at)
            if _is_right(command, view):
                self.brake.give_back("start", client, view.reference)
            return view

        kind = _BRAKES.get(type(command))
        async with AsyncExitStack() as stack:
            if kind is not None:
                least, jitter = self.settings.answer_floor, self.settings.answer_jitter
                await stack.enter_async_context(floor(least, jitter))
                submit = self._braked(submit, kind, client, getattr(command, "rpps", None))
            return await self.workers.call(submit)

    async def open_link(self, token: str, client: str) -> View:
        """See :meth:`Flows.open_link`; links that are worth nothing count.

        Requests for a link all count, since who counts known addresses tells them apart; the one
        that led to a link in use is given back.
        """

        def open_link(token: str) -> View:
            view = self.flows.open_link(token)
            self.brake.give_back("reset", client, view.reference)
            return view

        return await self.workers.call(self._guessing(open_link, client), token)

    async def link_purpose(self, token: str, client: str) -> LinkPurpose | None:
        """See :meth:`Flows.link_purpose`; links that are worth nothing count."""

        def look(token: str) -> LinkPurpose:
            purpose = self.flows.link_purpose(token)
            if purpose is None:
                raise LinkInvalid
            return purpose

        try:
            return await self.workers.call(self._guessing(look, client), token)
        except LinkInvalid:
            return None

    async def confirm_email(self, token: str, session: str | None) -> SessionView:
        """See :meth:`Flows.confirm_email`."""
        return await self.workers.call(self.flows.confirm_email, token, session)

    async def resend_confirmation(self, session: str | None) -> None:
        """See :meth:`Flows.resend_confirmation`."""
        await self.workers.call(self.flows.resend_confirmation, session)

    async def accept_terms(self, session: str | None) -> None:
        """See :meth:`Flows.accept_terms`."""
        await self.workers.call(self.flows.accept_terms, session)

    async def session(self, token: str) -> SessionView | None:
        """See :meth:`Flows.session`."""
        return await self.workers.call(self.flows.session, token)

    async def sign_out(self, token: str) -> None:
        """See :meth:`Flows.sign_out`."""
        await self.workers.call(self.flows.sign_out, token)

    async def ready(self) -> Mapping[str, bool]:
        """See :meth:`Flows.ready`."""
        return await self.workers.call(self.flows.ready)

    async def strength(self, password: str, client: str) -> Strength:
        """See :meth:`Flows.judge_strength`; every look counts."""

        def strength() -> Strength:
            self.brake.check("strength", client)
            self.brake.count("strength", client)
            return self.flows.judge_strength(password)

        return await self.workers.call(strength)

    def _braked(
        self, submit: Callable[[], View], kind: Kind, client: str, number: str | None
    ) -> Callable[[], View]:
        def braked() -> View:
            self.brake.check(kind, client)
            view = submit()
            if any(notice.id in _COUNTED for notice in view.notices):
                self.brake.count(kind, client, number)
            return view

        return braked

    def _guessing(self, look: Callable[[str], Found], client: str) -> Callable[[str], Found]:
        def guessing(token: str) -> Found:
            self.brake.check("link", client)
            try:
                return look(token)
            except LinkInvalid:
                self.brake.count("link", client)
                raise

        return guessing


def _is_right(command: Command, view: View) -> bool:
    """Whether a journey's beginning was right, even if it can go no further (``C4``)."""
    moved = view.outcome is Outcome.ACCEPTED and view.status != "expired"
    known = any(notice.id == "account.exists" for notice in view.notices)
    return isinstance(command, _BEGINNINGS) and (moved or known)

"""What one POST of a journey's page does.

What moves the person on is answered by a redirect, so that a reload repeats nothing; a refusal
is shown at once, with what was typed, secrets excepted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen
from starlette.requests import Request
from starlette.responses import Response

from monespace_flows.commands import Command, Extend
from monespace_flows.driver import SessionView
from monespace_flows.errors import (
    CommandNotOffered,
    JourneyOver,
    JourneyUnknown,
    PortUnavailable,
    SessionRequired,
)
from monespace_flows.flows import FLOWS
from monespace_flows.rules.deadlines import entry_end
from monespace_flows.screens import Outcome, Place, View

from .outcomes import STATUS, retry_after
from .places import PATHS
from .sentences import notice_view

if TYPE_CHECKING:
    from .journey_page import JourneyPage

__all__ = ["Press"]

_MOVED_ON = "Cette page ne correspondait plus à votre demande : voici où vous en êtes."
_PAUSE = {"Retry-After": "10"}


@frozen(kw_only=True)
class Press:
    """A command that a person sent from a page, with all that came with it."""

    page: JourneyPage
    request: Request
    command: Command
    form: Mapping[str, str] = field(repr=False)
    shown_at: datetime
    session: SessionView | None

    async def answer(self) -> Response:
        """Submit the command, and show what came of it."""
        if FLOWS[self.page.flow].needs_session and self.session is None:
            return self._leave(PATHS[Place.SIGN_IN])
        found = await self.page.present(self.request, self.session)
        return await self._go_on(*found) if found else await self._begin()

    async def _begin(self) -> Response:
        view = await self.page.first(self.session)
        if not self._is_offered(view):
            return self._show(view, 409, remark=_MOVED_ON)
        if self._is_late():
            return self._show(self._with_notice(view, "entry.erased"), 422)
        try:
            started = await self._start()
        except SessionRequired:
            return self._leave(PATHS[Place.SIGN_IN])
        except PortUnavailable:
            return self._unavailable(view)
        response = await self._go_on(started.token, started)
        if not self._signs_in(response):
            self.page.frame.cookies.write(response, self.page.cookie, started.token)
        return response

    async def _go_on(self, token: str, view: View) -> Response:
        try:
            return await self._after(await self._submit(token))
        except CommandNotOffered as refusal:
            return self._show(refusal.view, 409, remark=_MOVED_ON)
        except JourneyOver as refusal:
            return self._over(refusal.view)
        except JourneyUnknown:
            return self._leave(self.page.path)  # purged since the page was shown
        except SessionRequired:
            return self._leave(PATHS[Place.SIGN_IN])
        except PortUnavailable:
            return self._unavailable(view)

    def _is_offered(self, view: View) -> bool:
        return any(button.command == self.command.event for button in view.screen.buttons)

    def _is_late(self) -> bool:
        """Before a journey has begun, only the form says when its screen was shown (``C2``)."""
        frame = self.page.frame
        return frame.ask.now() >= entry_end(self.shown_at, frame.ask.flows.policy.journeys)

    def _with_notice(self, view: View, notice_id: str) -> View:
        sentence = notice_view(self.page.frame.ask.flows, notice_id)
        return evolve(view, notices=(sentence,), outcome=Outcome.REFUSED)

    def _signs_in(self, response: Response) -> bool:
        """Once signed in, the journey that led there is of no more use."""
        return self.page.flow == "signin" and response.status_code == 303

    async def _start(self) -> View:
        frame = self.page.frame
        token = frame.cookies.read(self.request, "session")
        return await frame.ask.start(self.page.flow, token, frame.client(self.request))

    async def _submit(self, token: str) -> View:
        frame = self.page.frame
        return await frame.ask.submit(
            token,
            self.command,
            client=frame.client(self.request),
            shown_at=self.shown_at,
        )

    async def _after(self, view: View) -> Response:
        if view.session is not None:
            return await self._opened(view.session)
        if view.status == "expired":
            return self._over(view)
        if view.outcome is not Outcome.ACCEPTED:
            return self._show(view, STATUS[view.outcome], echo=self.form, headers=retry_after(view))
        if not isinstance(self.command, Extend):
            return self._leave(self.page.path)
        if self.page.wants_json(self.request):
            return self.page.form_state(self.request, view)
        return self._show(view, 200, echo=self.form)

    async def _opened(self, session: str) -> Response:
        """A new session stands for the old one, if any: an id from before is worth nothing."""
        frame = self.page.frame
        earlier = frame.cookies.read(self.request, "session")
        if earlier is not None and earlier != session:
            await frame.ask.sign_out(earlier)
        path = self.page.path
        if self.page.flow == "signin":
            link = frame.cookies.read(self.request, "link")
            path = f"/lien/{link}" if link else PATHS[Place.HOME]
        response = frame.redirect(self.request, path)
        frame.forget_journeys(response, *({"signin", "settings"} - {self._lasting}))
        frame.cookies.drop(response, "link")
        frame.cookies.write(response, "session", session)
        return response

    @property
    def _lasting(self) -> str:
        return "settings" if self.page.flow == "settings" else ""

    def _over(self, view: View) -> Response:
        if view.status == "done":
            # Pressed twice, or sent again after a lost answer: the journey ended well.
            return self._leave(self.page.path)
        return self._show(view, 410)

    def _leave(self, path: str) -> Response:
        return self.page.frame.redirect(self.request, path)

    def _unavailable(self, view: View) -> Response:
        view = self._with_notice(view, "service.unavailable")
        return self._show(view, 503, echo=self.form, headers=_PAUSE)

    def _show(
        self,
        view: View,
        status: int,
        *,
        echo: Mapping[str, str] | None = None,
        remark: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        return self.page.render(
            self.request,
            view,
            self.session,
            status=status,
            echo=echo,
            remark=remark,
            headers=headers,
        )

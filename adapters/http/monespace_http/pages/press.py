"""What one POST of a journey's page does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import evolve, field, fields, frozen
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monespace_flows.commands import Command, Extend, Restart
from monespace_flows.driver import SessionView
from monespace_flows.errors import (
    CommandNotOffered,
    JourneyOver,
    JourneyUnknown,
    JourneyUnreadable,
    PortUnavailable,
    SessionRequired,
)
from monespace_flows.screens import NoticeView, Outcome, Place, View

from ..async_flows import STATUS, retry_after
from ..json.payloads import form_command
from ..places import PATHS
from ..transport.problems import HttpProblem
from .errors import notice_view, throttled_view
from .forms import MOVED_ON, NOT_HERE, OTHER_JOURNEY, TORN, Form, Shown

if TYPE_CHECKING:
    from .journey import JourneyPage

__all__ = [
    "Press",
    "Standing",
]


@frozen(kw_only=True)
class Standing:
    """What a page has to show.

    ``token`` opens the journey shown; it is empty on a first screen without one.  ``reference``
    is that of the journey that the cookie names, even if the page shows the first screen again.
    ``is_unreadable``: the cookie names a journey that this release cannot go on with.
    """

    view: View
    token: str = field(default="", repr=False)
    reference: str = ""
    is_unreadable: bool = False

    @property
    def is_told_once(self) -> bool:
        """Whether the browser forgets the journey once this was shown: the next person begins."""
        return self.is_unreadable or self.view.status != "open"


# --- What one POST of a journey's page does ------------------------------------------------------
# A form acts on the journey whose screen it showed, or on none.  What moves the person on is
# answered by a redirect, so that a reload repeats nothing; a refusal is shown at once, with what
# was typed, secrets excepted.

_PAUSE = {"Retry-After": "10"}


@frozen(kw_only=True)
class Press:
    """What a person sent from a page, with all that came with it."""

    page: JourneyPage
    request: Request
    form: Form
    shown: Shown
    session: SessionView | None

    async def answer(self) -> Response:
        """Find the journey that is meant, submit what was pressed, and show what came of it."""
        if self.page.flow.needs_session and self.session is None:
            return self._sign_in()
        standing = await self.page.stand(self.request, self.session)
        if not self.shown.journey and standing.token:
            # A first form that is filled in means a new journey, whatever another tab has begun.
            standing = Standing(view=await self.page.first(self.session))
        elif self.shown.journey and self.shown.journey != standing.reference:
            return await self._not_this_one(standing)
        return await self._act(standing)

    async def _act(self, standing: Standing) -> Response:
        event = self.form.event or _primary(standing.view)
        if event is None:
            return self._leave(self.page.path)
        command = form_command(event, self.form.fields, self.page.frame.ask.commands)
        if isinstance(command, Restart):
            return await self._restart(standing)
        if not self.form.torn.isdisjoint(each.name for each in fields(type(command))):
            return await self._show(standing.view, 400, echo=self.form.fields, remark=TORN)
        if standing.token:
            return await self._go_on(standing.token, standing.view, command)
        return await self._begin(standing.view, command)

    # --- which journey -----------------------------------------------------------------------

    async def _not_this_one(self, standing: Standing) -> Response:
        """The form's journey is not the one that this browser holds: nothing is done."""
        if self.page.wants_json(self.request):
            return JSONResponse({}, 410)
        if self.form.event == Restart.event and not standing.reference:
            return self._leave(self.page.path)
        remark = OTHER_JOURNEY if standing.token else NOT_HERE
        return await self.page.render(
            self.request, standing, self.session, status=409, remark=remark
        )

    async def _begin(self, view: View, command: Command) -> Response:
        if not _is_offered(view, command):
            return await self._show(view, 409, echo=self.form.fields, remark=MOVED_ON)
        if self.page.is_late(self.shown):
            # Before a journey has begun, only the form says when its screen was shown (C2).
            return await self._show(self._refused(view, self._notice("entry.erased")), 422)
        try:
            started = await self._start()
        except SessionRequired:
            return self._sign_in()
        except (PortUnavailable, HttpProblem) as error:
            return await self._unanswered(view, error)
        response = await self._go_on(started.token, started, command)
        if not self._signs_in(response):
            self.page.frame.cookies.write(response, self.page.cookie, started.token)
        return response

    async def _restart(self, standing: Standing) -> Response:
        """End the journey that the form showed, if one has begun, and lead out of it."""
        first = await self.page.first(self.session)
        path = self.page.path
        if standing.view.state == first.state:
            path = (
                PATHS[Place.HOME]
                if self.page.flow.needs_session
                else self.page.frame.places.sign_in
            )
        if not standing.token:
            return self._leave(path)
        try:
            await self._submit(standing.token, Restart())
        except (JourneyOver, JourneyUnknown, SessionRequired):
            pass  # it has ended already
        except PortUnavailable as error:
            return await self._unanswered(standing.view, error)
        response = self._leave(path)
        self.page.frame.forget_journeys(response, self.page.flow.name)
        return response

    # --- the core ----------------------------------------------------------------------------

    async def _go_on(self, token: str, view: View, command: Command) -> Response:
        try:
            return await self._after(await self._submit(token, command), command)
        except CommandNotOffered as refusal:
            return await self._show(refusal.view, 409, echo=self.form.fields, remark=MOVED_ON)
        except JourneyOver as refusal:
            return await self._over(refusal.view)
        except (JourneyUnknown, JourneyUnreadable):
            return self._leave(self.page.path)  # purged since the page was shown
        except SessionRequired:
            return self._sign_in()
        except (PortUnavailable, HttpProblem) as error:
            return await self._unanswered(view, error)

    async def _start(self) -> View:
        frame = self.page.frame
        token = frame.cookies.read(self.request, "session")
        return await frame.ask.start(self.page.flow.name, token, frame.client(self.request))

    async def _submit(self, token: str, command: Command) -> View:
        frame = self.page.frame
        return await frame.ask.submit(
            token, command, client=frame.client(self.request), shown_at=self.shown.at
        )

    # --- what is answered --------------------------------------------------------------------

    async def _after(self, view: View, command: Command) -> Response:
        if view.session is not None:
            return await self._opened(view.session)
        if view.status == "expired":
            return await self._over(view)
        if view.outcome is not Outcome.ACCEPTED:
            status = STATUS[view.outcome]
            return await self._show(view, status, echo=self.form.fields, headers=retry_after(view))
        if not isinstance(command, Extend):
            return self._leave(self.page.path)
        if self.page.wants_json(self.request):
            return self.page.form_state(self.request, view)
        return await self._show(view, 200, echo=self.form.fields)

    async def _opened(self, session: str) -> Response:
        """A new session stands for the old one, if any: an id from before is worth nothing."""
        frame, flow = self.page.frame, self.page.flow
        earlier = frame.cookies.read(self.request, "session")
        if earlier is not None and earlier != session:
            await frame.ask.sign_out(earlier)
        path = frame.wanted(self.request) if flow.for_guests else self.page.path
        response = frame.redirect(self.request, path)
        # A member's journey goes on under the session that it opens; those of an earlier session
        # never do, and a guest's is of no more use.
        every = frame.ask.flows.flows.values()
        over = (it for it in every if it.for_guests or (it.needs_session and it is not flow))
        frame.forget_journeys(response, *(it.name for it in over))
        for wish in ("link", "back"):
            frame.cookies.drop(response, wish)
        frame.cookies.write(response, "session", session)
        return response

    def _signs_in(self, response: Response) -> bool:
        """Once signed in, the journey that led there is of no more use."""
        return self.page.flow.for_guests and response.status_code == 303

    async def _over(self, view: View) -> Response:
        if view.status == "done":
            # Pressed twice, or sent again after a lost answer: the journey ended well.
            return self._leave(self.page.path)
        if self.page.wants_json(self.request):
            return JSONResponse({}, 410)
        return await self._show(view, 410)

    def _leave(self, path: str) -> Response:
        return self.page.frame.redirect(self.request, path)

    def _sign_in(self) -> Response:
        return self.page.frame.ask_sign_in(self.request, back=self.page.flow.name)

    async def _unanswered(self, view: View, error: PortUnavailable | HttpProblem) -> Response:
        """Nothing was asked of the core, or it could not answer: what was typed stays."""
        if isinstance(error, HttpProblem):  # the outer brake
            told, status, headers = throttled_view(error.headers), error.status, error.headers
        else:
            told, status, headers = self._notice("service.unavailable"), 503, _PAUSE
        view = self._refused(view, told)
        return await self._show(view, status, echo=self.form.fields, headers=headers)

    def _notice(self, notice_id: str) -> NoticeView:
        return notice_view(self.page.frame.ask.flows, notice_id)

    def _refused(self, view: View, notice: NoticeView) -> View:
        return evolve(view, notices=(notice,), outcome=Outcome.REFUSED)

    async def _show(
        self,
        view: View,
        status: int,
        *,
        echo: Mapping[str, str] | None = None,
        remark: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        return await self.page.render(
            self.request,
            Standing(view=view),
            self.session,
            status=status,
            echo=echo,
            remark=remark,
            headers=headers,
        )


def _primary(view: View) -> str | None:
    """The command of a form that was sent without its button, as password managers do."""
    return next((each.command for each in view.screen.buttons if each.primary), None)


def _is_offered(view: View, command: Command) -> bool:
    return any(button.command == command.event for button in view.screen.buttons)

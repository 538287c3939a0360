"""The page of one journey: its screen, and where a browser stands in its flow.

A GET never writes: before a journey has begun, the first screen is shown without one, and the
first POST starts it.  How a journey ended is shown once: whoever comes next begins their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, field, frozen
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from monespace_flows.chart import Flow
from monespace_flows.commands import CloseSessions
from monespace_flows.driver import SessionLine, SessionView
from monespace_flows.effects import OpenSession
from monespace_flows.errors import (
    JourneyUnreadable,
    PortUnavailable,
    SessionRequired,
)
from monespace_flows.notices import CODE_DELAYED, CODE_UNDELIVERED
from monespace_flows.rules.waits import entry_end
from monespace_flows.screens import View
from monespace_flows.wording import typeset

from ..transport.addresses import mount_prefix
from .forms import TOKEN, Form, Shown
from .frame import Frame
from .screen import ScreenPage

__all__ = ["JourneyPage"]

_SHOWN_TOKEN = "x-form-token"
_ARRIVING = {CODE_DELAYED.id, CODE_UNDELIVERED.id}
"""What may become true of a screen while it is looked at."""


@frozen
class Remark:
    """What a page says beside a journey's own notices: why it is not the page that was expected.

    ``code`` is stable, and tells one cause of a status from another; it is empty where none does.
    """

    text_id: str
    code: str = ""

    @classmethod
    def of(cls, code: str) -> Remark:
        """The remark that a cause has, by its code."""
        return cls(f"page.remark.{code}", code)


_UNREADABLE = Remark.of("journey.unreadable")
_TOLD_AT_SIGN_IN = {
    told: Remark(f"page.remark.{told}")
    for told in ("session-expired", "sign-in-needed", "signed-out")
}
"""What the sign-in page tells once, after a redirect."""


@frozen(kw_only=True)
class Standing:
    """What a page has to show.

    ``token`` opens the journey shown; it is empty on a first screen without one.  ``reference``
    is that of the journey that the cookie names, even if the page shows the first screen again.
    ``is_unreadable``: the cookie names a journey that this release cannot go on with; the browser
    keeps it, since beside this process one of another release may.
    """

    view: View
    token: str = field(default="", repr=False)
    reference: str = ""
    is_unreadable: bool = False

    @property
    def is_told_once(self) -> bool:
        """Whether the browser forgets the journey once this was shown: the next person begins."""
        return self.view.status != "open"


@frozen
class JourneyPage:
    """The page of a flow."""

    flow: Flow
    frame: Frame

    @property
    def path(self) -> str:
        """Its address below the mount."""
        return self.flow.path

    @property
    def cookie(self) -> str:
        """The cookie that holds the journey's token."""
        return f"journey_{self.flow.name}"

    @staticmethod
    def wants_json(request: Request) -> bool:
        """Whether our own script asks, which needs no page."""
        return request.headers.get("accept", "").strip().lower() == "application/json"

    # --- what is asked -----------------------------------------------------------------------

    async def show(self, request: Request) -> Response:
        """Show where the person stands, without changing anything."""
        session, standing = await self.stand(request)
        elsewhere = self.elsewhere(request, session)
        if self.wants_json(request):
            return self._look(request, session, standing, is_here=elsewhere is None)
        if elsewhere is not None and self.flow.for_guests:
            return elsewhere
        # A member's journey may have ended with the session: that is told before anything else.
        if elsewhere is not None and standing.view.status != "done":
            return elsewhere
        told = self.frame.cookies.read(request, "told") if self.flow.for_guests else None
        remark = _TOLD_AT_SIGN_IN.get(told or "")
        status = 409 if standing.is_unreadable else 200
        response = await self.render(request, standing, session, status=status, remark=remark)
        if told is not None:
            self.frame.cookies.drop(response, "told")
        if self.flow.for_guests:
            self.frame.note_return(request, response)
        return response

    def elsewhere(self, request: Request, session: SessionView | None) -> Response | None:
        """Send on a person who has no business here: signed in already, or not at all."""
        if self.flow.for_guests and session is not None:
            address = self.frame.returned(request)
            if address is not None:
                return RedirectResponse(address, 303)
            return self.frame.redirect(request, self.frame.places.home)
        if self.flow.needs_session and session is None:
            return self.frame.send_to_sign_in(request, back=self.flow.name)
        return None

    # --- where the person stands -------------------------------------------------------------

    async def stand(self, request: Request) -> tuple[SessionView | None, Standing]:
        """Find who is signed in, and their journey of this flow; one of another flow is none."""
        token = self.frame.cookies.read(request, self.cookie)
        session = self.frame.cookies.read(request, "session")
        try:
            holder, view = await self.frame.flows.look(session, token)
        except JourneyUnreadable:
            holder = await self.frame.session(request)
            return holder, Standing(view=self.first(holder), is_unreadable=True)
        if token is None or view is None or view.flow != self.flow.name:
            return holder, Standing(view=self.first(holder))
        if self.is_behind(view, holder):
            return holder, Standing(view=self.first(holder), reference=view.reference)
        return holder, Standing(view=view, token=token, reference=view.reference)

    def is_behind(self, view: View, session: SessionView | None) -> bool:
        """Whether a journey has ended and its last screen would say nothing true any more."""
        if self.flow.is_transient:
            return view.status != "open"
        # Where a step opens a session, the last screen says that it is open.
        opens = any(isinstance(effect, OpenSession) for effect in self.flow.wished)
        return opens and view.status == "done" and session is None

    def first(self, session: SessionView | None) -> View:
        """Show the first screen of a journey that has not begun."""
        view = self.frame.flows.preview(self.flow.name)
        if session is None or not self.flow.needs_session:
            return view
        fields = tuple(
            evolve(each, value=session.email) if each.kind == "email" else each
            for each in view.screen.fields
        )
        return evolve(view, screen=evolve(view.screen, fields=fields))

    # --- what is answered --------------------------------------------------------------------

    async def render(
        self,
        request: Request,
        standing: Standing,
        session: SessionView | None,
        *,
        status: int = 200,
        echo: Mapping[str, str] | None = None,
        remark: Remark | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Show where the person stands as a page."""
        view = standing.view
        if standing.is_unreadable:
            remark = _UNREADABLE
        page = self._screen_page(request, view, echo or {}, remark)
        sessions = await self._sessions(request, view) if session is not None else ()
        again = self._again(request, view)
        response = self.frame.page(
            request,
            "screen.html",
            title=page.title,
            status=status,
            session=session,
            linked=page.linked,
            headers=headers,
            journey=view.reference,
            page=page,
            again=again,
            sessions=sessions,
            erased=self.frame.notice("entry.erased").text,
        )
        if standing.is_told_once:
            self.frame.forget_journeys(response, self.flow.name)
        return response

    async def _sessions(self, request: Request, view: View) -> tuple[SessionLine, ...]:
        """Where the person is signed in, on the screen that lets them end the others."""
        token = self.frame.cookies.read(request, "session")
        shows = any(it.command == CloseSessions.event for it in view.screen.buttons)
        if token is None or not shows:
            return ()
        try:
            return await self.frame.flows.sessions(token)
        except (PortUnavailable, SessionRequired):
            return ()  # it ended, or cannot be read, while the page was made: the form stands

    async def refresh(self, request: Request, form: Form) -> Response:
        """Answer a stale form: nothing is done, and the page shown can be sent."""
        if self.wants_json(request):
            return JSONResponse({}, 403)
        session, standing = await self.stand(request)
        elsewhere = self.elsewhere(request, session)
        if elsewhere is not None:
            return elsewhere
        echo = form.fields if self._may_echo(form.claimed, standing) else {}
        remark = Remark(form.why_stale, "form.stale")
        return await self.render(request, standing, session, status=403, echo=echo, remark=remark)

    def _may_echo(self, claimed: Shown | None, standing: Standing) -> bool:
        """Whether what was typed goes into a fresh page.

        Not after ten minutes (``C2``), nor into the journey of someone else.
        """
        if claimed is None:
            return True
        belongs = claimed.journey in ("", standing.reference)
        return belongs and not self.is_late(claimed)

    def is_late(self, shown: Shown) -> bool:
        """Whether what was typed into a form is to be erased by now (``C2``)."""
        flows = self.frame.flows
        return flows.now() >= entry_end(shown.at, flows.policy.journeys)

    def _screen_page(
        self, request: Request, view: View, echo: Mapping[str, str], remark: Remark | None
    ) -> ScreenPage:
        return ScreenPage(
            flow=self.flow,
            view=view,
            action=mount_prefix(request.scope) + self.path,
            now=self.frame.flows.now(),
            policy=self.frame.flows.policy.journeys,
            echo=echo,
            words=self.frame.words,
            remark=self.frame.words.say(remark.text_id) if remark else None,
            code=remark.code if remark else "",
        )

    def _again(self, request: Request, view: View) -> ScreenPage | None:
        """The flow's first screen, for a second form under a screen that only waits."""
        if view.screen.again is None:
            return None
        first = self.frame.flows.preview(self.flow.name)
        return self._screen_page(request, first, {}, None)

    def _look(
        self,
        request: Request,
        session: SessionView | None,
        standing: Standing,
        *,
        is_here: bool,
    ) -> Response:
        """Tell our script how long its form lives, and give it a token issued now.

        The script says which form it has: another tab may have begun another journey, and a form
        must never be given the token of a journey whose screen it does not show.
        """
        if not is_here:
            return JSONResponse({}, 410)
        view = standing.view
        claimed = self.frame.tokens.claimed(request.headers.get(_SHOWN_TOKEN, ""))
        if claimed is not None and claimed.journey == "" != view.reference:
            view = self.first(session)
        elif claimed is not None and claimed.journey != view.reference:
            return JSONResponse({}, 410)
        return self.form_state(request, view)

    def form_state(self, request: Request, view: View) -> Response:
        """Tell our script of the form of a view that it shows, or is about to show."""
        if view.status != "open":
            return JSONResponse({}, 410)
        left = self._screen_page(request, view, {}, None).timer
        seconds = left.seconds if left else 0
        token = self.frame.form_token(request, view.reference)
        if not token:  # a browser without our cookie was shown no form, or refuses cookies
            return JSONResponse({}, 403)
        told = [typeset(it.text) for it in view.notices if it.id in _ARRIVING]
        news = {"told": told[0]} if told else {}
        return JSONResponse({TOKEN: token, "seconds": seconds, **news})

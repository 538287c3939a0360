"""The page of one journey: its screen on GET, what was pressed on POST.

A GET never writes: before a journey has begun, the first screen is shown without one, and the
first POST starts it.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, frozen
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monespace_flows.driver import SessionView
from monespace_flows.errors import JourneyUnknown
from monespace_flows.flows import FLOWS
from monespace_flows.screens import Place, View

from .frame import COMMAND, TOKEN, Frame
from .payloads import form_command
from .places import FLOW_PATHS, PATHS
from .prefix import mount_prefix
from .press import Press
from .screen_page import ScreenPage, timer
from .sentences import notice_view
from .weaving import linked_places

__all__ = ["JourneyPage"]

_ENDLESS = frozenset({"signin", "settings"})
"""Pages rather than undertakings: once over, they are simply shown afresh."""


@frozen
class JourneyPage:
    """The page of the flow named ``flow``."""

    flow: str
    frame: Frame

    @property
    def path(self) -> str:
        """Its address below the mount."""
        return FLOW_PATHS[self.flow]

    @property
    def cookie(self) -> str:
        """The cookie that holds the journey's token."""
        return f"journey_{self.flow}"

    @staticmethod
    def wants_json(request: Request) -> bool:
        """Whether our own script asks, which needs no page."""
        return request.headers.get("accept", "").strip().lower() == "application/json"

    async def show(self, request: Request) -> Response:
        """Show where the person stands, without changing anything."""
        session = await self.frame.session(request)
        if self.flow == "signin" and session is not None:
            return self.frame.redirect(request, PATHS[Place.HOME])
        if FLOWS[self.flow].needs_session and session is None:
            return self.frame.redirect(request, PATHS[Place.SIGN_IN])
        found = await self.present(request, session)
        view = found[1] if found else await self.first(session)
        if self.wants_json(request):
            return self.form_state(request, view)
        return self.render(request, view, session)

    async def act(self, request: Request) -> Response:
        """Do what was pressed."""
        form, shown_at = await self.frame.form(request)
        event = form.pop(COMMAND, "")
        if event == "restart":
            response = self.frame.redirect(request, self.path)
            self.frame.forget_journeys(response, self.flow)
            return response
        press = Press(
            page=self,
            request=request,
            command=form_command(event, form),
            form=form,
            shown_at=shown_at,
            session=await self.frame.session(request),
        )
        return await press.answer()

    async def present(
        self, request: Request, session: SessionView | None
    ) -> tuple[str, View] | None:
        """Find the browser's journey of this flow; a journey of another flow is none."""
        token = self.frame.cookies.read(request, self.cookie)
        if token is None:
            return None
        try:
            view = await self.frame.ask.view(token)
        except JourneyUnknown:
            return None
        if view.flow != self.flow or (view.status != "open" and self.flow in _ENDLESS):
            return None
        if self.flow == "reset" and view.status == "done" and session is None:
            return None  # its last screen says « Vous êtes connecté »
        return token, view

    async def first(self, session: SessionView | None) -> View:
        """Show the first screen of a journey that has not begun."""
        view = await self.frame.ask.preview(self.flow)
        if session is None or not FLOWS[self.flow].needs_session:
            return view
        fields = tuple(
            evolve(each, value=session.email) if each.kind == "email" else each
            for each in view.screen.fields
        )
        return evolve(view, screen=evolve(view.screen, fields=fields))

    def render(
        self,
        request: Request,
        view: View,
        session: SessionView | None,
        *,
        status: int = 200,
        echo: Mapping[str, str] | None = None,
        remark: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Show a view as a page."""
        policy = self.frame.ask.flows.policy.journeys
        page = ScreenPage(
            view=view,
            action=mount_prefix(request.scope) + self.path,
            timer=timer(view, self.frame.ask.now(), policy),
            echo=echo or {},
            remark=remark,
        )
        return self.frame.page(
            request,
            "screen.html",
            title=page.title,
            status=status,
            session=session,
            linked=linked_places(view),
            headers=headers,
            page=page,
            erased=notice_view(self.frame.ask.flows, "entry.erased").text,
        )

    def form_state(self, request: Request, view: View) -> Response:
        """Tell our script how long the form lives, and give it a token issued now."""
        if view.status != "open":
            return JSONResponse({}, 410)
        left = timer(view, self.frame.ask.now(), self.frame.ask.flows.policy.journeys)
        seconds = left.seconds if left else 0
        return JSONResponse({TOKEN: self.frame.form_token(request), "seconds": seconds})

"""What one POST of a journey's page does.

A form acts on the journey whose screen it showed, or on none.  What moves the person on is
answered by a redirect, so that a reload repeats nothing; a refusal is shown at once, with what was
typed, secrets excepted.
"""

from __future__ import annotations

from collections.abc import Mapping

from attrs import evolve, fields, frozen
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
from monespace_flows.screens import NoticeView, Outcome, View

from ..presses import Press, log_refusal, outcome_status, refusal_code
from ..transport.headers import HttpProblem
from .errors import throttled_notice
from .forms import Form, Shown
from .frame import WISHES
from .journey import JourneyPage, Remark, Standing

__all__ = ["press"]

_NOT_BEGUN = Remark.of("journey.not_begun")
_OTHER_JOURNEY = Remark.of("form.other_journey")
_NOT_HERE = Remark.of("form.journey_gone")
_TORN = Remark("page.remark.form.torn")

_UNMOVED = (
    CommandNotOffered,
    HttpProblem,  # the outer brake
    JourneyOver,
    JourneyUnknown,
    JourneyUnreadable,
    PortUnavailable,
    SessionRequired,
)


async def press(page: JourneyPage, request: Request) -> Response:
    """Submit what was pressed in the journey that is meant, and show what came of it.

    What a form says of itself is enough for most presses: whether it is still so is looked up only
    where it is refused.
    """
    form = await page.frame.form(request)
    if form.shown is None:
        return await page.refresh(request, form)
    it = _Sent(page=page, request=request, form=form, shown=form.shown)
    pressed = it.at_once()
    if pressed is None:
        return await it.looked_first()
    try:
        view = await page.frame.flows.submit(pressed)
    except _UNMOVED as error:
        return await it.refused(pressed, error)
    it = evolve(it, session=pressed.signed_in)
    return it.kept(pressed, view, await it.moved(view, pressed.command, view))


@frozen(kw_only=True)
class _Sent:
    """What a person sent from a page, with all that came with it, and who they are once known."""

    page: JourneyPage
    request: Request
    form: Form
    shown: Shown
    session: SessionView | None = None

    # --- what is meant -----------------------------------------------------------------------

    def at_once(self) -> Press | None:
        """What can be submitted before anything is looked up, unless something is odd.

        A first form that is filled in means a new journey, whatever another tab has begun.
        """
        frame, event, token, first = self.page.frame, self.form.event, "", None
        if self.shown.journey:
            token = frame.cookies.read(self.request, self.page.cookie) or ""
            if not token:
                return None
        else:
            first = self.page.first(None)
            event = event or _primary(first) or ""
        if event not in frame.flows.commands or event == Restart.event:
            return None
        command = self.form.command(event, frame.flows.commands)
        if self._is_torn(command) or not (first is None or self._fits(first, command)):
            return None
        return self.pressed(command, token, self.shown.journey or None)

    def pressed(self, command: Command, token: str, reference: str | None = None) -> Press:
        """Tell the core of a press, with all that came with it."""
        frame = self.page.frame
        return Press(
            flow=self.page.flow,
            command=command,
            client=frame.client(self.request),
            token=token,
            reference=reference,
            session=frame.cookies.read(self.request, "session"),
            start_key=self.form.key,
            key=self.form.key,
            shown_at=self.shown.at,
            browser=frame.cookies.read(self.request, "known") or "",
            looks=True,
        )

    async def looked_first(self, refused: Exception | None = None) -> Response:
        """Look who and where the person is, then answer, or submit what is not refused yet."""
        session, standing = await self.page.stand(self.request)
        it = evolve(self, session=session)
        meant = await it.given() or await it.meant(standing)
        if isinstance(meant, Response):
            return meant
        standing, command = meant
        if refused is not None:
            return await it.unmoved(standing.view, command, refused)
        pressed = it.pressed(command, standing.token)
        try:
            view = await self.page.frame.flows.submit(pressed)
        except _UNMOVED as error:
            begun = pressed.started or standing.view
            return it.kept(pressed, begun, await it.unmoved(begun, command, error))
        return it.kept(pressed, view, await it.moved(standing.view, command, view))

    async def given(self) -> Response | None:
        """Answer a form as before that is sent again because its answer was lost (FT-06)."""
        frame = self.page.frame
        token = frame.cookies.read(self.request, self.page.cookie)
        if not token or self.form.event not in frame.flows.commands:
            return None
        command = self.form.command(self.form.event, frame.flows.commands)
        view = await frame.flows.given(token, command, self.form.key)
        return None if view is None else await self.moved(view, command, view)

    async def meant(self, standing: Standing) -> tuple[Standing, Command] | Response:
        """Say what is to be done on which journey, or answer at once where nothing is."""
        if self.page.flow.needs_session and self.session is None:
            return self._sign_in()
        if not self.shown.journey:
            standing = Standing(view=self.page.first(self.session))
        if self.shown.journey not in ("", standing.reference):
            return await self._not_this_one(standing)
        event = self.form.event or _primary(standing.view)
        if event is None:
            return self._leave()
        command = self.form.command(event, self.page.frame.flows.commands)
        if not isinstance(command, Restart):
            return await self._unfit(standing, command) or (standing, command)
        if standing.token:
            return standing, command
        return self._leave(self._way_out(standing.view))

    async def _not_this_one(self, standing: Standing) -> Response:
        """The form's journey is not the one that this browser holds: nothing is done."""
        remark = _OTHER_JOURNEY if standing.token else _NOT_HERE
        for_script = self.page.wants_json(self.request)
        if self.form.event == Restart.event and not standing.reference and not for_script:
            return self._leave()
        # What a form calls its button is anyone's text until it names a command of ours.
        known = self.form.event in self.page.frame.flows.commands
        log_refusal(remark.code, standing.view, self.form.event if known else "")
        if for_script:
            return JSONResponse({}, 410)
        return await self.page.render(
            self.request, standing, self.session, status=409, remark=remark
        )

    def _is_torn(self, command: Command) -> bool:
        return not self.form.torn.isdisjoint(each.name for each in fields(type(command)))

    def _fits(self, first: View, command: Command) -> bool:
        """Whether a first form can be submitted as it is, in time."""
        # Before a journey has begun, only the form says when its screen was shown (C2).
        return _has(first, command) and not self.page.is_late(self.shown)

    async def _unfit(self, standing: Standing, command: Command) -> Response | None:
        """Answer a form that cannot be submitted as it is."""
        view = standing.view
        if self._is_torn(command):
            return await self._show(view, 400, echo=self.form.fields, remark=_TORN)
        if standing.token or self._fits(view, command):
            return None
        if not _has(view, command):
            log_refusal(_NOT_BEGUN.code, view, command.event)
            return await self._show(view, 409, echo=self.form.fields, remark=_NOT_BEGUN)
        return await self._show(_refused(view, self.page.frame.notice("entry.erased")), 422)

    # --- what came of it ---------------------------------------------------------------------

    async def refused(self, pressed: Press, error: Exception) -> Response:
        """Answer a press that was refused at once: as it is, or by a look where that would tell."""
        it, command = evolve(self, session=pressed.signed_in), pressed.command
        match error:
            case SessionRequired():
                return await self.looked_first()
            case _ if not pressed.token:
                if not pressed.has_looked:
                    it = evolve(self, session=await self.page.frame.session(self.request))
                begun = pressed.started or self.page.first(it.session)
                return it.kept(pressed, begun, await it.unmoved(begun, command, error))
            case CommandNotOffered():
                return await it.unmoved(error.view, command, error)
            case JourneyOver() if not self.page.is_behind(error.view, it.session):
                return await it.unmoved(error.view, command, error)
            case HttpProblem() | PortUnavailable():
                return await self.looked_first(error)
            case _:
                return await self.looked_first()

    def kept(self, pressed: Press, view: View, response: Response) -> Response:
        """Have the browser keep the journey, under the shortest token that it has by now."""
        is_new = pressed.started is not None and not self._signs_in(response)
        if is_new or (view.token != pressed.token and view.status == "open"):
            self.page.frame.cookies.write(response, self.page.cookie, view.token)
        return response

    async def moved(self, before: View, command: Command, view: View) -> Response:
        """Answer a command that was judged."""
        if isinstance(command, Restart):
            return self._restarted(before)
        if view.session is not None:
            return await self._opened(view.session, view.browser)
        if view.status == "expired":
            return await self._over(view)
        if view.outcome is not Outcome.ACCEPTED:
            status, headers = outcome_status(view)
            return await self._show(view, status, echo=self.form.fields, headers=headers)
        return await self._extended(view) if isinstance(command, Extend) else self._leave()

    async def _extended(self, view: View) -> Response:
        """Ten more minutes: what was typed stays, without a page where our script asks."""
        if self.page.wants_json(self.request):
            return self.page.form_state(self.request, view)
        return await self._show(view, 200, echo=self.form.fields)

    async def unmoved(self, before: View, command: Command, error: Exception) -> Response:
        """Answer a command that was not: what was typed stays, where it may be sent again."""
        if isinstance(error, CommandNotOffered | JourneyOver):
            log_refusal(refusal_code(error), error.view, command.event)
        match error:
            case CommandNotOffered():
                remark = Remark.of(refusal_code(error))
                return await self._show(error.view, 409, echo=self.form.fields, remark=remark)
            case PortUnavailable() | HttpProblem():
                return await self._unanswered(before, error)
            case _ if isinstance(command, Restart):
                return self._restarted(before)  # it has ended already
            case JourneyOver():
                return await self._over(error.view)
            case SessionRequired():
                return self._sign_in()
            case _:
                return self._leave()  # purged since the page was shown

    def _signs_in(self, response: Response) -> bool:
        """Once signed in, the journey that led there is of no more use."""
        return self.page.flow.for_guests and response.status_code == 303

    async def _opened(self, session: str, browser: str | None) -> Response:
        """A new session stands for the old one, if any: an id from before is worth nothing."""
        frame, flow = self.page.frame, self.page.flow
        earlier = frame.cookies.read(self.request, "session")
        if earlier is not None and earlier != session:
            await frame.flows.sign_out(earlier)
        response = frame.go_on(self.request) if flow.for_guests else self._leave()
        # A member's journey goes on under the session that it opens; those of an earlier session
        # never do, and a guest's is of no more use.
        every = frame.flows.declared.values()
        over = (it for it in every if it.for_guests or (it.needs_session and it is not flow))
        frame.forget_journeys(response, *(it.name for it in over))
        for wish in WISHES:
            frame.cookies.drop(response, wish)
        frame.cookies.write_session(response, session, browser, frame.flows.policy)
        return response

    def _restarted(self, before: View) -> Response:
        """The journey that the form showed has ended: lead out of it."""
        response = self._leave(self._way_out(before))
        self.page.frame.forget_journeys(response, self.page.flow.name)
        return response

    def _way_out(self, view: View) -> str:
        """Where a restart leads: to the first screen, or from there out of the flow."""
        if view.state != self.page.first(self.session).state:
            return self.page.path
        places = self.page.frame.places
        return places.home if self.page.flow.needs_session else places.sign_in

    async def _over(self, view: View) -> Response:
        if view.status == "done":
            # Pressed twice, or sent again after a lost answer: the journey ended well.
            return self._leave()
        if self.page.wants_json(self.request):
            return JSONResponse({}, 410)
        return await self._show(view, 410)

    async def _unanswered(self, view: View, error: PortUnavailable | HttpProblem) -> Response:
        """Nothing was asked of the core, or it could not answer."""
        if isinstance(error, HttpProblem):
            notice = throttled_notice(error.headers, self.page.frame.words)
            status, headers = error.status, error.headers
        else:
            notice = self.page.frame.notice("service.unavailable")
            status, headers = 503, {"Retry-After": "10"}
        refused = _refused(view, notice)
        return await self._show(refused, status, echo=self.form.fields, headers=headers)

    def _leave(self, path: str | None = None) -> Response:
        return self.page.frame.redirect(self.request, path or self.page.path)

    def _sign_in(self) -> Response:
        return self.page.frame.send_to_sign_in(self.request, back=self.page.flow.name)

    async def _show(
        self,
        view: View,
        status: int,
        *,
        echo: Mapping[str, str] | None = None,
        remark: Remark | None = None,
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


def _has(view: View, command: Command) -> bool:
    return any(button.command == command.event for button in view.screen.buttons)


def _refused(view: View, notice: NoticeView) -> View:
    return evolve(view, notices=(notice,), outcome=Outcome.REFUSED)

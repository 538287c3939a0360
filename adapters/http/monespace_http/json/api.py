"""The journeys as JSON (contract, section 4): the endpoints, and the table of what they serve."""

from __future__ import annotations

from functools import partial

import msgspec
from attrs import evolve, frozen
from starlette.requests import Request
from starlette.responses import Response

from monespace_flows.chart import Flow
from monespace_flows.commands import Command
from monespace_flows.driver import SessionView
from monespace_flows.errors import (
    CommandNotOffered,
    JourneyOver,
    JourneyUnknown,
    JourneyUnreadable,
    LinkInvalid,
    PortUnavailable,
    SessionRequired,
)
from monespace_flows.screens import View

from ..async_flows import AsyncFlows
from ..places import Endpoint
from ..presses import Press, log_refusal, outcome_status, refusal_code
from ..settings import HttpSettings
from ..transport.addresses import client_key
from ..transport.apps import SESSION_MODE
from ..transport.bodies import JsonObject, read_object
from ..transport.headers import Cookies, FieldFault, HttpProblem, bearer, press_key, problem_of
from .operations import (
    END_SESSION,
    LIST_SESSIONS,
    SHOW,
    SHOW_SESSION,
    START,
    USE_LINK,
    command,
)
from .payloads import (
    ConfirmedBody,
    LinkUse,
    ObjectedBody,
    OpenSessionBody,
    SessionBody,
    SessionsBody,
    Start,
    StartAndPress,
    ViewBody,
    structure,
)

__all__ = ()


def answer_with(
    body: msgspec.Struct, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Answer with a body of ours as JSON."""
    return Response(
        msgspec.json.encode(body), status, media_type="application/json", headers=headers
    )


def _bearer_required() -> HttpProblem:
    """The answer to a request that lacks its token."""
    return HttpProblem(
        401,
        "bearer.required",
        "Send the token in the header Authorization: Bearer <token>.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def _journey_unknown() -> HttpProblem:
    return HttpProblem(404, "journey.unknown", "No journey has this reference and this token.")


def _journey_unreadable() -> HttpProblem:
    detail = (
        "This release cannot go on with this journey: ask again in a moment, since another server "
        "may, or start another one with POST /api/journeys."
    )
    return HttpProblem(409, "journey.unreadable", detail)


_UNGUESSABLE = 16  # characters at least: a UUID has 36


# --- The endpoints -------------------------------------------------------------------------------


@frozen
class Api:
    """The endpoints under ``/api``."""

    flows: AsyncFlows
    settings: HttpSettings
    cookies: Cookies

    def endpoints(self) -> list[Endpoint]:
        """List what is served of the journeys, links and sessions."""
        return [
            Endpoint("POST", "/api/journeys", self.start, START),
            Endpoint("GET", "/api/journeys/{reference}", self.show, SHOW),
            *(
                Endpoint(
                    "POST",
                    f"/api/journeys/{{reference}}/{event}",
                    partial(self.submit, kind),
                    command(event, kind),
                )
                for event, kind in self.flows.commands.items()
            ),
            Endpoint("POST", "/api/journeys/{reference}/{command}", self.unknown_command),
            Endpoint("POST", "/api/links", self.use_link, USE_LINK),
            Endpoint("GET", "/api/session", self.show_session, SHOW_SESSION),
            Endpoint("DELETE", "/api/session", self.end_session, END_SESSION),
            Endpoint("GET", "/api/sessions", self.list_sessions, LIST_SESSIONS),
        ]

    async def start(self, request: Request) -> Response:
        """Start a journey, and press in it where a command comes with it."""
        document = await self._document(request)
        if not document.keys().isdisjoint({"command", "fields"}):
            return await self._start_and_press(request, structure(document, StartAndPress))
        view = await self._start(request, self._flow(structure(document, Start).flow))
        return answer_with(ViewBody.of(view, token=True), 201)

    async def _start(self, request: Request, flow: Flow) -> View:
        client = self._client(request)
        key = _start_key(request, client)
        try:
            return await self.flows.start(flow.name, self._session(request), client, key)
        except SessionRequired:
            raise _bearer_required() from None

    def _flow(self, name: str) -> Flow:
        flow = self.flows.declared.get(name)
        if flow is None:
            known = ", ".join(self.flows.declared)
            fault = FieldFault("flow", f"is none of the flows: send one of {known}")
            raise HttpProblem(400, "flow.unknown", "Correct the field named.", faults=(fault,))
        return flow

    async def _start_and_press(self, request: Request, body: StartAndPress) -> Response:
        flow, kind = self._flow(body.flow), self.flows.commands.get(body.command)
        if kind is None or not _offers(flow, kind):
            return _unknown(await self._start(request, flow), token=True)
        self.flows.admit(kind)
        client = self._client(request)
        press = Press(
            flow=flow,
            command=structure(body.fields, kind, "fields."),
            client=client,
            session=self._session(request),
            start_key=_start_key(request, client),
            key=press_key(request),
            browser=self._browser(request),
        )
        try:
            view = await self.flows.submit(press)
        except _REFUSALS as error:
            return _refused(error, kind.event, press.started)
        return await self._handed(request, view, 201, token=True)

    async def show(self, request: Request) -> Response:
        """Look at a journey."""
        _, view = await self._find(request)
        if view.status == "expired":
            return answer_with(ViewBody.of(view, code="journey.expired"), 410)
        return answer_with(ViewBody.of(view))

    async def unknown_command(self, request: Request) -> Response:
        """Answer a command that no flow has: a name of the client's own, or the clock's."""
        _, view = await self._find(request)
        return _unknown(view)

    async def submit(self, kind: type[Command], request: Request) -> Response:
        """Do what the person pressed."""
        self.flows.admit(kind)
        token = _token(request)
        try:
            press = Press(
                command=structure(await self._document(request), kind),
                client=self._client(request),
                token=token,
                reference=request.path_params["reference"],
                key=press_key(request),
                browser=self._browser(request),
            )
            view = await self.flows.submit(press)
        except _REFUSALS as error:
            foreign = await self._foreign(error, kind, request)
            return _refused(error, kind.event) if foreign is None else _unknown(foreign)
        return await self._handed(request, view, 200)

    async def _foreign(
        self, error: Exception, kind: type[Command], request: Request
    ) -> View | None:
        """The journey of a command that no screen of its flow has: that is told before all else."""
        match error:
            case JourneyUnknown() | JourneyUnreadable() | PortUnavailable():
                return None
            case CommandNotOffered() | JourneyOver() if self._has(error.view, kind):
                return None
        _, view = await self._find(request)
        return None if self._has(view, kind) else view

    def _has(self, view: View, kind: type[Command]) -> bool:
        return _offers(self.flows.declared[view.flow], kind)

    async def use_link(self, request: Request) -> Response:
        """Use a one-time link up."""
        token = structure(await self._document(request), LinkUse).token
        client, key, session = self._client(request), press_key(request), self._session(request)
        try:
            used = await self.flows.use_link(token, client=client, session=session, key=key)
        except (LinkInvalid, JourneyUnreadable):
            detail = "This link was used, replaced or is too old: ask for another."
            problem = HttpProblem(410, "link.invalid", detail)
            problem.reference = await self.flows.link_reference(token)
            raise problem from None
        except SessionRequired:
            raise _bearer_required() from None
        match used:
            case View():
                return answer_with(ViewBody.of(used, token=True))
            case SessionView():
                return answer_with(ConfirmedBody(email=used.email))
            case _:
                return answer_with(ObjectedBody(objection=used))

    async def show_session(self, request: Request) -> Response:
        """Say who is signed in."""
        token = self._session(request)
        session = await self.flows.session(token) if token else None
        if session is None:
            raise _bearer_required()
        return answer_with(
            SessionBody(
                account_id=session.account_id,
                email=session.email,
                role=session.role.value,
                since=session.since,
            )
        )

    async def list_sessions(self, request: Request) -> Response:
        """List where the person is signed in."""
        token = self._session(request)
        try:
            listed = await self.flows.sessions(token) if token else ()
        except SessionRequired:
            listed = ()
        if not listed:
            raise _bearer_required()
        rows = tuple(
            OpenSessionBody(since=it.since, seen_at=it.seen_at, current=it.is_this) for it in listed
        )
        return answer_with(SessionsBody(sessions=rows))

    async def end_session(self, request: Request) -> Response:
        """Sign out."""
        token = self._session(request)
        if token is None or not await self.flows.sign_out(token):
            raise _bearer_required()
        response = Response(status_code=204)
        if _keeps_cookies(request):
            self.cookies.drop(response, "session")
        return response

    async def _find(self, request: Request) -> tuple[str, View]:
        token = _token(request)
        try:
            view = await self.flows.view(token)
        except JourneyUnknown:
            raise _journey_unknown() from None
        except JourneyUnreadable:
            raise _journey_unreadable() from None
        if view.reference != request.path_params["reference"]:
            raise _journey_unknown()
        return token, view

    async def _document(self, request: Request) -> JsonObject:
        return await read_object(request, self.settings.body_wait)

    def _client(self, request: Request) -> str:
        return client_key(request, self.settings.trusted_proxies)

    # --- a browser app that leaves its session to a cookie -------------------------------------

    def _session(self, request: Request) -> str | None:
        token = bearer(request)
        if token is None and _keeps_cookies(request):
            return self.cookies.read(request, "session")
        return token

    def _browser(self, request: Request) -> str | None:
        return (self.cookies.read(request, "known") or "") if _keeps_cookies(request) else None

    async def _handed(
        self, request: Request, view: View, moved: int, *, token: bool = False
    ) -> Response:
        """Answer a press that was judged; a session that it opened goes where the app wants it."""
        if view.session is None or not _keeps_cookies(request):
            return _judged(view, moved, token=token)
        earlier = self.cookies.read(request, "session")
        if earlier is not None and earlier != view.session:
            await self.flows.sign_out(earlier)
        response = _judged(evolve(view, session=None), moved, token=token)
        self.cookies.write_session(response, view.session, view.browser, self.flows.policy)
        return response


def _keeps_cookies(request: Request) -> bool:
    return request.headers.get(SESSION_MODE) == "cookie"


def _start_key(request: Request, client: str) -> str | None:
    """The key of a start, which no journey's token makes its client's own: so its source does.

    A short one could be another's, too, and would then open that one's journey: it is left aside.
    """
    key = press_key(request)
    if key is None or len(key) < _UNGUESSABLE:
        return None
    return f"{client} {request.headers.get('user-agent', '')} {key}"


def _token(request: Request) -> str:
    token = bearer(request)
    if token is None:
        raise _bearer_required()
    return token


# --- What came of it -----------------------------------------------------------------------------

_REFUSALS = (
    CommandNotOffered,
    HttpProblem,
    JourneyOver,
    JourneyUnknown,
    JourneyUnreadable,
    PortUnavailable,
    SessionRequired,
)


def _offers(flow: Flow, kind: type[Command]) -> bool:
    """Whether some screen of a flow offers a command."""
    screens = flow.screens.values()
    return any(it.command == kind.event for screen in screens for it in screen.buttons)


def _judged(view: View, moved: int, *, token: bool = False) -> Response:
    """A press that was judged; ``moved`` is the status of one that moved the person on."""
    if view.status == "expired":
        return answer_with(ViewBody.of(view, token=token, code="journey.expired"), 410)
    status, headers = outcome_status(view)
    return answer_with(ViewBody.of(view, token=token), moved if status == 200 else status, headers)


def _refused(error: Exception, event: str, started: View | None = None) -> Response:
    """A press that was not judged; whoever started with it is told how to go on."""
    if isinstance(error, CommandNotOffered | JourneyOver):
        code, is_open = refusal_code(error), isinstance(error, CommandNotOffered)
        log_refusal(code, error.view, event)
        body = ViewBody.of(error.view, token=started is not None, code=code, offered=is_open)
        return answer_with(body, 409 if is_open else 410)
    problem = _problem(error)
    if started is not None:
        problem.token, problem.reference = started.token, started.reference
    return problem.response()


def _problem(error: Exception) -> HttpProblem:
    match error:
        case JourneyUnknown():
            return _journey_unknown()
        case JourneyUnreadable():
            return _journey_unreadable()
        case SessionRequired():
            return _bearer_required()
        case _:
            return problem_of(error)


def _unknown(view: View, *, token: bool = False) -> Response:
    """A command that no screen of the flow offers; the answer names those of this one."""
    return answer_with(ViewBody.of(view, token=token, code="command.unknown", offered=True), 404)

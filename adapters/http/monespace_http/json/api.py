"""The journeys as JSON (contract, section 4): the endpoints, and the table of what they serve."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import msgspec
from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response

from monespace_flows.commands import Command
from monespace_flows.errors import (
    CommandNotOffered,
    JourneyOver,
    JourneyUnknown,
    JourneyUnreadable,
    LinkInvalid,
    SessionRequired,
)
from monespace_flows.ports import LinkPurpose
from monespace_flows.screens import View

from ..async_flows import AsyncFlows, outcome_status, refusal_code
from ..places import Endpoint, Operation
from ..settings import HttpSettings
from ..transport.addresses import client_key
from ..transport.bodies import JsonObject, read_object
from ..transport.headers import FieldFault, HttpProblem, bearer, press_key
from .payloads import (
    ConfirmedBody,
    LinkUse,
    ObjectedBody,
    OpenSessionBody,
    SessionBody,
    SessionsBody,
    Start,
    ViewBody,
    structure,
)

__all__ = ()


def _answer(
    body: msgspec.Struct, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
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


# --- What OpenAPI tells of it --------------------------------------------------------------------

_MALFORMED = (400, 408, 413, 415)

_START = Operation(
    summary="Start a journey; some flows need the bearer of a session",
    body=Start,
    answers={201: (ViewBody,)},
    problems=(*_MALFORMED, 401, 403, 429, 503),
    bearer="session or nothing",
)
_SHOW = Operation(
    summary="Look at a journey",
    answers={200: (ViewBody,), 410: (ViewBody,)},
    problems=(400, 401, 404, 409, 503),
    bearer="journey",
)
_USE_LINK = Operation(
    summary="Use a one-time link up; a confirmation link needs the bearer of a session",
    body=LinkUse,
    answers={200: (ViewBody, ConfirmedBody, ObjectedBody)},
    problems=(*_MALFORMED, 401, 403, 410, 429, 503),
    bearer="session or nothing",
)
_SHOW_SESSION = Operation(
    summary="Say who is signed in",
    answers={200: (SessionBody,)},
    problems=(400, 401, 503),
    bearer="session",
)
_END_SESSION = Operation(
    summary="Sign out", answers={204: ()}, problems=(400, 401, 403, 503), bearer="session"
)


_LIST_SESSIONS = Operation(
    summary="List the sessions of whoever is signed in; close_sessions ends the others",
    answers={200: (SessionsBody,)},
    problems=(400, 401, 503),
    bearer="session",
)


def _command(event: str, kind: type) -> Operation:
    summary = (kind.__doc__ or event).partition("\n")[0]
    return Operation(
        summary=f"{event}: {summary}",
        body=kind,
        answers={
            200: (ViewBody,),
            404: (ViewBody,),
            409: (ViewBody,),
            410: (ViewBody,),
            422: (ViewBody,),
            429: (ViewBody,),
        },
        problems=(*_MALFORMED, 401, 403, 404, 409, 429, 503),
        bearer="journey",
    )


# --- The endpoints -------------------------------------------------------------------------------


@frozen
class Api:
    """The endpoints under ``/api``."""

    flows: AsyncFlows
    settings: HttpSettings

    def endpoints(self) -> list[Endpoint]:
        """List what is served of the journeys, links and sessions."""
        return [
            Endpoint("POST", "/api/journeys", self.start, _START),
            Endpoint("GET", "/api/journeys/{reference}", self.show, _SHOW),
            *(
                Endpoint(
                    "POST",
                    f"/api/journeys/{{reference}}/{event}",
                    partial(self.submit, kind),
                    _command(event, kind),
                )
                for event, kind in self.flows.commands.items()
            ),
            Endpoint("POST", "/api/journeys/{reference}/{command}", self.unknown_command),
            Endpoint("POST", "/api/links", self.use_link, _USE_LINK),
            Endpoint("GET", "/api/session", self.show_session, _SHOW_SESSION),
            Endpoint("DELETE", "/api/session", self.end_session, _END_SESSION),
            Endpoint("GET", "/api/sessions", self.list_sessions, _LIST_SESSIONS),
        ]

    async def start(self, request: Request) -> Response:
        """Start a journey."""
        flow = structure(await self._document(request), Start).flow
        if flow not in self.flows.declared:
            known = ", ".join(self.flows.declared)
            fault = FieldFault("flow", f"is none of the flows: send one of {known}")
            raise HttpProblem(400, "flow.unknown", "Correct the field named.", faults=(fault,))
        try:
            client = self._client(request)
            view = await self.flows.start(
                flow, bearer(request), client, _start_key(request, client)
            )
        except SessionRequired:
            raise _bearer_required() from None
        return _answer(ViewBody.of(view, token=True), 201)

    async def show(self, request: Request) -> Response:
        """Look at a journey."""
        _, view = await self._find(request)
        if view.status == "expired":
            return _answer(ViewBody.of(view, code="journey.expired"), 410)
        return _answer(ViewBody.of(view))

    async def unknown_command(self, request: Request) -> Response:
        """Answer a command that no flow has: a name of the client's own, or the clock's."""
        _, view = await self._find(request)
        return _unknown(view)

    async def submit(self, kind: type[Command], request: Request) -> Response:
        """Do what the person pressed."""
        self.flows.admit(kind)
        token, seen = await self._find(request)
        if not self._has(seen, kind):
            return _unknown(seen)
        command = structure(await self._document(request), kind)
        try:
            view = await self.flows.submit(
                token, command, client=self._client(request), key=press_key(request)
            )
        except CommandNotOffered as refusal:
            return _answer(ViewBody.of(refusal.view, code=refusal_code(refusal), offered=True), 409)
        except JourneyOver as refusal:
            return _answer(ViewBody.of(refusal.view, code=refusal_code(refusal)), 410)
        except JourneyUnknown:
            raise _journey_unknown() from None
        except JourneyUnreadable:
            raise _journey_unreadable() from None
        except SessionRequired:
            raise _bearer_required() from None
        if view.status == "expired":
            return _answer(ViewBody.of(view, code="journey.expired"), 410)
        return _answer(ViewBody.of(view), *outcome_status(view))

    async def use_link(self, request: Request) -> Response:
        """Use a one-time link up."""
        token = structure(await self._document(request), LinkUse).token
        try:
            return await self._use_link(token, request)
        except (LinkInvalid, JourneyUnreadable):
            detail = "This link was used, replaced or is too old: ask for another."
            raise HttpProblem(410, "link.invalid", detail) from None

    async def _use_link(self, token: str, request: Request) -> Response:
        client, key, session = self._client(request), press_key(request), bearer(request)
        purpose = await self.flows.link_purpose(token, client)
        if purpose is LinkPurpose.CONFIRM:
            return await self._confirm(token, session, key)
        if purpose is not None and purpose.objects:
            return await self._object(token)
        try:
            view = await self.flows.open_link(token, client, key)
        except LinkInvalid:
            if key is None:
                raise
            return await self._again(token, session, key)
        return _answer(ViewBody.of(view, token=True))

    async def show_session(self, request: Request) -> Response:
        """Say who is signed in."""
        token = bearer(request)
        session = await self.flows.session(token) if token else None
        if session is None:
            raise _bearer_required()
        return _answer(
            SessionBody(email=session.email, role=session.role.value, since=session.since)
        )

    async def list_sessions(self, request: Request) -> Response:
        """List where the person is signed in."""
        token = bearer(request)
        try:
            listed = await self.flows.sessions(token) if token else ()
        except SessionRequired:
            listed = ()
        if not listed:
            raise _bearer_required()
        rows = tuple(
            OpenSessionBody(since=it.since, seen_at=it.seen_at, current=it.is_this) for it in listed
        )
        return _answer(SessionsBody(sessions=rows))

    async def end_session(self, request: Request) -> Response:
        """Sign out."""
        token = bearer(request)
        if token is None or await self.flows.session(token) is None:
            raise _bearer_required()
        await self.flows.sign_out(token)
        return Response(status_code=204)

    def _has(self, view: View, kind: type[Command]) -> bool:
        """Whether some screen of the journey's flow offers a command."""
        screens = self.flows.declared[view.flow].screens.values()
        return any(it.command == kind.event for screen in screens for it in screen.buttons)

    async def _confirm(self, token: str, session: str | None, key: str | None) -> Response:
        try:
            holder = await self.flows.confirm_email(token, session, key)
        except SessionRequired:
            raise _bearer_required() from None
        return _answer(ConfirmedBody(email=holder.email))

    async def _object(self, token: str) -> Response:
        return _answer(ObjectedBody(objection=await self.flows.object_link(token)))

    async def _again(self, token: str, session: str | None, key: str) -> Response:
        """Answer who has just objected or confirmed by a link, and did not get the answer."""
        with suppress(LinkInvalid):
            return await self._object(token)
        if session is None:
            raise LinkInvalid("nobody is signed in who could have used it")
        return await self._confirm(token, session, key)

    async def _find(self, request: Request) -> tuple[str, View]:
        token = bearer(request)
        if token is None:
            raise _bearer_required()
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


def _start_key(request: Request, client: str) -> str | None:
    """The key of a start, which no journey's token makes its client's own: so its source does.

    A short one could be another's, too, and would then open that one's journey: it is left aside.
    """
    key = press_key(request)
    if key is None or len(key) < _UNGUESSABLE:
        return None
    return f"{client} {request.headers.get('user-agent', '')} {key}"


def _unknown(view: View) -> Response:
    """A command that no screen of the flow offers; the answer names those of this one."""
    return _answer(ViewBody.of(view, code="command.unknown", offered=True), 404)

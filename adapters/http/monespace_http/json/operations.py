"""What OpenAPI tells of each endpoint: its body, its answers, its problems, its bearer."""

from __future__ import annotations

from ..places import Operation
from .payloads import (
    ConfirmedBody,
    LinkUse,
    ObjectedBody,
    SessionBody,
    SessionsBody,
    Start,
    ViewBody,
)

__all__ = ()

_MALFORMED = (400, 408, 413, 415)

START = Operation(
    summary="Start a journey, and press with it; some flows need the bearer of a session",
    body=Start,
    answers=dict.fromkeys((201, 404, 409, 410, 422, 429), (ViewBody,)),
    problems=(*_MALFORMED, 401, 403, 409, 429, 503),
    bearer="session or nothing",
)
SHOW = Operation(
    summary="Look at a journey",
    answers={200: (ViewBody,), 410: (ViewBody,)},
    problems=(400, 401, 404, 409, 503),
    bearer="journey",
)
USE_LINK = Operation(
    summary="Use a one-time link up; a confirmation link needs the bearer of a session",
    body=LinkUse,
    answers={200: (ViewBody, ConfirmedBody, ObjectedBody)},
    problems=(*_MALFORMED, 401, 403, 410, 429, 503),
    bearer="session or nothing",
)
SHOW_SESSION = Operation(
    summary="Say who is signed in",
    answers={200: (SessionBody,)},
    problems=(400, 401, 503),
    bearer="session",
)
END_SESSION = Operation(
    summary="Sign out", answers={204: ()}, problems=(400, 401, 403, 503), bearer="session"
)
LIST_SESSIONS = Operation(
    summary="List the sessions of whoever is signed in; close_sessions ends the others",
    answers={200: (SessionsBody,)},
    problems=(400, 401, 503),
    bearer="session",
)


def command(event: str, kind: type) -> Operation:
    """Describe the operation of a command."""
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

"""What OpenAPI tells of each endpoint: its body, its answers, its problems, its bearer."""

from __future__ import annotations

import inspect

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
    id="start_journey",
    summary="Start a journey, and press with it; some flows need the bearer of a session",
    body=Start,
    answers=dict.fromkeys((201, 404, 409, 410, 422, 429), (ViewBody,)),
    problems=(*_MALFORMED, 401, 403, 409, 429, 503),
    bearer="session or nothing",
)
SHOW = Operation(
    id="show_journey",
    summary="Look at a journey",
    answers={200: (ViewBody,), 410: (ViewBody,)},
    problems=(400, 401, 404, 409, 503),
    bearer="journey",
)
USE_LINK = Operation(
    id="use_link",
    tag="links",
    summary="Use a one-time link up; a confirmation link needs the bearer of a session",
    body=LinkUse,
    answers={200: (ViewBody, ConfirmedBody, ObjectedBody)},
    problems=(*_MALFORMED, 401, 403, 410, 429, 503),
    bearer="session or nothing",
)
SHOW_SESSION = Operation(
    id="show_session",
    tag="sessions",
    summary="Say who is signed in",
    answers={200: (SessionBody,)},
    problems=(400, 401, 503),
    bearer="session",
)
END_SESSION = Operation(
    id="end_session",
    tag="sessions",
    summary="Sign out",
    answers={204: ()},
    problems=(400, 401, 403, 503),
    bearer="session",
)
LIST_SESSIONS = Operation(
    id="list_sessions",
    tag="sessions",
    summary="List the sessions of whoever is signed in; close_sessions ends the others",
    answers={200: (SessionsBody,)},
    problems=(400, 401, 503),
    bearer="session",
)


def command(event: str, kind: type) -> Operation:
    """Describe the operation of a command."""
    summary, _, about = inspect.cleandoc(kind.__doc__ or event).partition("\n")
    return Operation(
        id=event,
        summary=summary,
        about=about.strip(),
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

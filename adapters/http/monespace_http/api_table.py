"""What the JSON serves: the rows of the contract's section 4."""

from __future__ import annotations

from functools import partial

from .api import Api
from .payloads import LinkUse, Start
from .table import Endpoint, Operation
from .wire import ConfirmedBody, SessionBody, ViewBody

__all__ = ["api_table"]

_MALFORMED = (400, 408, 413, 415)


def api_table(api: Api) -> list[Endpoint]:
    """List the endpoints of the journeys, links and sessions."""
    return [
        Endpoint("POST", "/api/journeys", api.start, _START),
        Endpoint("GET", "/api/journeys/{reference}", api.show, _SHOW),
        *(
            Endpoint(
                "POST",
                f"/api/journeys/{{reference}}/{event}",
                partial(api.command, kind),
                _command(event, kind),
            )
            for event, kind in api.ask.commands.items()
        ),
        Endpoint("POST", "/api/journeys/{reference}/{command}", api.unknown_command),
        Endpoint("POST", "/api/links", api.use_link, _USE_LINK),
        Endpoint("GET", "/api/session", api.show_session, _SHOW_SESSION),
        Endpoint("DELETE", "/api/session", api.end_session, _END_SESSION),
    ]


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
    problems=(400, 401, 404, 410, 503),
    bearer="journey",
)
_USE_LINK = Operation(
    summary="Use a one-time link up; a confirmation link needs the bearer of a session",
    body=LinkUse,
    answers={200: (ViewBody, ConfirmedBody)},
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
        problems=(*_MALFORMED, 401, 403, 404, 410, 429, 503),
        bearer="journey",
    )

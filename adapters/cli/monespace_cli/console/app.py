"""The console as an app: who is let in, what each address shows, and what is refused."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from attrs import evolve, frozen
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from monespace_flows.errors import MonespaceError
from monespace_flows.wording import Text
from monespace_http.transport.bodies import read_form
from monespace_http.transport.headers import Cookies, HttpProblem, SecurityHeaders

from ..access.place import Place
from ..errors import Exit, Stop
from . import acts, views
from .language import Chosen, remember
from .pages import STATIC, Asked, written
from .trying import try_answer
from .visits import Clock, Visits

__all__ = ["Agent", "console_cookies", "create_console"]

Agent = Callable[[Request], str | None]
"""Names who asks, as the host's own sign-in knows them; ``None`` lets nobody in."""

_View = Callable[[Asked], Response]
_PATIENCE = timedelta(seconds=10)
_VISIT = "visit"
_STATUS = {Exit.NO_JOURNEY: 404, Exit.USAGE: 422}


def create_console(
    place: Place,
    agent: Agent,
    *,
    acts_too: bool = False,
    secure: bool = True,
    clock: Clock = time.monotonic,
    extra_routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """Make the support console, for a host to mount behind its own sign-in.

    Args:
        place: whose journeys are read, by connections that cannot write, and where readings are
            recorded.
        agent: names who asks; it is asked at each request, and the name is recorded.
        acts_too: whether accounts may be unlocked, disabled, enabled and erased, and messages put
            back: ``place`` must then lead to a database that may be written, and to the keys.
        secure: whether it is served by HTTPS, as it must be but on one's own machine.
        clock: for tests.
        extra_routes: of the host.

    Returns:
        An app that shows nothing to whom ``agent`` does not name, and nothing that is not recorded.
        It speaks French, and English to whoever follows its link « English ».
    """
    cookies = console_cookies(secure=secure)
    doors = _Doors(
        place=place,
        agent=agent,
        acts=acts_too,
        cookies=cookies,
        visits=Visits(clock),
    )
    return Starlette(
        routes=[*extra_routes, *_routes(doors)],
        middleware=[
            Middleware(
                SecurityHeaders,
                secure=secure,
                languages=Chosen(("fr", "en"), cookies),
                csp={},
            )
        ],
        exception_handlers={
            HttpProblem: _problem,
            HTTPException: _problem,
            Stop: _stopped,
            MonespaceError: _broken,
        },
    )


def console_cookies(*, secure: bool) -> Cookies:
    """The console's cookies, beside those of a service on the same host."""
    return Cookies(secure, "monespace_console")


@frozen(kw_only=True)
class _Doors:
    """Lets agents in, and has them say why before anything is read."""

    place: Place
    agent: Agent
    acts: bool
    cookies: Cookies
    visits: Visits

    def open(
        self, view: _View, *, on_grounds: bool = True
    ) -> Callable[[Request], Awaitable[Response]]:
        """Make an endpoint of a view."""

        async def endpoint(request: Request) -> Response:
            name = await run_in_threadpool(self.agent, request)
            if not name:
                raise HttpProblem(403, "agent.unknown", "Sign in first.")
            visit = self.visits.find(self.cookies.read(request, _VISIT), name)
            begun = None
            if visit is None:
                begun, visit = self.visits.begin(name)
            asked = Asked(request=request, visit=visit, place=self.place, acts=self.acts)
            answer = await self._answer(asked, view, on_grounds=on_grounds)
            if begun is not None:
                self.cookies.write(answer, _VISIT, begun)
            remember(self.cookies, request, answer)
            return answer

        return endpoint

    async def _answer(self, asked: Asked, view: _View, *, on_grounds: bool) -> Response:
        request, visit = asked.request, asked.visit
        fields: dict[str, str] = {}
        if request.method == "POST":
            fields = dict((await read_form(request, _PATIENCE)).fields)
            if not visit.proves(fields.get("form_token", "")):
                raise HttpProblem(403, "form.stale", "Show the page again, then send its form.")
        if on_grounds and visit.grounds is None:
            visit.wanted = _wanted(request) if request.method == "GET" else "/"
            return asked.go("/motif")
        ready = evolve(asked, fields=fields)
        request.state.asked = ready
        return await run_in_threadpool(view, ready)


def _wanted(request: Request) -> str:
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    return f"{path}?{request.url.query}" if request.url.query else path


def _routes(doors: _Doors) -> list[Route]:
    routes = [
        Route("/fichiers/{version}/{name}", STATIC.serve),
        Route("/motif", doors.open(views.ask_grounds, on_grounds=False)),
        Route("/motif", doors.open(views.take_grounds, on_grounds=False), methods=["POST"]),
        Route("/", doors.open(views.search)),
        Route("/recherche", doors.open(views.open_one), methods=["POST"]),
        Route("/personne", doors.open(views.found)),
        Route("/personne", doors.open(views.find), methods=["POST"]),
        Route("/parcours", doors.open(views.listing)),
        Route("/parcours/{reference}", doors.open(views.journey)),
        Route("/parcours/{reference}/essai", doors.open(try_answer)),
        Route("/chiffres", doors.open(views.counts)),
    ]
    if doors.acts:
        routes += [
            Route("/gestes", doors.open(acts.act_page)),
            Route("/gestes", doors.open(acts.do_act), methods=["POST"]),
            Route("/renvoi", doors.open(acts.do_retry), methods=["POST"]),
            Route("/effacement", doors.open(acts.ask_erasure)),
            Route("/effacement", doors.open(acts.name_erased), methods=["POST"]),
            Route("/effacement/confirme", doors.open(acts.do_erase), methods=["POST"]),
        ]
    return routes


# --- what is not shown ---------------------------------------------------------------------------

_DENIED = Text("Accès refusé", "Access refused")
_NO_PAGE = Text("Page introuvable", "Page not found")
_MALFORMED = Text("Demande refusée", "Request refused")
_NOTHING = Text("Rien à montrer", "Nothing to show")
_REFUSED = {
    403: (
        _DENIED,
        Text(
            "Entrez par le lien affiché au lancement, qui ne sert qu'une fois, ou par votre site.",
            "Come in by the link that was printed at the start, which works once, or by your site.",
        ),
    ),
    404: (
        _NO_PAGE,
        Text("Il n'y a rien à cette adresse.", "There is nothing at this address."),
    ),
}
_AGAIN = Text(
    "Affichez de nouveau la page, puis recommencez.", "Show the page again, then start over."
)


def _problem(request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, HttpProblem) else 404
    if isinstance(error, HTTPException):
        status = error.status_code
    title, text = _REFUSED.get(status, (_MALFORMED, _AGAIN))
    return written(request, "error", status, title=title, lines=[text])


def _stopped(request: Request, error: Exception) -> Response:
    assert isinstance(error, Stop)  # noqa: S101 - narrows
    status = _STATUS.get(error.code, 503)
    lines = [Text(error.message, error.english)]
    asked: Asked | None = getattr(request.state, "asked", None)
    if asked is None or status == 503:
        return written(request, "error", status, title=_NOTHING, lines=lines)
    return asked.page("error", status, title=_NOTHING, lines=lines)


def _broken(request: Request, error: Exception) -> Response:
    """Our own errors hold no value; the kind is enough for who runs the service."""
    told = Text(
        "Le service ne peut pas répondre : prévenez l'exploitation.",
        "The service cannot answer: tell the operators.",
    )
    kind = type(error).__name__
    return written(request, "error", 503, title=_NOTHING, lines=[told, Text(kind, kind)])

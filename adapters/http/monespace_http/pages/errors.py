"""Errors as people and programs read them: a page, or a problem document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from monespace_flows.screens import NoticeView
from monespace_flows.wording import typeset

from ..transport.addresses import route_path
from ..transport.headers import HttpProblem, problem_of
from .frame import Frame
from .words import Words

__all__ = ["ErrorPages"]


def throttled_notice(headers: Mapping[str, str], words: Words) -> NoticeView:
    """Say that the outer brake holds, and for how long."""
    text = words.plain("page.throttled", retry=_say_wait(headers, words))
    return NoticeView(id="client.throttled", kind="error", text=text)


def _say_wait(headers: Mapping[str, str], words: Words) -> str:
    """Say the wait that an answer's ``Retry-After`` tells programs."""
    wait = timedelta(seconds=int(headers.get("Retry-After", "1")))
    return words.plain("page.retry_in", wait=words.language.span(wait))


_PROGRAMS = frozenset({"/api", "/openapi.json", "/healthz", "/metrics", "/readyz"})

_SAID = frozenset({400, 403, 404, 405, 408, 413, 415, 429, 500, 503})
"""The statuses that have words of their own."""

_AGAIN = frozenset({403, 408, 413, 429, 500, 503})
"""What may go better another time, from a page that can be opened again."""


def _is_for_programs(scope: Scope) -> bool:
    """Whether the path is one of the JSON's, not a page's."""
    path = route_path(scope)
    return path in _PROGRAMS or path.startswith("/api/")


@frozen
class ErrorPages:
    """Answers for what went wrong."""

    frame: Frame

    async def answer(self, request: Request, error: Exception) -> Response:
        """Make the response for an error; nothing of the request is repeated in it."""
        problem = problem_of(error)
        if _is_for_programs(request.scope):
            return problem.response()
        words = self.frame.words
        heading, sentence = _words(problem, words)
        return self.frame.page(
            request,
            "error.html",
            title=words.plain("page.title.error", title=heading),
            status=problem.status,
            headers=problem.headers,
            heading=typeset(heading),
            sentence=typeset(sentence),
            can_retry=problem.status in _AGAIN and _is_page(request, self.frame.places.pages),
        )


def _words(problem: HttpProblem, words: Words) -> tuple[str, str]:
    status = problem.status if problem.status in _SAID else 400
    at = f"page.error.{'foreign' if problem.code == 'origin.foreign' else status}"
    if problem.status == 429:
        return words.plain(at), _say_wait(problem.headers, words)
    return words.plain(at), words.plain(f"{at}.text")


def _is_page(request: Request, pages: frozenset[str]) -> bool:
    """Whether the address can be opened by GET, as a link does, without doing anything."""
    path = route_path(request.scope)
    return request.method in ("GET", "HEAD") or path in pages or path.startswith("/lien/")

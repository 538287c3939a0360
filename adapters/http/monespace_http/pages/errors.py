"""Errors as people and programs read them: a page in French, or a problem document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from monespace_flows.screens import NoticeView
from monespace_flows.wording import say_span

from ..transport.addresses import route_path
from ..transport.headers import HttpProblem, problem_of
from .frame import Frame

__all__ = ["ErrorPages"]

_THROTTLED = "Trop de tentatives depuis votre connexion Internet"


def throttled_notice(headers: Mapping[str, str]) -> NoticeView:
    """Say that the outer brake holds, and for how long."""
    return NoticeView(
        id="client.throttled", kind="error", text=f"{_THROTTLED}. {_say_wait(headers)}"
    )


def _say_wait(headers: Mapping[str, str]) -> str:
    """Say the wait that an answer's ``Retry-After`` tells programs."""
    wait = timedelta(seconds=int(headers.get("Retry-After", "1")))
    return f"Réessayez dans {say_span(wait)}."


_PROGRAMS = frozenset({"/api", "/openapi.json", "/healthz", "/metrics", "/readyz"})

_SENTENCES: Mapping[int, tuple[str, str]] = {
    400: (
        "Requête non comprise",
        (
            "Votre navigateur a envoyé une requête que ce site ne comprend pas. "
            "Revenez à l'accueil, puis recommencez."
        ),
    ),
    403: (
        "Cette page a expiré",
        (
            "Par sécurité, elle ne peut plus être envoyée. Rien n'a été modifié : ouvrez-la de "
            "nouveau, puis recommencez."
        ),
    ),
    404: ("Page introuvable", "Cette adresse ne mène à aucune page de ce site."),
    405: ("Action impossible", "Cette adresse ne peut pas être utilisée de cette façon."),
    408: ("Envoi trop lent", "Votre envoi ne nous est pas parvenu en entier. Recommencez."),
    413: ("Envoi trop volumineux", "Ce que vous avez envoyé est trop long. Rien n'a été modifié."),
    415: ("Requête non comprise", "Votre navigateur a envoyé un format que ce site ne lit pas."),
    429: (_THROTTLED, ""),
    500: (
        "Une erreur est survenue",
        "Elle vient de notre service. Réessayez dans quelques instants.",
    ),
    503: (
        "Service momentanément indisponible",
        "Rien n'a été modifié et aucun essai n'a été compté : réessayez dans quelques instants.",
    ),
}

_FOREIGN = (
    "Envoi refusé",
    (
        "Cet envoi ne vient pas d'une page de ce site. Rien n'a été modifié : revenez à l'accueil, "
        "puis recommencez."
    ),
)

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
        title, sentence = _words(problem)
        return self.frame.page(
            request,
            "error.html",
            title=f"Erreur – {title}",
            status=problem.status,
            headers=problem.headers,
            heading=title,
            sentence=sentence,
            can_retry=problem.status in _AGAIN and _is_page(request, self.frame.places.pages),
        )


def _words(problem: HttpProblem) -> tuple[str, str]:
    if problem.code == "origin.foreign":
        return _FOREIGN
    title, sentence = _SENTENCES.get(problem.status, _SENTENCES[400])
    return (title, _say_wait(problem.headers)) if problem.status == 429 else (title, sentence)


def _is_page(request: Request, pages: frozenset[str]) -> bool:
    """Whether the address can be opened by GET, as a link does, without doing anything."""
    path = route_path(request.scope)
    return request.method in ("GET", "HEAD") or path in pages or path.startswith("/lien/")

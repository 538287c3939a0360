"""Errors as people and programs read them: a page in French, or a problem document."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from monespace_flows.errors import PortUnavailable

from .frame import Frame
from .prefix import route_path
from .problems import HttpProblem, problem_response

__all__ = ["ErrorPages", "is_for_programs"]

_PROGRAMS = frozenset({"/api", "/openapi.json", "/healthz", "/readyz"})

_SENTENCES: Mapping[int, tuple[str, str]] = {
    400: (
        "Demande illisible",
        "Votre navigateur a envoyé une demande que nous ne savons pas lire.",
    ),
    403: (
        "Page périmée",
        "Par sécurité, cette page ne peut plus être envoyée. Rechargez-la, puis recommencez.",
    ),
    404: ("Page introuvable", "Cette adresse ne mène à aucune page de ce site."),
    405: ("Action impossible", "Cette adresse ne peut pas être utilisée de cette façon."),
    408: ("Envoi trop lent", "Votre envoi ne nous est pas parvenu en entier. Recommencez."),
    413: ("Envoi trop volumineux", "Ce que vous avez envoyé est trop long."),
    415: ("Format inconnu", "Votre navigateur a envoyé un format que nous ne savons pas lire."),
    429: (
        "Trop de demandes",
        "Trop de demandes viennent de votre connexion. Patientez quelques minutes.",
    ),
    500: (
        "Une erreur est survenue",
        "Elle vient de notre service. Rien n'a été perdu : réessayez dans quelques instants.",
    ),
    503: (
        "Service momentanément indisponible",
        "Rien n'a été perdu et aucun essai n'a été compté : réessayez dans quelques instants.",
    ),
}

_CODES = {404: "page.unknown", 405: "method.unsupported"}


def is_for_programs(scope: Scope) -> bool:
    """Whether the path is one of the JSON's, not a page's."""
    path = route_path(scope)
    return path in _PROGRAMS or path.startswith("/api/")


def _problem(error: Exception) -> HttpProblem:
    if isinstance(error, HttpProblem):
        return error
    if isinstance(error, PortUnavailable):
        detail = "Something outside did not answer; nothing moved: try again in a moment."
        return HttpProblem(503, "service.unavailable", detail, headers={"Retry-After": "10"})
    if isinstance(error, HTTPException):
        code = _CODES.get(error.status_code, "request.refused")
        return HttpProblem(error.status_code, code, error.detail, headers=error.headers)
    return HttpProblem(500, "internal", "The error is ours: try again in a moment.")


@frozen
class ErrorPages:
    """Answers for what went wrong."""

    frame: Frame

    async def answer(self, request: Request, error: Exception) -> Response:
        """Make the response for an error; nothing of the request is repeated in it."""
        problem = _problem(error)
        if is_for_programs(request.scope):
            return problem_response(problem)
        title, sentence = _SENTENCES.get(problem.status, _SENTENCES[400])
        return self.frame.page(
            request,
            "error.html",
            title=f"Erreur – {title}",
            status=problem.status,
            headers=problem.headers,
            heading=title,
            sentence=sentence,
        )

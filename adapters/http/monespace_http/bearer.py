"""The bearer token of a JSON request."""

from __future__ import annotations

import re

from starlette.requests import Request

from .problems import HttpProblem

__all__ = ["bearer", "bearer_required"]

_BEARER = re.compile(r"bearer ([A-Za-z0-9._~+/-]{1,512}=*)", re.ASCII | re.IGNORECASE)


def bearer(request: Request) -> str | None:
    """Read the token, if the request has one in good form."""
    given = request.headers.getlist("authorization")
    match = _BEARER.fullmatch(given[0]) if len(given) == 1 else None
    return match[1] if match else None


def bearer_required() -> HttpProblem:
    """The answer to a request that lacks its token."""
    return HttpProblem(
        401,
        "bearer.required",
        "Send the token in the header Authorization: Bearer <token>.",
        headers={"WWW-Authenticate": "Bearer"},
    )

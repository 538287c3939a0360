"""What is wrong with a request, as an exception and as an RFC 9457 problem document."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from starlette.responses import Response

__all__ = ["FieldFault", "HttpProblem", "ProblemBody"]


class FieldFault(msgspec.Struct, frozen=True):
    """One field that cannot be read: which, and what to do.  Never what was sent."""

    field: str
    message: str


class ProblemBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem document; ``code`` is stable."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: tuple[FieldFault, ...] = ()


class HttpProblem(Exception):
    """A request that is answered with an error and no view.

    ``code`` is stable; ``detail`` is for developers and says what to do.
    """

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        faults: tuple[FieldFault, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.detail = detail
        self.faults = faults
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """Write the problem document; nothing of the request is repeated in it."""
        body = ProblemBody(
            type="about:blank",
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            code=self.code,
            detail=self.detail,
            errors=self.faults,
        )
        return Response(
            msgspec.json.encode(body),
            status_code=self.status,
            media_type="application/problem+json",
            headers=self.headers,
        )

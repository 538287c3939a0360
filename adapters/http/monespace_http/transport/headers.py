"""The headers that are read and written: security, cookies, the bearer; and problem documents."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec
from attrs import frozen
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monespace_flows.errors import PortUnavailable
from monespace_flows.policy import Policy

from .languages import Languages
from .policy import content_policy

__all__ = [
    "PROBLEMS",
    "PROBLEM_CODES",
    "Cookies",
    "FieldFault",
    "HttpProblem",
    "ProblemBody",
    "SecurityHeaders",
    "bearer",
    "press_key",
    "problem_of",
    "read_bearer",
]


class FieldFault(msgspec.Struct, frozen=True):
    """One field that cannot be read: which, and what to do.  Never what was sent."""

    field: str
    message: str


class ProblemBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem document; ``code`` is stable.

    ``token`` and ``reference`` are those of a journey that the very request started; a link that is
    worth nothing any more has the reference of the journey that it continued.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    errors: tuple[FieldFault, ...] = ()
    token: str | None = None
    reference: str | None = None


class HttpProblem(Exception):
    """A request that is answered with an error and no view.

    ``code`` is stable; ``detail`` is for developers and says what to do.  ``token`` and
    ``reference`` are those of the journey that the request had started by then, or was about.
    """

    token: str | None = None
    reference: str | None = None

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
            token=self.token,
            reference=self.reference,
        )
        return Response(
            msgspec.json.encode(body),
            status_code=self.status,
            media_type="application/problem+json",
            headers=self.headers,
        )


_CODES = {404: "page.unknown", 405: "method.unsupported"}

PROBLEMS: Mapping[str, tuple[str, str]] = {
    "bearer.required": (
        "The bearer is missing, or opens no session.",
        "Send `Authorization: Bearer …`, of the journey or of a session that is not over.",
    ),
    "body.empty": ("There is no body.", "Send a JSON object; `{}` where there is no field."),
    "body.too_large": ("The body is too long.", "Send the fields alone."),
    "body.too_slow": ("The body did not arrive in time.", "Send it whole, at once."),
    "content_encoding.unsupported": ("The body is compressed.", "Send it as it is."),
    "fields.invalid": (
        "A field is missing, unknown or of the wrong type.",
        "Correct those that `errors` names: it is the caller's mistake, not the person's.",
    ),
    "flow.unknown": ("There is no such flow.", "Take one of those that `errors` names."),
    "host.unknown": (
        "The request is for another host.",
        "Ask under the address of the site (`base_url`); a proxy must hand `Host` on.",
    ),
    "idempotency_key.malformed": (
        "`Idempotency-Key` cannot be read.",
        "Make a new UUID for each press.",
    ),
    "internal": ("The error is ours.", "Try again in a moment; the log of the service has it."),
    "journey.unknown": (
        "No journey has this reference and this token.",
        "Begin a new one; a token opens its own journey alone.",
    ),
    "journey.unreadable": (
        "A process of another version does not know the journey's state.",
        "Try again once all run the same version, or begin a new one.",
    ),
    "json.malformed": ("The body is no JSON object.", "Correct what `errors` names."),
    "link.invalid": (
        "The link is unknown, used, replaced, too old, or for another purpose.",
        "Have another one sent.",
    ),
    "media_type.unsupported": (
        "The body is of another type.",
        "Send `application/json`, in UTF-8.",
    ),
    "method.unsupported": ("The address has no such method.", "Take one that `Allow` names."),
    "origin.foreign": (
        "A browser sent it from a page of another site.",
        "Name that site in `http.cors_origins`, if it is yours.",
    ),
    "page.unknown": ("There is nothing at this address.", "Look into `/openapi.json`."),
    "request.refused": ("The request cannot be served.", "Read `detail`."),
    "service.unavailable": (
        "Something outside does not answer, or a queue is full; nothing moved.",
        "Wait for `Retry-After`, then press again with the same `Idempotency-Key`.",
    ),
    "throttled": ("This address does too much.", "Wait for `Retry-After`."),
}
"""What each ``code`` of a problem says that the JSON answers with, and what to do."""

PROBLEM_CODES = frozenset(PROBLEMS)
"""Every ``code`` of a problem that the JSON answers with."""


def problem_of(error: Exception) -> HttpProblem:
    """Say an error as a problem; one that nobody foresaw is ours."""
    if isinstance(error, HttpProblem):
        return error
    if isinstance(error, PortUnavailable):
        detail = "Something outside did not answer; nothing moved: try again in a moment."
        return HttpProblem(503, "service.unavailable", detail, headers={"Retry-After": "10"})
    if isinstance(error, HTTPException):
        code = _CODES.get(error.status_code, "request.refused")
        return HttpProblem(error.status_code, code, error.detail, headers=error.headers)
    return HttpProblem(500, "internal", "The error is ours: try again in a moment.")


# --- The headers that we read and write: security headers, cookies and the bearer token ----------

_ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    # The address of a link's landing page holds a secret, so no page tells where one came from.
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


_KEPT = b"cache-control"
_NOT_KEPT = (_KEPT, b"no-store")


class SecurityHeaders:
    """Adds the headers; a response may name its own ``Cache-Control``, else it is not kept.

    What is to be read names its language, which is set here for all that answers.
    """

    def __init__(
        self,
        app: ASGIApp,
        secure: bool,
        languages: Languages,
        csp: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.app = app
        self.languages = languages
        headers = {"Content-Security-Policy": content_policy(csp), **_ALWAYS}
        if secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        self.headers = Headers(headers).raw
        self.names = frozenset(name for name, _ in self.headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on, with the headers added to what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        spoken = self.languages.choose(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [it for it in message.get("headers", ()) if it[0].lower() not in self.names]
                kept = () if any(it[0].lower() == _KEPT for it in given) else (_NOT_KEPT,)
                told = spoken if self.languages.is_read(given) else ()
                message["headers"] = [*given, *self.headers, *kept, *told]
            await send(message)

        await self.app(scope, receive, send_with_headers)


# --- The cookies: their names, and the one way in which they are written -------------------------
# ``__Host-`` makes the browser refuse one that is not ``Secure``, not for ``/``, or set by a
# neighbouring subdomain.  On plain http of this very machine that prefix cannot be used.

# What we issue: url-safe text of some length.  Anything else is a stranger's and is not read.
_OURS = re.compile(r"[A-Za-z0-9_.~-]{8,512}", re.ASCII)


# No two paths become one name, and no name of one site begins as those of another: what stands
# between prefix and purpose, ``_``, is spelt out.
_NOT_PLAIN = re.compile(rb"[^A-Za-z0-9-]")


def _spell(found: re.Match[bytes]) -> bytes:
    return b"." if found[0] == b"/" else b"%" + found[0].hex().encode()


@frozen
class Cookies:
    """Reads and writes the cookies of one site; several on one host need a prefix each."""

    secure: bool
    prefix: str = "monespace"

    @classmethod
    def at(cls, public_url: str, prefix: str | None) -> Cookies:
        """Make those of the site at an address; its path is in their names where none is given.

        Browsers send a cookie for ``/`` to every site of a host, and ``__Host-`` lets its path be
        no other: names alone keep sites apart.
        """
        parts = urlsplit(public_url)
        path = parts.path.rstrip("/").encode()
        spelt = _NOT_PLAIN.sub(_spell, path).decode()
        return cls(parts.scheme == "https", prefix or f"monespace{spelt}")

    def name(self, purpose: str) -> str:
        """The full name of a cookie, such as ``session`` or ``journey_creation``."""
        return f"{'__Host-' if self.secure else ''}{self.prefix}_{purpose}"

    def read(self, request: Request, purpose: str) -> str | None:
        """Read a cookie, if it can be one of ours."""
        return self.pick(request.cookies, purpose)

    def pick(self, cookies: Mapping[str, str], purpose: str) -> str | None:
        """Find one of ours among all that a browser sent."""
        value = cookies.get(self.name(purpose))
        return value if value is not None and _OURS.fullmatch(value) else None

    def came(self, request: Request) -> bool:
        """Whether the browser sent any cookie of ours; one that refuses them sends none."""
        return any(name.startswith(self.name("")) for name in request.cookies)

    def write(
        self, response: Response, purpose: str, value: str, *, seconds: int | None = None
    ) -> None:
        """Set a cookie: until the browser closes, or for a number of seconds."""
        response.set_cookie(
            self.name(purpose),
            value,
            max_age=seconds,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def write_session(
        self, response: Response, session: str, browser: str | None, policy: Policy
    ) -> None:
        """Set what a sign-in hands over: the session, and what the browser will be known by."""
        self.write(response, "session", session)
        if browser is not None:
            life = policy.passwords.known_browser
            self.write(response, "known", browser, seconds=int(life.total_seconds()))

    def drop(self, response: Response, purpose: str) -> None:
        """Delete a cookie."""
        self.write(response, purpose, "", seconds=0)


# --- The key of a press --------------------------------------------------------------------------

_PRESS_KEY = re.compile(r'"?([!#-~]{1,255})"?', re.ASCII)


def press_key(request: Request) -> str | None:
    """Read ``Idempotency-Key``, if the request has one; quotes may stand around it.

    Raises:
        HttpProblem: 400, when it is not one key in good form.
    """
    given = request.headers.getlist("idempotency-key")
    match = _PRESS_KEY.fullmatch(given[0]) if len(given) == 1 else None
    if given and match is None:
        detail = "Send one Idempotency-Key of 1 to 255 visible characters, such as a UUID."
        raise HttpProblem(400, "idempotency_key.malformed", detail)
    return match[1] if match else None


# --- The bearer token of a JSON request ----------------------------------------------------------

_BEARER = re.compile(r"bearer ([A-Za-z0-9._~+/-]{1,512}=*)", re.ASCII | re.IGNORECASE)


def bearer(request: Request) -> str | None:
    """Read the token, if the request has one in good form."""
    return read_bearer(request.headers.getlist("authorization"))


def read_bearer(given: Sequence[str]) -> str | None:
    """Read the token of what the ``Authorization`` headers say."""
    match = _BEARER.fullmatch(given[0]) if len(given) == 1 else None
    return match[1] if match else None

"""The body of a request: how large, of which type, how fast."""

from __future__ import annotations

from datetime import timedelta

import anyio
from starlette.requests import Request

from .problems import HttpProblem

__all__ = ["MAXIMUM_BODY", "read_body"]

MAXIMUM_BODY = 16 * 1024


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _charset_is_foreign(request: Request) -> bool:
    for part in request.headers.get("content-type", "").split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower() not in ("utf-8", "utf8")
    return False


def _check_headers(request: Request, media_type: str) -> None:
    if _media_type(request) != media_type or _charset_is_foreign(request):
        raise HttpProblem(
            415, "media_type.unsupported", f"Send the body as {media_type}, encoded in UTF-8."
        )
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise HttpProblem(415, "content_encoding.unsupported", "Send the body without compression.")
    length = request.headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length[:20]) > MAXIMUM_BODY:
        raise _too_large()


def _too_large() -> HttpProblem:
    return HttpProblem(413, "body.too_large", f"Send at most {MAXIMUM_BODY} bytes.")


async def read_body(request: Request, media_type: str, patience: timedelta) -> bytes:
    """Read a whole body of one media type, within its size and time.

    Raises:
        HttpProblem: 408, 413 or 415.
    """
    _check_headers(request, media_type)
    body = bytearray()
    try:
        with anyio.fail_after(patience.total_seconds()):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAXIMUM_BODY:
                    raise _too_large()
    except TimeoutError:
        raise HttpProblem(408, "body.too_slow", "Send the whole body at once.") from None
    return bytes(body)

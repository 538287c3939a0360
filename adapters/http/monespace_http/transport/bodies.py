"""What was sent, read strictly: its size, its type, its time, and what it may hold."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import NoReturn
from urllib.parse import parse_qsl

import anyio
from attrs import field, frozen
from starlette.requests import Request

from .headers import FieldFault, HttpProblem

__all__ = ["PostedFields", "read_form", "read_object"]

_MAXIMUM_BODY = 16 * 1024


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
    if length.isascii() and length.isdigit() and int(length[:20]) > _MAXIMUM_BODY:
        raise _too_large()


def _too_large() -> HttpProblem:
    return HttpProblem(413, "body.too_large", f"Send at most {_MAXIMUM_BODY} bytes.")


async def _read_body(request: Request, media_type: str, patience: timedelta) -> bytes:
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
                if len(body) > _MAXIMUM_BODY:
                    raise _too_large()
    except TimeoutError:
        raise HttpProblem(408, "body.too_slow", "Send the whole body at once.") from None
    return bytes(body)


# --- JSON read strictly: one object, UTF-8, no name twice, nothing that explodes later -----------
# The standard decoder accepts ``NaN``, UTF-16, lone surrogates and a name given twice (the last
# one wins), and ends in an unhandled error on deep nesting or numbers of thousands of digits.

_MAXIMUM_FIELDS = 20
_HALF = re.compile("[\ud800-\udfff]")

JsonObject = dict[str, object]


def _malformed(detail: str, *faults: FieldFault) -> HttpProblem:
    return HttpProblem(400, "json.malformed", detail, faults=faults)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _unique(pairs: list[tuple[str, object]]) -> JsonObject:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise _malformed("Give each name once.")
    return dict(pairs)


def _check_text(name: str, text: str) -> FieldFault | None:
    """Say what is wrong with a text, if it holds what no person can type."""
    if _HALF.search(text):
        return FieldFault(name, "holds half of a surrogate pair: send whole characters")
    if "\0" in text:
        return FieldFault(name, "holds a NUL character: remove it")
    return None


async def read_object(request: Request, patience: timedelta) -> JsonObject:
    """Read the one JSON object that a body must be.

    Raises:
        HttpProblem: 400, 408, 413 or 415, saying what to do and never what was sent.
    """
    document = _decode_object(await _read_body(request, "application/json", patience))
    if faults := _check_object(document, ""):
        raise _malformed("Correct the fields named.", *faults)
    return document


def _check_object(document: JsonObject, within: str) -> list[FieldFault]:
    if len(document) > _MAXIMUM_FIELDS:
        raise _malformed(f"Send at most {_MAXIMUM_FIELDS} fields.")
    faults: list[FieldFault] = []
    for name, value in document.items():
        if fault := _check_text(f"{within}(a name)", name):
            faults.append(fault)
        elif isinstance(value, dict) and not within:
            faults += _check_object(value, f"{name}.")
        elif isinstance(value, str) and (fault := _check_text(within + name, value)):
            faults.append(fault)
    return faults


def _decode_object(body: bytes) -> JsonObject:
    if not body.strip():
        raise HttpProblem(400, "body.empty", "Send a JSON object; {} where there is no field.")
    try:
        document: object = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError:
        raise _malformed("Encode the body in UTF-8.") from None
    except (ValueError, RecursionError):
        raise _malformed("The body is not JSON.") from None
    if not isinstance(document, dict):
        raise _malformed("Send a JSON object.")
    return document


# --- Forms read strictly: url-encoded, UTF-8, at most twenty fields, one value each --------------
# Password managers and other add-ons copy fields into the forms of a page.  A copy that says the
# same, or nothing, is left aside; of two that differ nobody can know which one was meant.


@frozen
class PostedFields:
    """The fields of a form; ``torn`` names those that came with different values, left empty."""

    fields: Mapping[str, str] = field(repr=False)
    torn: frozenset[str] = frozenset()


async def read_form(request: Request, patience: timedelta) -> PostedFields:
    """Read the fields of a form.

    Raises:
        HttpProblem: 400, 408, 413 or 415, without repeating anything that was sent.
    """
    body = await _read_body(request, "application/x-www-form-urlencoded", patience)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            encoding="utf-8",
            errors="strict",
            max_num_fields=_MAXIMUM_FIELDS,
        )
    except ValueError:
        raise HttpProblem(400, "form.malformed", "The form cannot be read.") from None
    faults: list[FieldFault] = [
        fault
        for name, value in pairs
        if (fault := _check_text("(a name)", name) or _check_text(name, value)) is not None
    ]
    if faults:
        raise HttpProblem(400, "form.malformed", "The form cannot be read.", faults=tuple(faults))
    return _united(pairs)


def _united(pairs: list[tuple[str, str]]) -> PostedFields:
    said: dict[str, set[str]] = {}
    for name, value in pairs:
        said.setdefault(name, set()).update({value} - {""})
    torn = frozenset(name for name, values in said.items() if len(values) > 1)
    fields = {name: "" if name in torn else next(iter(values), "") for name, values in said.items()}
    return PostedFields(fields, torn)

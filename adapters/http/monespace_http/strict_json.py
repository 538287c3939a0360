"""JSON read strictly: one object, UTF-8, no name twice, nothing that explodes later.

The standard decoder accepts ``NaN``, UTF-16, lone surrogates and a name given twice (the last
one wins), and ends in an unhandled error on deep nesting or numbers of thousands of digits.
"""

from __future__ import annotations

import json
from typing import NoReturn

from .problems import FieldFault, HttpProblem

__all__ = ["MAXIMUM_FIELDS", "check_text", "decode_object"]

MAXIMUM_FIELDS = 20

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


def check_text(name: str, text: str) -> FieldFault | None:
    """Say what is wrong with a text, if it holds what no person can type."""
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        return FieldFault(name, "holds half of a surrogate pair: send whole characters")
    if "\0" in text:
        return FieldFault(name, "holds a NUL character: remove it")
    return None


def decode_object(body: bytes) -> JsonObject:
    """Read the one JSON object that a body must be.

    Raises:
        HttpProblem: 400, saying what to do and never what was sent.
    """
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
    if len(document) > MAXIMUM_FIELDS:
        raise _malformed(f"Send at most {MAXIMUM_FIELDS} fields.")
    faults = [
        fault
        for name, value in document.items()
        for fault in (check_text("(a name)", name), _check_value(name, value))
        if fault is not None
    ]
    if faults:
        raise _malformed("Correct the fields named.", *faults)
    return document


def _check_value(name: str, value: object) -> FieldFault | None:
    return check_text(name, value) if isinstance(value, str) else None

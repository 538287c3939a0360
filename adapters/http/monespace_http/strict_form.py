"""Forms read strictly: url-encoded, UTF-8, no field twice, at most twenty."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from .problems import FieldFault, HttpProblem
from .strict_json import MAXIMUM_FIELDS, check_text

__all__ = ["FORM_TYPE", "decode_form"]

FORM_TYPE = "application/x-www-form-urlencoded"


def decode_form(body: bytes) -> Mapping[str, str]:
    """Read the fields of a form.

    Raises:
        HttpProblem: 400, without repeating anything that was sent.
    """
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAXIMUM_FIELDS,
        )
    except ValueError:
        raise HttpProblem(400, "form.malformed", "The form cannot be read.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise HttpProblem(400, "form.repeated", "Send each field once.")
    faults: list[FieldFault] = [
        fault
        for name, value in fields.items()
        if (fault := check_text("(a name)", name) or check_text(name, value)) is not None
    ]
    if faults:
        raise HttpProblem(400, "form.malformed", "The form cannot be read.", faults=tuple(faults))
    return fields

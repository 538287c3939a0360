"""Forms read strictly: url-encoded, UTF-8, at most twenty fields, one value each.

Password managers and other add-ons copy fields into the forms of a page.  A copy that says the
same, or nothing, is left aside; of two that differ nobody can know which one was meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from attrs import field, frozen

from .problems import FieldFault, HttpProblem
from .strict_json import MAXIMUM_FIELDS, check_text

__all__ = ["FORM_TYPE", "Decoded", "decode_form"]

FORM_TYPE = "application/x-www-form-urlencoded"


@frozen
class Decoded:
    """The fields of a form; ``torn`` names those that came with different values, left empty."""

    fields: Mapping[str, str] = field(repr=False)
    torn: frozenset[str] = frozenset()


def decode_form(body: bytes) -> Decoded:
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
    faults: list[FieldFault] = [
        fault
        for name, value in pairs
        if (fault := check_text("(a name)", name) or check_text(name, value)) is not None
    ]
    if faults:
        raise HttpProblem(400, "form.malformed", "The form cannot be read.", faults=tuple(faults))
    return _united(pairs)


def _united(pairs: list[tuple[str, str]]) -> Decoded:
    said: dict[str, set[str]] = {}
    for name, value in pairs:
        said.setdefault(name, set()).update({value} - {""})
    torn = frozenset(name for name, values in said.items() if len(values) > 1)
    fields = {name: "" if name in torn else next(iter(values), "") for name, values in said.items()}
    return Decoded(fields, torn)

"""Frozen records to JSON text and back, exactly: the same record gives the same bytes."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, TypeVar

from cattrs import Converter
from cattrs.errors import BaseValidationError

from .journal.text import read_instant, write_instant

__all__ = ["from_json", "structure", "to_data", "to_json"]

Record = TypeVar("Record")

_converter = Converter(forbid_extra_keys=True, omit_if_default=True)


_converter.register_unstructure_hook(datetime, write_instant)
_converter.register_structure_hook(datetime, lambda text, _: read_instant(text))


def to_data(record: object) -> Any:
    """Make plain JSON data of a record; fields at their default are left out."""
    return _converter.unstructure(record)


def to_json(record: object) -> str:
    """Write a record on one line, keys sorted, no spaces, accents as they are."""
    return json.dumps(to_data(record), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def from_json(text: str, kind: type[Record]) -> Record:
    """Read a record of a known kind.

    Raises:
        ValueError: the text is not JSON, or not of that kind.
    """
    return structure(json.loads(text), kind)


def structure(data: object, kind: type[Record]) -> Record:
    """Read a record of a known kind from plain JSON data.

    Raises:
        ValueError: the data are not of that kind.
    """
    try:
        return _converter.structure(data, kind)
    except (BaseValidationError, ValueError, TypeError, LookupError, AttributeError):
        # The cause would show the data, which may be a person's.
        raise ValueError(f"not a {kind.__name__}") from None

"""Records to rows and back.  A value of the wrong kind is an error, never a default."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from attrs import fields
from cattrs import Converter

from monespace_flows.journey import Journey, StoredJourney
from monespace_flows.serialization import from_json, to_json

from .errors import RowDamaged

__all__ = ["from_instant", "from_journey", "from_record", "to_instant", "to_journey", "to_record"]

Record = TypeVar("Record")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def from_instant(instant: datetime) -> int:
    """Write an instant as microseconds since 1970; one without a time zone is a ``TypeError``."""
    return (instant - _EPOCH) // _MICROSECOND


def to_instant(microseconds: int) -> datetime:
    """Read an instant, UTC; anything but whole microseconds is a ``TypeError``."""
    if type(microseconds) is not int:
        raise TypeError("not an instant")
    return _EPOCH + timedelta(microseconds=microseconds)


def _exactly(kind: type[Record]) -> Any:
    """Accept values of one type only: cattrs would make "5" of 5, and 1 of True."""

    def read(value: object, _: object) -> Record:
        if type(value) is not kind:
            raise TypeError(f"not {kind.__name__}")
        return value

    return read


# Without detailed validation an error does not carry the whole row along.
_converter = Converter(forbid_extra_keys=True, detailed_validation=False)
_converter.register_structure_hook(str, _exactly(str))
_converter.register_structure_hook(int, _exactly(int))
_converter.register_structure_hook(datetime, lambda value, _: to_instant(value))
_converter.register_unstructure_hook(datetime, from_instant)
_converter.register_structure_hook(Journey, lambda text, _: from_json(text, Journey))
_converter.register_unstructure_hook(Journey, to_json)

_STORED = tuple(attribute.name for attribute in fields(StoredJourney))


def from_record(record: object) -> dict[str, Any]:
    """Make the row of a record: its fields are the table's columns."""
    values: dict[str, Any] = _converter.unstructure(record)
    return values


def to_record(row: Mapping[Any, Any], kind: type[Record]) -> Record:
    """Read a record of a known kind.

    Raises:
        RowDamaged: a column is missing, or holds what the field cannot.
    """
    try:
        return _converter.structure(row, kind)
    except Exception:  # noqa: BLE001 - cattrs raises many kinds, and their text quotes values
        raise RowDamaged(f"a row cannot be read as {kind.__name__}") from None


def from_journey(stored: StoredJourney) -> dict[str, Any]:
    """Make the row of a journey: all of it, and the columns that it is looked up by."""
    return from_record(stored) | _lookups(stored.journey)


def to_journey(row: Mapping[Any, Any]) -> StoredJourney:
    """Read a journey.

    Raises:
        RowDamaged: it cannot be read, or does not say what the columns beside it say.
    """
    stored = to_record({name: row[name] for name in _STORED}, StoredJourney)
    if any(row[name] != value for name, value in _lookups(stored.journey).items()):
        raise RowDamaged("a journey differs from the columns that it is looked up by")
    return stored


def _lookups(journey: Journey) -> dict[str, Any]:
    return {
        "reference": journey.reference,
        "flow": journey.flow,
        "state": journey.state,
        "subject": journey.subject,
        "seq": journey.seq,
        "started_at": from_instant(journey.started_at),
    }

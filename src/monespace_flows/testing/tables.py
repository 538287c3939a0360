"""Rows in memory, and a unit's draft of what it would change in them.

A draft keeps its changes beside the table until the unit commits: other units see committed rows
only, a unit that fails leaves no trace, and opening one costs nothing, whatever the table holds.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

from attrs import field, frozen

from ..errors import UniqueBroken

__all__ = ()

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row")
Index = Callable[[Row], Hashable]


@frozen
class Mark(Generic[Key, Row]):
    """What a table held at one moment."""

    rows: Mapping[Key, Row] = field(repr=False)
    keys: Mapping[tuple[str, Hashable], Mapping[Key, None]] = field(repr=False)


class Table(Generic[Key, Row]):
    """Committed rows by key, and the keys by whatever else rows are looked up by.

    Args:
        name: what errors call the table.
        lock: held while a unit commits, and for each look-up, so that nobody sees half a unit.
        unique: what must differ between any two rows, by name.
        indexes: what else rows are looked up by, by name.
    """

    def __init__(
        self,
        name: str,
        lock: AbstractContextManager[Any],
        *,
        unique: Mapping[str, Index[Row]] | None = None,
        indexes: Mapping[str, Index[Row]] | None = None,
    ) -> None:
        self.name = name
        self.unique = unique or {}
        self.indexes = {**self.unique, **(indexes or {})}
        self._lock = lock
        self._rows: dict[Key, Row] = {}
        self._keys: dict[tuple[str, Hashable], dict[Key, None]] = {}

    def get(self, key: Key) -> Row | None:
        """Read a row by key."""
        with self._lock:
            return self._rows.get(key)

    def keys(self) -> list[Key]:
        """List every key."""
        with self._lock:
            return list(self._rows)

    def find(self, index: str, value: Hashable) -> list[Key]:
        """List the keys of the rows whose ``index`` is ``value``."""
        with self._lock:
            return list(self._keys.get((index, value), ()))

    def apply(self, changes: Mapping[Key, Row | None]) -> None:
        """Commit changes by key; ``None`` deletes.  The caller holds the lock."""
        for key, row in changes.items():
            present = self._rows.pop(key, None)
            if present is not None:
                self._unlist(key, present)
            if row is not None:
                self._rows[key] = row
                self._list(key, row)

    def mark(self) -> Mark[Key, Row]:
        """Remember the rows as they are: they are frozen, so that only the lists are copied."""
        with self._lock:
            return Mark(dict(self._rows), {place: dict(it) for place, it in self._keys.items()})

    def go_back(self, mark: Mark[Key, Row]) -> None:
        """Have the rows again that there were; a mark may be gone back to many times."""
        with self._lock:
            self._rows = dict(mark.rows)
            self._keys = {place: dict(it) for place, it in mark.keys.items()}

    def _list(self, key: Key, row: Row) -> None:
        for name, read in self.indexes.items():
            self._keys.setdefault((name, read(row)), {})[key] = None

    def _unlist(self, key: Key, row: Row) -> None:
        for name, read in self.indexes.items():
            place = (name, read(row))
            del self._keys[place][key]
            if not self._keys[place]:
                del self._keys[place]


class Draft(Generic[Key, Row]):
    """A table as one unit sees it: the committed rows under the unit's own changes."""

    def __init__(self, table: Table[Key, Row], *, writable: bool) -> None:
        self._table = table
        self._writable = writable
        self._changes: dict[Key, Row | None] = {}
        self.spoiled = False

    def get(self, key: Key) -> Row | None:
        """Read a row by key."""
        return self._changes[key] if key in self._changes else self._table.get(key)

    def all(self) -> Iterator[Row]:
        """Read every row."""
        return (row for _, row in self._items(self._keys()))

    def find(self, index: str, value: Hashable) -> Iterator[Row]:
        """Read the rows whose ``index`` is ``value``."""
        read = self._table.indexes[index]
        # A row may have come under the value, or left it, since it was listed: by this unit, or by
        # one that commits between the two look-ups.
        keys = [*self._table.find(index, value), *self._changes]
        return (row for _, row in self._items(keys) if read(row) == value)

    def add(self, key: Key, row: Row) -> None:
        """Keep a new row.

        Raises:
            UniqueBroken: its key, or a value that must be unique, exists already.
        """
        self.require_writable()
        if self.get(key) is not None:
            self._refuse()
        self.put(key, row)

    def put(self, key: Key, row: Row) -> None:
        """Keep a row, new or changed.

        Raises:
            UniqueBroken: a value that must be unique exists in another row.
        """
        self.require_writable()
        present = self.get(key)
        for name, read in self._table.unique.items():
            if any(other is not present for other in self.find(name, read(row))):
                self._refuse()
        self._changes[key] = row

    def drop(self, key: Key) -> None:
        """Delete a row, if it is there."""
        self.require_writable()
        self._changes[key] = None

    def drop_where(self, is_over: Callable[[Row], bool]) -> int:
        """Delete the rows that a rule names; how many there were."""
        self.require_writable()
        keys = [key for key, row in self._items(self._keys()) if is_over(row)]
        self._changes.update(dict.fromkeys(keys))
        return len(keys)

    def require_writable(self) -> None:
        """Raise ``RuntimeError`` in a unit that only reads."""
        if not self._writable:
            raise RuntimeError("this unit only reads")

    def commit(self) -> None:
        """Put the changes in the table.  The caller holds the lock."""
        self._table.apply(self._changes)

    def _keys(self) -> list[Key]:
        return [*self._table.keys(), *self._changes]

    def _items(self, keys: list[Key]) -> Iterator[tuple[Key, Row]]:
        for key in dict.fromkeys(keys):
            row = self.get(key)
            if row is not None:
                yield key, row

    def _refuse(self) -> None:
        # A server gives a transaction up at its first error: nothing may be committed after one.
        self.spoiled = True
        raise UniqueBroken(f"{self._table.name}: a row that must be unique exists already")

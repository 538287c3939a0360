"""Rows in memory, and a unit's draft of what it would change in them.

A draft keeps its changes beside the table until the unit commits: other units see committed rows
only, a unit that fails leaves no trace, and opening one costs nothing, whatever the table holds.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Generic, TypeVar

from ..errors import UniqueBroken

__all__ = ["Draft", "Table"]

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row")
Index = Callable[[Row], Hashable]


class Table(Generic[Key, Row]):
    """Committed rows by key, and the keys by whatever else rows are looked up by."""

    def __init__(
        self,
        name: str,
        *,
        unique: Mapping[str, Index[Row]] | None = None,
        indexes: Mapping[str, Index[Row]] | None = None,
    ) -> None:
        self.name = name
        self.rows: dict[Key, Row] = {}
        self.unique = unique or {}
        self.indexes = {**self.unique, **(indexes or {})}
        self._keys: dict[tuple[str, Hashable], dict[Key, None]] = {}

    def keys(self, index: str, value: Hashable) -> list[Key]:
        """List the keys of the rows whose ``index`` is ``value``."""
        return list(self._keys.get((index, value), ()))

    def apply(self, changes: Mapping[Key, Row | None]) -> None:
        """Commit changes by key; ``None`` deletes."""
        for key, row in changes.items():
            self._forget(key)
            if row is not None:
                self._remember(key, row)

    def _forget(self, key: Key) -> None:
        row = self.rows.pop(key, None)
        if row is None:
            return
        for name, read in self.indexes.items():
            keys = self._keys[name, read(row)]
            del keys[key]
            if not keys:
                del self._keys[name, read(row)]

    def _remember(self, key: Key, row: Row) -> None:
        self.rows[key] = row
        for name, read in self.indexes.items():
            self._keys.setdefault((name, read(row)), {})[key] = None


class Draft(Generic[Key, Row]):
    """A table as one unit sees it: the committed rows under the unit's own changes."""

    def __init__(self, table: Table[Key, Row], *, writable: bool) -> None:
        self._table = table
        self._writable = writable
        self._changes: dict[Key, Row | None] = {}
        self.spoiled = False

    def get(self, key: Key) -> Row | None:
        """Read a row by key."""
        if key in self._changes:
            return self._changes[key]
        return self._table.rows.get(key)

    def all(self) -> Iterator[Row]:
        """Read every row."""
        return self._read([*self._table.rows, *self._changes])

    def find(self, index: str, value: Hashable) -> Iterator[Row]:
        """Read the rows whose ``index`` is ``value``."""
        read = self._table.indexes[index]
        # What the unit changed may have come under the value or left it; and so may a row that
        # another unit commits between the two look-ups.
        keys = [*self._table.keys(index, value), *self._changes]
        return (row for row in self._read(keys) if read(row) == value)

    def add(self, key: Key, row: Row) -> None:
        """Keep a new row.

        Raises:
            UniqueBroken: its key, or a value that must be unique, exists already.
        """
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

    def require_writable(self) -> None:
        """Raise ``RuntimeError`` in a unit that only reads."""
        if not self._writable:
            raise RuntimeError("this unit only reads")

    def commit(self) -> None:
        """Put the changes in the table."""
        self._table.apply(self._changes)

    def _read(self, keys: list[Key]) -> Iterator[Row]:
        for key in dict.fromkeys(keys):
            row = self.get(key)
            if row is not None:
                yield row

    def _refuse(self) -> None:
        # A server gives a transaction up at its first error: nothing may be committed after one.
        self.spoiled = True
        raise UniqueBroken(f"{self._table.name}: a row that must be unique exists already")

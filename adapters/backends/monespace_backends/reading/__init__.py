"""Reading a database for support staff: journals and what goes with them, and no way to write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..storage.addresses import sqlite_path
from .records import KeptJourney, Reader, SentMessage

__all__ = ["KeptJourney", "Reader", "SentMessage", "open_reader"]


@contextmanager
def open_reader(url: str) -> Iterator[Reader]:
    """Open a database for reading.

    A SQLite file is read with Python alone: SQLAlchemy takes longer to import than all the rest of
    a support command.

    Args:
        url: ``sqlite:///path/to/file`` or ``postgresql://user@host/database``.

    Raises:
        SchemaMismatch: the tables are missing, older or newer.
        PortUnavailable: the database cannot be reached.
    """
    path = sqlite_path(url)
    if path is not None:
        from .sqlite import reading_file

        with reading_file(path) as reader:
            yield reader
    else:
        from .sql import reading_database

        with reading_database(url) as reader:
            yield reader

"""Reading a database for support staff: journals and what goes with them, and no way to write.

Through the drivers alone: SQLAlchemy takes longer to import than all the rest of a command of
support's.  One contract suite runs on both.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..storage.database import Database, sqlite_path
from .reader import KeptJourney, LinePlace, MessageLines, Reader, SentMessage, WholeJournal

__all__ = [
    "KeptJourney",
    "LinePlace",
    "MessageLines",
    "Reader",
    "SentMessage",
    "WholeJournal",
    "open_reader",
]


@contextmanager
def open_reader(url: str, *, schema: str | None = None, table_prefix: str = "") -> Iterator[Reader]:
    """Open a database for reading.

    Args:
        url: ``sqlite:///path/to/file`` or ``postgresql://user@host/database``.
        schema: the schema of PostgreSQL that holds the tables, unless it is the usual one.
        table_prefix: what begins the names of the tables.

    Raises:
        SchemaMismatch: the tables are missing, older or newer.
        PortUnavailable: the database cannot be reached.
        ValueError: the URL is neither of SQLite nor of PostgreSQL, or a name cannot be one.
    """
    start = Database(url=url, schema=schema, table_prefix=table_prefix).start
    path = sqlite_path(url)
    if path is not None:
        from .reader import reading_file

        with reading_file(path, start) as file:
            yield file
    elif url.startswith("postgres"):
        from .postgresql import reading_server

        with reading_server(url, start) as server:
            yield server
    else:
        raise ValueError("neither a SQLite file nor a PostgreSQL database")

"""The database driver's errors, raised as those of the storage port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from monespace_flows.errors import MonespaceError, PortBusy, PortUnavailable

from .errors import PORT, of_server, of_sqlite

__all__ = ["raise_translated", "translating"]


def raise_translated(error: DBAPIError) -> NoReturn:
    """Raise what the port promises for a driver's error, or else the error itself.

    Raises:
        UniqueBroken: a row that must be unique exists already.
        LostSwap: the server ended one of two transactions that waited for each other.
        PortBusy: somebody else holds the database for too long.
        PortUnavailable: the database is away, full, damaged or read-only.
    """
    translated = _translated(error)
    if translated is None:
        raise error
    if isinstance(translated, PortUnavailable):
        raise translated from error
    raise translated from None  # the driver resolves it, and a server's text quotes the digests


@contextmanager
def translating() -> Iterator[None]:
    """Run a block whose database errors come out as those of the port."""
    try:
        yield
    except DBAPIError as error:
        raise_translated(error)
    except PoolExhausted as error:
        raise PortBusy(PORT) from error


def _translated(error: DBAPIError) -> MonespaceError | None:
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return of_sqlite(code)
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return of_server(state)
    lost = error.connection_invalidated or isinstance(error, OperationalError)
    return PortUnavailable(PORT) if lost else None

"""The registry as a table or a view in a database: read only, one row asked for at a time.

It has the columns of a registry file, all nine of them, and holds in each what a cell of the file
may hold; ``NULL`` is an empty cell, a date may be a date.  There must be an index on ``rpps``: each
person who types a number asks for it.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import URL, Engine, bindparam, column, create_engine, event, make_url, select, table
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Doctor, RegistryAnswer

from ..patience import impatient
from ..pooling import is_pooled
from .cells import COLUMNS
from .rows import Entry, PeopleReader

__all__ = ["SqlRegistry"]

_log = logging.getLogger(__name__)

_ALL_COLUMNS: Final = (*COLUMNS, "family_name", "given_name")
_NOBODY: Final[Mapping[str, Any]] = dict.fromkeys(_ALL_COLUMNS)
_ENOUGH: Final = 3  # rows of one number: the second already tells that it is nobody's
_NOT_ASKED: Final = ("42P01", "42703", "42501")
"""PostgreSQL's codes for a table or a column that is not there, or may not be read."""


class SqlRegistry:
    """Asks a table or a view that holds the registered doctors.

    Whatever goes wrong there is ``PortUnavailable``, which carries nothing of what was asked.  A
    row that cannot be used is nobody's, as in a file; the log tells why, without a value.

    Args:
        url: ``postgresql://user@host/database``, or ``sqlite:///path/to/file``.
        table: the table or view, ``schema.name`` where it needs a schema.
        dial_codes: the countries where codes are sent by SMS.
        timeout: the most seconds to wait for it, each time.
        pool_size: the most connections open at once.

    Raises:
        ValueError: the URL is of another kind.
    """

    def __init__(
        self,
        url: str,
        table: str,
        *,
        dial_codes: frozenset[int],
        timeout: float = 3.0,
        pool_size: int = 8,
    ) -> None:
        schema, _, name = table.rpartition(".")
        self._table = table
        self._dial_codes = dial_codes
        self._engine = _engine(url, timeout, pool_size)
        columns: list[Any] = [column(it) for it in _ALL_COLUMNS]
        asked = _table(name, schema or None, columns)
        self._ask = select(*columns).select_from(asked).limit(_ENOUGH)
        self._ask = self._ask.where(column("rpps") == bindparam("rpps"))

    def verify(self, rpps: str, birth_date: date) -> RegistryAnswer:
        """Say whether a pair is known."""
        known, entry = self._entry(rpps)
        return entry.judged(birth_date, is_known=known)

    def doctor(self, rpps: str) -> Doctor | None:
        """Read a doctor again; ``None`` when no longer admitted."""
        return self._entry(rpps)[1].doctor

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()

    def _entry(self, rpps: str) -> tuple[bool, Entry]:
        reader = PeopleReader(self._dial_codes)
        # Nobody's row is read as anybody's is: no answer comes sooner.
        for number, row in enumerate(self._rows(rpps) or [_NOBODY], 1):
            reader.take(number, {name: _cell(value) for name, value in row.items()})
        found = reader.entries.get(rpps)
        if found is not None:
            return True, found
        if any(it.text != "rpps is missing" for it in reader.faults):
            told = "; ".join(sorted({it.text for it in reader.faults}))
            _log.warning("a row of the registry cannot be used: %s", told)
        return False, Entry(birth_date=None, doctor=None)

    def _rows(self, rpps: str) -> Sequence[Mapping[str, Any]]:
        try:
            with self._engine.connect() as connection:
                found = connection.execute(self._ask, {"rpps": rpps}).mappings().all()
        except SQLAlchemyError as error:
            raise _away(self._table, error) from None  # a driver's text may quote what was asked
        return found  # type: ignore[return-value]  # rows are mappings of a kind of their own


def _table(name: str, schema: str | None, columns: list[Any]) -> Any:
    return table(name, *columns, schema=schema)


def _cell(value: object) -> str:
    """Write a value as a cell of a file holds it."""
    if isinstance(value, int):
        return f"{value:011d}"  # a number without its first zeros
    return "" if value is None else str(value)


def _away(table: str, error: SQLAlchemyError) -> PortUnavailable:
    driver = getattr(error, "orig", None)
    is_wrong = getattr(driver, "sqlstate", None) in _NOT_ASKED or (
        isinstance(driver, sqlite3.OperationalError) and "no such" in str(driver)
    )
    _log.warning("the registry gave no answer: %s", type(driver or error).__name__)
    if is_wrong:
        told = f"{table} must be there, and be read by this account, with the columns "
        return PortUnavailable("registry", "missing", told + ", ".join(_ALL_COLUMNS))
    told = "see that the database of registry.url runs, and that this account may connect"
    return PortUnavailable("registry", "unreachable", told)


def _engine(url: str, timeout: float, pool_size: int) -> Engine:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("url is no address of a database") from None
    common: dict[str, Any] = {
        "pool_size": pool_size,
        "max_overflow": 0,
        "pool_timeout": timeout,
        "pool_pre_ping": True,
        "hide_parameters": True,
        "isolation_level": "AUTOCOMMIT",
    }
    kind = parsed.get_backend_name()
    if kind == "sqlite" and parsed.database:
        return _file_engine(parsed, timeout, common)
    if kind in {"postgres", "postgresql"}:
        return _server_engine(parsed, timeout, common)
    raise ValueError("url must begin with postgresql:// or sqlite:///")


def _file_engine(url: URL, timeout: float, common: dict[str, Any]) -> Engine:
    address = f"file:{quote(url.database or '')}?mode=ro"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, timeout=timeout, check_same_thread=False)

    return create_engine(url, creator=connect, **common)


def _server_engine(url: URL, timeout: float, common: dict[str, Any]) -> Engine:
    bounds = {"connect_timeout": f"{max(2, round(timeout))}"}
    url = url.update_query_dict({it: told for it, told in bounds.items() if it not in url.query})
    engine = create_engine(url.set(drivername="postgresql+psycopg"), **common)

    def prepare(connection: Any, _: object) -> None:
        connection.autocommit = True
        if is_pooled(connection):
            return  # a SELECT is all that is asked; how long, we ourselves see to
        connection.execute("SET default_transaction_read_only = on")
        connection.execute(f"SET statement_timeout = {timeout * 1000:.0f}")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "do_connect", impatient(timeout + 1))
    return engine

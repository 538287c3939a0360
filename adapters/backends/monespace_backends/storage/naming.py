"""How our tables are called beside a host's own: in statements, in migrations, for its Alembic.

The tables and statements of the other modules bear our own names.  Where SQLAlchemy writes a
statement out, whoever writes names there writes the database's: so no statement is made twice, and
a revision says what it always said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import Engine, MetaData, Table
from sqlalchemy.sql.compiler import IdentifierPreparer

from .database import VERSION_TABLE, TableNames
from .tables import metadata as our_tables

__all__ = ["include_object", "metadata"]

_NAMES: Final = "monespace_names"
"""The execution option of engines made here: how our tables are called."""

_DEFAULT_SCHEMA: Final = (None, "public")
"""What Alembic takes for the schema of tables whose schema need not be named."""

_OUR_OWN: Final = TableNames()


def _parts(table: Table) -> list[Any]:
    """The indexes and constraints of a table, which all have a name."""
    return [*table.indexes, *table.constraints]


_PARTS: Final = frozenset(
    str(part.name) for table in our_tables.sorted_tables for part in _parts(table)
)


def call_tables(engine: Engine, names: TableNames) -> Engine:
    """Give an engine that was just made as one whose statements call our tables by some names."""
    if names.start:
        engine.dialect.identifier_preparer = _preparer(engine, _renamed(names))
    return engine.execution_options(**{_NAMES: names})


def names_of(engine: Engine) -> TableNames:
    """How an engine calls our tables."""
    names: TableNames = engine.get_execution_options().get(_NAMES, _OUR_OWN)
    return names


def names_in(names: TableNames) -> list[str]:
    """Every name that ours take in a database, or in the schema that holds them."""
    beside = [names.beside(part) for part in sorted(_PARTS)]
    return [*(names.table_prefix + table for table in our_tables.tables), *beside]


def _renamed(names: TableNames) -> Mapping[str, str]:
    tables = {table: names.start + table for table in (*our_tables.tables, VERSION_TABLE)}
    return tables | {part: names.beside(part) for part in _PARTS}


def _preparer(engine: Engine, renamed: Mapping[str, str]) -> IdentifierPreparer:
    """Write identifiers as the dialect does, ours under other names.

    No column, label or alias of ours is called as a table, an index or a constraint is.
    """
    usual: type[IdentifierPreparer] = engine.dialect.preparer

    class Renaming(usual):  # type: ignore[misc,valid-type]  # each dialect has a class of its own
        def quote(self, ident: str) -> str:
            """Write one."""
            # What says by itself how it is quoted is not ours: Alembic's own table, in env.py.
            found = renamed.get(ident) if getattr(ident, "quote", None) is None else None
            return str(super().quote(ident)) if found is None else found

    return Renaming(engine.dialect)


# --- for a host's own Alembic --------------------------------------------------------------------


def metadata(*, schema: str | None = None, table_prefix: str = "") -> MetaData:
    """Describe our tables under the names that they have in a database.

    Args:
        schema: the schema that holds them, as in the settings.
        table_prefix: what begins their names, as in the settings.

    Returns:
        Tables of a metadata of its own, for a host that compares or reflects; only
        ``monespace db upgrade`` (or :func:`~monespace_backends.storage.upgrade`) makes them.

    Raises:
        ValueError: ``schema`` or ``table_prefix`` is no name.
    """
    names = TableNames(schema=schema, table_prefix=table_prefix)
    found = MetaData(schema=schema, naming_convention=our_tables.naming_convention)
    for table in our_tables.sorted_tables:
        copy = table.to_metadata(found, name=table_prefix + table.name)
        for part in _parts(copy):
            if str(part.name) in _PARTS:
                part.name = names.beside(str(part.name))
    return found


_Included = Callable[[Any, str | None, str, bool, Any], bool]


def include_object(*, schema: str | None = None, table_prefix: str = "") -> _Included:
    """Make what a host's Alembic is to ask, so that autogenerate leaves our tables alone.

    Args:
        schema: the schema that holds them, as in the settings.
        table_prefix: what begins their names, as in the settings.

    Returns:
        The callable for ``context.configure(include_object=…)``: False for our tables, the one of
        our revision included, and True for all else.

    Raises:
        ValueError: ``schema`` or ``table_prefix`` is no name.
    """
    names = TableNames(schema=schema, table_prefix=table_prefix)
    tables = {names.table_prefix + it for it in (*our_tables.tables, VERSION_TABLE)}
    schemas = _DEFAULT_SCHEMA if schema in _DEFAULT_SCHEMA else (schema,)

    def included(found: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        del reflected, compare_to
        return not (kind == "table" and name in tables and found.schema in schemas)

    return included

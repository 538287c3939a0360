"""A table of the registered doctors in a database of somebody else's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, Table, Text, create_engine

from . import postgres

COLUMNS = (
    "rpps", "birth_date", "role", "status", "mobile", "email", "council", "family_name",
    "given_name",
)  # fmt: skip


@contextmanager
def table(kind: str, request: pytest.FixtureRequest, path: Path, *rows: str) -> Iterator[str]:
    """Make a database with the table ``doctors``; its URL.

    ``rows`` are lines of a registry file; an empty cell is ``NULL``.
    """
    if kind == "sqlite":
        url = f"sqlite:///{path / 'order.db'}"
        fill(url, *rows)
        yield url
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_server")) as url:
        fill(url, *rows)
        yield url


def fill(url: str, *rows: str, columns: tuple[str, ...] = COLUMNS) -> None:
    """Make the table and put people into it."""
    doctors = Table(
        "doctors", MetaData(), *(Column(it, Text, index=it == "rpps") for it in columns)
    )
    engine = create_engine(url)
    with engine.begin() as connection:
        doctors.create(connection)
        people = [
            {name: cell or None for name, cell in zip(columns, row.split(","), strict=True)}
            for row in rows
        ]
        if people:
            connection.execute(doctors.insert(), people)
    engine.dispose()

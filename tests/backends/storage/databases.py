"""Databases reached behind storage's back, and storage that waits for nothing."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from sqlalchemy import Engine, text

from monespace_backends.storage import SqlStorage, make_engine
from monespace_backends.storage.engine import WRITES
from monespace_backends.storage.transaction import Lent, Transaction


@contextmanager
def impatient(url: str, pool_size: int = 4) -> Iterator[SqlStorage]:
    """Open storage that hardly waits."""
    with closing(SqlStorage(make_engine(url, pool_size=pool_size, wait=0.05))) as storage:
        yield storage


@contextmanager
def by_hand(url: str, statement: float | None = None) -> Iterator[Engine]:
    """Reach a database as its operator could."""
    engine = make_engine(url, pool_size=2, statement=statement)
    try:
        yield engine.execution_options(**{WRITES: True})
    finally:
        engine.dispose()


@contextmanager
def begun(url: str, kind: str = "writing", statement: float | None = None) -> Iterator[Transaction]:
    """Begin a transaction with no storage around it, and roll it back."""
    with by_hand(url, statement=statement) as engine, Lent(engine) as lent:
        yield Transaction(lent, kind)


def damage(url: str, table: str, assignment: str) -> None:
    """Change the one row of a table by hand."""
    statement = f"UPDATE {table} SET {assignment}"  # noqa: S608 - both come from the tests
    with by_hand(url) as engine, engine.begin() as connection:
        assert connection.exec_driver_sql(statement).rowcount == 1


def cut_others(engine: Engine) -> None:
    """End every other connection to the database, as a restart of the server would."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

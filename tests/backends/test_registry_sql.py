"""A registry in somebody else's database, where it does not do well.

Where it does, the contract of every registry holds: see ``test_registry.py``.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from monespace_backends.registry import FRENCH_DIAL_CODES
from monespace_backends.registry.sql import SqlRegistry
from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import RegistryVerdict
from tests.servers import doctors, postgres

JOHN = "99000000002,1975-06-17,medecin,inscrit,+33612345678,john@cn.example,Paris,Médecin,John"
PAIR = ("99000000002", date(1975, 6, 17))


@contextmanager
def asked(url: str, table: str = "doctors", timeout: float = 3.0) -> Iterator[SqlRegistry]:
    registry = SqlRegistry(url, table, dial_codes=FRENCH_DIAL_CODES, timeout=timeout)
    try:
        yield registry
    finally:
        registry.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Make the table with some people; its URL."""

    def make(*rows: str, columns: tuple[str, ...] = doctors.COLUMNS) -> str:
        doctors.fill(url, *rows, columns=columns)
        return url

    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'order.db'}"
        yield make
        return
    with postgres.fresh_database(request.getfixturevalue("postgres_server")) as url:
        yield make


@contextmanager
def by_hand(url: str) -> Iterator[Engine]:
    engine = create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def test_a_number_may_be_a_number_and_a_date_a_date(make: Callable[..., str]) -> None:
    """As a view of the Order's own tables has them."""
    url = make(JOHN)
    with by_hand(url) as engine, engine.begin() as connection:
        cast = "birth_date" if url.startswith("sqlite") else "birth_date::date"
        others = "role, status, mobile, email, council, family_name, given_name"
        connection.execute(
            text(
                "CREATE VIEW people AS SELECT CAST(rpps AS bigint) AS rpps,"  # noqa: S608 - ours
                f" {cast} AS birth_date, {others}, 1 AS sector FROM doctors"
            )
        )
    with asked(url, "people") as registry:
        answer = registry.verify(*PAIR)

    assert answer.verdict is RegistryVerdict.MATCH
    assert answer.doctor is not None
    assert answer.doctor.rpps == "99000000002"


def test_a_row_that_cannot_be_used_is_nobodys(
    make: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    url = make("99000000002,17/06/1975,medecin,inscrit,,,,,")
    with asked(url) as registry, caplog.at_level(logging.WARNING):
        assert registry.verify(*PAIR).verdict is RegistryVerdict.RPPS_UNKNOWN
        assert registry.doctor("99000000002") is None

    assert "birth_date is not a date as 1975-06-17" in caplog.text
    assert "17/06" not in caplog.text
    assert "9900" not in caplog.text


def test_a_number_of_two_people_lets_nobody_in(make: Callable[..., str]) -> None:
    url = make(JOHN, JOHN.replace("1975", "1976"))
    with asked(url) as registry:
        assert registry.verify(*PAIR).verdict is RegistryVerdict.RPPS_UNKNOWN


def test_a_stranger_is_unknown_and_nothing_is_logged(
    make: Callable[..., str], caplog: pytest.LogCaptureFixture
) -> None:
    with asked(make(JOHN)) as registry:
        assert registry.verify("99000000010", PAIR[1]).verdict is RegistryVerdict.RPPS_UNKNOWN

    assert caplog.text == ""


@pytest.mark.parametrize("lacking", ["table", "column"])
def test_what_is_not_there_is_told_with_its_columns(
    make: Callable[..., str], lacking: str, caplog: pytest.LogCaptureFixture
) -> None:
    url = make(columns=doctors.COLUMNS[:-1])
    table = "nowhere" if lacking == "table" else "doctors"
    with asked(url, table) as registry, pytest.raises(PortUnavailable) as caught:
        registry.verify(*PAIR)

    assert caught.value.kind == "missing"
    assert f"{table} must be there" in caught.value.told
    assert "family_name, given_name" in caught.value.told
    assert caught.value.__cause__ is None
    assert "9900" not in caplog.text


def test_it_cannot_write(make: Callable[..., str]) -> None:
    with (
        asked(make(JOHN)) as registry,
        registry._engine.connect() as connection,
        pytest.raises(DBAPIError, match=r"(?i)read-?only"),
    ):
        connection.execute(text("DELETE FROM doctors"))


def test_a_database_that_is_away_is_one_error(make: Callable[..., str], tmp_path: Path) -> None:
    url = make(JOHN)
    gone = f"sqlite:///{tmp_path}/gone.db" if url.startswith("sqlite") else f"{url}x"
    with asked(gone) as registry, pytest.raises(PortUnavailable, match=r"registry\.url runs"):
        registry.doctor(PAIR[0])


@pytest.mark.postgres
def test_a_server_that_takes_too_long_is_left(postgres_server: str) -> None:
    with postgres.fresh_database(postgres_server) as url:
        with by_hand(url) as engine, engine.begin() as connection:
            nine = ", ".join(f"NULL::text AS {it}" for it in doctors.COLUMNS[1:])
            connection.execute(
                text(f"CREATE VIEW doctors AS SELECT pg_sleep(20)::text AS rpps, {nine}")
            )
        began = monotonic()
        with asked(url, timeout=0.2) as registry, pytest.raises(PortUnavailable):
            registry.verify(*PAIR)

    assert monotonic() - began < 10


def test_threads_share_it(make: Callable[..., str]) -> None:
    found: list[RegistryVerdict] = []
    with asked(make(JOHN)) as registry:
        threads = [
            threading.Thread(target=lambda: found.append(registry.verify(*PAIR).verdict))
            for _ in range(20)
        ]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    assert found == 20 * [RegistryVerdict.MATCH]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://app:hunter2@x/y", "url must begin with postgresql:// or sqlite://"),
        ("sqlite://", "url must begin"),
        ("hunter2", "url is no address of a database"),
    ],
)
def test_other_addresses_are_refused(url: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        SqlRegistry(url, "doctors", dial_codes=frozenset())

    assert "hunter2" not in str(caught.value)

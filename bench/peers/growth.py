"""What a journey of twelve steps leaves in the database, once its messages have left.

A doctor mistypes the date of birth and twice the code, prolongs the journey until twelve commands
were taken, and has an account in the end.  PostgreSQL's tables are vacuumed now and then, as a
server does by itself; its indexes count.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

from sqlalchemy import NullPool, create_engine, make_url, text

from monespace_backends.blocklist import read_blocklist
from monespace_backends.emails import Emails
from monespace_backends.passwords import Argon2Passwords
from monespace_backends.secrets import KeyedSecrets, Keys
from monespace_backends.storage import open_storage, upgrade
from monespace_flows import Flows, Ports, Site
from monespace_flows.commands import (
    Command,
    Create,
    Extend,
    SendCode,
    SubmitCode,
    SubmitIdentity,
)
from monespace_flows.driver.relay import Relay
from monespace_flows.testing import MemoryClock, MemoryMessaging, MemoryRegistry

from ..people import Doctor
from ..standing import KEY
from .ours import parameters

__all__ = ["bytes_a_journey"]

STEPS = 12
_BIRTH = date(1975, 6, 17)
_PASSWORD = "quatre chevaux verts dansent"
_SIZE = (
    "SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'public' AND c.relkind = 'r'"
)


def bytes_a_journey(database: str, before: int = 60, journeys: int = 200) -> float:
    """What the database grows by a journey, once there were some that are not counted."""
    upgrade(database)
    with closing(open_storage(database)) as storage:
        registry, messaging = MemoryRegistry(), MemoryMessaging()
        ports = Ports(
            registry=registry,
            storage=storage,
            secrets=KeyedSecrets(Keys((KEY,))),
            passwords=Argon2Passwords(parameters("8,1,1")),
            emails=Emails(),
            messaging=messaging,
            clock=MemoryClock(),
            blocklist=read_blocklist(),
        )
        walk = _Walk(ports, registry, messaging)
        for number in range(before):
            walk.journey(Doctor(number + 1))
        size = _size(database)
        for number in range(before, before + journeys):
            walk.journey(Doctor(number + 1))
        return (_size(database) - size) / journeys


class _Walk:
    def __init__(self, ports: Ports, registry: MemoryRegistry, messaging: MemoryMessaging) -> None:
        self._registry, self._messaging, self._clock = registry, messaging, ports.clock
        self._flows = Flows(ports, site=Site(base_url="http://127.0.0.1:8000"))
        self._relay = Relay(ports.storage, ports.secrets, messaging, ports.clock)

    def journey(self, doctor: Doctor) -> None:
        self._registry.add(doctor.rpps, _BIRTH, email=doctor.order_email)
        token, taken = self._flows.start("creation").token, 0

        def press(command: Command) -> str:
            nonlocal taken
            taken += 1
            assert isinstance(self._clock, MemoryClock)
            self._clock.advance(seconds=20)
            return self._flows.submit(token, command).state

        for born in ("17/06/1957", "17/06/1975"):
            press(SubmitIdentity(birth_date=born, rpps=doctor.rpps, accept_terms=True))
        press(SendCode("email"))
        self._relay.run_once()
        self._secure(press, STEPS - 1 - taken)
        state = press(Create(password=_PASSWORD, password_confirmation=_PASSWORD))
        while self._relay.run_once().total:
            pass
        if (state, taken) != ("created", STEPS):
            raise RuntimeError(f"a journey of {taken} steps ended in {state}")

    def _secure(self, press: Callable[[Command], str], presses: int) -> None:
        code = self._messaging[-1].code or ""
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        for _ in range(2):
            press(SubmitCode(wrong))
        for _ in range(presses - 3):
            press(Extend())
        press(SubmitCode(code))


def _size(database: str) -> int:
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        assert url.database is not None
        return _file_size(Path(url.database), database)
    engine = create_engine(database, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("VACUUM"))
        return int(connection.execute(text(_SIZE)).scalar_one())


def _file_size(path: Path, database: str) -> int:
    with create_engine(database, poolclass=NullPool).connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    return path.stat().st_size

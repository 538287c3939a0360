"""Everything told once, with every log of the process kept."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import frozen

from monespace_backends.housekeeping import Housekeeper
from monespace_backends.storage import SqlStorage
from monespace_flows import CredentialsChanged
from monespace_flows import step as stepping

from . import world
from .stories import tell_everything
from .world import World

# aiosmtpd is the receiving mail server here, at the far end of the wire.
_OUTSIDE = ("mail", "asyncio")
_SET_APART = ("sqlalchemy", "alembic")  # they have levels of their own


@frozen
class Told:
    """A world in which everything was told, and all that was logged meanwhile."""

    world: World
    logged: list[logging.LogRecord]


class _Keeper(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] not in _OUTSIDE:
            self.records.append(record)


@contextmanager
def all_logs() -> Iterator[list[logging.LogRecord]]:
    """Keep every record of every logger, however small."""
    stepping._machines = stepping._Machines()  # a machine asks only when it is made
    keeper = _Keeper()
    loggers = [logging.getLogger(name) for name in ("", *_SET_APART)]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    loggers[0].addHandler(keeper)
    try:
        yield keeper.records
    finally:
        loggers[0].removeHandler(keeper)
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _refuse(event: CredentialsChanged) -> None:
    raise RuntimeError(event.email)


def _purge_in_turn(world: World) -> None:
    storage, clock = world.ports.storage, world.ports.clock
    assert isinstance(storage, SqlStorage)
    Housekeeper(storage, world.ports.secrets, clock, timedelta(days=366)).run_once()


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Tell everything; nobody may change what is left.

    Logs are kept while it is told, not for the rest of the session: they slow every other test.
    """
    with ExitStack() as stack:
        with all_logs() as logged:
            it = stack.enter_context(world.opened(tmp_path_factory.mktemp("told")))
            it.flows.on(CredentialsChanged, _refuse)  # so that events lie there, with addresses
            tell_everything(it)
            _purge_in_turn(it)
        yield Told(it, logged)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[World]:
    """Open an application of one's own."""
    with world.opened(tmp_path) as it:
        yield it

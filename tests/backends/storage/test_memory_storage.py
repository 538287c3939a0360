"""What only storage in memory has."""

import pytest

from monespace_flows.testing.memory import MemoryStorage

from .examples import DAY, NOW, session


def test_a_write_unit_inside_another_is_refused_at_once() -> None:
    """It would wait for itself for ever."""
    storage = MemoryStorage()
    with (
        storage.writing(),
        pytest.raises(RuntimeError, match="open already"),
        storage.writing(),
    ):
        pass

    with storage.writing() as unit:
        unit.sessions.add(session())


def test_purge_knows_how_long_sessions_last() -> None:
    storage = MemoryStorage(session_life=3 * DAY)
    with storage.writing() as unit:
        unit.sessions.add(session("over", created_at=NOW - 3 * DAY))
        unit.sessions.add(session("open", created_at=NOW - 2 * DAY))

    assert storage.purge(NOW, NOW)["sessions"] == 1

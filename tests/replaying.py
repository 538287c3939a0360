"""A live run is its replay: every journey that a test makes is told again from its journal.

``check_replay(storage)`` checks one storage.  A ``conftest.py`` that imports
``pytest_runtest_call`` from here has every test of its folder checked, on every storage for which
the test or its fixtures made a :class:`Flows`.  A test that damages a journal on purpose calls
``leave_alone(storage)``.  A sandbox draws the same each time, so many tests make the same journey:
what was found of one stored journey and its very lines is not looked for again.
"""

from collections.abc import Generator
from functools import wraps
from itertools import pairwise
from typing import Any
from weakref import WeakSet

import pytest

from monespace_backends.storage import SqlStorage
from monespace_flows import Flows
from monespace_flows.chart import Flow
from monespace_flows.errors import PortUnavailable
from monespace_flows.flows import FLOWS
from monespace_flows.journal.entry import ACCOUNT_JOURNAL, Entry, read_journal
from monespace_flows.journey import Journey, StoredJourney
from monespace_flows.ports import JourneyQuery, Storage
from monespace_flows.retelling.compiled import compiled_flow, retell
from monespace_flows.retelling.fold import Replay, leads_to
from monespace_flows.retelling.table import replay
from monespace_flows.serialization import to_data

Told = tuple[tuple[Entry, ...], Replay[Journey]]

_EVERYTHING = JourneyQuery(limit=1_000_000)

_used: set[Storage] = set()  # held: else it would depend on the garbage which are checked
_left_alone: WeakSet[Storage] = WeakSet()
_known: dict[tuple[str, ...], tuple[Flow, StoredJourney, Told]] = {}  # by the lines of a journal


def check_replay(storage: Storage) -> list[Told]:
    """Check that every stored journey is what its journal tells; give the journals, retold."""
    with storage.reading() as unit:
        found = [
            (stored, tuple(unit.journal.lines(stored.journey.reference)))
            for stored in unit.journeys.search(_EVERYTHING)
        ]
    for stored, lines in found:
        if stored.journey.flow == ACCOUNT_JOURNAL:
            _check_account(stored, lines)
    return [_check(*it) for it in found if it[0].journey.flow != ACCOUNT_JOURNAL]


def leave_alone(storage: Storage) -> None:
    """Do not check a storage whose journals a test damages."""
    _left_alone.add(storage)


def watch(storage: Storage) -> None:
    """Check a storage for which the test made no Flows, but copied one."""
    _used.add(storage)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Check every storage that the test used, before its fixtures go."""
    try:
        outcome = yield
    finally:
        used = _used - set(_left_alone)
        _used.clear()
    for storage in used:
        try:
            check_replay(storage)
        except PortUnavailable:  # closed, or away on purpose: it cannot be asked
            continue
        finally:
            _let_go(storage)
    return outcome


def pytest_runtest_logfinish() -> None:
    """Forget what a test used in a folder that is not checked; for the ``conftest.py`` of all."""
    _used.clear()


def _check(stored: StoredJourney, lines: tuple[str, ...]) -> Told:
    flow = FLOWS[stored.journey.flow]
    known = _known.get(lines)
    if known is not None and known[0] is flow and known[1] == stored:
        return known[2]
    told = _tell_again(flow, stored, lines)
    _known[lines] = flow, stored, told
    return told


def _tell_again(flow: Flow, stored: StoredJourney, lines: tuple[str, ...]) -> Told:
    entries = read_journal(lines)
    told = replay(flow, entries)

    assert told.divergence is None
    assert told.end == stored.journey
    assert entries[-1].hash == stored.journal_hash
    assert entries[-1].seq == stored.journey.seq
    assert all(one.at <= two.at for one, two in pairwise(entries))
    _check_compiled(stored, entries)
    return entries, told


def _check_account(stored: StoredJourney, lines: tuple[str, ...]) -> None:
    """The journal of an account has no chart: support's data are all that tells it."""
    entries = read_journal(lines)

    assert entries[-1].hash == stored.journal_hash
    assert entries[-1].seq == stored.journey.seq
    assert all(one.at <= two.at for one, two in pairwise(entries))
    _check_compiled(stored, entries)


def _check_compiled(stored: StoredJourney, entries: tuple[Entry, ...]) -> None:
    """What support tells without the charts is the same."""
    flow = compiled_flow(stored.journey.flow)
    assert flow is not None
    told = retell(flow, entries)
    assert told is not None
    assert told.divergence is None
    assert leads_to(entries, told.end, to_data(stored.journey))


def _let_go(storage: Storage) -> None:
    """Close what the check may have opened again; who still uses it opens it again too."""
    if isinstance(storage, SqlStorage):
        storage.close()


def _watch(create: Any) -> Any:
    @wraps(create)
    def created(self: Flows, ports: Any, *args: Any, **kwargs: Any) -> None:
        create(self, ports, *args, **kwargs)
        watch(ports.storage)

    return created


# For the life of the process: fixtures of any scope make Flows, before a test's call begins.
pytest.MonkeyPatch().setattr(Flows, "__init__", _watch(Flows.__init__))

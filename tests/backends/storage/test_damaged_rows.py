"""What cannot be read is said to be so: never skipped, never replaced by a default."""

from collections.abc import Callable

import pytest

from monespace_backends.storage import RowDamaged
from monespace_flows.ports import JourneyQuery, Unit
from tests.servers import storages

from .databases import damage
from .examples import account, link, message, session, stored

pytestmark = pytest.mark.parametrize("database", storages.SQL_ENGINES, indirect=True)


@pytest.mark.parametrize(
    "assignment",
    [
        "journey = ''",
        "journey = '{}'",
        "journey = journey || 'x'",
        'journey = replace(journey, \'"seq":5\', \'"seq":"five"\')',
        "journey = replace(journey, 'docteur_junior', 'president')",
        "journey = replace(journey, '\"wait\"', '\"await\"')",
        "state = 'created'",
        "flow = 'recovery'",
        "seq = 6",
        "subject = NULL",
        "started_at = started_at + 1",
        "expires_at = 9223372036854775807",
    ],
)
def test_a_journey_changed_by_hand_is_refused(database: str, assignment: str) -> None:
    with storages.opened(database) as storage:
        with storage.writing() as unit:
            unit.journeys.add(stored(seq=5))
        damage(database, "journeys", assignment)

        with storage.reading() as unit:
            with pytest.raises(RowDamaged):
                unit.journeys.get("7K3Q-F9M2")
            with pytest.raises(RowDamaged):
                unit.journeys.search(JourneyQuery())


@pytest.mark.parametrize(
    ("table", "assignment", "read"),
    [
        ("accounts", "role = 'president'", lambda unit: unit.accounts.get("a1")),
        ("links", "purpose = ''", lambda unit: unit.links.get("l1")),
        ("outbox", "status = 'lost'", lambda unit: unit.outbox.of_journey("7K3Q-F9M2")),
        ("sessions", "seen_at = 9223372036854775807", lambda unit: unit.sessions.get("s1")),
    ],
    ids=["account", "link", "message", "session"],
)
def test_so_is_any_other_row(
    database: str, table: str, assignment: str, read: Callable[[Unit], object]
) -> None:
    with storages.opened(database) as storage:
        with storage.writing() as unit:
            unit.accounts.add(account())
            unit.links.add(link())
            unit.outbox.add(message())
            unit.sessions.add(session())
        damage(database, table, assignment)

        with storage.reading() as unit, pytest.raises(RowDamaged):
            read(unit)


def test_the_error_quotes_no_value(database: str) -> None:
    with storages.opened(database) as storage:
        with storage.writing() as unit:
            unit.accounts.add(account())
        damage(database, "accounts", "role = 'secret'")

        with storage.reading() as unit, pytest.raises(RowDamaged) as caught:
            unit.accounts.get("a1")

    assert "secret" not in repr(caught.value)
    assert caught.value.__cause__ is None

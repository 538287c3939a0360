"""A service as its operator set it up, and a few people who went through their journeys there.

Settings, keys and registry are files, the backends are the real ones, on either kind of database;
only the messages are kept in memory, and the clock moves by hand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from attrs import evolve, frozen
from click.testing import Result

from monespace_backends.settings.service import read_settings
from monespace_backends.storage import SqlStorage, make_engine
from monespace_backends.storage.heads import write_heads
from monespace_backends.storage.tables import metadata
from monespace_backends.wiring import ports_from_settings
from monespace_flows import Flows
from monespace_flows.driver.relay import Relay
from monespace_flows.journal.entry import ACCOUNT_JOURNAL
from monespace_flows.ports import JourneyQuery
from monespace_flows.testing import Sandbox
from tests.support.people import AMELIE, Person

from .stories import write_settings

__all__ = ["ADDRESS", "Service", "service_on", "tables"]

ADDRESS = "cabinet@exemple.example"
"""The address of John's account, until he recovers his space under another."""

_MORE = """
sms = { url = "http://127.0.0.1:1/", key = "nobody-listens-there" }
argon2 = { memory_cost = 19_456, time_cost = 2, parallelism = 1 }
"""


@frozen(kw_only=True)
class Service:
    """A service that runs, and the references of its journeys by the names that tests give them.

    The names are as long as references are: texts in which they stand in for them keep their shape.
    """

    config: Path
    url: str
    references: Mapping[str, str]

    def words(self, question: str) -> list[str]:
        """A command line with the names of journeys made references."""
        return [self.references.get(word, word) for word in question.split()]

    def told(self, result: Result) -> str:
        """What a command answered, with the names again in place of the references."""
        text = result.stdout
        for name, reference in self.references.items():
            text = text.replace(reference, name)
        return text


@contextmanager
def service_on(url: str, path: Path, names: str = "") -> Iterator[Service]:
    """Set a service up on a database that has its tables, and let people come and go.

    ``names`` are lines of the settings that say how the tables are called.
    """
    config = write_settings(path, database=url, more=_MORE)
    if names:
        written = config.read_text("utf-8").replace("database = ", f"{names}database.url = ")
        config.write_text(written, "utf-8")
    settings = read_settings(config)
    box = Sandbox()
    ports = ports_from_settings(settings, box.clock)
    storage = ports.storage
    assert isinstance(storage, SqlStorage)
    relay = Relay(storage, ports.secrets, box.messages, box.clock)

    def deliver() -> None:
        relay.run_once()

    box.flows = Flows(
        evolve(ports, messaging=box.messages), settings.policy, settings.site, wake=deliver
    )
    try:
        references = {name: person.reference for name, person in _come_and_go(box)}
        with storage.reading() as unit:
            (account,) = unit.journeys.search(JourneyQuery(flow=ACCOUNT_JOURNAL))
        references["JOHN-COMP"] = account.journey.reference
        now = box.clock.now()
        list(write_heads(storage, ports.secrets, now, now - timedelta(days=183)))
        yield Service(config=config, url=url, references=references)
    finally:
        storage.close()


def _come_and_go(box: Sandbox) -> Iterator[tuple[str, Person]]:
    refused = Person(box, "creation")
    for _ in range(3):
        refused.waits(minutes=2, seconds=39).identifies(("16/07/1975", AMELIE[1]))
    yield "AMEL-REFU", refused
    created = Person(box, "creation").waits(minutes=1).identifies().asks_code()
    yield "JOHN-CREE", created.types_wrong_code().waits(minutes=1).types_code().activates(ADDRESS)
    confirmation = next(it for it in box.messages if it.purpose == "confirmation")
    signed_in = Person(box, "signin").waits(minutes=1).signs_in(ADDRESS)
    box.flows.confirm_email(confirmation.link_token, signed_in.session)
    yield "JOHN-CONN", signed_in
    box.clock.advance(seconds=1)  # or the account's journal and the next would begin at one instant
    reset = (
        Person(box, "reset")
        .waits(minutes=1, seconds=59)
        .asks_link(ADDRESS)
        .waits(minutes=1)
        .opens()
    )
    yield "JOHN-LIEN", reset.saves_password("treize bougies de cire bleue")
    recovered = Person(box, "recovery").waits(minutes=1).identifies().goes_on().asks_code("email")
    yield "JOHN-RECU", recovered.types_code().activates("nouveau@exemple.example")


def tables(url: str) -> dict[str, list[Any]]:
    """Every row of every table."""
    engine = make_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            return {
                table.name: sorted(map(repr, connection.execute(table.select())))
                for table in metadata.sorted_tables
            }
    finally:
        engine.dispose()

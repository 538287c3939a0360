"""The relay: what becomes of messages, whatever breaks on the way."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from attrs import define, evolve, field

from monespace_backends.relay import RelayThread, make_relay
from monespace_flows.driver.relay import Relay, RelayCount
from monespace_flows.errors import DeliveryRefused, PortUnavailable
from monespace_flows.ports import Message, OutboxMessage, Storage
from monespace_flows.serialization import to_json
from monespace_flows.testing.memory import MemoryStorage
from monespace_flows.testing.services import MemoryClock, MemorySecrets

from .mailing import AT, MAIL, SMS

LIFE = timedelta(minutes=10)
ADDRESS = MAIL.to


@define
class WayOut:
    """Notes what it is handed; ``errors`` are raised for the messages of these ids."""

    handed: list[Message] = field(factory=list)
    errors: dict[str, Exception] = field(factory=dict)
    before: Callable[[Message], object] = lambda _: None

    def deliver(self, message: Message) -> None:
        self.before(message)
        if message.id in self.errors:
            raise self.errors[message.id]
        self.handed.append(message)


@define
class World:
    """An outbox and what delivers it."""

    storage: Storage = field(factory=MemoryStorage)
    secrets: MemorySecrets = field(factory=MemorySecrets)
    out: WayOut = field(factory=WayOut)
    clock: MemoryClock = field(factory=lambda: MemoryClock(AT))
    reported: list[tuple[str, Exception]] = field(factory=list)

    @property
    def relay(self) -> Relay:
        return Relay(
            self.storage,
            self.secrets,
            self.out,
            self.clock,
            report=lambda message, error: self.reported.append((message.id, error)),
        )

    def queue(self, message: Message, **changes: Any) -> None:
        """Put a message into the outbox."""
        waiting = OutboxMessage(
            id=message.id,
            journey="7K3Q-F9M2",
            channel=message.channel.value,
            purpose=message.purpose,
            sealed=self.secrets.seal(to_json(message)),
            created_at=AT,
            due_at=AT,
            expires_at=AT + LIFE,
        )
        with self.storage.writing() as unit:
            unit.outbox.add(evolve(waiting, **changes))

    def kept(self) -> Sequence[OutboxMessage]:
        """What the outbox holds now."""
        with self.storage.reading() as unit:
            return unit.outbox.of_journey("7K3Q-F9M2")


@pytest.fixture
def world() -> World:
    return World()


class TestDelivery:
    """What leaves, and what is kept of it."""

    def test_every_channel_leaves(self, world: World) -> None:
        world.queue(MAIL)
        world.queue(SMS)

        assert world.relay.run_once() == RelayCount(sent=2)
        assert world.out.handed == [MAIL, SMS]

    def test_what_left_is_blanked(self, world: World) -> None:
        world.queue(MAIL)
        world.clock.advance(seconds=3)
        world.relay.run_once()

        (kept,) = world.kept()
        assert (kept.status, kept.sealed, kept.attempts) == ("sent", None, 1)
        assert kept.finished_at == AT + timedelta(seconds=3)

    def test_nothing_leaves_twice(self, world: World) -> None:
        world.queue(MAIL)
        world.relay.run_once()
        world.clock.advance(hours=1)

        assert world.relay.run_once() == RelayCount()
        assert len(world.out.handed) == 1

    def test_a_message_to_nowhere_goes_nowhere(self, world: World) -> None:
        """P2: an unknown address costs as much as a known one, and nothing is sent."""
        world.queue(MAIL, channel="none", sealed=world.secrets.seal("....."))

        assert world.relay.run_once() == RelayCount(sent=1)
        assert world.out.handed == []
        assert world.kept()[0].sealed is None

    def test_events_are_left_to_the_host(self, world: World) -> None:
        world.queue(MAIL, channel="event")

        assert world.relay.run_once() == RelayCount()

    def test_no_more_than_asked_for(self, world: World) -> None:
        for number in range(5):
            world.queue(evolve(MAIL, id=f"m{number}"))

        assert world.relay.run_once(limit=3).total == 3
        assert world.relay.run_once(limit=3).total == 2


class TestLateness:
    """What would come too late is dropped (FT-07)."""

    @pytest.mark.parametrize(
        ("late", "count"),
        [
            (timedelta(seconds=-1), RelayCount(sent=1)),
            (timedelta(0), RelayCount(expired=1)),
            (timedelta(days=1), RelayCount(expired=1)),
        ],
    )
    def test_a_code_is_never_sent_late(
        self, world: World, late: timedelta, count: RelayCount
    ) -> None:
        world.queue(SMS)
        world.clock.advance(seconds=(LIFE + late).total_seconds())

        assert world.relay.run_once() == count

    def test_what_is_dropped_is_blanked(self, world: World) -> None:
        world.queue(SMS)
        world.clock.advance(minutes=10)
        world.relay.run_once()

        (kept,) = world.kept()
        assert (kept.status, kept.sealed) == ("expired", None)
        assert world.out.handed == []

    def test_a_notice_does_not_expire(self, world: World) -> None:
        world.queue(MAIL, expires_at=None)
        world.clock.advance(hours=48)

        assert world.relay.run_once() == RelayCount(sent=1)

    def test_a_code_cancelled_behind_a_slow_one_is_not_sent(self, world: World) -> None:
        world.queue(evolve(MAIL, id="slow"), purpose="notice")
        world.queue(SMS, due_at=AT + timedelta(microseconds=1))

        def cancel(_: Message) -> None:
            with world.storage.writing() as unit:
                unit.outbox.cancel("7K3Q-F9M2", "code", AT)

        world.out.before = cancel
        world.clock.advance(seconds=1)

        assert world.relay.run_once() == RelayCount(sent=1)
        assert [message.id for message in world.out.handed] == ["slow"]


class TestTrouble:
    """What breaks, and what is done about it (FT-08, FT-09)."""

    def test_the_others_still_leave(self, world: World) -> None:
        world.out.errors = {"m0": PortUnavailable("email"), "m1": RuntimeError(ADDRESS)}
        for number in range(4):
            world.queue(evolve(MAIL, id=f"m{number}"))

        assert world.relay.run_once() == RelayCount(sent=2, retried=2)
        assert [name for name, _ in world.reported] == ["m0", "m1"]

    def test_the_waits_grow_and_end(self, world: World) -> None:
        """Five seconds, doubled up to five minutes; after the eighth attempt it gives up."""
        world.out.errors = {MAIL.id: PortUnavailable("email")}
        world.queue(MAIL, expires_at=None)
        waits = []
        for _ in range(7):
            assert world.relay.run_once() == RelayCount(retried=1)
            due = world.kept()[0].due_at
            waits.append((due - world.clock.now()).total_seconds())
            world.clock.advance(seconds=waits[-1] - 0.001)
            assert world.relay.run_once() == RelayCount()
            world.clock.advance(seconds=0.001)

        assert waits == [5, 10, 20, 40, 80, 160, 300]
        assert world.relay.run_once() == RelayCount(failed=1)
        (kept,) = world.kept()
        assert (kept.status, kept.sealed, kept.error) == ("failed", None, "email")

    def test_what_is_refused_for_good_is_given_up_at_once(self, world: World) -> None:
        world.out.errors = {MAIL.id: DeliveryRefused("email")}
        world.queue(MAIL)

        assert world.relay.run_once() == RelayCount(failed=1)
        assert (world.kept()[0].status, world.kept()[0].attempts) == ("failed", 1)

    @pytest.mark.parametrize(
        ("error", "name"),
        [(PortUnavailable("sms"), "sms"), (RuntimeError(ADDRESS), "relay")],
    )
    def test_only_the_port_is_kept_of_an_error(
        self, world: World, error: Exception, name: str
    ) -> None:
        world.out.errors = {MAIL.id: error}
        world.queue(MAIL)
        world.relay.run_once()

        assert world.kept()[0].error == name

    @pytest.mark.parametrize("sealed", [None, "", "nonsense"])
    def test_a_message_that_cannot_be_opened(self, world: World, sealed: str | None) -> None:
        """Perhaps its key comes back; meanwhile it waits."""
        world.queue(MAIL, sealed=sealed)

        assert world.relay.run_once() == RelayCount(retried=1)
        assert world.kept()[0].error == "secrets"

    def test_a_message_that_is_none(self, world: World) -> None:
        world.queue(MAIL, sealed=world.secrets.seal('{"id": 3}'))

        assert world.relay.run_once() == RelayCount(retried=1)
        assert world.kept()[0].error == "relay"

    def test_trouble_without_anyone_to_tell(self, world: World) -> None:
        world.out.errors = {MAIL.id: PortUnavailable("email")}
        world.queue(MAIL)

        relay = Relay(world.storage, world.secrets, world.out, world.clock)
        assert relay.run_once() == RelayCount(retried=1)

    def test_a_relay_that_died_leaves_its_message_to_others(self, world: World) -> None:
        """Killed while sending: it comes back when its lease ends, under the same id."""
        world.out.errors = {MAIL.id: Killed()}  # type: ignore[dict-item]
        world.queue(MAIL)
        with pytest.raises(Killed):
            world.relay.run_once()
        world.out.errors = {}

        world.clock.advance(seconds=59)
        assert world.relay.run_once() == RelayCount()
        world.clock.advance(seconds=1)
        assert world.relay.run_once() == RelayCount(sent=1)
        assert [MAIL.id] == [message.id for message in world.out.handed]

    def test_two_relays_send_once(self, world: World) -> None:
        world.queue(MAIL)
        other = world.relay

        def meanwhile(_: Message) -> None:
            assert other.run_once() == RelayCount()

        world.out.before = meanwhile
        assert world.relay.run_once() == RelayCount(sent=1)

    def test_a_store_that_breaks_after_delivery(self, world: World) -> None:
        """Nobody could note that it left: it is sent again, under the same id."""
        broken = BrokenStorage(world.storage, breaks=[2])
        relay = evolve(world, storage=broken).relay
        world.queue(MAIL)
        world.queue(evolve(SMS, id="next"))

        assert relay.run_once() == RelayCount(sent=1, retried=1)
        world.clock.advance(minutes=1)
        assert relay.run_once() == RelayCount(sent=1)
        assert [MAIL.id, "next", MAIL.id] == [message.id for message in world.out.handed]

    def test_a_store_that_does_not_answer(self, world: World) -> None:
        relay = evolve(world, storage=BrokenStorage(world.storage, breaks=[1])).relay

        with pytest.raises(PortUnavailable, match="storage"):
            relay.run_once()


class TestThread:
    """The relay in a thread of its own."""

    def test_it_delivers_when_woken(self, world: World) -> None:
        left = Event()
        world.out.before = lambda _: left.set()
        thread = RelayThread(world.relay, interval=timedelta(hours=1))
        thread.start()
        world.queue(MAIL)
        thread.wake()

        assert left.wait(5)
        thread.stop()
        assert not thread.is_alive
        assert world.kept()[0].status == "sent"

    def test_it_delivers_by_itself(self, world: World) -> None:
        left = Event()
        world.out.before = lambda _: left.set()
        thread = RelayThread(world.relay, interval=timedelta(milliseconds=10))
        thread.start()
        world.queue(MAIL)

        assert left.wait(5)
        thread.stop()

    def test_it_stops_between_two_messages(self, world: World) -> None:
        thread = RelayThread(world.relay, interval=timedelta(hours=1))
        world.queue(evolve(MAIL, id="one"))
        world.queue(evolve(MAIL, id="two"))
        world.out.before = lambda _: thread._stopping.set()
        thread.start()
        thread.stop()

        assert not thread.is_alive
        assert len(world.out.handed) == 1

    def test_it_can_be_stopped_before_it_starts(self, world: World) -> None:
        RelayThread(world.relay).stop()

    def test_it_survives_errors_and_shows_them(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Which error it was is told; what was in it is not."""
        caplog.set_level(logging.INFO)
        left = Event()
        errors = [RuntimeError(ADDRESS), PortUnavailable("storage")]
        seen: list[str | None] = []
        broken = BrokenStorage(world.storage, breaks=[1, 2], errors=errors)
        thread = RelayThread(
            make_relay(broken, world.secrets, world.out, world.clock),
            pause=timedelta(milliseconds=1),
        )

        def note(_: Message) -> None:
            seen.append(thread.error)
            left.set()

        world.out.before = note
        world.queue(MAIL)
        thread.start()
        assert left.wait(5)
        thread.stop()

        assert seen == ["PortUnavailable storage"]
        assert thread.error is None
        assert [record.message for record in caplog.records] == [
            "the relay cannot run: RuntimeError",
            "the relay cannot run: PortUnavailable storage",
            "the relay runs again",
        ]

    def test_the_log_names_no_person(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        world.out.errors = {MAIL.id: RuntimeError(ADDRESS)}
        world.queue(MAIL)
        make_relay(world.storage, world.secrets, world.out, world.clock).run_once()

        assert caplog.messages == [
            f"message {MAIL.id} (code by email) did not leave, attempt 1: RuntimeError"
        ]
        assert caplog.records[0].exc_info is None


class Killed(BaseException):
    """The end of a process."""


@define
class BrokenStorage:
    """A storage whose n-th unit of writing cannot be opened."""

    storage: Storage
    breaks: list[int]
    errors: list[Exception] = field(factory=lambda: [PortUnavailable("storage")])
    opened: int = 0

    @contextmanager
    def writing(self) -> Iterator[Any]:
        self.opened += 1
        if self.opened in self.breaks:
            raise self.errors[self.breaks.index(self.opened)]
        with self.storage.writing() as unit:
            yield unit

    def __getattr__(self, name: str) -> Any:
        return getattr(self.storage, name)

"""The relay: what becomes of messages, whatever breaks on the way."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from attrs import asdict, define, evolve, field
from procrastinate import App
from procrastinate.testing import InMemoryConnector

from monespace_backends.jobs import DeliveryJobs
from monespace_backends.relay import Attendant, RelayThread, _Watch, make_relay
from monespace_flows.driver.relay import Relay, RelayCount
from monespace_flows.errors import DeliveryRefused, DeliveryUnknown, PortUnavailable
from monespace_flows.facts import Channel
from monespace_flows.policy import DeliveryPolicy
from monespace_flows.ports import Message, OutboxMessage, Storage
from monespace_flows.serialization import to_json
from monespace_flows.testing.memory import MemoryStorage
from monespace_flows.testing.services import MemoryClock, MemorySecrets

from .mailing import AT, LINK, MAIL, SMS

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


class Counting(Relay):
    """Our relay, whose runs are added up, whoever begins them."""

    total = RelayCount()

    def run_once(self, *arguments: Any, **options: Any) -> RelayCount:
        count = super().run_once(*arguments, **options)
        sums = {name: value + getattr(count, name) for name, value in asdict(self.total).items()}
        self.total = RelayCount(**sums)
        return count


@define
class World:
    """An outbox and what delivers it: our relay, or workers of procrastinate."""

    storage: Storage = field(factory=MemoryStorage)
    secrets: MemorySecrets = field(factory=MemorySecrets)
    out: WayOut = field(factory=WayOut)
    clock: MemoryClock = field(factory=lambda: MemoryClock(AT))
    reported: list[tuple[str, Exception]] = field(factory=list)
    policy: DeliveryPolicy = field(factory=DeliveryPolicy)
    by: str = "relay"

    @property
    def relay(self) -> Counting:
        return Counting(
            self.storage,
            self.secrets,
            self.out,
            self.clock,
            report=lambda message, error: self.reported.append((message.id, error)),
            policy=self.policy,
        )

    def deliver(self) -> RelayCount:
        """Deliver what is due; what became of it."""
        relay = self.relay
        if self.by == "relay":
            return relay.run_once()
        app = App(connector=InMemoryConnector())
        with app.open():
            DeliveryJobs(app, relay, self.storage).wake()
        app.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)
        return relay.total

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
def world(request: pytest.FixtureRequest) -> World:
    return World(by=getattr(request, "param", "relay"))


EITHER = pytest.mark.parametrize("world", ["relay", "procrastinate"], indirect=True)
"""What must hold for whatever delivers."""


@EITHER
class TestDelivery:
    """What leaves, and what is kept of it."""

    def test_every_channel_leaves(self, world: World) -> None:
        world.queue(MAIL)
        world.queue(SMS)

        assert world.deliver() == RelayCount(sent=2)
        assert {it.id: it for it in world.out.handed} == {MAIL.id: MAIL, SMS.id: SMS}

    def test_what_left_is_blanked(self, world: World) -> None:
        world.queue(MAIL)
        world.clock.advance(seconds=3)
        world.deliver()

        (kept,) = world.kept()
        assert (kept.status, kept.sealed, kept.attempts) == ("sent", None, 1)
        assert kept.finished_at == AT + timedelta(seconds=3)

    def test_nothing_leaves_twice(self, world: World) -> None:
        world.queue(MAIL)
        world.deliver()
        world.clock.advance(hours=1)

        assert world.deliver() == RelayCount()
        assert len(world.out.handed) == 1

    def test_a_message_to_nowhere_goes_nowhere(self, world: World) -> None:
        """P2: an unknown address costs as much as a known one, and nothing is sent."""
        world.queue(MAIL, channel="none", sealed=world.secrets.seal("....."))

        assert world.deliver() == RelayCount(sent=1)
        assert world.out.handed == []
        assert world.kept()[0].sealed is None

    def test_events_are_left_to_the_host(self, world: World) -> None:
        world.queue(MAIL, channel="event")

        assert world.deliver() == RelayCount()


@EITHER
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

        assert world.deliver() == count

    def test_what_is_dropped_is_blanked(self, world: World) -> None:
        world.queue(SMS)
        world.clock.advance(minutes=10)
        world.deliver()

        (kept,) = world.kept()
        assert (kept.status, kept.sealed) == ("expired", None)
        assert world.out.handed == []

    def test_a_notice_does_not_expire(self, world: World) -> None:
        world.queue(MAIL, expires_at=None)
        world.clock.advance(hours=48)

        assert world.deliver() == RelayCount(sent=1)


@EITHER
class TestTrouble:
    """What breaks, and what is done about it (FT-08, FT-09)."""

    def test_the_others_still_leave(self, world: World) -> None:
        world.out.errors = {"m0": PortUnavailable("email"), "m1": RuntimeError(ADDRESS)}
        for number in range(4):
            world.queue(evolve(MAIL, id=f"m{number}"))

        assert world.deliver() == RelayCount(sent=2, retried=2)
        assert [name for name, _ in world.reported] == ["m0", "m1"]

    def test_the_waits_grow_and_end(self, world: World) -> None:
        """Five seconds, doubled up to five minutes; three days after it was written it gives up."""
        world.out.errors = {MAIL.id: PortUnavailable("email")}
        world.queue(MAIL, expires_at=None)
        waits = []
        for _ in range(9):
            assert world.deliver() == RelayCount(retried=1)
            due = world.kept()[0].due_at
            waits.append((due - world.clock.now()).total_seconds())
            world.clock.advance(seconds=waits[-1] - 0.001)
            assert world.deliver() == RelayCount()
            world.clock.advance(seconds=0.001)

        assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]
        world.clock.advance(hours=72)
        assert world.deliver() == RelayCount(failed=1)
        (kept,) = world.kept()
        assert (kept.status, kept.sealed, kept.error) == ("failed", None, "email")

    def test_ft_09_a_link_is_tried_for_as_long_as_it_is_good(self, world: World) -> None:
        """A mail server that is down for an hour costs nobody their link."""
        world.out.errors = {LINK.id: PortUnavailable("email")}
        world.queue(LINK, expires_at=AT + timedelta(hours=24))
        for _ in range(20):
            assert world.deliver() == RelayCount(retried=1)
            world.clock.advance(minutes=5)
        world.out.errors = {}

        assert world.deliver() == RelayCount(sent=1)
        assert world.out.handed == [LINK]

    def test_ft_09_a_code_is_given_up_when_it_is_worth_nothing(self, world: World) -> None:
        """That it was tried in vain is told apart from that nobody came for it."""
        world.out.errors = {MAIL.id: PortUnavailable("email")}
        world.queue(MAIL)
        while world.clock.now() < AT + LIFE:
            assert world.deliver() == RelayCount(retried=1)
            world.clock.advance(minutes=5)

        assert world.deliver() == RelayCount(failed=1)
        (kept,) = world.kept()
        assert (kept.status, kept.sealed, kept.error) == ("failed", None, "email")

    def test_what_is_refused_for_good_is_given_up_at_once(self, world: World) -> None:
        world.out.errors = {MAIL.id: DeliveryRefused("email")}
        world.queue(MAIL)

        assert world.deliver() == RelayCount(failed=1)
        assert (world.kept()[0].status, world.kept()[0].attempts) == ("failed", 1)

    @pytest.mark.parametrize("ends", [AT + LIFE, None])
    def test_what_is_refused_keeps_its_text_until_its_end(
        self, world: World, ends: datetime | None
    ) -> None:
        """An operator may mend what is wrong and put it back; later it makes no sense."""
        world.out.errors = {MAIL.id: DeliveryRefused("email")}
        world.queue(MAIL, expires_at=ends)
        world.deliver()
        sealed = world.kept()[0].sealed
        assert sealed is not None

        end = ends or AT + timedelta(days=3)
        world.clock.advance(seconds=(end - AT).total_seconds() - 1)
        world.deliver()
        assert world.kept()[0].sealed == sealed
        world.clock.advance(seconds=1)
        world.deliver()
        assert (world.kept()[0].status, world.kept()[0].sealed) == ("failed", None)

    @pytest.mark.parametrize(("message", "wait"), [(SMS, 300), (MAIL, 5)])
    def test_ft_10_an_sms_that_left_perhaps_is_not_sent_again_in_the_cooldown(
        self, world: World, message: Message, wait: int
    ) -> None:
        """The longest cooldown is five minutes; an e-mail that comes twice says that it is one."""
        world.out.errors = {message.id: DeliveryUnknown("sms")}
        world.queue(message)

        assert world.deliver() == RelayCount(retried=1)
        assert world.kept()[0].due_at == AT + timedelta(seconds=wait)

    def test_ft_10_a_code_asked_for_again_ends_the_one_whose_fate_is_unknown(
        self, world: World
    ) -> None:
        world.out.errors = {SMS.id: DeliveryUnknown("sms")}
        world.queue(SMS)
        world.deliver()
        with world.storage.writing() as unit:
            unit.outbox.cancel("7K3Q-F9M2", "code", world.clock.now())
        world.clock.advance(minutes=9)
        world.out.errors = {}

        assert world.deliver() == RelayCount()

    @pytest.mark.parametrize(
        ("error", "name"),
        [(PortUnavailable("sms"), "sms"), (RuntimeError(ADDRESS), "relay")],
    )
    def test_only_the_port_is_kept_of_an_error(
        self, world: World, error: Exception, name: str
    ) -> None:
        world.out.errors = {MAIL.id: error}
        world.queue(MAIL)
        world.deliver()

        assert world.kept()[0].error == name

    @pytest.mark.parametrize("sealed", [None, "", "nonsense"])
    def test_a_message_that_cannot_be_opened(self, world: World, sealed: str | None) -> None:
        """Perhaps its key comes back; meanwhile it waits."""
        world.queue(MAIL, sealed=sealed)

        assert world.deliver() == RelayCount(retried=1)
        assert world.kept()[0].error == "secrets"

    def test_a_message_that_is_none(self, world: World) -> None:
        world.queue(MAIL, sealed=world.secrets.seal('{"id": 3}'))

        assert world.deliver() == RelayCount(retried=1)
        assert world.kept()[0].error == "relay"


class TestOneRelay:
    """What holds for each run of ours, whoever begins it."""

    def test_no_more_than_asked_for(self, world: World) -> None:
        for number in range(5):
            world.queue(evolve(MAIL, id=f"m{number}"))

        assert world.relay.run_once(limit=3).total == 3
        assert world.relay.run_once(limit=3).total == 2

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

        world.clock.advance(seconds=9)
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
        """Nobody could note what left together: it is sent again, under the same ids."""
        broken = BrokenStorage(world.storage, breaks=[3])
        relay = evolve(world, storage=broken).relay
        world.queue(MAIL)
        world.queue(evolve(SMS, id="next"))

        assert relay.run_once() == RelayCount(retried=2)
        world.clock.advance(minutes=1)
        assert relay.run_once() == RelayCount(sent=2)
        assert [MAIL.id, "next"] * 2 == [message.id for message in world.out.handed]

    def test_a_store_that_breaks_between_two_deliveries(self, world: World) -> None:
        """What left is noted; the next one comes back when its lease ends."""
        broken = BrokenStorage(world.storage, breaks=[2])
        relay = evolve(world, storage=broken).relay
        world.queue(MAIL)
        world.queue(evolve(SMS, id="next"))

        assert relay.run_once() == RelayCount(sent=1)
        world.clock.advance(minutes=1)
        assert relay.run_once() == RelayCount(sent=1)
        assert [MAIL.id, "next"] == [message.id for message in world.out.handed]

    def test_what_is_slow_is_settled_before_the_next_leaves(self, world: World) -> None:
        """So that little is sent twice if this process ends meanwhile."""
        world.out.before = lambda _: world.clock.advance(seconds=2)
        world.queue(MAIL)
        world.queue(evolve(SMS, id="next"))

        assert world.relay.run_once() == RelayCount(sent=2)
        with world.storage.reading() as unit:
            finished = [it.finished_at for it in unit.outbox.of_journey("7K3Q-F9M2")]
        assert len({*finished}) == 2

    def test_a_relay_that_ends_leaves_what_it_has_not_begun(self, world: World) -> None:
        world.queue(MAIL)
        world.queue(evolve(SMS, id="next"))

        assert world.relay.run_once(goes_on=lambda: not world.out.handed) == RelayCount(sent=1)
        assert world.relay.run_once() == RelayCount()
        world.clock.advance(minutes=1)
        assert world.relay.run_once() == RelayCount(sent=1)

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
            lanes={"email": ("email", "none")},
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


class TestLanes:
    """Each channel leaves by itself, and nothing that hangs holds more than its own lane."""

    def test_ft_09_mails_that_hang_hold_back_no_sms(self, world: World) -> None:
        left, release = Event(), Event()

        def hang(message: Message) -> None:
            if message.channel is Channel.EMAIL:
                release.wait(30)
            else:
                left.set()

        world.out.before = hang
        for number in range(6):
            world.queue(evolve(MAIL, id=f"m{number}"))
        world.queue(SMS)
        thread = RelayThread(world.relay, interval=timedelta(hours=1))
        thread.start()
        try:
            assert left.wait(5)
        finally:
            release.set()
            thread.stop()

    def test_ft_07_a_lease_is_renewed_while_a_delivery_goes_on(self, world: World) -> None:
        """So it may be short: a relay that was killed holds a code for ten seconds at the most."""
        world.policy = DeliveryPolicy(lease=timedelta(milliseconds=30))
        again = Event()
        renewed: list[datetime] = []
        world.queue(MAIL)

        def slow(_: Message) -> None:
            world.clock.advance(seconds=1)
            assert again.wait(5)

        def watch(deliver: Callable[[], None], renew: Callable[[], bool]) -> None:
            def seen() -> bool:
                held = renew()
                renewed.append(world.kept()[0].due_at)
                again.set()
                return held

            Attendant(world.policy).attend(deliver, seen)

        world.out.before = slow
        assert world.relay.run_once(attend=watch) == RelayCount(sent=1)
        assert renewed[0] == AT + timedelta(seconds=1, milliseconds=30)

    def test_a_lease_that_cannot_be_renewed_stops_no_delivery(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        tried = Event()

        def fail() -> bool:
            tried.set()
            raise PortUnavailable("storage")

        Attendant(DeliveryPolicy(lease=timedelta(milliseconds=3))).attend(
            lambda: _true(tried.wait(5)), fail
        )

        assert caplog.messages[0] == "a lease cannot be renewed: PortUnavailable storage"

    def test_ft_09_a_delivery_that_nothing_ends_is_left_behind(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever a host's own way out does; a few of them, and the lane takes no more."""
        monkeypatch.setattr("monespace_backends.relay._GRACE", timedelta(0))
        attendant = Attendant(DeliveryPolicy(deadline=timedelta(milliseconds=1)))
        release = Event()
        world.out.before = lambda _: release.wait(30)
        for number in range(4):
            assert not attendant.is_stuck
            world.queue(evolve(MAIL, id=f"m{number}"))
            assert world.relay.run_once(attend=attendant.attend) == RelayCount(retried=1)

        assert attendant.is_stuck
        assert {type(error) for _, error in world.reported} == {DeliveryUnknown}
        release.set()
        for hung in attendant._hung:
            hung.join(5)
        assert not attendant.is_stuck

    def test_stopping_waits_for_no_delivery_that_hangs(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """SIGTERM ends a relay within seconds, and what it was sending is not sent twice."""
        monkeypatch.setattr("monespace_backends.relay._GRACE", timedelta(milliseconds=1))
        world.policy = DeliveryPolicy(lease=timedelta(milliseconds=3))
        begun, release = Event(), Event()

        def hang(_: Message) -> None:
            begun.set()
            release.wait(30)

        world.out.before = hang
        world.queue(SMS)
        thread = RelayThread(world.relay)
        thread.start()
        assert begun.wait(5)
        thread.stop()
        release.set()

        assert not thread.is_alive
        assert world.kept()[0].due_at == AT + timedelta(minutes=5)

    def test_a_lane_by_which_nothing_leaves_is_told_and_so_is_its_end(
        self, world: World, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A line when it has gone on for a while, not one for every message."""
        caplog.set_level(logging.INFO)
        watch = _Watch("sms", timedelta(hours=1))
        watch.note(RelayCount(retried=1))
        watch._since -= 3600
        for _ in range(3):
            watch.note(RelayCount(failed=1))
            watch.note(RelayCount())
        watch.note(RelayCount(sent=1))
        watch.note(RelayCount(sent=1))

        told, ended = caplog.messages
        assert told.startswith("nothing has left the sms lane for 3600 s: 2 deliveries failed; ")
        assert ended == "the sms lane delivers again"

    def test_a_lane_that_is_stuck_says_so(
        self, world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told = Event()
        monkeypatch.setattr("monespace_backends.relay._ABANDONED", 0)
        monkeypatch.setattr("monespace_backends.relay._Watch._tell", lambda _: told.set())
        world.queue(MAIL)
        thread = RelayThread(world.relay, pause=timedelta(milliseconds=1))
        thread.start()

        assert told.wait(5)
        thread.stop()
        assert world.kept()[0].attempts == 0


def _true(value: bool) -> None:
    assert value


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

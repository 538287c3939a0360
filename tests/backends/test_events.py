"""Events: told after the commit, at least once, to every process that ever listened to their kind.

Processes are stood for by two sets of flows on the same store; two real ones come at the end.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event as Signal
from threading import current_thread
from time import monotonic
from typing import Any

import pytest
from attrs import evolve

from monespace_backends.relay import RelayThread
from monespace_flows import (
    AccountCreated,
    AccountErased,
    CredentialsChanged,
    Flows,
    Policy,
    SignedIn,
)
from monespace_flows.errors import DeliveryRefused, PortUnavailable
from monespace_flows.events import Event
from monespace_flows.policy import EventPolicy
from monespace_flows.ports import OutboxMessage, Ports, Storage
from monespace_flows.testing import MemoryStorage, Sandbox
from tests.journeys import acting
from tests.journeys.acting import JOHN, OTHER_LOGIN

RETENTION = Policy().journeys.retention
ROOT = Path(__file__).parents[2]


class Told:
    """A host's handler: keeps what it is told, and fails as often as it is asked to."""

    def __init__(self, *errors: Exception) -> None:
        self.events: list[Event] = []
        self._errors = list(errors)

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if self._errors:
            raise self._errors.pop(0)

    @property
    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


def trouble() -> Exception:
    return RuntimeError("the host's own trouble")


def another_process(sandbox: Sandbox, storage: Storage) -> Flows:
    """The same application elsewhere."""
    return Flows(evolve(sandbox.ports, storage=storage), sandbox.flows.policy)


def waiting(storage: Storage) -> list[OutboxMessage]:
    """What waits for handlers."""
    with storage.reading() as unit:
        return [it for it in unit.outbox.waiting() if it.channel == "event"]


def ended(storage: Storage) -> list[tuple[str, str | None, bool]]:
    """What became of events that could not be handed over, and whether they keep their text."""
    with storage.reading() as unit:
        unsent = unit.outbox.unsent()
    return [(it.status, it.error, it.sealed is not None) for it in unsent if it.channel == "event"]


# --- who is told ---------------------------------------------------------------------------------


def test_an_event_waits_for_the_process_that_listens(storage: Storage, twin: Storage) -> None:
    """E9: one that listens to other kinds takes nothing away from it."""
    web = Sandbox(storage=storage)
    worker = another_process(web, twin)
    signed_in, erased = Told(), Told()
    web.flows.on(SignedIn, signed_in, name="web")
    worker.on(AccountErased, erased, name="worker")
    acting.created(web)

    web.flows.erase_account(rpps=JOHN.rpps)

    assert web.flows.dispatch() == 0
    assert worker.dispatch() == 1
    assert (signed_in.kinds, erased.kinds) == ([], ["AccountErased"])


def test_one_name_may_listen_to_other_kinds_elsewhere(storage: Storage, twin: Storage) -> None:
    """Each kind waits for the process that has a handler for it."""
    web = Sandbox(storage=storage)
    worker = another_process(web, twin)
    created, erased = Told(), Told()
    web.flows.on(AccountCreated, created, name="crm")
    worker.on(AccountErased, erased, name="crm")
    acting.created(web)
    web.flows.erase_account(rpps=JOHN.rpps)

    assert worker.dispatch() == 1
    assert (created.kinds, erased.kinds) == (["AccountCreated"], ["AccountErased"])


def test_a_listener_that_is_away_is_told_when_it_is_back(storage: Storage, twin: Storage) -> None:
    """It need not run when something happens: it is remembered that it listens."""
    web = Sandbox(storage=storage)
    another_process(web, twin).on(AccountCreated, Told(), name="crm")
    acting.created(web)

    told = Told()
    back = another_process(web, twin)
    back.on(AccountCreated, told, name="crm")

    assert back.dispatch() == 1
    assert told.kinds == ["AccountCreated"]


def test_two_processes_with_one_listener_share_its_events(storage: Storage, twin: Storage) -> None:
    """Each event is handled once, by whichever is first."""
    web = Sandbox(storage=storage)
    told = Told()
    second = another_process(web, twin)
    for flows in (web.flows, second):
        flows.on(AccountCreated, told, name="crm")

    acting.created(web)
    second.dispatch()

    assert told.kinds == ["AccountCreated"]


def test_each_listener_gets_its_own(storage: Storage) -> None:
    """One that fails is told again, and nobody else is."""
    sandbox = Sandbox(storage=storage)
    steady, shaky = Told(), Told(trouble())
    sandbox.flows.on(AccountCreated, steady, name="steady")
    sandbox.flows.on(AccountCreated, shaky, name="shaky")

    acting.created(sandbox)
    sandbox.clock.advance(seconds=5)
    sandbox.flows.dispatch()

    assert (len(steady.events), len(shaky.events)) == (1, 2)
    assert shaky.events[0] == shaky.events[1] == steady.events[0]


def test_what_nobody_ever_listened_to_is_not_kept(storage: Storage) -> None:
    sandbox = Sandbox(storage=storage)
    sandbox.flows.on(SignedIn, Told(trouble()))

    acting.member(sandbox)

    assert [it.purpose for it in waiting(storage)] == ["SignedIn"]


def test_an_event_of_a_release_before_is_for_whoever_listens_to_its_kind(storage: Storage) -> None:
    """It names nobody; a server of before may still run beside."""
    sandbox = Sandbox(storage=storage)
    told, other = Told(), Told()
    sandbox.flows.on(AccountCreated, Told(trouble()), name="crm")
    acting.created(sandbox)
    with storage.writing() as unit:
        (message,) = (it for it in unit.outbox.waiting() if it.channel == "event")
        unit.outbox.settle(evolve(message, listener=None))
    sandbox.clock.advance(minutes=1)

    later = another_process(sandbox, storage)
    later.on(AccountCreated, told, name="one")
    later.on(AccountCreated, other, name="two")
    later.on(SignedIn, other, name="two")
    later.dispatch()

    assert (told.kinds, other.kinds) == (["AccountCreated"], ["AccountCreated"])
    assert waiting(storage) == []


# --- who no longer listens -----------------------------------------------------------------------


def test_a_listener_that_is_gone_for_good_is_forgotten(storage: Storage) -> None:
    """With what waits for it; others keep theirs, and so does it of another kind."""
    sandbox = Sandbox(storage=storage)
    gone, stays = Told(trouble()), Told()
    sandbox.flows.on(AccountCreated, gone, name="gone")
    sandbox.flows.on(SignedIn, gone, name="gone")
    sandbox.flows.on(AccountCreated, stays, name="stays")
    acting.member(sandbox)

    assert sandbox.flows.off(AccountCreated, "gone") == 1
    assert sandbox.flows.off(AccountCreated, "gone") is None
    sandbox.flows.erase_account(rpps=JOHN.rpps)
    acting.created(sandbox)

    assert gone.kinds == ["AccountCreated", "SignedIn"]
    assert stays.kinds == ["AccountCreated", "AccountCreated"]
    assert waiting(storage) == []


def test_what_was_given_up_already_is_not_dropped_again(storage: Storage) -> None:
    sandbox = Sandbox(storage=storage)
    sandbox.flows.on(AccountCreated, Told(trouble()), name="gone")
    acting.created(sandbox)
    sandbox.clock.advance(seconds=RETENTION.total_seconds())
    sandbox.flows.dispatch()

    assert sandbox.flows.off(AccountCreated, "gone") == 0
    assert ended(storage) == [("failed", "handler", False)]


# --- again, and no more --------------------------------------------------------------------------


def test_an_event_is_given_up_at_its_own_end(
    storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    """And an operator sees that it was."""
    sandbox = Sandbox(storage=storage)
    sandbox.flows.on(AccountCreated, Told(trouble()))
    acting.created(sandbox)

    sandbox.clock.advance(seconds=RETENTION.total_seconds())
    assert sandbox.flows.dispatch() == 0

    assert ended(storage) == [("failed", "handler", False)]
    assert caplog.messages == ["a handler of AccountCreated failed; it will be called again"]


def test_a_handler_may_refuse_an_event_and_an_operator_put_it_back(
    storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    """It is not called again by itself, and the event is kept until its end."""
    sandbox = Sandbox(storage=storage)
    told = Told(DeliveryRefused("crm"))
    sandbox.flows.on(AccountCreated, told)
    acting.created(sandbox)
    sandbox.clock.advance(hours=1)
    sandbox.flows.dispatch()
    assert ended(storage) == [("failed", "crm", True)]

    with storage.writing() as unit:
        unit.outbox.put_back([it.id for it in unit.outbox.unsent()], sandbox.clock.now())
    assert sandbox.flows.dispatch() == 1
    assert told.events[0] == told.events[1]
    assert caplog.messages == ["a handler of AccountCreated refused it: see monespace outbox list"]


def test_a_handler_that_fails_at_the_very_end_is_not_called_again(
    storage: Storage, caplog: pytest.LogCaptureFixture
) -> None:
    """Its last try began in time, and ended too late."""
    sandbox = Sandbox(storage=storage)

    def fail_late(event: Event) -> None:
        del event
        sandbox.clock.advance(seconds=RETENTION.total_seconds())
        raise trouble()

    sandbox.flows.on(AccountCreated, fail_late)
    acting.created(sandbox)

    assert ended(storage) == [("failed", "handler", False)]
    assert "a handler of AccountCreated failed to the end" in caplog.text


def test_an_event_taken_behind_a_slow_one_is_still_ours_or_left(
    storage: Storage, twin: Storage
) -> None:
    """Where its lease ended meanwhile, whoever took it has it alone."""
    sandbox = Sandbox(storage=storage)
    other = another_process(sandbox, twin)
    late, elsewhere = Told(), Told()

    def wait(event: Event) -> None:
        del event
        sandbox.clock.advance(minutes=5)
        other.dispatch()

    other.on(SignedIn, elsewhere, name="crm")
    acting.created(sandbox)
    acting.session_of(sandbox)
    sandbox.flows.on(SignedIn, late, name="crm")
    sandbox.flows.on(AccountErased, wait, name="slow")
    with storage.writing() as unit:  # due before the other
        for it in unit.outbox.waiting():
            unit.outbox.settle(evolve(it, due_at=sandbox.clock.now() + timedelta(seconds=1)))
    another_process(sandbox, storage).erase_account(rpps=JOHN.rpps)
    sandbox.clock.advance(seconds=2)
    sandbox.flows.dispatch()

    assert (late.kinds, elsewhere.kinds) == ([], ["SignedIn"])


# --- what may listen -----------------------------------------------------------------------------


async def waits(event: Event) -> None:
    """A coroutine function."""


async def yields(event: Event) -> Any:
    """An asynchronous generator."""
    yield event


class Waits:
    async def __call__(self, event: Event) -> None: ...

    async def handle(self, event: Event) -> None: ...


@pytest.mark.parametrize(
    "handler", [waits, yields, Waits(), Waits().handle, partial(waits), partial(Waits())]
)
def test_a_coroutine_function_is_refused(handler: Callable[[Event], None]) -> None:
    """E10: nobody would await it, and its event would be gone."""
    with pytest.raises(TypeError, match=r"plain function.*run_coroutine_threadsafe"):
        Sandbox().flows.on(SignedIn, handler)


def test_what_cannot_be_called_is_refused() -> None:
    nothing: Any = None

    with pytest.raises(TypeError, match="callable with one event"):
        Sandbox().flows.on(SignedIn, nothing)


def test_a_coroutine_in_disguise_is_a_failure(caplog: pytest.LogCaptureFixture) -> None:
    """A lambda hides what it returns until it is called: the event comes again."""
    sandbox = Sandbox()
    hidden: Any = lambda event: waits(event)  # noqa: E731, PLW0108 - a host may write it so
    sandbox.flows.on(AccountCreated, hidden)

    acting.created(sandbox)

    assert [it.error for it in waiting(sandbox.storage)] == ["handler"]
    assert caplog.messages == ["a handler of AccountCreated failed; it will be called again"]


@pytest.mark.parametrize("kind", [Event, str, "SignedIn"])
def test_what_is_no_kind_of_event_is_refused(kind: Any) -> None:
    """Its handler would never be called; the message names what there is."""
    asked: tuple[Any, ...] = (Sandbox().flows.on, Sandbox().flows.off)
    for ask in asked:
        with pytest.raises(TypeError, match="no kind of event: take one of AccountCreated, "):
            ask(kind, "crm")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", 201 * "x"])
def test_a_name_that_nobody_could_read_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"^name: "):
        Sandbox().flows.on(SignedIn, Told(), name=name)


def handle(event: Event) -> None:
    """A host's handler."""


class Handlers:
    def handle(self, event: Event) -> None: ...


@pytest.mark.parametrize(
    ("handler", "name"),
    [
        (handle, f"{__name__}.handle"),
        (partial(handle), f"{__name__}.handle"),
        (Handlers().handle, f"{__name__}.Handlers.handle"),
        (Told(), f"{__name__}.Told"),
        ([].append, "builtins.list.append"),
    ],
)
def test_a_listener_is_called_as_its_handler(handler: Any, name: str) -> None:
    """So two processes that run the same code share its events."""
    sandbox = Sandbox()
    sandbox.flows.on(SignedIn, handler)

    with sandbox.storage.reading() as unit:
        assert [it.name for it in unit.listeners.everyone()] == [name]


# --- the store is away ---------------------------------------------------------------------------


class Away(MemoryStorage):
    """A store that does not answer for a while."""

    is_away = True

    def reading(self) -> Any:
        if self.is_away:
            raise PortUnavailable("storage")
        return super().reading()


def test_a_listener_is_remembered_once_the_store_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A host that starts before its database starts all the same, and is told."""
    storage = Away()
    sandbox = Sandbox(storage=storage)
    sandbox.flows.on(AccountCreated, Told(), name="crm")
    assert caplog.messages == [
        "the storage port is down: AccountCreated events are kept for crm once it is up again"
    ]
    sandbox.flows.on(SignedIn, Told(), name="never")
    storage.is_away = False
    sandbox.flows.off(SignedIn, "never")

    sandbox.flows.dispatch()

    with storage.reading() as unit:
        assert [it.address for it in unit.listeners.everyone()] == ["AccountCreated:crm"]


# --- addresses, on request -----------------------------------------------------------------------


def changed_address(policy: Policy | None) -> list[str | None]:
    """Change one's address, confirm it, then change the password by a link; what is told."""
    sandbox, told = Sandbox(policy), Told()
    sandbox.flows.on(CredentialsChanged, told)
    acting.changed(sandbox, acting.settings(sandbox))
    acting.password_reset(sandbox, OTHER_LOGIN)
    sandbox.flows.dispatch()
    return [it.email for it in told.events if isinstance(it, CredentialsChanged)]


def test_a_host_that_asks_is_told_the_address_that_signs_in() -> None:
    """E1: as long as another waits to be confirmed, it is the earlier one."""
    asked = Policy(events=EventPolicy(addresses=True))

    assert changed_address(asked) == [JOHN.email, OTHER_LOGIN, OTHER_LOGIN]


def test_a_host_that_does_not_ask_is_told_no_address() -> None:
    assert changed_address(None) == [None, None, None]


def test_an_address_is_in_no_repr_and_lies_sealed() -> None:
    sandbox = Sandbox(Policy(events=EventPolicy(addresses=True)))
    told = Told(trouble())
    sandbox.flows.on(CredentialsChanged, told)
    acting.created(sandbox)
    acting.password_reset(sandbox)

    assert JOHN.email not in repr(told.events)
    assert JOHN.email not in repr(waiting(sandbox.storage))


def test_pr_07_an_address_goes_with_its_account(storage: Storage) -> None:
    """What waits for the host tells of the change all the same, without it."""
    sandbox = Sandbox(Policy(events=EventPolicy(addresses=True)), storage=storage)
    told = Told(trouble())
    sandbox.flows.on(CredentialsChanged, told)
    sandbox.flows.on(SignedIn, Told(trouble()), name="other")
    acting.created(sandbox)
    acting.password_reset(sandbox)
    acting.session_of(sandbox, password=acting.OTHER_PASSWORD)

    sandbox.flows.erase_account(rpps=JOHN.rpps)
    sandbox.clock.advance(minutes=1)
    sandbox.flows.dispatch()

    first, second = told.events
    assert isinstance(first, CredentialsChanged)
    assert isinstance(second, CredentialsChanged)
    assert (first.email, second.email) == (JOHN.email, None)
    assert first.id == second.id


def test_pr_07_events_without_an_address_stay_as_they_are(storage: Storage) -> None:
    """So do those of somebody else, whose address they hold."""
    sandbox = Sandbox(storage=storage)
    told = Told(trouble(), trouble())
    sandbox.flows.on(CredentialsChanged, told)
    acting.created(sandbox)
    acting.password_reset(sandbox)
    before = waiting(storage)

    sandbox.flows.erase_account(rpps=JOHN.rpps)

    assert [it.id for it in waiting(storage)] == [it.id for it in before]


# --- from the relay's thread ---------------------------------------------------------------------


def relayed(sandbox: Sandbox, *, interval: timedelta = timedelta(hours=1)) -> RelayThread:
    """Deliver from threads, as on real backends."""
    thread = RelayThread(sandbox.relay, interval=interval)
    thread.hand_over("events", sandbox.flows.hand_events_over())
    sandbox.flows.wake = thread.wake
    return thread


def test_a_slow_handler_delays_no_answer_and_no_message(storage: Storage) -> None:
    """E10: it is called in a lane of its own."""
    sandbox = Sandbox(storage=storage)
    begun, go_on, done = Signal(), Signal(), Signal()
    where: list[str] = []

    def take_long(event: Event) -> None:
        del event
        where.append(current_thread().name)
        begun.set()
        assert go_on.wait(20)
        done.set()

    sandbox.flows.on(AccountCreated, take_long)
    view = acting.code_accepted(sandbox, channel="email")
    thread = relayed(sandbox)
    sandbox.flows.submit(view.token, acting.creation())
    assert begun.wait(20)
    session = acting.session_of(sandbox)
    acting.link_requested(sandbox)
    end = monotonic() + 20
    while not any(it.purpose == "reset_link" for it in sandbox.messages) and monotonic() < end:
        begun.wait(0.01)

    assert session
    assert any(it.purpose == "reset_link" for it in sandbox.messages)
    assert not done.is_set()
    go_on.set()
    assert done.wait(20)
    thread.stop()
    assert waiting(storage) == []
    assert where == ["monespace-delivery"]


def test_events_are_handed_over_by_threads_that_run_already() -> None:
    """And by those that only hand over: messages leave by another process."""
    sandbox, done = Sandbox(), Signal()
    sandbox.flows.on(AccountCreated, lambda _: done.set())
    acting.code_accepted(sandbox, channel="email")
    thread = RelayThread(sandbox.relay, interval=timedelta(milliseconds=5), lanes={"none": ()})
    thread.start()
    thread.hand_over("events", sandbox.flows.hand_events_over())
    acting.created(Sandbox(storage=sandbox.storage), acting.JOHN)

    assert done.wait(20)
    thread.stop()


# --- two processes -------------------------------------------------------------------------------

_WORKER = """
import os, sys
from datetime import timedelta
from pathlib import Path
from monespace_backends.relay import RelayThread
from monespace_backends.storage import open_storage
from monespace_flows import AccountErased, Policy
from monespace_flows.policy import DeliveryPolicy
from monespace_flows.testing import Sandbox
from monespace_backends.clock import SystemClock
from attrs import evolve
from monespace_flows import Flows
from time import sleep

url, folder, dies = sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "dies"
sandbox = Sandbox(storage=open_storage(url))
policy = Policy(deliveries=DeliveryPolicy(event_lease=timedelta(seconds=1)))
flows = Flows(evolve(sandbox.ports, clock=SystemClock()), policy)

def forget(event):
    with (folder / "told").open("a") as file:
        file.write(f"{event.id} {event.account_id}\\n")
    if dies:
        os._exit(9)

flows.on(AccountErased, forget, name="worker")
thread = RelayThread(sandbox.relay, interval=timedelta(milliseconds=20), lanes={})
thread.hand_over("events", flows.hand_events_over())
thread.start()
print("Ready", flush=True)
sys.stdin.read()
thread.stop()
"""


def worker(url: str, folder: Path, *, dies: bool) -> subprocess.Popen[str]:
    """Start a process that only handles events."""
    process = subprocess.Popen(
        [sys.executable, "-c", _WORKER, url, str(folder), "dies" if dies else "stays"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "Ready\n"
    return process


@pytest.mark.slow
@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_process_that_died_between_handler_and_note_is_told_again(
    database: str, storage: Storage, tmp_path: Path
) -> None:
    """E9: web and worker on one PostgreSQL; the same event, with the same id."""
    first = worker(database, tmp_path, dies=True)
    web = Sandbox(storage=storage)
    web.flows.on(SignedIn, Told(), name="web")
    acting.created(web)
    (account,) = acting.accounts(web)
    web.flows.erase_account(rpps=JOHN.rpps)
    web.flows.dispatch()
    assert first.wait(30) == 9
    first.communicate()
    (told,) = (tmp_path / "told").read_text().splitlines()
    assert told == f"erased-{account.id} {account.id}"

    second = worker(database, tmp_path, dies=False)
    end = monotonic() + 30
    while waiting(storage) and monotonic() < end:
        Signal().wait(0.05)
    second.communicate("")

    assert (tmp_path / "told").read_text().splitlines() == [told, told]
    assert waiting(storage) == []


def test_ports_are_all_that_a_dispatcher_needs(storage: Storage) -> None:
    """A host may run one of its own beside others."""
    ports: Ports = Sandbox(storage=storage).ports

    assert Flows(ports).hand_events_over().run_once().total == 0

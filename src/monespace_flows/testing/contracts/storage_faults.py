"""Rules of a storage under our driver: what becomes of a press when something fails in the middle.

The rest is in memory and right, the faults are put in here: a call that fails, an answer that is
lost after the commit, a way out that fails before or after it has delivered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, cast

from ...commands import SendCode, SubmitIdentity
from ...driver import Flows
from ...driver.relay import Relay
from ...errors import PortUnavailable
from ...flows import STANDARD
from ...ports import Message, Storage
from ..sandbox import Sandbox
from .rules import rule, same
from .storage_units import Fresh

__all__ = ()

_KEY = "5f0c9f0e-6a35-4a0b-9a86-2f8d3d0a7c11"
_JOHN = SubmitIdentity(birth_date="17/06/1975", rpps="99000000002", accept_terms=True)


class _Failing:
    """A storage that fails once, at the call or the commit of a number."""

    def __init__(self, storage: Storage, kind: str) -> None:
        self._storage = storage
        self._kind = kind
        self._left = 0

    def arm(self, number: int) -> None:
        """Fail at the ``number``-th from now; 0 not at all."""
        self._left = number

    @property
    def is_waiting(self) -> bool:
        """Whether it has not failed yet."""
        return self._left > 0

    def strike(self, kind: str) -> None:
        """Count one, and fail if it is its turn."""
        if kind == self._kind and self._left:
            self._left -= 1
            if not self._left:
                raise PortUnavailable("storage", told="a fault that the rule put in")

    def reading(self) -> object:
        """Open what only reads, which does not fail."""
        return self._storage.reading()

    @contextmanager
    def writing(self) -> Iterator[object]:
        """Open what writes; its answer may be lost when it has committed."""
        with self._storage.writing() as unit:
            yield _Counted(unit, self)
        self.strike("commit")


class _Counted:
    """A unit or a store, whose calls may fail."""

    def __init__(self, target: object, failing: _Failing) -> None:
        self._target = target
        self._failing = failing

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not callable(found):
            return _Counted(found, self._failing)

        def call(*values: object, **named: object) -> object:
            self._failing.strike("call")
            return found(*values, **named)

        return call


def _identified(flows: Flows) -> tuple[str, str]:
    """Begin a journey; its token, and its reference."""
    view = flows.submit(flows.start(STANDARD[0].name).token, _JOHN)
    return view.token, view.reference


def _press(storage: Storage, kind: str, number: int) -> tuple[bool, tuple[object, ...]]:
    """Ask for a code while something fails, then again; whether it did, and what is kept."""
    failing = _Failing(storage, kind)
    flows = Flows(Sandbox(storage=cast("Storage", failing)).ports)
    token, reference = _identified(flows)
    failing.arm(number)
    with suppress(PortUnavailable):
        flows.submit(token, SendCode("sms"), key=_KEY)
    has_failed = number > 0 and not failing.is_waiting
    failing.arm(0)
    again = flows.submit(token, SendCode("sms"), key=_KEY)
    with storage.reading() as unit:
        found = unit.journeys.get(reference)
        lines = unit.journal.lines(reference)
        messages = unit.outbox.of_journey(reference)
    seq = None if found is None else found.journey.seq
    return has_failed, (again.state, seq, len(lines), len(messages))


def _press_through(fresh: Callable[[], Storage], kind: str) -> None:
    _, undisturbed = _press(fresh(), kind, 0)
    number, has_failed = 0, True
    while has_failed:
        number += 1
        has_failed, kept = _press(fresh(), kind, number)
        same(undisturbed, kept, f"screen, step, lines and messages with fault {number}")


@rule(
    "PORT-STORAGE-47",
    danger="A press that failed has half happened: a journal without its step, a code that is due.",
    hint="See PORT-STORAGE-03: whatever the block raises, nothing of the unit stays.",
)
def a_failed_call_undoes_the_press(fresh: Fresh) -> None:
    """Whichever call of a press fails, the same press again happens once, as if none had."""
    _press_through(fresh, "call")


@rule(
    "PORT-STORAGE-48",
    danger="Whoever presses again because no answer came gets two codes, or an error.",
    hint="Keep all of a journey: the key and the answer of its last press are in it.",
)
def a_lost_answer_is_given_again(fresh: Fresh) -> None:
    """When a commit's answer is lost, the same press again is told the same, and counts once."""
    _press_through(fresh, "commit")


class _Lossy:
    """A way out that fails: the first time before it delivers, the second time afterwards."""

    def __init__(self) -> None:
        self.tries = 0
        self.delivered: list[str] = []

    def deliver(self, message: Message) -> None:
        """Count a try, and deliver from the second on."""
        self.tries += 1
        if self.tries > 1:
            self.delivered.append(message.id)
        if self.tries < 3:
            raise PortUnavailable("messaging", told="a fault that the rule put in")


@rule(
    "PORT-STORAGE-49",
    danger="A code that could not leave at once never leaves; or leaves for ever.",
    hint="settle() writes back what the relay says: it waits until due_at, or it was sent.",
)
def a_failed_delivery_is_tried_again(storage: Storage) -> None:
    """A message whose delivery failed, or whose answer was lost, leaves again until it is taken."""
    sandbox = Sandbox(storage=storage)
    flows, lossy = Flows(sandbox.ports), _Lossy()
    token, reference = _identified(flows)
    flows.submit(token, SendCode("sms"), key=_KEY)
    relay = Relay(storage, sandbox.secrets, lossy, sandbox.clock)
    for _ in range(6):
        sandbox.clock.advance(minutes=1)
        relay.run_once()
    with storage.reading() as unit:
        messages = [(it.id, it.status) for it in unit.outbox.of_journey(reference)]

    same(3, lossy.tries, "how often it was tried")
    same([(it, "sent") for it in lossy.delivered[:1]], messages, "what became of it")
    same(2 * lossy.delivered[:1], lossy.delivered, "what was delivered")

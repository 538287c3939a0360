"""A storage in memory on which two units are open at once, as on a server.

Only who asks for a name that another holds waits, and each reads what others have committed: as
on PostgreSQL.  One act is done just before another commits, so that what happens is the same each
time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Condition, Event
from typing import TypeVar

from monespace_flows.testing import MemoryStorage, Sandbox
from monespace_flows.testing.memory import MemoryUnit, _Drafts

Answer = TypeVar("Answer")
_PATIENCE = 30.0


class Overlapping(MemoryStorage):
    """Opens a unit beside another one, and has it wait for the names that the other holds."""

    def __init__(self) -> None:
        super().__init__()
        self._turns = Condition()
        self._held: list[set[str]] = []
        self.before_commit: Callable[[], object] | None = None
        self.when_waiting: Callable[[], object] = lambda: None

    @contextmanager
    def writing(self) -> Iterator[MemoryUnit]:
        """Open a unit; what is to happen before its commit does so once."""
        drafts, names = _Drafts(self._tables, writable=True), set[str]()
        self._held.append(names)
        try:
            yield _Unit(self, drafts, names)
            happens, self.before_commit = self.before_commit, None
            if happens is not None:
                happens()
            with self._tables.lock:
                drafts.commit()
        finally:
            with self._turns:
                # By identity: two units may hold the same names, none.
                self._held = [it for it in self._held if it is not names]
                self._turns.notify_all()

    def hold(self, name: str, mine: set[str]) -> None:
        """Give a name to a unit once no other has it."""
        with self._turns:
            if self._is_taken(name, mine):
                self.when_waiting()
                assert self._turns.wait_for(lambda: not self._is_taken(name, mine), _PATIENCE)
            mine.add(name)

    def _is_taken(self, name: str, mine: set[str]) -> bool:
        return any(name in names for names in self._held if names is not mine)


class _Unit(MemoryUnit):
    def __init__(self, storage: Overlapping, drafts: _Drafts, names: set[str]) -> None:
        super().__init__(drafts, storage._tables.ids)
        self._storage, self._names = storage, names

    def lock(self, name: str) -> None:
        super().lock(name)
        self._storage.hold(name, self._names)


def at_once(
    sandbox: Sandbox, first: Callable[[], Answer], second: Callable[[], Answer]
) -> tuple[Answer, Answer]:
    """Do the second act just before the first commits, as far as it comes without waiting."""
    storage, settled = sandbox.storage, Event()
    assert isinstance(storage, Overlapping)
    storage.when_waiting = settled.set
    with ThreadPoolExecutor(1) as other:
        begun: list[Future[Answer]] = []

        def meanwhile() -> None:
            begun.append(other.submit(second))
            begun[0].add_done_callback(lambda _: settled.set())
            assert settled.wait(_PATIENCE)

        storage.before_commit = meanwhile
        one = first()
        return one, begun[0].result()

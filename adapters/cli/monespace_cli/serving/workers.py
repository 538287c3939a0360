"""Several processes that serve on one port, and the one that looks after them.

The port is taken before they are forked, so that whoever is free accepts the next connection, and
none is refused while a worker is replaced.
"""

from __future__ import annotations

import gc
import logging
import os
import select
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from time import monotonic
from typing import Final

from attrs import define, field, frozen

__all__ = ()

_log = logging.getLogger(__name__)
_STEADY: Final = 10.0  # seconds: whoever lived longer is replaced at once
_PAUSES: Final = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # between one that died young and the next
_PATIENCE: Final = 18.0  # seconds to end in: answers have 5, messages at hand 10
_HEARD: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)


@frozen
class Worker:
    """The place of this process among those that serve."""

    number: int
    _tell: Callable[[], None]

    def is_ready(self) -> None:
        """Say that it accepts connections."""
        self._tell()


@define
class _Slot:
    """A worker's place: who is in it, since when, and how often one died young there."""

    number: int
    process: int | None = None
    since: float = 0.0
    due: float = 0.0
    young: int = 0
    was_ready: bool = False

    def vacate(self, now: float) -> float:
        """Note that the worker is gone; the seconds until the next one."""
        if now - self.since >= _STEADY:
            self.young = 0
        pause = _PAUSES[min(self.young, len(_PAUSES) - 1)]
        self.process, self.due, self.young = None, now + pause, self.young + 1
        return pause


@define
class Supervisor:
    """Keeps ``count`` workers running, and calls ``ready`` once all of them are.

    SIGTERM and SIGINT end them and then itself, what they have begun being finished; SIGHUP is
    handed on.  A worker that dies is replaced: at once, or after a pause that grows when the one
    before it died young.  When the first of all does not get ready, what it said holds for all.
    """

    count: int
    ready: Callable[[], None]
    _slots: list[_Slot] = field(init=False, factory=list)
    _end: float | None = field(init=False, default=None)
    _signals: int = field(init=False, default=-1)
    _news: tuple[int, int] = field(init=False, default=(-1, -1))
    _leash: tuple[int, int] = field(init=False, default=(-1, -1))

    def run(self) -> Worker | None:
        """Look after the workers until asked to stop.

        Returns:
            In each worker, its place, as soon as it is there; in this process ``None``, when all
            have ended.

        Raises:
            SystemExit: the first worker ended before it was ready, with this code.
        """
        self._slots = [_Slot(number) for number in range(self.count)]
        self._news, self._leash = os.pipe(), os.pipe()
        gc.freeze()  # what was imported is shared, and not copied by looking for what is not used
        with _heard() as self._signals:
            worker = self._look_after()
        if worker is not None:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
        return worker

    def _look_after(self) -> Worker | None:
        while self._end is None or self._running:
            for slot in self._due():
                if self._fork(slot):
                    return Worker(slot.number, self._tell)
            self._listen()
            self._bury()
        return None

    @property
    def _running(self) -> list[_Slot]:
        return [slot for slot in self._slots if slot.process is not None]

    @property
    def _is_proven(self) -> bool:
        """Whether one was ever ready: until then the others wait."""
        return any(slot.was_ready for slot in self._slots)

    @property
    def _empty(self) -> list[_Slot]:
        """The places that somebody must be put in."""
        if self._end is not None:
            return []
        wanted = self._slots if self._is_proven else self._slots[:1]
        return [slot for slot in wanted if slot.process is None]

    def _due(self) -> list[_Slot]:
        now = monotonic()
        return [slot for slot in self._empty if slot.due <= now]

    # --- one worker ------------------------------------------------------------------------------

    def _fork(self, slot: _Slot) -> bool:
        """Start a worker; true in it."""
        # What comes before the worker has handlers of its own waits for them.
        signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
        process = os.fork()
        if process:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _HEARD)
            slot.process, slot.since = process, monotonic()
            return False
        os.setpgid(0, 0)  # a terminal's Ctrl+C is for who looks after it
        os.close(self._leash[1])
        Thread(target=_end_with, args=self._leash[:1], name="monespace-leash", daemon=True).start()
        return True

    def _tell(self) -> None:
        os.write(self._news[1], os.getpid().to_bytes(8))

    # --- what is heard of them -------------------------------------------------------------------

    def _listen(self) -> None:
        """Wait for a signal, a worker that is ready, or the end of a pause."""
        now = monotonic()
        waits = [slot.due - now for slot in self._empty]
        if self._end is not None:
            waits = [self._end - now]
        wait = max(0.0, min(waits)) if waits else None
        news = self._news[0]
        heard, _, _ = select.select([self._signals, news], [], [], wait)
        if news in heard:
            self._welcome(int.from_bytes(os.read(news, 8)))
        if self._signals in heard:
            for number in os.read(self._signals, 64):
                self._hear(number)
        if self._end is not None and monotonic() >= self._end:
            _log.error("workers do not end, and are killed")
            self._send(signal.SIGKILL)
            self._end = monotonic() + _PATIENCE

    def _welcome(self, process: int) -> None:
        was_complete = all(slot.was_ready for slot in self._slots)
        for slot in self._slots:
            slot.was_ready = slot.was_ready or slot.process == process
        if not was_complete and all(slot.was_ready for slot in self._slots):
            self.ready()

    def _hear(self, number: int) -> None:
        if number == signal.SIGHUP:
            self._send(number)
        elif number != signal.SIGCHLD and self._end is None:
            self._end = monotonic() + _PATIENCE
            self._send(signal.SIGTERM)

    def _send(self, number: int) -> None:
        for slot in self._running:
            assert slot.process is not None  # noqa: S101 - narrows: it runs
            os.kill(slot.process, number)  # not buried yet, so its number is nobody else's

    def _bury(self) -> None:
        for slot in self._running:
            assert slot.process is not None  # noqa: S101 - narrows: it runs
            buried, status = os.waitpid(slot.process, os.WNOHANG)
            if not buried:
                continue
            code, pause = os.waitstatus_to_exitcode(status), slot.vacate(monotonic())
            if self._end is not None:
                continue
            if not self._is_proven:
                raise SystemExit(code if code > 0 else 1)
            told = f"ended with {code}" if code >= 0 else f"was killed by {_name(-code)}"
            when = f"in {pause:.0f} s" if pause else "now"
            _log.error("worker %d (process %d) %s; %s another one takes its place",
                       slot.number + 1, buried, told, when)  # fmt: skip


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"  # those of real time have no name of their own


def _end_with(leash: int) -> None:
    """Wait until whoever holds the other end is gone, killed perhaps, and end too."""
    os.read(leash, 1)
    os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _heard() -> Iterator[int]:
    """Have signals written where they can be waited for together with other things."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = {number: signal.signal(number, lambda *_: None) for number in _HEARD}
    fd = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(fd)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)

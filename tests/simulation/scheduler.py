"""Who goes on next, decided by one seed: each actor stops at every call that it makes.

An actor is a thread, since the library is called as its users call it, and only one runs at a time:
whoever stops draws who goes on and hands over.  So the order of everything follows from the seed.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from threading import Event, Semaphore, Thread

from attrs import define, field

__all__ = ["Actor", "Crashed", "Scheduler", "Stopped"]

Ready = Callable[[], bool]
Act = Callable[[], None]


class Crashed(BaseException):
    """The process ended here: nothing that is written to treat errors sees it."""


class Stopped(BaseException):
    """The world is over: whoever is in the middle of something leaves it."""


def always() -> bool:
    return True


@define(eq=False)
class Actor:
    """Somebody who does one thing after the other."""

    name: str
    live: Act = field(repr=False)
    turn: Semaphore = field(factory=lambda: Semaphore(0), repr=False)
    ready: Ready = field(default=always, repr=False)


class Scheduler:
    """Runs actors in turns, for so many steps."""

    def __init__(self, random: Random, steps: int) -> None:
        self.random = random
        self.steps = steps
        self.step = 0
        self.is_over = False
        self.failure: BaseException | None = None
        self._actors: list[Actor] = []
        self._current: Actor | None = None
        self._finished = Event()

    @property
    def actor(self) -> str:
        """Whose turn it is."""
        return self._current.name if self._current else ""

    def run(self, actors: list[Actor]) -> None:
        """Let them act until the steps are used up, or something fails.

        Raises:
            BaseException: what an actor did not expect.
        """
        self._actors = list(actors)
        threads = [Thread(target=self._live, args=(it,), daemon=True) for it in actors]
        for thread in threads:
            thread.start()
        self._wake(self._actors[0])
        self._finished.wait()
        for thread in threads:
            thread.join()
        if self.failure is not None:
            raise self.failure

    def pause(self, ready: Ready = always) -> None:
        """Stop here, and go on when drawn, which is not before ``ready``.

        Raises:
            Stopped: the world is over.
        """
        if self.is_over:
            raise Stopped
        self.step += 1
        me = self._current
        assert me is not None
        me.ready = ready
        if self.step >= self.steps:
            self.is_over = True
            raise Stopped
        able = [it for it in self._actors if it.ready()]
        if not able:
            raise AssertionError("everybody waits for somebody else")
        following = self.random.choice(able)
        if following is not me:
            self._wake(following)
            me.turn.acquire()
        if self.is_over:
            raise Stopped

    def rest(self, steps: int) -> None:
        """Let others go on for so many steps."""
        until = self.step + steps
        self.pause(lambda: self.step >= until)

    def _wake(self, actor: Actor) -> None:
        self._current = actor
        actor.turn.release()

    def _live(self, actor: Actor) -> None:
        actor.turn.acquire()
        try:
            while not self.is_over:
                actor.live()
        except Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - whatever it is, the run tells it
            self.failure = self.failure or error
            self.is_over = True
        self._actors.remove(actor)
        if self._actors:
            self._wake(self._actors[0])
        else:
            self._finished.set()

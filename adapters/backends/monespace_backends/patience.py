"""Connections to a PostgreSQL server that wait for no answer longer than they are told to."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any, Final

__all__ = ["SILENT", "impatient"]

SILENT: Final = "the server does not answer"
"""What is told of a server that is there and says nothing."""


def impatient(seconds: float) -> Callable[..., Any]:
    """Make what connects so that no wait for the server takes longer, whatever became of it.

    It is for SQLAlchemy's event ``do_connect``.  A stopped process still has a kernel
    that answers for it: no timeout of the network ends that wait, nor does one that the server
    itself would have to keep.
    """
    import psycopg  # here: who has SQLite alone has none
    from psycopg.waiting import Ready

    class Impatient(psycopg.Connection[Any]):
        def wait(self, gen: Any, *args: Any, **settings: Any) -> Any:
            return super().wait(self._bounded(gen), *args, **settings)

        def _bounded(self, gen: Any) -> Any:
            end = monotonic() + seconds
            ready = None
            while True:
                try:
                    wanted = gen.send(ready)
                except StopIteration as done:
                    return done.value
                ready = yield wanted
                if ready == Ready.NONE and monotonic() > end:
                    gen.close()
                    self.pgconn.finish()  # in the middle of an answer: of no use to anybody
                    raise psycopg.OperationalError(SILENT)

    def connect(_: object, __: object, words: list[Any], settings: dict[str, Any]) -> Any:
        return Impatient.connect(*words, **settings)

    return connect

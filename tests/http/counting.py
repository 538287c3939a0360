"""Counts what an answer costs: statements of the store, registry calls, passwords, outbox rows.

Two answers that make the same calls take the same time, however slow each call is; unlike
seconds, calls can be compared exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import evolve

from monespace_flows.driver import Flows
from monespace_flows.ports import Ports
from monespace_http import create_app
from tests.http.visiting import Served, settings

__all__ = ["Counted"]


class _Watched:
    """Stands before an object, and counts the calls of its methods."""

    def __init__(self, inner: object, name: str, calls: Counter[str]) -> None:
        self._inner, self._name, self._calls = inner, name, calls

    def __getattr__(self, attribute: str) -> Any:
        found = getattr(self._inner, attribute)
        name = f"{self._name}.{attribute}"
        return (
            self._counting(found, name) if callable(found) else _Watched(found, name, self._calls)
        )

    def _counting(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self._calls[name] += 1
            return call(*args, **kwargs)

        return counted


class _WatchedStorage(_Watched):
    @contextmanager
    def reading(self) -> Iterator[Any]:
        self._calls["store.reading"] += 1
        with self._inner.reading() as unit:  # type: ignore[attr-defined]
            yield _Watched(unit, "store", self._calls)

    @contextmanager
    def writing(self) -> Iterator[Any]:
        self._calls["store.writing"] += 1
        with self._inner.writing() as unit:  # type: ignore[attr-defined]
            yield _Watched(unit, "store", self._calls)


class Counted(Served):
    """A served sandbox whose answers can be counted."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def watch(self) -> None:
        """Count from now on; messages wait in the outbox, as for a relay in another process."""
        ports: Any = self.sandbox.ports
        watched: Ports = evolve(
            ports,
            storage=_WatchedStorage(ports.storage, "store", self.calls),
            registry=_Watched(ports.registry, "registry", self.calls),
            passwords=_Watched(ports.passwords, "passwords", self.calls),
            messaging=_Watched(ports.messaging, "messaging", self.calls),
        )
        self.app = create_app(Flows(watched, site=self.sandbox.flows.site), settings())

    def cost(self, ask: Callable[[], Any]) -> tuple[Any, Counter[str]]:
        """Ask something; the answer, and the calls that it took."""
        self.calls.clear()
        answer = ask()
        del self.calls["passwords.is_outdated"]  # looks at a text that is at hand already
        return answer, Counter(self.calls)

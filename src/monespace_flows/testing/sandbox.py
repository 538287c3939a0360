"""Everything in memory: the whole library with nothing outside."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from threading import get_native_id

from ..chart import Flow
from ..driver import Flows, Site
from ..driver.relay import Relay
from ..flows import STANDARD
from ..policy import Policy
from ..ports import Observer, Ports, Storage
from .memory import MemoryStorage
from .registry import demo_registry
from .services import MemoryClock, MemoryEmails, MemoryMessaging, MemoryPasswords, MemorySecrets

__all__ = ()


_numbers = count(1)


def _another() -> str:
    """What no other sandbox of this machine has at the moment."""
    return f" of {get_native_id()}.{next(_numbers)}"


class Sandbox:
    """A :class:`~monespace_flows.Flows` on memory ports, with the demo's invented doctors.

    Messages are delivered as soon as they are queued; see ``messages``.  Time stands still until
    ``clock.advance(minutes=10)``.  ``registry`` may be added to, changed and made to fail.

    Args:
        policy: other numbers than the defaults.
        storage: another storage than the one in memory, to run the same tests on it.  Others may
            have it too: what is drawn then differs from one sandbox and process to the other.
        site: the public address that messages name.
        flows: the journeys; a host adds its own: ``(*STANDARD, MINE)``.
        observer: who counts steps, alarms and deliveries, if anybody does.
    """

    def __init__(
        self,
        policy: Policy | None = None,
        *,
        storage: Storage | None = None,
        site: Site | None = None,
        flows: Iterable[Flow] = STANDARD,
        observer: Observer | None = None,
    ) -> None:
        self.clock = MemoryClock()
        self.registry = demo_registry()
        self.messages = MemoryMessaging()
        self.passwords = MemoryPasswords()
        self.secrets = MemorySecrets(chance="" if storage is None else _another())
        self.storage: Storage = storage or MemoryStorage()
        self.ports = Ports(
            registry=self.registry,
            storage=self.storage,
            secrets=self.secrets,
            passwords=self.passwords,
            emails=MemoryEmails(),
            messaging=self.messages,
            clock=self.clock,
            observer=observer,
        )
        self.relay = Relay(self.storage, self.secrets, self.messages, self.clock, observer=observer)
        self.flows = Flows(self.ports, policy, site, wake=self.deliver, flows=flows)

    def deliver(self) -> None:
        """Deliver what is due now, as the relay would."""
        self.relay.run_once()

"""A process of its own that presses a button of a journey it was told of.

``python -m tests.races.rival URL TOKEN PASSWORD COUNT`` opens the same database, says ``ready``,
waits for a line, presses ``COUNT`` times at once and says what came of each press.
"""

from __future__ import annotations

import sys
from functools import partial

from attrs import evolve

from monespace_backends.secrets import KeyedSecrets, Keys
from monespace_backends.storage import open_storage
from monespace_flows import Flows
from monespace_flows.driver.relay import Relay
from monespace_flows.errors import JourneyOver, MonespaceError
from monespace_flows.ports import Storage
from monespace_flows.screens import View
from monespace_flows.testing import Sandbox
from tests.journeys import acting

from .together import together

KEYS = Keys((b"r" * 32,))
"""The keys that both processes hold."""


def sandbox_on(storage: Storage) -> Sandbox:
    """A sandbox that draws by chance, as every process of a real application, and sends nothing."""
    sandbox = Sandbox(storage=storage)
    sandbox.ports = evolve(sandbox.ports, secrets=KeyedSecrets(KEYS))
    sandbox.relay = Relay(storage, sandbox.ports.secrets, sandbox.messages, sandbox.clock)
    sandbox.flows = Flows(sandbox.ports)
    return sandbox


def told(outcome: View | MonespaceError) -> str:
    """What came of a press, in a word."""
    if isinstance(outcome, View):
        return outcome.state
    if isinstance(outcome, JourneyOver):
        return f"over: {outcome.view.state}"
    return type(outcome).__name__


def main(url: str, token: str, password: str, count: str) -> None:
    storage = open_storage(url)
    press = partial(sandbox_on(storage).flows.submit, token, acting.creation(password))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    outcomes = together([press] * int(count))
    sys.stdout.write("\n".join(map(told, outcomes)))
    storage.close()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""What a process does that creates accounts under its own file of keys, while keys change.

It starts as a service does, and says ``started`` or why it does not.  Then, word by word of who
started it: ``prepare RPPS EMAIL`` goes up to the last button of a creation and says ``prepared``;
``go`` presses it, and says what came of it; nothing ends it.
"""

from __future__ import annotations

from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from attrs import evolve

from monespace_backends.clock import SystemClock
from monespace_backends.keyring import open_keys
from monespace_backends.secrets import KeysInvalid, read_keys
from monespace_backends.storage import SqlStorage, open_storage
from monespace_flows import Flows, SendCode, SubmitCode, SubmitIdentity
from monespace_flows.driver.relay import Relay
from monespace_flows.errors import MonespaceError
from monespace_flows.ports import Secrets
from monespace_flows.testing import Sandbox
from tests.journeys import acting

from .rival import told

BORN = date(1975, 6, 17)


def rpps_of(number: int) -> str:
    """A well-formed RPPS number of an invented doctor."""
    digits = f"9900000{number:03}"
    doubled = [int(it) * (2 if place % 2 == 0 else 1) for place, it in enumerate(reversed(digits))]
    return f"{digits}{-sum(it // 10 + it % 10 for it in doubled) % 10}"


def sandbox_under(storage: SqlStorage, secrets: Secrets) -> Sandbox:
    """A sandbox on somebody's keys, with a clock that runs, as accounts made by processes need."""
    sandbox = Sandbox(storage=storage)
    sandbox.ports = evolve(sandbox.ports, secrets=secrets, clock=SystemClock())
    sandbox.relay = Relay(storage, secrets, sandbox.messages, SystemClock())
    sandbox.flows = Flows(sandbox.ports)
    return sandbox


def prepared(sandbox: Sandbox, rpps: str) -> str:
    """Go up to the last button of a creation; the journey's token."""
    sandbox.registry.add(
        rpps, BORN, mobile=f"+3361{rpps[-7:]}"
    )  # what is sent is counted by number
    token = sandbox.flows.start("creation").token or ""
    sandbox.flows.submit(
        token, SubmitIdentity(birth_date="17/06/1975", rpps=rpps, accept_terms=True)
    )
    sandbox.flows.submit(token, SendCode("sms"))
    sandbox.relay.run_once()  # one process prepares at a time: nobody else takes the code
    sandbox.flows.submit(token, SubmitCode(acting.code_received(sandbox)))
    return token


def main(url: str, keys: Path, asked: Connection[str, str]) -> None:
    """Run until nothing is asked any more."""
    storage = open_storage(url)
    try:
        sandbox = sandbox_under(storage, open_keys(storage, read_keys(keys), SystemClock()))
    except KeysInvalid as error:
        asked.send(f"refused: {error}")
        return
    asked.send("started")
    token = email = ""
    while words := asked.recv().split():
        try:
            if words[0] == "prepare":
                token, email = prepared(sandbox, words[1]), words[2]
                answer = "prepared"
            else:
                view = sandbox.flows.submit(token, acting.activation(email))
                answer = " ".join([told(view), *acting.notices(view)])
        except MonespaceError as error:
            answer = told(error)
        asked.send(answer)
    storage.close()

"""Several applications on one database: two in this process, and one in another."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from attrs import evolve

from monespace_backends.secrets import KeyedSecrets, Keys
from monespace_flows import Activate, Flows, SendCode, SubmitCode
from monespace_flows.driver.relay import Relay
from monespace_flows.ports import Storage
from monespace_flows.testing import Sandbox
from tests.journeys import acting
from tests.journeys.acting import JOHN, LEA, OTHER_PASSWORD, PASSWORD, PAUL
from tests.replaying import check_replay
from tests.servers.storages import SQL_ENGINES

from .contents import count, queued
from .rival import sandbox_on, told
from .together import split, together

ROOT = Path(__file__).parents[2]
OLD, NEW = b"o" * 32, b"n" * 32


@contextmanager
def rival(url: str, token: str, password: str, presses: int) -> Iterator[subprocess.Popen[str]]:
    """Start another process on the same database; it presses when a line is written to it."""
    command = [sys.executable, "-m", "tests.races.rival", url, token, password, f"{presses}"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("database", SQL_ENGINES, indirect=True)
def test_rc_01_final_submits_of_two_processes_make_one_account(
    database: str, storage: Storage
) -> None:
    """Ten presses in each process: one is answered, the others are shown that it is done."""
    sandbox = sandbox_on(storage)
    view = acting.identified(sandbox)
    sandbox.flows.submit(view.token, SendCode("email"))
    sandbox.deliver()
    sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))
    press = partial(sandbox.flows.submit, view.token, acting.creation(PASSWORD))

    with rival(database, view.token, OTHER_PASSWORD, 10) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("now\n")
        process.stdin.flush()
        ours = [told(it) for it in together([press] * 10)]
        theirs = process.stdout.read().splitlines()

    assert sorted([*theirs, *ours]) == ["created", *19 * ["over: created"]]
    assert count(storage, "accounts") == 1
    assert len(queued(sandbox, view.reference, "confirmation")) == 1
    kept = OTHER_PASSWORD if "created" in theirs else PASSWORD
    assert acting.sign_in(sandbox, JOHN.email, kept).state == "signed_in"


def test_the_next_step_may_be_served_by_another_application(
    storage: Storage, twin: Storage
) -> None:
    """Nothing of a journey lives in a process: every step is taken by the other of two."""
    sandbox = Sandbox(storage=storage)
    one = sandbox.flows
    two = Flows(evolve(sandbox.ports, storage=twin), wake=sandbox.deliver)

    view = one.start("creation")
    two.submit(view.token, acting.identity())
    one.submit(view.token, SendCode("sms"))
    two.submit(view.token, SubmitCode(acting.code_received(sandbox)))
    created = one.submit(view.token, acting.activation(JOHN.email))

    assert two.view(view.token).state == created.state == "created"
    token = two.start("signin").token
    session = one.submit(token, acting.pressing(sandbox, "sign_in")).session
    assert session is not None
    assert two.session(session) is not None
    one.sign_out(session)
    assert two.session(session) is None


def test_rc_01_final_submits_of_two_applications_make_one_account(
    storage: Storage, twin: Storage
) -> None:
    """Connections opened separately see each other's locks."""
    sandbox = Sandbox(storage=storage)
    two = Flows(evolve(sandbox.ports, storage=twin), wake=sandbox.deliver)
    view = acting.code_accepted(sandbox)
    command: Activate = acting.activation()

    created, refusals = split(
        together([partial(it.submit, view.token, command) for it in 10 * [sandbox.flows, two]])
    )

    assert [it.state for it in created] == ["created"]
    assert {told(it) for it in refusals} == {"over: created"}
    assert count(storage, "accounts") == 1


@pytest.mark.parametrize("person", [JOHN, PAUL])
def test_rc_02_rc_03_keys_in_another_order_make_no_second_account(
    storage: Storage, twin: Storage, person: acting.Person
) -> None:
    """One application writes under the new key, the other still under the old one.

    One number, or two numbers and one address: no digest is alike, and no unique column helps.
    """
    boxes = [Sandbox(storage=it) for it in (storage, twin)]
    for box, keys in zip(boxes, ((OLD, NEW), (NEW, OLD)), strict=True):
        box.ports = evolve(box.ports, secrets=KeyedSecrets(Keys(keys)))
        box.relay = Relay(box.storage, box.ports.secrets, box.messages, box.clock)
        box.flows = Flows(box.ports, wake=box.deliver)
    views = [acting.code_accepted(boxes[0], JOHN), acting.code_accepted(boxes[1], person)]
    logins = [acting.LOGIN, acting.OTHER_LOGIN if person is JOHN else acting.LOGIN]

    created, refusals = split(
        together(
            [
                partial(box.flows.submit, view.token, acting.activation(login))
                for box, view, login in zip(boxes, views, logins, strict=True)
            ]
        )
    )

    assert sorted(it.state for it in created) == ["choose_credentials", "created"]
    assert refusals == []
    assert count(storage, "accounts") == 1


def test_rc_13_two_relays_send_each_message_once(storage: Storage, twin: Storage) -> None:
    """They share an outbox, and neither sends what the other took."""
    sandbox = Sandbox(storage=storage)
    sandbox.flows = Flows(sandbox.ports)
    views = [acting.identified(sandbox, person) for person in 4 * [JOHN, PAUL, LEA]]
    for view in views:
        sandbox.flows.submit(view.token, SendCode("sms"))
    relays = [Relay(it, sandbox.secrets, sandbox.messages, sandbox.clock) for it in (storage, twin)]

    counts = together([relay.run_once for relay in 3 * relays])

    ids = [message.id for message in sandbox.messages]
    assert len(ids) == len(set(ids)) == 12
    assert sum(it.sent for it in split(counts)[0]) == 12
    with storage.reading() as unit:
        statuses = {it.status for view in views for it in unit.outbox.of_journey(view.reference)}
    assert statuses == {"sent"}


@pytest.mark.parametrize("database", SQL_ENGINES, indirect=True)
def test_what_one_application_wrote_is_the_same_story_for_another(
    storage: Storage, twin: Storage
) -> None:
    """A journal written through one storage folds back to its journey through another."""
    sandbox = Sandbox(storage=storage)
    acting.created(sandbox)

    assert len(check_replay(twin)) == len(check_replay(storage)) == 1

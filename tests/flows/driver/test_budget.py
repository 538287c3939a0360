"""What a command may cost the store and the machine, in counts: never in seconds.

One that needs no fact from outside takes one transaction.  One that does, a unit that reads and one
that writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import define, field

from monespace_backends.storage import sqlite_url
from monespace_backends.storage.transaction import Lent
from monespace_flows import Extend, RequestLink, SendCode, SignIn, SubmitCode
from monespace_flows.flows import FLOWS
from monespace_flows.testing import Sandbox
from tests.journeys import acting
from tests.journeys.acting import JOHN, PASSWORD
from tests.servers import storages


@define
class Counting:
    """The statements that a SQLite file was asked, its transactions told apart."""

    said: list[str] = field(factory=list)

    def of(self, act: Callable[[], object]) -> tuple[int, int, int]:
        """Units that read, units that write, and all other statements, of one act."""
        self.said.clear()
        act()
        units = [self.said.count(text) for text in ("BEGIN", "BEGIN IMMEDIATE")]
        return units[0], units[1], len(self.said) - sum(units)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting, run = Counting(), Lent._run

    def counted(self: Lent, execute: Any, text: str, *others: Any) -> Any:
        counting.said.append(text)
        return run(self, execute, text, *others)

    monkeypatch.setattr(Lent, "_run", counted)
    return counting


@pytest.fixture
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    path = tmp_path_factory.mktemp("budget") / "monespace.db"
    storages.sqlite_file(path)
    with storages.opened(sqlite_url(path)) as storage:
        yield Sandbox(storage=storage)


def test_a_creation_and_a_sign_in(sandbox: Sandbox, counting: Counting) -> None:
    """By e-mail: the journey that is measured beside others."""
    flows = sandbox.flows
    flows.wake = lambda: None  # the relay's statements are its own
    costs: dict[str, tuple[int, int, int]] = {}

    def press(name: str, token: str, command: Any) -> Any:
        views: list[Any] = []
        costs[name] = counting.of(lambda: views.append(flows.submit(token, command)))
        sandbox.deliver()
        return views[0]

    costs["start"] = counting.of(lambda: flows.start("creation"))
    token = flows.start("creation").token
    press("submit_identity", token, acting.identity())
    press("send_code", token, SendCode("email"))
    press("submit_code", token, SubmitCode(acting.code_received(sandbox)))
    assert press("create", token, acting.creation()).state == "created"
    token = flows.start("signin").token
    view = press("sign_in", token, SignIn(email=JOHN.email, password=PASSWORD))
    costs["session"] = counting.of(lambda: flows.session(view.session))

    assert costs == {
        "start": (0, 0, 0),
        "submit_identity": (1, 1, 12),
        "send_code": (1, 1, 16),
        "submit_code": (0, 1, 6),
        "create": (1, 1, 17),
        "sign_in": (1, 1, 19),
        "session": (1, 0, 2),
    }


@pytest.mark.parametrize(
    ("flow", "command"),
    [("creation", Extend()), ("reset", RequestLink(JOHN.email))],
    ids=["extend", "request_link"],
)
def test_a_command_without_outside_facts_is_one_transaction(
    sandbox: Sandbox, counting: Counting, flow: str, command: Any
) -> None:
    """The first press of a journey too."""
    acting.created(sandbox)
    token = sandbox.flows.start(flow).token
    sandbox.flows.wake = lambda: None

    assert counting.of(lambda: sandbox.flows.submit(token, command))[:2] == (0, 1)


def test_what_waits_together_is_taken_and_settled_together(
    sandbox: Sandbox, counting: Counting
) -> None:
    """Five messages: taken and settled in one transaction each, the later ones held in between."""
    sandbox.flows.wake = lambda: None
    for person in (acting.JOHN, acting.AMELIE, acting.PAUL, acting.LEA):
        acting.awaiting_code(sandbox, person)
    assert counting.of(sandbox.deliver)[:2] == (0, 2 + 3)
    assert len(sandbox.messages) == 4


def test_a_statement_is_written_out_once(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """For each engine and each number of keys, however often it is asked."""
    acting.created(sandbox)
    acting.sign_in(sandbox, JOHN.email)
    monkeypatch.delattr("monespace_backends.storage.statements._prepared")

    for _ in range(2):
        assert acting.sign_in(sandbox, JOHN.email).state == "signed_in"


def test_a_machine_is_built_once_for_each_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many journeys end."""
    built: list[str] = []
    for name in ("creation", "signin"):
        chart = FLOWS[name].chart
        init = chart.__init__

        def counted(
            self: Any, *args: Any, _of: Any = init, _name: str = name, **named: Any
        ) -> None:
            built.append(_name)
            _of(self, *args, **named)

        monkeypatch.setattr(chart, "__init__", counted)
    sandbox = Sandbox()
    acting.created(sandbox)
    for _ in range(3):
        acting.sign_in(sandbox, JOHN.email)

    assert all(built.count(name) <= 1 for name in built)

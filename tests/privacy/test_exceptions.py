"""PR-02: whatever breaks, wherever, its traceback and our own records in it show no value."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partial
from traceback import TracebackException
from types import TracebackType
from typing import Any

import pytest
from attrs import evolve

from monespace_backends.storage import SqlStorage
from monespace_cli.output import _QuietFormatter
from monespace_flows import (
    AccountCreated,
    Create,
    Flows,
    RequestLink,
    Save,
    SavePassword,
    SendCode,
    SignIn,
    SubmitCode,
)
from monespace_flows.commands import Command
from monespace_flows.errors import PortUnavailable
from monespace_flows.ports import Message
from tests.journeys.breaking import Hook, Hooked, HookedStorage
from tests.races.failing import FailingDisk, When

from .conftest import all_logs
from .markers import assert_no_marker
from .people import HERMINE, MARTRE, ZIBELINE
from .stories import (
    activation,
    awaiting_code,
    created,
    created_by_email,
    identity,
    signed_in,
    verified,
)
from .world import POLICY, World

PORTS = ("registry", "storage", "secrets", "passwords", "emails", "clock")

Act = Callable[[Flows], object]


class Broken(Exception):
    """A fault that nobody foresaw."""


def acts(world: World) -> dict[str, Act]:
    """A press on every screen that takes something typed; each can be pressed again and again."""
    created_by_email(world, ZIBELINE)
    world.later(hours=1)
    world.press(world.start("reset"), RequestLink(ZIBELINE.order_email))
    reset = world.open_link(world.link("reset_link"))
    created(world, MARTRE)
    session = signed_in(world, MARTRE.login, MARTRE.password)
    waiting = awaiting_code(world, HERMINE)
    right = SubmitCode(world.code())
    world.later(minutes=2)
    by_email, by_sms = verified(world, HERMINE, "email"), verified(world, HERMINE)
    password, new = HERMINE.password, ZIBELINE.other_password
    save = Save(
        current_password=MARTRE.password,
        email=MARTRE.other_login,
        password=MARTRE.other_password,
        password_confirmation=MARTRE.other_password,
    )
    choosing = world.press(world.start("creation"), identity(HERMINE))
    pressed: dict[str, tuple[str, Command]] = {
        "identity": (world.start("creation").token, identity(HERMINE)),
        "wrong identity": (
            world.start("creation").token, identity(HERMINE, HERMINE.wrong_birth_date)
        ),
        "send": (choosing.token, SendCode("sms")),
        "code": (waiting.token, right),
        "credentials": (by_sms.token, activation(HERMINE.login, password)),
        "password": (by_email.token, Create(password=password, password_confirmation=password)),
        "sign in": (
            world.start("signin").token,
            SignIn(email=ZIBELINE.order_email, password=ZIBELINE.password),
        ),
        "ask": (world.start("reset").token, RequestLink(ZIBELINE.order_email)),
        "reset": (reset.token, SavePassword(password=new, password_confirmation=new)),
        "settings": (world.start("settings", session).token, save),
    }  # fmt: skip
    # Who is erased comes last: nobody can press anything for them then.
    return {
        name: partial(submit, token=token, command=command)
        for name, (token, command) in pressed.items()
    } | {
        "erase by number": lambda flows: flows.erase_account(rpps=MARTRE.rpps),
        "erase by address": lambda flows: flows.erase_account(email=ZIBELINE.order_email),
    }


def submit(flows: Flows, *, token: str, command: Command) -> object:
    return flows.submit(token, command)


def hooked(world: World, port: str, hook: Hook) -> Flows:
    target = getattr(world.ports, port)
    broken: Any = HookedStorage(target, hook) if port == "storage" else Hooked(target, hook)
    return Flows(evolve(world.ports, **{port: broken}), POLICY)


def failures(
    act: Callable[[], object], arm: Callable[[int], object], mend: Callable[[], bool]
) -> Iterator[Broken | PortUnavailable]:
    """Every exception that an act ends with, as one call after the other breaks."""
    number, has_broken = 0, True
    while has_broken:
        number += 1
        arm(number)
        error = None
        try:
            act()
        except (Broken, PortUnavailable) as raised:
            error = raised
        has_broken = mend()
        if error is not None:
            yield error


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def frames(trace: TracebackType | None) -> Iterator[dict[str, Any]]:
    while trace is not None:
        yield trace.tb_frame.f_locals
        trace = trace.tb_next


def shown(error: BaseException) -> Iterator[tuple[str, str]]:
    """Its traceback as text, and every record of ours that its frames hold; where each was met."""
    yield "".join(TracebackException.from_exception(error).format()), "a traceback"
    ours = {
        id(value): value
        for one in chain(error)
        for names in frames(one.__traceback__)
        for value in names.values()
        if type(value).__module__.startswith("monespace")
    }
    for value in ours.values():
        yield repr(value), f"a local {type(value).__name__}"


def check(shown: dict[str, str], markers: dict[str, str]) -> None:
    """Look at all that was shown: many failures show the same, which is looked at once."""
    for text, where in shown.items():
        assert_no_marker(where, text, markers)


@pytest.mark.parametrize("port", PORTS)
def test_pr_02_a_port_that_breaks_at_any_call_shows_no_value(port: str, empty: World) -> None:
    """Each call of each step in turn raises what nobody foresaw."""

    def breaks() -> None:
        raise Broken(port)

    hook = Hook(breaks, "")
    pressed = acts(empty)
    flows = hooked(empty, port, hook)

    count = 0
    texts: dict[str, str] = {}
    for act in pressed.values():
        for error in failures(partial(act, flows), hook.arm, hook.mend):
            texts.update(shown(error))
            count += 1

    assert count >= 2
    check(texts, empty.markers)


def test_pr_02_a_database_that_breaks_at_any_statement_shows_no_value(
    empty: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its driver's errors hide what the statement was given."""
    pressed = acts(empty)
    storage = empty.ports.storage
    assert isinstance(storage, SqlStorage)
    disk = FailingDisk(storage, monkeypatch)
    flows = Flows(empty.ports, POLICY)

    causes = set()
    texts: dict[str, str] = {}
    for name in ("identity", "code", "credentials", "settings", "erase by number"):
        act = pressed[name]
        for error in failures(
            partial(act, flows),
            lambda number: disk.fail_at(number, When.AFTER),
            disk.mend,
        ):
            texts.update(shown(error))
            causes |= {type(it).__name__ for it in chain(error)}

    assert {"PortUnavailable", "OperationalError"} <= causes
    check(texts, empty.markers)


def test_pr_02_a_log_line_of_an_exception_holds_its_places_and_no_text(empty: World) -> None:
    """Even one whose text is somebody else's, and names the person."""

    def breaks() -> None:
        raise Broken(f"{ZIBELINE.rpps} {ZIBELINE.password}")

    with pytest.raises(Broken) as caught:
        breaks()
    record = logging.LogRecord("a", logging.ERROR, "f", 1, "it broke", None, None)
    record.exc_info = (caught.type, caught.value, caught.tb)

    line = _QuietFormatter().format(record)

    assert "Broken at test_exceptions.py:" in line
    assert_no_marker("a log line", line, empty.markers)


def test_pr_02_a_way_out_that_tells_whom_it_failed_is_not_repeated(
    empty: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in the log nor in the outbox: only the port's name is."""

    def fail(message: Message) -> None:
        raise OSError(f"cannot send {message.code} to {message.to}: {message.paragraphs}")

    monkeypatch.setattr(empty.ports.messaging, "deliver", fail)
    caplog.set_level(logging.DEBUG)
    view = awaiting_code(empty, ZIBELINE)

    assert "did not leave, attempt 1: OSError" in caplog.text
    assert_no_marker("the log", caplog.text, empty.markers)
    with empty.ports.storage.reading() as unit:
        (message,) = unit.outbox.of_journey(view.reference)
    assert message.error == "relay"
    for name, content in empty.files().items():
        assert_no_marker(name, content, empty.markers)


def test_pr_02_a_handler_of_the_host_that_breaks_is_not_quoted(empty: World) -> None:
    """The host knows more of the person than we may log."""

    def fail(event: AccountCreated) -> None:
        raise PortUnavailable(f"{ZIBELINE.rpps} {ZIBELINE.family_name}")

    empty.flows.on(AccountCreated, fail)
    with all_logs() as records:
        created(empty, ZIBELINE)

    text = "\n".join(logging.Formatter().format(record) for record in records)
    assert "a handler of AccountCreated failed" in text
    assert_no_marker("the log", text, empty.markers)

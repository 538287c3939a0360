"""PR-04, PR-07: what was not validated is kept by nobody; who is erased is nowhere to be found."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress

import pytest
from attrs import evolve
from click.testing import CliRunner

from monespace_backends.storage.tables import metadata
from monespace_cli.main import cli
from monespace_flows import Create, RequestLink, Save, SavePassword, SignIn, SubmitCode, View
from monespace_flows.commands import Command
from monespace_flows.errors import LinkInvalid, PortUnavailable, SessionRequired
from monespace_flows.ports import Account

from .conftest import all_logs
from .markers import assert_no_marker
from .people import HERMINE, WEAK, ZIBELINE
from .stories import (
    activation,
    awaiting_code,
    created_by_email,
    identity,
    signed_in,
    tell_everything,
    verified,
)
from .world import World

Form = Callable[[World], tuple[View, Command]]


def reset_form(world: World) -> tuple[View, Command]:
    created_by_email(world, ZIBELINE)
    world.press(world.start("reset"), RequestLink(ZIBELINE.order_email))
    view = world.open_link(world.link("reset_link"))
    return view, SavePassword(password=ZIBELINE.other_password, password_confirmation=WEAK)


def settings_form(world: World) -> tuple[View, Command]:
    created_by_email(world, ZIBELINE)
    view = world.start("settings", signed_in(world, ZIBELINE.order_email, ZIBELINE.password))
    return view, Save(
        current_password=ZIBELINE.password,
        email=ZIBELINE.other_login,
        password=ZIBELINE.other_password,
        password_confirmation=WEAK,
    )


FORMS: dict[str, Form] = {
    "who one is": lambda it: (it.start("creation"), identity(ZIBELINE, ZIBELINE.wrong_birth_date)),
    "code": lambda it: (awaiting_code(it, ZIBELINE), SubmitCode("83719264")),
    "credentials": lambda it: (
        verified(it, ZIBELINE),
        activation(ZIBELINE.login, ZIBELINE.password, None, ZIBELINE.other_password),
    ),
    "password": lambda it: (
        verified(it, ZIBELINE, "email"),
        Create(password=ZIBELINE.password, password_confirmation=ZIBELINE.other_password),
    ),
    "sign-in": lambda it: (
        it.start("signin"),
        SignIn(email=ZIBELINE.login, password=ZIBELINE.password),
    ),
    "address for a link": lambda it: (it.start("reset"), RequestLink(f"{ZIBELINE.password}@")),
    "new password": reset_form,
    "settings": settings_form,
}


def typed(view: View) -> list[str]:
    """What the fields show, the account's present address aside."""
    shown = (field.value for field in view.screen.fields)
    return [value for value in shown if value not in (None, ZIBELINE.order_email)]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_pr_04_what_was_refused_or_left_ten_minutes_is_nowhere(form: Form, empty: World) -> None:
    """Refused at once, or lost for being late: it comes back empty and is stored by nobody."""
    view, command = form(empty)

    refused = empty.press(view, command)
    empty.later(minutes=10)
    late = empty.press(view, command)

    assert "entry.erased" in [notice.id for notice in late.notices]
    for seen in (refused, late, empty.flows.view(view.token)):
        assert (seen.state, typed(seen)) == (view.state, [])
    for name, content in empty.files().items():
        assert_no_marker(name, content, empty.markers)


def close(world: World, email: str) -> None:
    """Close an account, as support would."""
    digests = world.ports.secrets.digests("email", email)
    with world.ports.storage.writing() as unit:
        account: Account | None = unit.accounts.by_email(digests)
        assert account is not None
        closed = evolve(account, disabled_at=world.clock.now(), version=account.version + 1)
        unit.accounts.update(closed, account.version)


def test_pr_07_a_closed_account_opens_nothing_and_keeps_its_number(empty: World) -> None:
    """Neither its sessions, nor its links, nor its settings; nobody takes its place."""
    created_by_email(empty, HERMINE)
    session = signed_in(empty, HERMINE.order_email, HERMINE.password)
    settings = empty.start("settings", session)
    empty.press(empty.start("reset"), RequestLink(HERMINE.order_email))
    link = empty.link("reset_link")

    close(empty, HERMINE.order_email)

    assert empty.flows.session(session) is None
    assert empty.flows.link_purpose(link) is None
    with pytest.raises(LinkInvalid):
        empty.flows.open_link(link)
    with pytest.raises(SessionRequired):
        empty.flows.submit(settings.token, Save(current_password="", email=""))
    again = empty.press(empty.start("creation"), identity(HERMINE))
    assert [notice.id for notice in again.notices] == ["account.exists"]


# --- an account that is erased -------------------------------------------------------------------


def erase(world: World, typed: str) -> str:
    """Let an operator erase an account; all that the program said."""
    why = ("--purpose", "legal", "--ticket", "SD-1423", "--yes")
    place = ("--dir", str(world.folder.path))
    ended = CliRunner().invoke(cli, ["account", "erase", *why, *place], input=f"{typed}\n")
    assert ended.exit_code == 0
    return ended.output


def cells(world: World) -> list[str]:
    """Everything in every table, as whoever steals the database would read it."""
    with closing(sqlite3.connect(world.folder.database)) as database:
        return [
            str(cell)
            for table in metadata.sorted_tables
            for row in database.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own tables
            for cell in row
        ]


def opened_cells(world: World) -> str:
    """The same, as whoever steals the keys as well would read it."""
    opened = []
    for cell in cells(world):
        with suppress(PortUnavailable):
            opened.append(world.ports.secrets.unseal(cell))
    return "\n".join(opened)


@pytest.mark.parametrize("typed", [ZIBELINE.rpps, ZIBELINE.login])
def test_pr_07_of_who_is_erased_not_even_the_keys_tell_anything(
    typed: str, empty: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the number nor an address nor a telephone is sealed in any cell of any table.

    Somebody else's are: the search would find them.
    """
    monkeypatch.delenv("MONESPACE_CONFIG", raising=False)
    monkeypatch.delenv("MONESPACE_DIR", raising=False)
    tell_everything(empty)
    before = opened_cells(empty)
    assert ZIBELINE.rpps in before
    assert HERMINE.rpps in before

    erase(empty, typed)

    after = opened_cells(empty)
    assert_no_marker("what is sealed", after, ZIBELINE.markers())
    assert HERMINE.rpps in after


def test_pr_07_what_was_sealed_is_overwritten(empty: World) -> None:
    """Not only is it found by nobody: it lies in no free page of the file."""
    created_by_email(empty, HERMINE)
    with empty.ports.storage.reading() as unit:
        account: Account | None = unit.accounts.by_email(
            empty.ports.secrets.digests("email", HERMINE.order_email)
        )
    assert account is not None
    sealed = (account.sealed_rpps, account.sealed_email, account.password_hash)
    assert all(it.encode() in checkpointed(empty) for it in sealed)

    erase(empty, HERMINE.rpps)

    assert [it for it in sealed if it.encode() in checkpointed(empty)] == []


def checkpointed(world: World) -> bytes:
    """The database file, once everything is written to it."""
    with closing(sqlite3.connect(world.folder.database)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return world.folder.database.read_bytes()


def test_pr_07_neither_the_program_nor_a_record_says_who_was_erased(empty: World) -> None:
    """Nor a log: purpose, ticket and counts are all that is written of it."""
    tell_everything(empty)
    with all_logs() as logged:
        said = erase(empty, ZIBELINE.rpps) + erase(empty, HERMINE.order_email)

    assert "comptes          1  effacés" in said
    assert_no_marker("the program", said, empty.markers)
    logs = "\n".join(f"{it.getMessage()} {it.args!r}" for it in logged)
    assert_no_marker("the logs", logs, empty.markers)
    for name, content in empty.files().items():
        assert_no_marker(name, content, empty.markers)
    record = empty.folder.access_log.read_text("utf-8")
    assert record.count('"reference":"account"') == 2
    for digest in empty.ports.secrets.digests("subject", ZIBELINE.rpps):
        assert digest not in record


def test_pr_07_who_was_erased_is_answered_as_a_stranger(empty: World) -> None:
    """Their session, their link and their password open nothing; they may begin again."""
    created_by_email(empty, HERMINE)
    session = signed_in(empty, HERMINE.order_email, HERMINE.password)
    empty.press(empty.start("reset"), RequestLink(HERMINE.order_email))
    link = empty.link("reset_link")

    erase(empty, HERMINE.rpps)

    assert empty.flows.session(session) is None
    assert empty.flows.link_purpose(link) is None
    refused = empty.press(
        empty.start("signin"), SignIn(email=HERMINE.order_email, password=HERMINE.password)
    )
    assert [notice.id for notice in refused.notices] == ["credentials.refused"]
    empty.later(minutes=5)
    assert created_by_email(empty, HERMINE).state == "created"

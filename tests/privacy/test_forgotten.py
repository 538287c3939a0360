"""PR-04, PR-07: what was not validated is kept by nobody; a closed account opens nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from monespace_flows import Create, RequestLink, Save, SavePassword, SignIn, SubmitCode, View
from monespace_flows.commands import Command
from monespace_flows.errors import LinkInvalid, SessionRequired
from monespace_flows.ports import Account

from .markers import assert_no_marker
from .people import HERMINE, WEAK, ZIBELINE
from .stories import activation, awaiting_code, created_by_email, identity, signed_in, verified
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

    assert [notice.id for notice in late.notices][-1] == "entry.erased"
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

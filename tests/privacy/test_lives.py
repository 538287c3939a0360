"""PR-05: what is past its life cannot be read any more, and then it is gone."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from monespace_flows import RequestLink, SavePassword, SubmitCode, View
from monespace_flows.commands import Command
from monespace_flows.errors import JourneyOver, JourneyUnknown, LinkInvalid
from monespace_flows.ports import LinkPurpose
from tests.races.contents import contents

from .markers import assert_no_marker
from .people import HERMINE, ZIBELINE
from .stories import (
    activation,
    awaiting_code,
    created_by_email,
    signed_in,
    tell_everything,
    verified,
)
from .world import World

RETENTION = timedelta(days=183)


def purge(world: World) -> dict[str, int]:
    now: datetime = world.clock.now()
    return world.ports.storage.purge(now, now - RETENTION)


def left(world: World) -> dict[str, int]:
    """How many rows there are of people; which keys and processes there are tells of nobody."""
    found = contents(world.ports.storage)
    return {table: len(rows) for table, rows in found.items() if rows and "key" not in table}


@pytest.mark.parametrize("has_been_purged", [False, True], ids=["not yet purged", "purged"])
def test_pr_05_a_journey_of_half_an_hour_ago_cannot_be_read(
    has_been_purged: bool, empty: World
) -> None:
    """Neither its contacts nor its code nor its dossier serve anyone, purged or not."""
    waiting = awaiting_code(empty, HERMINE)
    code = SubmitCode(empty.code())
    empty.later(minutes=2)
    ready = verified(empty, HERMINE)
    last = activation(HERMINE.login, HERMINE.password)
    empty.later(minutes=30)
    if has_been_purged:
        assert purge(empty)["journeys"] == 2

    presses: list[tuple[View, Command]] = [(waiting, code), (ready, last)]
    for view, command in presses:
        with pytest.raises(JourneyUnknown if has_been_purged else JourneyOver):
            empty.flows.submit(view.token, command)
        with suppress(JourneyUnknown):
            seen = empty.flows.view(view.token)
            assert (seen.state, seen.screen.fields) == ("expired", ())
    assert "accounts" not in left(empty)
    assert ("journeys" in left(empty)) is not has_been_purged


@pytest.mark.parametrize("has_been_purged", [False, True], ids=["not yet purged", "purged"])
def test_pr_05_a_link_of_yesterday_opens_nothing(has_been_purged: bool, empty: World) -> None:
    created_by_email(empty, ZIBELINE)
    empty.press(empty.start("reset"), RequestLink(ZIBELINE.order_email))
    token = empty.link("reset_link")
    empty.later(hours=23, minutes=59)
    assert empty.flows.link_purpose(token) is LinkPurpose.RESET

    empty.later(minutes=1)
    if has_been_purged:
        assert purge(empty)["links"] >= 1

    assert empty.flows.link_purpose(token) is None
    with pytest.raises(LinkInvalid):
        empty.flows.open_link(token)


def test_pr_05_a_form_opened_by_a_link_is_over_after_its_time(empty: World) -> None:
    """The password stays what it was."""
    created_by_email(empty, ZIBELINE)
    empty.press(empty.start("reset"), RequestLink(ZIBELINE.order_email))
    view = empty.open_link(empty.link("reset_link"))
    empty.later(hours=24)
    new = ZIBELINE.other_password

    with pytest.raises(JourneyOver):
        empty.flows.submit(view.token, SavePassword(password=new, password_confirmation=new))

    assert signed_in(empty, ZIBELINE.order_email, ZIBELINE.password)


def test_pr_05_after_half_a_year_only_accounts_are_left(empty: World) -> None:
    """Journals stay for 183 days, to the day; then nothing tells who did what."""
    tell_everything(empty)
    journals = left(empty)["journal"]
    empty.later(hours=182 * 24)
    purge(empty)
    assert left(empty) == {
        "accounts": 2, "journal": journals, "outbox": left(empty)["outbox"], "journal_heads": 1,
        "journeys": 1,  # the account's own journal, which goes with its lines
    }  # fmt: skip

    empty.later(hours=2 * 24)
    purge(empty)

    assert left(empty) == {"accounts": 2, "journal_heads": 1}  # how many lines, and of nobody
    for name, content in empty.files().items():
        assert_no_marker(name, content, empty.markers)


def test_pr_05_a_purge_takes_nothing_that_still_lives(empty: World) -> None:
    """A person in the middle of a journey goes on."""
    view = awaiting_code(empty, HERMINE)
    before = contents(empty.ports.storage)

    assert set(purge(empty).values()) == {0}
    assert contents(empty.ports.storage) == before
    assert empty.press(view, SubmitCode(empty.code())).state == "choose_credentials"

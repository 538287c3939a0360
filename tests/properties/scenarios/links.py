"""Reset links (P1-P4): asked for, used, too late, and the password chosen after."""

import pytest
from attrs import evolve

from monespace_flows import RequestLink
from monespace_flows.errors import LinkInvalid
from monespace_flows.ports import JourneyQuery

from ..people import AMELIE, CLAIRE, CLAIRES_EMAIL, OTHER_PASSWORD, PASSWORD, WEAK_PASSWORD
from ..stage import Scenario, Stage


def new_password(stage: Stage) -> None:
    """An address to correct, an unknown one, then a link and a password, corrected first."""
    stage.proven_account(CLAIRE)
    view = stage.submit(stage.start("reset"), RequestLink("claire@@"))
    view = stage.press(view, "extend")
    view = stage.submit(view, RequestLink("inconnue@ici.example"))
    assert view.state == "link_sent"
    token = stage.link_for(CLAIRES_EMAIL)
    view = stage.open_link(token)
    with pytest.raises(LinkInvalid):
        stage.open_link(token)
    view = stage.submit_new_password(view, OTHER_PASSWORD, PASSWORD)
    view = stage.submit_new_password(view, WEAK_PASSWORD)
    view = stage.submit_new_password(view, "")
    view = stage.press(view, "extend")
    view = stage.submit_new_password(view, OTHER_PASSWORD)
    assert view.state == "password_changed"
    assert view.session is not None


def too_late(stage: Stage) -> None:
    """The account changed between the link and the password."""
    stage.proven_account(CLAIRE)
    view = stage.open_link(stage.link_for(CLAIRES_EMAIL))
    stage.save(
        stage.start("settings", stage.session(CLAIRES_EMAIL)),
        CLAIRES_EMAIL,
        password=OTHER_PASSWORD,
    )
    view = stage.submit_new_password(view, PASSWORD)
    assert view.state == "expired"


def closed_meanwhile(stage: Stage) -> None:
    """The account was closed between the letter and the link: the journey says so and stays."""
    stage.proven_account(CLAIRE)
    token = stage.link_for(CLAIRES_EMAIL)
    with stage.box.storage.writing() as unit:
        digests = stage.box.secrets.digests("subject", CLAIRE.rpps)
        account = unit.accounts.by_rpps(digests)
        assert account is not None
        closed = evolve(account, disabled_at=account.created_at, version=account.version + 1)
        unit.accounts.update(closed, account.version)
    with pytest.raises(LinkInvalid):
        stage.open_link(token)
    with stage.box.storage.reading() as unit:
        (reset,) = unit.journeys.search(JourneyQuery(flow="reset"))
    assert reset.journey.notices == ("link.invalid",)


def confirmed(stage: Stage) -> None:
    """D7: an address chosen after an SMS is confirmed by its own link."""
    stage.account(AMELIE, "amelie@ici.example")
    session = stage.session("amelie@ici.example")
    stage.flows.resend_confirmation(session)
    letter = stage.box.messages.to("amelie@ici.example")[-1]
    assert stage.flows.confirm_email(letter.link_token, session).email_confirmed
    assert stage.link_for("amelie@ici.example")


def changed_often(stage: Stage) -> None:
    """SS-06: one address is asked for again and again; the one of before objects in the end."""
    stage.proven_account(CLAIRE)
    view = stage.start("settings", stage.session(CLAIRES_EMAIL))
    for number in range(3):
        view = stage.save(view, f"claire{number}@ici.example")
    letters = stage.box.messages.to("claire2@ici.example")
    assert view.session is not None
    stage.flows.confirm_email(letters[-1].link_token, view.session)
    view = stage.save(view, "claire3@ici.example")
    assert [notice.id for notice in view.notices] == ["email.changed_often"]
    (first, *_) = [it for it in stage.box.messages.to(CLAIRES_EMAIL) if it.purpose == "notice"]
    assert stage.flows.object_link(first.link_token) == "undone"
    assert stage.session(CLAIRES_EMAIL)


SCENARIOS: dict[str, Scenario] = {
    "a new password": new_password,
    "a password too late": too_late,
    "an account closed meanwhile": closed_meanwhile,
    "an address confirmed": confirmed,
    "an address changed often": changed_often,
}

"""New credentials (C8, C9, R6, R7): all that can be wrong with them, then an account."""

from functools import partial

from attrs import evolve

from monespace_flows.facts import Channel

from ..people import (
    AMELIE,
    CLAIRE,
    CLAIRES_EMAIL,
    JOHN,
    OTHER_PASSWORD,
    PASSWORD,
    PAUL,
    WEAK_PASSWORD,
)
from ..stage import Scenario, Stage


def to_correct(stage: Stage, flow: str) -> None:
    """By SMS: each field wrong in turn, an address that is taken, a doctor who is gone."""
    stage.account(AMELIE, "prise@ici.example")
    view = stage.verified(flow, PAUL)
    view = stage.activate(view, "paul@ici.example", email_confirmation="autre@ici.example")
    view = stage.activate(view, "paul@ici.example", password_confirmation=OTHER_PASSWORD)
    view = stage.activate(view, "paul@ici.example", WEAK_PASSWORD)
    view = stage.activate(view, "paul@@ici", PASSWORD)
    view = stage.activate(view, "prise@ici.example")
    stage.box.registry.change(PAUL.rpps, status="radie")
    view = stage.activate(view, "paul@ici.example")
    stage.box.registry.change(PAUL.rpps, status="inscrit")
    view = stage.press(view, "extend")
    view = stage.activate(view, "paul@ici.example")
    assert view.status == "done"


def to_correct_by_email(stage: Stage) -> None:
    """By e-mail: only the password can be wrong, unless the Order's address is someone's login."""
    stage.box.registry.change(PAUL.rpps, email=CLAIRES_EMAIL)
    taken = stage.create(
        stage.verified("creation", evolve(PAUL, email=CLAIRES_EMAIL), Channel.EMAIL)
    )
    assert taken.status == "done"
    stage.box.registry.change(PAUL.rpps, email=PAUL.email)
    view = stage.verified("creation", CLAIRE, Channel.EMAIL)
    view = stage.create(view, PASSWORD, OTHER_PASSWORD)
    view = stage.create(view, WEAK_PASSWORD)
    view = stage.create(view, "")
    view = stage.create(view)
    stage.box.registry.change(CLAIRE.rpps, status="radie")
    view = stage.create(view)
    stage.box.registry.change(CLAIRE.rpps, status="inscrit")
    view = stage.press(view, "extend")
    assert view.state == "choose_password"


def too_many_taken_addresses(stage: Stage, flow: str) -> None:
    """Nobody searches for accounts here: the sixth address is not looked at."""
    stage.account(AMELIE, "prise@ici.example")
    view = stage.verified(flow, PAUL)
    for _ in range(6):
        view = stage.activate(view, "prise@ici.example")
    view = stage.activate(view, "libre@ici.example")
    assert view.state == "choose_credentials"


def meanwhile_elsewhere(stage: Stage) -> None:
    """Two journeys of one doctor: the first to finish wins, by SMS as by e-mail."""
    by_sms = stage.verified("creation", JOHN)
    by_email = stage.verified("creation", JOHN, Channel.EMAIL)
    third = stage.verified("creation", JOHN)
    assert stage.activate(by_sms, "john@ici.example").status == "done"
    assert stage.create(by_email).state == "choose_password"
    assert stage.activate(third, "john@la.example").state == "choose_credentials"


def recovered(stage: Stage) -> None:
    """The present address is refused (R7); another gives the account back; D2 creates one."""
    stage.account(PAUL, "oubliee@ici.example")
    view = stage.verified("recovery", PAUL)
    view = stage.activate(view, "oubliee@ici.example", OTHER_PASSWORD)
    assert view.state == "choose_credentials"
    view = stage.activate(view, "neuve@ici.example", OTHER_PASSWORD)
    assert view.state == "recovered"
    assert stage.activate(stage.verified("recovery", AMELIE), "a@ici.example").state == "recovered"


def overtaken(stage: Stage) -> None:
    """Two recoveries of one account: the second to finish is void, whatever is typed in it."""
    stage.account(PAUL, "oubliee@ici.example")
    late, first = stage.verified("recovery", PAUL), stage.verified("recovery", PAUL)
    assert stage.activate(first, "neuve@ici.example", OTHER_PASSWORD).state == "recovered"
    view = stage.activate(late, "autre@ici.example", password_confirmation=OTHER_PASSWORD)
    assert view.state == "expired"
    assert stage.sign_in("neuve@ici.example", OTHER_PASSWORD).state == "signed_in"


def created_by_email(stage: Stage) -> None:
    """C9 to the end."""
    assert stage.proven_account(CLAIRE).state == "created"


SCENARIOS: dict[str, Scenario] = {
    "credentials to correct, creation": partial(to_correct, flow="creation"),
    "credentials to correct, recovery": partial(to_correct, flow="recovery"),
    "a password to correct": to_correct_by_email,
    "too many taken addresses, creation": partial(too_many_taken_addresses, flow="creation"),
    "too many taken addresses, recovery": partial(too_many_taken_addresses, flow="recovery"),
    "meanwhile elsewhere": meanwhile_elsewhere,
    "recovered": recovered,
    "overtaken": overtaken,
    "created by e-mail": created_by_email,
}

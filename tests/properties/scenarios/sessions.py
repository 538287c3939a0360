"""Signing in (S1-S4) and settings (T1, T2)."""

import pytest

from monespace_flows import SignIn
from monespace_flows.errors import SessionRequired

from ..people import AMELIE, CLAIRE, CLAIRES_EMAIL, OTHER_PASSWORD, PASSWORD, PAUL, WEAK_PASSWORD
from ..stage import Scenario, Stage

OWN = "amelie@ici.example"


def signing_in(stage: Stage) -> None:
    """A field to correct, wrong three times, then right too soon, then right."""
    stage.account(AMELIE, OWN)
    view = stage.submit(stage.start("signin"), SignIn(email="", password=""))
    view = stage.press(view, "extend")
    view = stage.submit(view, SignIn(email="inconnue@ici.example", password=PASSWORD))
    for _ in range(3):
        view = stage.submit(view, SignIn(email=OWN, password=OTHER_PASSWORD))
    view = stage.submit(view, SignIn(email=OWN, password=PASSWORD))
    assert view.state == "enter_credentials"
    stage.pass_time(seconds=1)
    view = stage.submit(view, SignIn(email=OWN, password=PASSWORD))
    assert view.state == "signed_in"
    assert view.session is not None
    stage.flows.sign_out(view.session)


def settings_to_correct(stage: Stage) -> None:
    """Each field wrong in turn; nothing changes."""
    stage.proven_account(CLAIRE)
    stage.account(AMELIE, OWN)
    view = stage.start("settings", stage.session(OWN))
    view = stage.save(view, OWN, current="")
    view = stage.save(view, OWN, password=OTHER_PASSWORD, confirmation=PASSWORD)
    view = stage.save(view, OWN, password=WEAK_PASSWORD)
    view = stage.save(view, "amelie@@")
    view = stage.press(view, "extend")
    view = stage.save(view, OWN)
    for _ in range(6):
        view = stage.save(view, CLAIRES_EMAIL)
    for _ in range(4):
        view = stage.save(view, "libre@ici.example", current=OTHER_PASSWORD)
    assert view.state == "edit_settings"
    stage.pass_time(seconds=1)
    assert stage.session(OWN)


def settings_saved(stage: Stage) -> None:
    """First the address, then the password: each opens a new session and ends the others."""
    stage.account(AMELIE, OWN)
    other = stage.session(OWN)
    view = stage.start("settings", stage.session(OWN))
    view = stage.save(view, "amelie@la.example")
    view = stage.save(view, "amelie@la.example", password=OTHER_PASSWORD)
    assert view.session is not None
    assert stage.flows.session(other) is None
    assert stage.flows.session(view.session) is not None
    stage.flows.sign_out(view.session)
    with pytest.raises(SessionRequired):
        stage.save(view, OWN, current=OTHER_PASSWORD)


def guessed(stage: Stage) -> None:
    """Others guess until the holder is told; a browser that is known comes in all the same."""
    stage.account(AMELIE, OWN)
    view = stage.start("signin")
    known = stage.flows.submit(view.token, SignIn(email=OWN, password=PASSWORD), browser="").browser
    for _ in range(10):
        stage.sign_in(OWN, OTHER_PASSWORD)
        stage.pass_time(minutes=16)
    view = stage.start("signin")
    wrong = SignIn(email=OWN, password=OTHER_PASSWORD)
    view = stage.flows.submit(view.token, wrong, browser=known)
    right = SignIn(email=OWN, password=PASSWORD)
    assert stage.flows.submit(view.token, right, browser=known).state == "signed_in"


def mistaken_for(stage: Stage) -> None:
    """Wrong birth dates until the number is locked, and its holder told, in either journey."""
    for flow, person in (("creation", PAUL), ("recovery", AMELIE)):
        view = stage.start(flow)
        for _ in range(5):
            view = stage.identify(view, person, birth_date="02/02/1971")
        assert view.state == "enter_identity"


def struck_off(stage: Stage) -> None:
    """The registry no longer admits who signs in, who saves settings, or who resets."""
    stage.account(AMELIE, OWN)
    stage.box.registry.change(AMELIE.rpps, status="radie")
    assert stage.sign_in(OWN).state == "enter_credentials"
    stage.box.registry.change(AMELIE.rpps, status="inscrit")

    stage.account(PAUL, "paul@ici.example")
    view = stage.start("settings", stage.session("paul@ici.example"))
    stage.box.registry.change(PAUL.rpps, status="radie")
    assert stage.save(view, "paul@la.example").state == "expired"
    stage.box.registry.change(PAUL.rpps, status="inscrit")

    stage.proven_account(CLAIRE)
    view = stage.open_link(stage.link_for(CLAIRES_EMAIL))
    stage.box.registry.change(CLAIRE.rpps, status="radie")
    assert stage.submit_new_password(view, OTHER_PASSWORD).state == "expired"
    stage.box.registry.change(CLAIRE.rpps, status="inscrit")


def others_closed(stage: Stage) -> None:
    """Every session but one's own, and then there is none."""
    stage.account(AMELIE, OWN)
    other = stage.session(OWN)
    view = stage.start("settings", stage.session(OWN))
    view = stage.press(view, "close_sessions")
    assert stage.flows.session(other) is None
    assert stage.press(view, "close_sessions").state == "edit_settings"


SCENARIOS: dict[str, Scenario] = {
    "guessed": guessed,
    "mistaken for": mistaken_for,
    "struck off": struck_off,
    "others closed": others_closed,
    "signing in": signing_in,
    "settings to correct": settings_to_correct,
    "settings saved": settings_saved,
}

"""Signing in (S1-S4) and settings (T1, T2)."""

import pytest

from monespace_flows import SignIn
from monespace_flows.errors import SessionRequired

from ..people import AMELIE, CLAIRE, CLAIRES_EMAIL, OTHER_PASSWORD, PASSWORD, WEAK_PASSWORD
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


SCENARIOS: dict[str, Scenario] = {
    "signing in": signing_in,
    "settings to correct": settings_to_correct,
    "settings saved": settings_saved,
}

"""Who one is (C1-C5, R1-R4): every answer of the registry."""

from functools import partial

from ..people import AMELIE, CLAIRE, EVE, JOHN, PAUL
from ..stage import Scenario, Stage


def a_form_to_correct(stage: Stage, flow: str) -> None:
    """The box, a field, then a pair that nobody has."""
    view = stage.start(flow)
    view = stage.identify(view, JOHN, accept_terms=False)
    view = stage.identify(view, JOHN, rpps="12345")
    view = stage.identify(view, JOHN, birth_date="31/02/1975")
    view = stage.identify(view, JOHN, rpps="99000000093")
    view = stage.identify(view, JOHN, birth_date="18/06/1975")
    view = stage.identify(view, EVE)
    view = stage.press(view, "extend")
    assert view.state == "enter_identity"


def too_many_wrong_pairs(stage: Stage, flow: str) -> None:
    """The sixth pair is not looked at, even when it is right; a quarter of an hour later it is."""
    view = stage.start(flow)
    for _ in range(5):
        view = stage.identify(view, PAUL, birth_date="18/06/1975")
    view = stage.identify(view, PAUL)
    assert view.state == "enter_identity"
    stage.pass_time(minutes=15)
    view = stage.identify(stage.start(flow), PAUL)
    assert view.state == "choose_channel"


def an_account_already(stage: Stage) -> None:
    """Creation stops there (C4); recovery says so and goes on (R3, D1)."""
    stage.account(JOHN, "john@ici.example")
    view = stage.identify(stage.start("creation"), JOHN)
    assert view.state == "enter_identity"
    view = stage.identify(stage.start("recovery"), JOHN)
    view = stage.press(view, "extend")
    view = stage.back(view)
    view = stage.identify(view, JOHN)
    view = stage.press(view, "continue_recovery")
    assert view.state == "choose_channel"


def second_thoughts(stage: Stage, flow: str) -> None:
    """Back to the first screen, then someone else."""
    view = stage.back(stage.identified(flow, AMELIE))
    view = stage.identify(view, CLAIRE)
    view = stage.press(view, "extend")
    assert view.state == "choose_channel"


SCENARIOS: dict[str, Scenario] = {
    "a form to correct, creation": partial(a_form_to_correct, flow="creation"),
    "a form to correct, recovery": partial(a_form_to_correct, flow="recovery"),
    "too many wrong pairs, creation": partial(too_many_wrong_pairs, flow="creation"),
    "too many wrong pairs, recovery": partial(too_many_wrong_pairs, flow="recovery"),
    "an account already": an_account_already,
    "second thoughts, creation": partial(second_thoughts, flow="creation"),
    "second thoughts, recovery": partial(second_thoughts, flow="recovery"),
}

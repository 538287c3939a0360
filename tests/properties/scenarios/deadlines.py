"""Time (C2, D5): in every state, what is typed is erased, then the journey ends."""

from collections.abc import Callable
from functools import partial

from monespace_flows import RequestLink, View
from monespace_flows.facts import Channel

from ..people import AMELIE, CLAIRE, CLAIRES_EMAIL, JOHN
from ..stage import Scenario, Stage

Opening = Callable[[Stage], View]


def in_time_and_late(stage: Stage, opening: Opening) -> None:
    """A form shown ten minutes ago comes back empty; a journey left alone ends."""
    view = opening(stage)
    if view.erase_after is not None:
        stage.pass_time(minutes=10)
        view = stage.press(view, "extend")
        assert view.status == "open"
    assert stage.outlive(view).status == "expired"


def account_found(stage: Stage) -> View:
    stage.account(JOHN, "john@ici.example")
    return stage.identify(stage.start("recovery"), JOHN)


def link_sent(stage: Stage) -> View:
    return stage.submit(stage.start("reset"), RequestLink(CLAIRES_EMAIL))


def link_used(stage: Stage) -> View:
    stage.proven_account(CLAIRE)
    return stage.open_link(stage.link_for(CLAIRES_EMAIL))


def settings(stage: Stage) -> View:
    """Signed in anew just before the end, so that the session outlives the journey."""
    stage.account(AMELIE, "amelie@ici.example")
    session = stage.session("amelie@ici.example")
    view = stage.start("settings", session)
    for _ in range(2):
        stage.pass_time(minutes=9)
        stage.flows.session(session)
        view = stage.press(view, "extend")
    return view


def _in(flow: str, state: str) -> Opening:
    openings: dict[str, Opening] = {
        "enter_identity": lambda stage: stage.start(flow),
        "choose_channel": lambda stage: stage.identified(flow, JOHN),
        "enter_code": lambda stage: stage.code_sent(flow, JOHN),
        "choose_credentials": lambda stage: stage.verified(flow, JOHN),
        "choose_password": lambda stage: stage.verified(flow, JOHN, Channel.EMAIL),
    }
    return openings[state]


_STATES = {
    "creation": (
        "enter_identity",
        "choose_channel",
        "enter_code",
        "choose_credentials",
        "choose_password",
    ),
    "recovery": ("enter_identity", "choose_channel", "enter_code", "choose_credentials"),
}
OPENINGS: dict[str, Opening] = {
    **{f"{flow}.{state}": _in(flow, state) for flow in _STATES for state in _STATES[flow]},
    "recovery.account_found": account_found,
    "reset.enter_email": lambda stage: stage.start("reset"),
    "reset.link_sent": link_sent,
    "reset.choose_new_password": link_used,
    "signin.enter_credentials": lambda stage: stage.start("signin"),
    "settings.edit_settings": settings,
}

SCENARIOS: dict[str, Scenario] = {
    f"in time and late, {where}": partial(in_time_and_late, opening=opening)
    for where, opening in OPENINGS.items()
}

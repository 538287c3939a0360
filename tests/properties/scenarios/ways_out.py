"""Ways out (decision 0011), and who keeps an address (decision 0010)."""

from functools import partial

from attrs import evolve

from monespace_flows import ChooseEmail
from monespace_flows.facts import Channel

from ..people import AMELIE, CLAIRE, CLAIRES_EMAIL, JOHN, OTHER_PASSWORD, PAUL
from ..stage import Scenario, Stage
from .deadlines import OPENINGS, Opening

SHARING = evolve(JOHN, email=CLAIRES_EMAIL)
"""Whom the Order reaches at a colleague's address as well."""


def given_up(stage: Stage, opening: Opening) -> None:
    """« Recommencer » or « Abandonner » ends it, wherever one stands."""
    view = stage.press(opening(stage), "restart")
    assert view.status == "expired"


def back_from_the_last_screen(stage: Stage, flow: str, channel: Channel) -> None:
    """Another code, by the same way or the other, may follow."""
    view = stage.back(stage.verified(flow, JOHN, channel))
    assert view.state == "choose_channel"


def one_s_own_address(stage: Stage) -> None:
    """Refused, with a link beside it; then too many links; then too late."""
    stage.account(PAUL, "oubliee@ici.example")
    view = stage.activate(stage.verified("recovery", PAUL), "oubliee@ici.example")
    for _ in range(4):
        view = stage.press(view, "send_reset_link")
        assert view.state == "choose_credentials"
        view = stage.activate(view, "oubliee@ici.example")
    other = stage.verified("recovery", PAUL)
    assert stage.activate(other, "neuve@ici.example", OTHER_PASSWORD).state == "recovered"
    assert stage.press(view, "send_reset_link").state == "expired"


def shared(stage: Stage) -> None:
    """Two hold one address at the Order: the second types another, then proves it after all."""
    stage.proven_account(CLAIRE)
    stage.box.registry.change(JOHN.rpps, email=CLAIRES_EMAIL)
    view = stage.create(
        stage.verified("creation", evolve(JOHN, email=CLAIRES_EMAIL), Channel.EMAIL)
    )
    assert view.state == "choose_password"
    view = stage.submit(view, ChooseEmail())
    stage.flows.erase_account(email=CLAIRES_EMAIL)
    assert stage.activate(view, CLAIRES_EMAIL).state == "created"
    stage.box.registry.change(JOHN.rpps, email=JOHN.email)


def shared_and_claimed(stage: Stage) -> None:
    """The same, when the address has become someone's claim meanwhile."""
    stage.proven_account(CLAIRE)
    stage.box.registry.change(JOHN.rpps, email=CLAIRES_EMAIL)
    view = stage.create(
        stage.verified("creation", evolve(JOHN, email=CLAIRES_EMAIL), Channel.EMAIL)
    )
    view = stage.submit(view, ChooseEmail())
    stage.flows.erase_account(email=CLAIRES_EMAIL)
    stage.account(AMELIE, CLAIRES_EMAIL)
    assert stage.activate(view, CLAIRES_EMAIL).state == "created"
    stage.box.registry.change(JOHN.rpps, email=JOHN.email)


def claimed(stage: Stage) -> None:
    """Who proves the Order's address takes it from who only typed it."""
    stage.account(AMELIE, CLAIRES_EMAIL)
    assert stage.proven_account(CLAIRE).state == "created"


def proved(stage: Stage, has_account: bool, is_claimed: bool) -> None:
    """A recovery with the very address that received its code."""
    if has_account:
        stage.account(PAUL, "paul@ici.example")
    if is_claimed:
        stage.account(AMELIE, PAUL.email or "")
    view = stage.verified("recovery", PAUL, Channel.EMAIL)
    assert stage.activate(view, PAUL.email or "", OTHER_PASSWORD).state == "recovered"


SCENARIOS: dict[str, Scenario] = {
    **{
        f"given up, {where}": partial(given_up, opening=opening)
        for where, opening in OPENINGS.items()
    },
    **{
        f"back from the last screen, {flow} by {channel.value}": partial(
            back_from_the_last_screen, flow=flow, channel=channel
        )
        for flow in ("creation", "recovery")
        for channel in Channel
    },
    "one's own address": one_s_own_address,
    "shared": shared,
    "claimed": claimed,
    "shared and claimed": shared_and_claimed,
    **{
        f"proved, account: {has_account}, claimed: {is_claimed}": partial(
            proved, has_account=has_account, is_claimed=is_claimed
        )
        for has_account in (True, False)
        for is_claimed in (True, False)
    },
}

"""One-time links: scanners, second uses, old ones, and ones of another purpose."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

import pytest

from monespace_flows import Policy
from monespace_flows.errors import CommandNotOffered, JourneyOver, LinkInvalid, SessionRequired
from monespace_flows.policy import LinkPolicy
from monespace_flows.ports import LinkPurpose
from monespace_flows.screens import Place
from monespace_flows.testing import Sandbox

from . import acting
from .acting import CLAIRE, JOHN, LOGIN, OTHER_LOGIN, OTHER_PASSWORD, PASSWORD


def with_link(policy: Policy | None = None) -> Sandbox:
    """An account whose holder has asked for a reset link."""
    sandbox = Sandbox(policy)
    acting.created(sandbox)
    acting.link_requested(sandbox)
    return sandbox


def test_lk_01_a_scanner_s_looks_leave_the_link_valid() -> None:
    """Its human finds it as it was sent."""
    sandbox = with_link()
    token = acting.link_received(sandbox)

    looks = {sandbox.flows.link_purpose(token) for _ in range(4)}

    assert looks == {LinkPurpose.RESET}
    assert sandbox.flows.open_link(token).state == "choose_new_password"


def test_lk_03_a_used_link_is_refused() -> None:
    """Whoever finds it later learns nothing and can do nothing."""
    sandbox = with_link()
    token = acting.link_received(sandbox)
    sandbox.flows.open_link(token)

    assert sandbox.flows.link_purpose(token) is None
    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(token)


def test_lk_03_a_link_stays_used_when_no_password_was_chosen() -> None:
    """A link abandoned half-way is not good again."""
    sandbox = with_link()
    token = acting.link_received(sandbox)
    view = sandbox.flows.open_link(token)
    sandbox.clock.advance(minutes=15)
    acting.over(sandbox, view.token)

    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(token)
    assert acting.sign_in(sandbox).state == "signed_in"


@pytest.mark.parametrize(("seconds", "is_good"), [(-1, True), (0, False), (1, False)])
def test_lk_04_a_link_ends_at_24_hours(seconds: int, is_good: bool) -> None:
    """In time while younger than 24 hours, late at 24 hours."""
    sandbox = with_link()
    sandbox.clock.advance(hours=24, seconds=seconds)
    token = acting.link_received(sandbox)

    assert (sandbox.flows.link_purpose(token) is LinkPurpose.RESET) is is_good
    if is_good:
        assert sandbox.flows.open_link(token).state == "choose_new_password"
    else:
        with pytest.raises(LinkInvalid):
            sandbox.flows.open_link(token)


def test_lk_05_an_older_link_is_dead_once_a_newer_left() -> None:
    """Only the newest works."""
    sandbox = with_link()
    older = acting.link_received(sandbox)
    acting.link_requested(sandbox)

    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(older)
    assert sandbox.flows.open_link(acting.link_received(sandbox)).state == "choose_new_password"


def test_lk_06_a_link_is_dead_once_the_password_was_changed() -> None:
    """A change in the settings ends every link."""
    sandbox = with_link()
    settings = sandbox.flows.start("settings", acting.session_of(sandbox))
    sandbox.flows.submit(settings.token, acting.save(password=OTHER_PASSWORD))

    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(acting.link_received(sandbox))


def test_lk_07_a_link_is_dead_once_the_address_was_changed() -> None:
    """What was sent to the old address opens nothing."""
    sandbox = with_link()
    settings = sandbox.flows.start("settings", acting.session_of(sandbox))
    sandbox.flows.submit(settings.token, acting.save(email=OTHER_LOGIN))

    assert sandbox.flows.link_purpose(acting.link_received(sandbox)) is None
    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(acting.link_received(sandbox))


def test_lk_07_a_link_is_dead_once_the_account_was_recovered() -> None:
    """Recovery ends every link too."""
    sandbox = with_link()
    sandbox.clock.advance(minutes=5)
    acting.recovered(sandbox)

    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(acting.link_received(sandbox))


def test_lk_07_a_disabled_account_has_no_links() -> None:
    """Nor does it receive new ones."""
    sandbox = with_link()
    acting.disable(sandbox)
    before = len(sandbox.messages)

    view = acting.link_requested(sandbox)

    assert (view.state, len(sandbox.messages)) == ("link_sent", before)
    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(acting.link_received(sandbox))


def test_lk_07_whoever_waits_for_a_dead_link_is_told_to_ask_for_another() -> None:
    """The page that waits says so, with a live link to the reset screen."""
    sandbox = Sandbox()
    acting.created(sandbox)
    waiting = acting.link_requested(sandbox)
    acting.disable(sandbox)
    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(acting.link_received(sandbox))

    notice = acting.only_notice(sandbox.flows.view(waiting.token))

    assert notice.text == (
        "Ce lien n'est plus valable : il a déjà été utilisé, a plus de 24 heures ou a été remplacé "
        "par un lien plus récent. Vous pouvez demander un nouveau lien."
    )
    assert [(link.label, link.to) for link in notice.links] == [
        ("demander un nouveau lien", Place.RESET)
    ]


def test_p2_a_link_is_kept_by_its_digest_and_its_times() -> None:
    """The token itself is nowhere."""
    sandbox = with_link()

    ((digest, link),) = acting.kept(sandbox)["links"].items()

    assert digest == sha256(acting.link_received(sandbox).encode()).hexdigest()
    assert (link.created_at, link.used_at) == (acting.START, None)
    assert link.expires_at == acting.START + timedelta(hours=24)


@pytest.mark.parametrize("change", ["password", "recovery", "disabled"])
def test_lk_07_a_link_in_use_is_worth_nothing_once_the_account_changed(change: str) -> None:
    """Whoever is choosing a password by a link is stopped when the account changes elsewhere."""
    sandbox = with_link()
    view = sandbox.flows.open_link(acting.link_received(sandbox))
    sandbox.clock.advance(minutes=5)
    if change == "password":
        settings = sandbox.flows.start("settings", acting.session_of(sandbox))
        sandbox.flows.submit(settings.token, acting.save(password=OTHER_PASSWORD))
    elif change == "recovery":
        acting.recovered(sandbox)
    else:
        acting.disable(sandbox)
    before = acting.accounts(sandbox)

    view = sandbox.flows.submit(view.token, acting.new_password("tout autre chose ici"))

    assert (view.state, acting.notices(view)) == ("expired", ["link.invalid"])
    assert view.session is None
    assert acting.accounts(sandbox) == before


def test_lk_08_a_weak_password_costs_no_second_link() -> None:
    """The person corrects it and goes on."""
    sandbox = with_link()
    view = sandbox.flows.open_link(acting.link_received(sandbox))

    weak = sandbox.flows.submit(view.token, acting.new_password("azerty"))

    assert weak.state == "choose_new_password"
    assert sandbox.flows.submit(view.token, acting.new_password()).state == "password_changed"


def test_lk_10_a_link_acts_on_its_own_account_only() -> None:
    """In a browser where someone else is signed in, that session is left as it is."""
    sandbox = with_link()
    theirs = acting.member(sandbox, CLAIRE)

    view = sandbox.flows.open_link(acting.link_received(sandbox))
    done = sandbox.flows.submit(view.token, acting.new_password())

    mine, other = sandbox.flows.session(done.session or ""), sandbox.flows.session(theirs)
    assert mine is not None
    assert other is not None
    assert (mine.email, other.email) == (JOHN.email, CLAIRE.email)


def test_lk_11_a_confirmation_link_resets_nothing() -> None:
    """A link is good for its purpose only."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, email=LOGIN)
    token = acting.confirmation_received(sandbox)

    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(token)
    assert sandbox.flows.link_purpose(token) is LinkPurpose.CONFIRM


def test_lk_11_a_reset_link_confirms_nothing() -> None:
    """Nor is it used up by trying."""
    sandbox = with_link(Policy(links=LinkPolicy(require_confirmed_email=False)))
    token = acting.link_received(sandbox)

    with pytest.raises(LinkInvalid):
        sandbox.flows.confirm_email(token, acting.session_of(sandbox))
    assert sandbox.flows.open_link(token).state == "choose_new_password"


def test_lk_12_a_link_opens_no_settings() -> None:
    """Until a password is chosen, nobody is signed in and nothing else can be changed."""
    sandbox = with_link()
    view = sandbox.flows.open_link(acting.link_received(sandbox))

    assert sandbox.flows.session(view.token) is None
    with pytest.raises(SessionRequired):
        sandbox.flows.start("settings", view.token)
    with pytest.raises(CommandNotOffered):
        sandbox.flows.submit(view.token, acting.save(PASSWORD, email=OTHER_LOGIN))


@pytest.mark.parametrize(("seconds", "state"), [(-1, "password_changed"), (0, None), (1, None)])
def test_lk_12_a_used_link_gives_a_quarter_of_an_hour(seconds: int, state: str | None) -> None:
    """« Prolonger » keeps what is typed, not the right to choose a password."""
    sandbox = with_link()
    view = sandbox.flows.open_link(acting.link_received(sandbox))
    sandbox.clock.advance(minutes=9)
    view = sandbox.flows.submit(view.token, acting.pressing(sandbox, "extend"))
    assert acting.notices(view) == ["link.used"]

    sandbox.clock.advance(minutes=6, seconds=seconds)

    if state is None:
        assert acting.over(sandbox, view.token, acting.new_password()).state == "expired"
    else:
        assert sandbox.flows.submit(view.token, acting.new_password()).state == state


def test_lk_12_a_link_used_at_the_last_moment_gives_its_quarter_of_an_hour() -> None:
    """The time to choose runs from the use, not from the request."""
    sandbox = with_link()
    sandbox.clock.advance(hours=24, seconds=-1)
    view = sandbox.flows.open_link(acting.link_received(sandbox))

    assert view.expires_at == sandbox.clock.now() + timedelta(minutes=15)


def test_lk_05_a_link_whose_journey_is_gone_is_refused() -> None:
    """After the purge nothing answers."""
    sandbox = with_link()
    now = sandbox.clock.advance(hours=25)
    sandbox.storage.purge(now, now)

    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(acting.link_received(sandbox))


def test_lk_05_a_journey_purged_before_its_link_takes_it_along() -> None:
    """A link without its journey is worth nothing."""
    sandbox = with_link()
    acting.forget_journeys(sandbox)

    with pytest.raises(LinkInvalid):
        sandbox.flows.open_link(acting.link_received(sandbox))


def test_lk_03_the_last_screen_is_not_shown_to_who_presses_again() -> None:
    """« Enregistrer » twice: the second finds the journey done, and opens no second session."""
    sandbox = with_link()
    view = sandbox.flows.open_link(acting.link_received(sandbox))
    done = sandbox.flows.submit(view.token, acting.new_password())

    with pytest.raises(JourneyOver) as refusal:
        sandbox.flows.submit(view.token, acting.new_password())

    assert refusal.value.view.status == "done"
    assert refusal.value.view.session is None
    assert sandbox.flows.session(done.session or "") is not None

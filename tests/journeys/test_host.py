"""What a host may change, and how it learns what happened."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monespace_flows import (
    AccountCreated,
    AccountRecovered,
    CredentialsChanged,
    Flows,
    Policy,
    SignedIn,
    Site,
)
from monespace_flows.driver import Strength
from monespace_flows.events import Event
from monespace_flows.facts import Problem, Role
from monespace_flows.notices import PROBLEMS
from monespace_flows.policy import CodePolicy, PasswordPolicy
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, LOGIN, OTHER_LOGIN
from .breaking import hook

# --- texts ---------------------------------------------------------------------------------------


def speaking(texts: dict[str, str], policy: Policy | None = None) -> Sandbox:
    sandbox = Sandbox(policy)
    sandbox.flows = Flows(sandbox.ports, policy, texts=texts, wake=sandbox.deliver)
    return sandbox


def test_a_host_may_say_a_notice_in_its_own_words() -> None:
    """The text is replaced by its id; its kind and its links stay."""
    sandbox = speaking({"account.exists": "Vous avez déjà un espace."})
    acting.created(sandbox)

    view = sandbox.flows.submit(sandbox.flows.start("creation").token, acting.identity())

    notice = acting.only_notice(view)
    assert (notice.id, notice.kind) == ("account.exists", "info")
    assert notice.text == "Vous avez déjà un espace."
    assert [link.label for link in notice.links] == ["récupération de mot de passe"]


def test_a_host_s_words_may_name_the_policy_s_numbers() -> None:
    """Numbers are filled in as in our own texts."""
    sandbox = speaking({"password.too_short": "{minimum} au moins !"})
    view = acting.code_accepted(sandbox, channel="email")

    view = sandbox.flows.submit(view.token, acting.creation("court"))

    assert acting.errors(view) == {"password": "15 au moins !"}


@pytest.mark.parametrize(
    "texts",
    [
        {"account.exist": "Une faute de frappe dans le nom."},
        {"code.wrong": "Un mot que personne ne connaît : {essais}."},
        {"code.wrong": "Une accolade de trop : {"},
        {"code.wrong": "Un nombre sans nom : {}"},
        {"code.wrong": "Un nombre sans nom : {0}"},
    ],
    ids=["unknown id", "unknown word", "open brace", "no name", "a number"],
)
def test_a_text_that_could_not_be_shown_is_refused_at_once(texts: dict[str, str]) -> None:
    """A host learns of its slip when it starts, not when a person waits for an answer."""
    with pytest.raises(ValueError, match=next(iter(texts))):
        speaking(texts)


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (1, "une seconde"),
        (2, "2 secondes"),
        (119, "119 secondes"),
        (120, "2 minutes"),
        (121, "3 minutes"),
        (7140, "119 minutes"),
        (7200, "2 heures"),
        (7201, "3 heures"),
        (86_400, "24 heures"),
    ],
)
def test_a_wait_is_said_in_words(wait: int, words: str) -> None:
    """Rounded up, so that it is over when it says so."""
    waits = (timedelta(seconds=wait),)
    sandbox = speaking({"code.too_soon": "{wait}"}, Policy(codes=CodePolicy(resend_waits=waits)))
    view = acting.awaiting_code(sandbox)

    view = sandbox.flows.submit(view.token, acting.pressing(sandbox, "resend_code"))

    assert acting.said(view) == [words]


# --- policy and site -----------------------------------------------------------------------------


def test_a_host_may_send_no_second_code() -> None:
    """Without waits there are no resends."""
    sandbox = Sandbox(Policy(codes=CodePolicy(resend_waits=())))
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(minutes=5)

    view = sandbox.flows.submit(view.token, acting.pressing(sandbox, "resend_code"))

    assert acting.notices(view) == ["send.exhausted"]


def test_a_host_may_ask_for_more_of_a_password() -> None:
    """Length and strength follow, in the hint and in the words of the strength."""
    policy = Policy(passwords=PasswordPolicy(minimum_length=20, minimum_score=4))
    sandbox = Sandbox(policy)
    view = acting.code_accepted(sandbox, channel="email")
    hint = acting.field(view, "password").hint or ""

    assert hint.startswith("Au moins 20 caractères")
    assert sandbox.flows.strength(acting.PASSWORD) == "Moyen"
    assert sandbox.flows.strength(acting.PASSWORD[:19]) == "Faible"


def test_a_weak_password_is_weak_for_a_reason_that_a_host_may_word() -> None:
    """Whoever types is told at once what to change, not after the form was sent."""
    sandbox = Sandbox()
    worded = Flows(sandbox.ports, texts={"password.too_short": "{minimum} signes, svp."})

    assert worded.judge_strength("court") == Strength("Faible", "15 signes, svp.")
    assert worded.judge_strength("monespace monespace") == Strength(
        "Faible", PROBLEMS[Problem.PASSWORD_PERSONAL]
    )
    assert worded.judge_strength(acting.PASSWORD).reason is None


def test_the_site_s_own_address_stands_in_every_message() -> None:
    """It comes from settings, never from a request (LK-13)."""
    site = Site(base_url="https://compte.cabinet.example/espace/")
    sandbox = Sandbox(site=site)
    acting.created_by_sms(sandbox, email=LOGIN)

    code, confirmation = acting.newest(sandbox, "code"), acting.newest(sandbox, "confirmation")
    assert f"@compte.cabinet.example #{code.code}" in code.text
    assert (confirmation.link or "").startswith("https://compte.cabinet.example/espace/lien/")


@pytest.mark.parametrize(
    "base_url", ["", "monespace.example", "ftp://x.example", "https://x.example/?a=", "https:///a"]
)
def test_an_address_that_is_none_is_refused(base_url: str) -> None:
    """A link that leads nowhere is found when the host starts."""
    with pytest.raises(ValueError, match="base_url"):
        Site(base_url=base_url)


# --- events --------------------------------------------------------------------------------------


class Told:
    """A host's handler: keeps what it is told, and fails as often as it is asked to."""

    def __init__(self, failures: int = 0) -> None:
        self.events: list[Event] = []
        self.failures = failures

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the host's own trouble with john.medecin@cn.medecin.example")

    @property
    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.events]


def listening(failures: int = 0) -> tuple[Sandbox, Told]:
    sandbox, told = Sandbox(), Told(failures)
    for kind in (AccountCreated, AccountRecovered, CredentialsChanged, SignedIn):
        sandbox.flows.on(kind, told)
    return sandbox, told


def test_a_host_learns_of_a_new_account() -> None:
    """The event names the account and the role, and nothing of the person."""
    sandbox, told = listening()

    acting.created(sandbox)

    (event,) = told.events
    (account,) = acting.accounts(sandbox)
    assert isinstance(event, AccountCreated)
    assert (event.account_id, event.role, event.at) == (account.id, Role.DOCTOR, acting.START)


def test_a_host_learns_of_everything_that_happens_to_an_account() -> None:
    """Sign-in, change, reset and recovery each have their event, once."""
    sandbox, told = listening()
    view = acting.settings(sandbox)
    sandbox.flows.submit(view.token, acting.save(email=OTHER_LOGIN))
    sandbox.clock.advance(minutes=5)
    acting.recovered(sandbox, email=LOGIN)

    assert told.kinds == ["AccountCreated", "SignedIn", "CredentialsChanged", "AccountRecovered"]
    assert len({event.id for event in told.events}) == 4
    assert len({event.account_id for event in told.events}) == 1


def test_a_host_learns_of_a_reset() -> None:
    """A password changed by a link is a change of credentials."""
    sandbox, told = listening()
    acting.created(sandbox)

    acting.password_reset(sandbox)

    assert told.kinds == ["AccountCreated", "CredentialsChanged"]


def test_only_what_is_listened_to_is_kept() -> None:
    """Nothing waits for ever for a handler that nobody added."""
    sandbox = Sandbox()
    told = Told()
    sandbox.flows.on(SignedIn, told)

    acting.member(sandbox)

    waiting = [it for it in acting.kept(sandbox)["outbox"].values() if it.channel == "event"]
    assert told.kinds == ["SignedIn"]
    assert [(it.purpose, it.status) for it in waiting] == [("SignedIn", "sent")]


def test_ft_19_a_handler_that_raises_undoes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The account exists, the person has their answer, and the log holds nothing of theirs."""
    sandbox, told = listening(failures=1)

    view = acting.created(sandbox)

    assert (view.state, len(acting.accounts(sandbox))) == ("created", 1)
    assert caplog.messages == ["a handler of AccountCreated failed; it will be called again"]
    assert JOHN.email not in caplog.text
    assert told.kinds == ["AccountCreated"]


def test_ft_19_a_handler_that_raised_is_called_again_later() -> None:
    """At least once, a little later each time, with the same id."""
    sandbox, told = listening(failures=2)
    acting.created(sandbox)
    assert sandbox.flows.dispatch() == 0

    calls = []
    for _ in range(30):
        sandbox.clock.advance(seconds=1)
        handled = sandbox.flows.dispatch()
        calls.append((len(told.events), handled))

    assert [count for count, _ in calls].index(2) == 4
    assert [count for count, _ in calls].index(3) == 14
    assert sum(handled for _, handled in calls) == 1
    assert len({event.id for event in told.events}) == 1


def test_ft_19_the_pause_of_a_handler_stops_growing() -> None:
    """After hours of failures it is still called every five minutes."""
    sandbox, told = listening(failures=10_000)
    acting.created(sandbox)
    for _ in range(6 * 60):
        sandbox.clock.advance(minutes=1)
        sandbox.flows.dispatch()

    recent = len(told.events)
    sandbox.clock.advance(minutes=5)
    sandbox.flows.dispatch()
    assert len(told.events) == recent + 1


def test_ft_19_the_next_commit_calls_a_handler_that_raised() -> None:
    """A host need not call ``dispatch`` itself."""
    sandbox, told = listening(failures=1)
    acting.created(sandbox)
    sandbox.clock.advance(seconds=5)

    sandbox.flows.submit(sandbox.flows.start("reset").token, acting.pressing(sandbox, "extend"))

    assert told.kinds == ["AccountCreated", "AccountCreated"]


def test_ft_19_one_handler_s_failure_calls_all_of_them_again() -> None:
    """Handlers must know repeats by the event's id."""
    sandbox, steady, shaky = Sandbox(), Told(), Told(failures=1)
    sandbox.flows.on(AccountCreated, steady)
    sandbox.flows.on(AccountCreated, shaky)

    acting.created(sandbox)
    sandbox.clock.advance(seconds=5)
    sandbox.flows.dispatch()

    assert (steady.kinds, shaky.kinds) == (["AccountCreated"] * 2, ["AccountCreated"] * 2)


def test_ft_19_a_handler_may_use_the_flows() -> None:
    """It runs after the commit: nothing is locked."""
    sandbox = Sandbox()
    seen: list[str] = []
    sandbox.flows.on(SignedIn, lambda event: seen.append(sandbox.flows.start("reset").state))

    acting.member(sandbox)

    assert seen == ["enter_email"]


def test_ft_08_a_handler_called_but_not_noted_is_called_again() -> None:
    """When the store breaks after the handler returned, the event comes back."""
    sandbox, told = Sandbox(), Told()
    view = acting.code_accepted(sandbox, channel="email")
    broken = hook(sandbox, "storage", on="settle")
    sandbox.flows.on(AccountCreated, told)
    broken.arm()

    assert sandbox.flows.submit(view.token, acting.creation()).state == "created"
    sandbox.clock.advance(minutes=1)
    sandbox.flows.dispatch()

    assert told.kinds == ["AccountCreated"] * 2
    assert told.events[0] == told.events[1]


def test_nobody_listening_means_nothing_to_dispatch() -> None:
    """The store is not even asked."""
    sandbox = Sandbox()
    hook(sandbox, "storage").arm()

    assert sandbox.flows.dispatch() == 0

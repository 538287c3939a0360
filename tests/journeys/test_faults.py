"""What breaks outside: nothing moves, no try is lost, and the next press succeeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest

from monespace_flows import (
    Back,
    Extend,
    Flows,
    RequestLink,
    ResendCode,
    SendCode,
    SessionView,
    SignIn,
    SubmitCode,
    View,
)
from monespace_flows.effects import Budget
from monespace_flows.errors import (
    CommandNotOffered,
    JourneyOver,
    JourneyUnreadable,
    PortBusy,
    PortUnavailable,
)
from monespace_flows.events import EVENTS, Event
from monespace_flows.flows import FLOWS
from monespace_flows.notices import NOTICES
from monespace_flows.ports import RegistryAnswer, RegistryVerdict
from monespace_flows.screens import Outcome
from monespace_flows.testing import Sandbox
from tests.copying import Copies
from tests.replaying import leave_alone

from . import acting
from .acting import JOHN, LOGIN, PASSWORD, WRONG_PASSWORD
from .breaking import Hook, hook

pytestmark = pytest.mark.slow

Act = Callable[[Sandbox], object]
"""What is done in a sandbox that was prepared, or in a copy of it."""


# --- everything that can be done, once -----------------------------------------------------------


def pressing(flow: str, state: str, event: str) -> Callable[[Sandbox], Act]:
    def prepare(sandbox: Sandbox) -> Act:
        view = acting.place(flow, state, event)(sandbox)
        sandbox.clock.advance(minutes=5)
        return lambda it: it.flows.submit(view.token, acting.pressing(it, event))

    return prepare


def pressing_late(flow: str, state: str, event: str) -> Callable[[Sandbox], Act]:
    def prepare(sandbox: Sandbox) -> Act:
        view = acting.PLACES[flow, state](sandbox)
        sandbox.clock.advance(minutes=10)
        return lambda it: it.flows.submit(view.token, acting.pressing(it, event))

    return prepare


def starting(flow: str) -> Callable[[Sandbox], Act]:
    """The first press of all, which writes the journey."""

    def prepare(sandbox: Sandbox) -> Act:
        session = acting.member(sandbox) if FLOWS[flow].needs_session else None
        view = sandbox.flows.start(flow, session)
        return lambda it: it.flows.submit(view.token, Extend())

    return prepare


def missing_a_code(sandbox: Sandbox) -> Act:
    view = acting.awaiting_code(sandbox)
    return lambda it: it.flows.submit(view.token, SubmitCode(acting.wrong_code(it)))


def missing_a_birth_date(sandbox: Sandbox) -> Act:
    view = sandbox.flows.start("creation")
    return lambda it: it.flows.submit(view.token, acting.wrong_birth_date())


def missing_a_password(sandbox: Sandbox) -> Act:
    acting.created(sandbox)
    view = sandbox.flows.start("signin")
    command = SignIn(email=JOHN.email, password=WRONG_PASSWORD)
    return lambda it: it.flows.submit(view.token, command)


def recovering_an_account(sandbox: Sandbox) -> Act:
    acting.created(sandbox)
    view = acting.code_accepted(sandbox, flow="recovery")
    return lambda it: it.flows.submit(view.token, acting.activation(LOGIN))


def changing_the_address(sandbox: Sandbox) -> Act:
    view = acting.settings(sandbox)
    return lambda it: it.flows.submit(view.token, acting.save(email=LOGIN))


def asking_for_nobody(sandbox: Sandbox) -> Act:
    view = sandbox.flows.start("reset")
    command = RequestLink("personne@ailleurs.example")
    return lambda it: it.flows.submit(view.token, command)


def asking_for_a_link(sandbox: Sandbox) -> Act:
    acting.created(sandbox)
    view = sandbox.flows.start("reset")
    return lambda it: it.flows.submit(view.token, acting.pressing(it, "request_link"))


def using_a_link(sandbox: Sandbox) -> Act:
    acting.created(sandbox)
    acting.link_requested(sandbox)
    return lambda it: it.flows.open_link(acting.link_received(it))


def confirming(sandbox: Sandbox) -> Act:
    acting.created_by_sms(sandbox, email=LOGIN)
    session, token = acting.session_of(sandbox, LOGIN), acting.confirmation_received(sandbox)
    return lambda it: it.flows.confirm_email(token, session)


def asking_to_confirm(sandbox: Sandbox) -> Act:
    acting.created_by_sms(sandbox, email=LOGIN)
    session = acting.session_of(sandbox, LOGIN)
    return lambda it: it.flows.resend_confirmation(session)


def looking_at_a_link(sandbox: Sandbox) -> Act:
    acting.created(sandbox)
    acting.link_requested(sandbox)
    return lambda it: it.flows.link_purpose(acting.link_received(it))


def signing_out(sandbox: Sandbox) -> Act:
    session = acting.member(sandbox)
    return lambda it: it.flows.sign_out(session)


def staying_signed_in(sandbox: Sandbox) -> Act:
    session = acting.member(sandbox)
    sandbox.clock.advance(minutes=5)
    return lambda it: it.flows.session(session)


def renewing_a_hash(sandbox: Sandbox) -> Act:
    acting.created(sandbox)
    sandbox.passwords.change_parameters()
    view = sandbox.flows.start("signin")
    return lambda it: it.flows.submit(view.token, acting.pressing(it, "sign_in"))


def erasing_an_account(sandbox: Sandbox) -> Act:
    acting.member(sandbox)
    acting.link_requested(sandbox)
    return lambda it: it.flows.erase_account(rpps=JOHN.rpps)


def looking(sandbox: Sandbox) -> Act:
    view = acting.code_accepted(sandbox, channel="email")
    return lambda it: it.flows.view(view.token)


OFFERS = [
    (flow, state, button.command)
    for flow, state in acting.PLACES
    for button in {it.command: it for it in FLOWS[flow].screens[state].buttons}.values()
]
ACTS: dict[str, Callable[[Sandbox], Act]] = {
    **{f"start {flow}": starting(flow) for flow in FLOWS},
    **{" ".join(offer): pressing(*offer) for offer in OFFERS},
    **{
        f"late {' '.join(offer)}": pressing_late(*offer)
        for offer in (
            ("creation", "enter_identity", "submit_identity"),
            ("creation", "choose_password", "create"),
            ("settings", "edit_settings", "save"),
        )
    },
    **{
        act.__name__: act
        for act in (
            missing_a_code,
            missing_a_birth_date,
            missing_a_password,
            recovering_an_account,
            changing_the_address,
            asking_for_nobody,
            asking_for_a_link,
            using_a_link,
            looking_at_a_link,
            confirming,
            asking_to_confirm,
            signing_out,
            staying_signed_in,
            renewing_a_hash,
            erasing_an_account,
            looking,
        )
    },
}


def outcome(answer: object) -> object:
    """What must be the same whether something broke on the way or not."""
    if isinstance(answer, View):
        session = answer.session is not None
        return answer.state, answer.outcome, acting.notices(answer), session
    if isinstance(answer, SessionView):
        return answer.email, answer.role, answer.email_confirmed
    return answer


class Run:
    """One act in a fresh sandbox, whose host listens to everything that happens."""

    hook: Hook

    def __init__(self, prepare: Callable[[Sandbox], Act]) -> None:
        self.sandbox = Sandbox()
        self.events: dict[str, Event] = {}
        self._listen()
        self._act = prepare(self.sandbox)

    def hooked(self, port: str) -> Run:
        """Let this port break when the hook says so."""
        self.hook = hook(self.sandbox, port)
        self._listen()
        return self

    def act(self) -> object:
        """Do it; the answer."""
        return self._act(self.sandbox)

    def keep(self, event: Event) -> None:
        self.events[event.id] = event

    def arrived(self) -> tuple[Counter[tuple[str, str]], Counter[str]]:
        """What was delivered and told in the end, repeats left out."""
        self.sandbox.clock.advance(minutes=2)
        self.sandbox.flows.dispatch()
        self.sandbox.deliver()
        messages = {it.id: (it.purpose, it.to) for it in self.sandbox.messages}
        return (
            Counter(messages.values()),
            Counter(type(event).__name__ for event in self.events.values()),
        )

    def _listen(self) -> None:
        for kind in EVENTS.values():
            self.sandbox.flows.on(kind, self.keep)


@cache
def prepared(act: str) -> Copies[Run]:
    """All that comes before an act, done once a process."""
    return Copies(Run(ACTS[act]))


@pytest.mark.parametrize("port", ["storage", "secrets", "registry", "passwords", "emails", "clock"])
@pytest.mark.parametrize("prepare", ACTS)
def test_ft_05_ft_13_ft_15_whatever_breaks_at_whichever_call_nothing_moves(
    prepare: str, port: str
) -> None:
    """At each call in turn: all or nothing, nothing counted, and the same press then succeeds."""
    before_it = prepared(prepare)
    sound = before_it.make().hooked(port)
    expected, arrived = outcome(sound.act()), sound.arrived()
    run, number, has_broken = before_it.make().hooked(port), 0, True
    while has_broken:
        number += 1
        before, sent = acting.kept(run.sandbox), len(run.sandbox.messages)
        run.hook.arm(number)
        try:
            answer = run.act()
        except PortUnavailable:
            after = acting.kept(run.sandbox), len(run.sandbox.messages)
            assert after == (before, sent)
            continue
        has_broken = run.hook.mend()

        assert outcome(answer) == expected
        assert run.arrived() == arrived
        run = before_it.make().hooked(port)


# --- the registry --------------------------------------------------------------------------------


def test_ft_13_a_silent_registry_is_no_mismatch_and_no_try() -> None:
    """The caller learns which port is down; the person is not told that they are unknown."""
    sandbox = Sandbox()
    token = sandbox.flows.start("creation").token
    sandbox.registry.fail_next(10)
    for _ in range(10):
        with pytest.raises(PortUnavailable) as silence:
            sandbox.flows.submit(token, acting.identity())
        assert silence.value.port == "registry"

    assert acting.notices(sandbox.flows.view(token)) == []
    assert sandbox.flows.submit(token, acting.identity()).state == "choose_channel"


def test_ft_13_the_sentence_for_it_is_neutral() -> None:
    """What an adapter shows says that nothing was lost, and nothing of the registry."""
    notice = NOTICES["service.unavailable"]

    assert notice.text == (
        "Le service est momentanément indisponible. Rien n'a été perdu et aucun essai n'a été "
        "compté : veuillez réessayer dans quelques instants."
    )


@pytest.mark.parametrize(
    "answer",
    [RegistryAnswer(RegistryVerdict.MATCH), RegistryAnswer(RegistryVerdict.RPPS_UNKNOWN)],
    ids=["a match without a doctor", "two doctors of one number"],
)
def test_ft_13_an_ambiguous_answer_is_no_match(answer: RegistryAnswer) -> None:
    """Only a match that names a doctor opens anything."""
    sandbox = Sandbox()
    sandbox.registry.verify = lambda rpps, birth_date: answer  # type: ignore[method-assign]
    token = sandbox.flows.start("creation").token

    view = sandbox.flows.submit(token, acting.identity())

    assert (view.state, acting.notices(view)) == ("enter_identity", ["identity.unknown"])


def test_ft_14_the_registry_s_silence_tells_nothing_of_a_number() -> None:
    """A number that exists and one that does not fail alike."""
    sandbox = Sandbox()
    token = sandbox.flows.start("creation").token
    said = set()
    for person in (acting.JOHN, acting.NOBODY):
        sandbox.registry.fail_next()
        with pytest.raises(PortUnavailable) as silence:
            sandbox.flows.submit(token, acting.identity(person))
        said.add(str(silence.value))

    assert said == {"the registry port is unavailable"}


# --- passwords, keys, messages -------------------------------------------------------------------


def test_in_09_when_too_many_hash_at_once_the_rest_come_back() -> None:
    """A flood of sign-ins is told to try again in a moment; no wrong password is counted."""
    sandbox = Sandbox()
    acting.created(sandbox)
    token = sandbox.flows.start("signin").token
    sandbox.passwords.fail_next()

    with pytest.raises(PortBusy):
        sandbox.flows.submit(token, SignIn(email=JOHN.email, password=WRONG_PASSWORD))

    assert acting.counted(sandbox, Budget.PASSWORD) == 0


def test_ft_16_a_new_key_changes_nothing_for_journeys_on_their_way() -> None:
    """Keys may be rotated at any moment: codes, counts, accounts and links are still found."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")
    sandbox.secrets.rotate()
    view = sandbox.flows.submit(view.token, acting.identity())
    sandbox.secrets.rotate()
    sandbox.flows.submit(view.token, SendCode("email"))
    sandbox.secrets.rotate()
    sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))
    sandbox.secrets.rotate()
    assert sandbox.flows.submit(view.token, acting.creation()).state == "created"

    sandbox.secrets.rotate()
    view = sandbox.flows.submit(sandbox.flows.start("creation").token, acting.identity())
    assert acting.notices(view) == ["account.exists"]
    acting.link_requested(sandbox)
    sandbox.secrets.rotate()
    assert acting.password_reset(sandbox).state == "password_changed"


def test_ft_16_counts_go_on_under_a_new_key() -> None:
    """A rotation gives nobody five more guesses."""
    sandbox = Sandbox()
    token = sandbox.flows.start("creation").token
    for _ in range(5):
        sandbox.flows.submit(token, acting.wrong_birth_date())
        sandbox.secrets.rotate()

    view = sandbox.flows.submit(token, acting.identity())

    assert acting.notices(view) == ["identity.throttled"]


def test_ft_16_wrong_passwords_are_one_count_under_any_key() -> None:
    """Whether in the settings or at sign-in, before a rotation or after it."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    sandbox.flows.submit(view.token, acting.save(WRONG_PASSWORD))
    sandbox.secrets.rotate()
    acting.sign_in(sandbox, JOHN.email, WRONG_PASSWORD)
    sandbox.flows.submit(view.token, acting.save(WRONG_PASSWORD))

    locked = sandbox.flows.submit(view.token, acting.save(PASSWORD))

    assert (acting.notices(locked), locked.outcome) == (["password.wrong"], Outcome.THROTTLED)
    assert acting.sign_in(sandbox).state == "enter_credentials"
    sandbox.clock.advance(seconds=1)
    assert acting.sign_in(sandbox).state == "signed_in"
    assert acting.counted(sandbox, Budget.PASSWORD) == 0


def test_ft_16_what_the_settings_count_is_counted_under_the_newest_key() -> None:
    """So that it is found again once an account's own digest is of a newer key too."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    sandbox.secrets.rotate()
    newest = sandbox.secrets.digests("email", JOHN.email)[0]

    sandbox.flows.submit(view.token, acting.save(WRONG_PASSWORD))

    counted = acting.kept(sandbox)["budgets"].values()
    assert [it.subject for it in counted if it.budget is Budget.PASSWORD] == [newest]


def test_ft_16_taken_addresses_are_one_count_under_any_key() -> None:
    """Nobody searches for accounts in a recovery and then in the settings."""
    sandbox = Sandbox()
    acting.created(sandbox, acting.CLAIRE)
    view = acting.settings(sandbox)
    sandbox.secrets.rotate()
    recovery = acting.code_accepted(sandbox, flow="recovery")
    for _ in range(3):
        sandbox.flows.submit(recovery.token, acting.activation(acting.CLAIRE.email))
    for _ in range(2):
        sandbox.flows.submit(view.token, acting.save(email=acting.CLAIRE.email))

    locked = sandbox.flows.submit(view.token, acting.save(email=LOGIN))

    assert acting.notices(locked) == ["identity.throttled"]


def test_ft_16_links_to_one_address_are_one_count_under_any_key() -> None:
    """Three in an hour, of either kind."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox)
    session = acting.session_of(sandbox, LOGIN)
    sandbox.secrets.rotate()
    acting.link_requested(sandbox, LOGIN)
    before = len(sandbox.messages)

    for _ in range(3):
        sandbox.flows.resend_confirmation(session)

    assert len(sandbox.messages) == before + 2


def test_ft_16_an_address_that_no_rule_reads_any_more_keeps_its_count() -> None:
    """The rules of addresses may become stricter: the account's own digest is still counted."""
    sandbox = Sandbox()
    view = acting.settings(sandbox)
    read = sandbox.ports.emails.read
    sandbox.ports.emails.read = lambda typed: None if typed == JOHN.email else read(typed)  # type: ignore[method-assign]
    for _ in range(3):
        sandbox.flows.submit(view.token, acting.save(WRONG_PASSWORD))

    locked = sandbox.flows.submit(view.token, acting.save(PASSWORD))

    assert locked.outcome is Outcome.THROTTLED


def test_ft_16_what_only_a_lost_key_opens_fails_closed() -> None:
    """A journey whose dossier cannot be opened goes no further."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox)
    sandbox.secrets.rotate()
    sandbox.secrets.forget_oldest()

    with pytest.raises(PortUnavailable):
        sandbox.flows.submit(view.token, acting.activation())

    assert acting.accounts(sandbox) == []


def test_ft_09_a_mail_server_that_is_down_does_not_show() -> None:
    """The page answers at once, and the message leaves when the way out is back."""
    sandbox = Sandbox()
    sandbox.messages.fail_next(3)

    view = acting.awaiting_code(sandbox)

    assert (view.state, len(sandbox.messages)) == ("enter_code", 0)
    sandbox.clock.advance(minutes=1)
    for _ in range(3):
        sandbox.clock.advance(minutes=1)
        sandbox.deliver()
    assert len(sandbox.messages) == 1


def test_ft_07_ft_11_a_code_is_never_sent_too_late() -> None:
    """A message that waited for ten minutes is dropped."""
    sandbox = Sandbox()
    sandbox.flows = Flows(sandbox.ports)
    acting.awaiting_code(sandbox)

    sandbox.clock.advance(minutes=10)
    sandbox.deliver()

    assert not sandbox.messages


def test_ft_11_a_code_overtaken_by_a_newer_one_does_not_leave() -> None:
    """What still waits when another code is asked for is dropped."""
    sandbox = Sandbox()
    sandbox.flows = Flows(sandbox.ports)
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(minutes=1)
    sandbox.flows.submit(view.token, ResendCode())

    sandbox.deliver()

    assert len(sandbox.messages) == 1
    newest = SubmitCode(acting.code_received(sandbox))
    assert sandbox.flows.submit(view.token, newest).state == "choose_credentials"


@pytest.mark.parametrize("flow", ["creation", "recovery"])
@pytest.mark.parametrize("leaves", ["goes back", "gives up"])
def test_ft_11_a_code_that_nobody_awaits_any_more_does_not_leave(flow: str, leaves: str) -> None:
    """Whoever says that they are someone else, or is too late, receives none."""
    sandbox = Sandbox()
    sandbox.flows = Flows(sandbox.ports)
    view = acting.awaiting_code(sandbox, flow=flow)
    if leaves == "goes back":
        sandbox.flows.submit(view.token, Back())
        sandbox.flows.submit(view.token, Back())
    else:
        sandbox.clock.advance(minutes=30)
        acting.over(sandbox, view.token)

    (waiting,) = acting.kept(sandbox)["outbox"].values()
    assert (waiting.status, waiting.sealed) == ("expired", None)
    sandbox.deliver()
    assert not sandbox.messages


def test_ft_07_what_was_committed_is_answered_whatever_comes_after(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A relay that cannot be woken does not take the answer away, and the log names the port."""
    sandbox = Sandbox()
    acting.created(sandbox)

    def broken() -> None:
        raise PortUnavailable("storage")

    sandbox.flows = Flows(sandbox.ports, wake=broken)
    view = acting.link_requested(sandbox)

    assert view.state == "link_sent"
    assert caplog.messages == ["the storage port is down: what is queued leaves later"]


# --- answers lost on the way ---------------------------------------------------------------------


def test_ft_06_whoever_did_not_see_the_answer_presses_again() -> None:
    """The second press finds the step done and shows where the person stands."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    command = SubmitCode(acting.code_received(sandbox))
    sandbox.flows.submit(view.token, command)

    with pytest.raises(CommandNotOffered) as refusal:
        sandbox.flows.submit(view.token, command)

    assert refusal.value.view.state == "choose_credentials"
    assert acting.counted(sandbox, Budget.CODE) == 0


def test_ft_06_a_new_password_saved_twice_is_saved_once() -> None:
    """The account's credentials changed once, and one notice left."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = acting.link_used(sandbox)
    sandbox.flows.submit(view.token, acting.new_password())

    with pytest.raises(JourneyOver):
        sandbox.flows.submit(view.token, acting.new_password())

    (account,) = acting.accounts(sandbox)
    assert account.credential_epoch == 1
    assert len([it for it in sandbox.messages if it.purpose == "notice"]) == 1


# --- what an old or a newer release left ---------------------------------------------------------


@pytest.mark.parametrize("state", ["administration", "created2", ""])
def test_ft_18_an_unknown_state_is_refused(state: str) -> None:
    """A journey that stands where no table knows goes nowhere, and is not shown either."""
    sandbox = Sandbox()
    view = acting.begun(sandbox)
    acting.put_in_state(sandbox, view, state)
    leave_alone(sandbox.storage)

    with pytest.raises(JourneyUnreadable):
        sandbox.flows.submit(view.token, acting.identity())
    with pytest.raises(JourneyUnreadable):
        sandbox.flows.view(view.token)


def test_ft_16_ready_names_the_port_that_is_down() -> None:
    """A host's probe sees which of the three does not answer."""
    sandbox = Sandbox()
    assert sandbox.flows.ready() == {"storage": True, "keys": True, "registry": True}

    sandbox.secrets.fail_next()
    sandbox.registry.fail_next()
    assert sandbox.flows.ready() == {"storage": True, "keys": False, "registry": False}
    hook(sandbox, "storage").arm()
    assert sandbox.flows.ready() == {"storage": False, "keys": True, "registry": True}

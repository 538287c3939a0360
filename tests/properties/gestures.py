"""What a person may press on each screen: the command for the library, the act for the model."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from attrs import field, frozen
from hypothesis import strategies as st

from monespace_flows import (
    Activate,
    Create,
    RequestLink,
    Save,
    SavePassword,
    SendCode,
    SignIn,
    SubmitCode,
    SubmitIdentity,
)
from monespace_flows.commands import COMMANDS, Command

from .model import Run, World, access, codes, credentials, identity
from .model.world import Notices, back, extend, restart
from .people import OTHER_PASSWORD, PASSWORD, PEOPLE

__all__ = ["EMAILS", "NUMBERS", "Gesture", "any_gesture", "leading_on", "submit_identity"]

NUMBERS = [person.rpps for person in PEOPLE[:4]]
DATES = {person.rpps: person.birth_date for person in PEOPLE}
EMAILS = ["anna@ici.example", "bob@la.example", *(it.email for it in PEOPLE if it.email)]
NEW_PASSWORDS = [PASSWORD, OTHER_PASSWORD, PASSWORD, OTHER_PASSWORD, "motdepasse2026", "court", ""]


@frozen(kw_only=True)
class Gesture:
    """One press, with all that was typed."""

    event: str
    typed: dict[str, Any]
    command: Command = field(repr=False)
    act: Callable[[World, Run, datetime], Notices] = field(repr=False)

    @property
    def is_typed(self) -> bool:
        """Whether a late one is lost with what was typed (C2)."""
        return bool(self.typed)


def _gesture(command: Command, act: Callable[..., Notices], **typed: Any) -> Gesture:
    return Gesture(event=command.event, typed=typed, command=command, act=partial(act, **typed))


def press(event: str) -> Gesture:
    """Press a button beside which nothing is typed."""
    acts = {
        "back": back,
        "extend": extend,
        "continue_recovery": identity.continue_recovery,
        "choose_email": credentials.choose_email,
        "send_reset_link": access.send_reset_link,
        "restart": restart,
        "resend_code": codes.resend_code,
    }
    return _gesture(COMMANDS[event](), acts[event])


def submit_identity(rpps: str, birth_date: str, *, accepted: bool = True) -> Gesture:
    command = SubmitIdentity(birth_date=birth_date, rpps=rpps, accept_terms=accepted)
    act = identity.submit_identity
    return _gesture(command, act, rpps=rpps, birth_date=birth_date, accepted=accepted)


def send_code(channel: str) -> Gesture:
    return _gesture(SendCode(channel), codes.send_code, channel=channel)


def submit_code(code: str, newest: str) -> Gesture:
    worth = "ill-formed" if len(code) != 6 else "right" if code == newest else "wrong"
    return _gesture(SubmitCode(code), codes.submit_code, worth=worth)


def activate(email: str, again: str, password: str, confirmation: str) -> Gesture:
    command = Activate(
        email=email,
        email_confirmation=again,
        password=password,
        password_confirmation=confirmation,
    )
    return _gesture(
        command,
        credentials.activate,
        email=email,
        again=again,
        password=password,
        confirmation=confirmation,
    )


def create(password: str, confirmation: str) -> Gesture:
    command = Create(password=password, password_confirmation=confirmation)
    return _gesture(command, credentials.create, password=password, confirmation=confirmation)


def sign_in(email: str, password: str) -> Gesture:
    command = SignIn(email=email, password=password)
    return _gesture(command, access.sign_in, email=email, password=password)


def request_link(email: str) -> Gesture:
    return _gesture(RequestLink(email), access.request_link, email=email)


def save_password(password: str, confirmation: str) -> Gesture:
    command = SavePassword(password=password, password_confirmation=confirmation)
    return _gesture(command, access.save_password, password=password, confirmation=confirmation)


def save(current: str, email: str, password: str, confirmation: str) -> Gesture:
    command = Save(
        current_password=current,
        email=email,
        password=password,
        password_confirmation=confirmation,
    )
    return _gesture(
        command,
        access.save,
        current=current,
        email=email,
        password=password,
        confirmation=confirmation,
    )


# --- what leads on: everything right -------------------------------------------------------------


def leading_on(world: World, run: Run, newest: str, pick: int) -> Gesture | None:
    """Give what leads on from where a journey stands, where something does.

    ``newest`` is its newest code; ``pick`` chooses among what is right.
    """
    number, email = NUMBERS[pick % 4], EMAILS[pick % 3]
    channels, accounts = sorted(run.contacts), [*world.accounts.values()]
    account = accounts[pick % len(accounts)] if accounts else None
    ways: dict[str, Callable[[], Gesture]] = {
        "enter_identity": lambda: submit_identity(number, DATES[number]),
        "account_found": lambda: press("continue_recovery"),
        "choose_channel": lambda: send_code(channels[pick % len(channels)]),
        "enter_code": lambda: submit_code(newest, newest),
        "choose_credentials": lambda: activate(email, email, PASSWORD, PASSWORD),
        "choose_password": lambda: create(PASSWORD, PASSWORD),
        "choose_new_password": lambda: save_password(OTHER_PASSWORD, OTHER_PASSWORD),
    }
    if run.state == "edit_settings":
        own = world.accounts[run.who or ""]
        password = OTHER_PASSWORD if pick % 2 else ""
        ways["edit_settings"] = lambda: save(own.password, email, password, password)
    if account is not None:
        ways["enter_credentials"] = lambda: sign_in(account.login, account.password)
        ways["enter_email"] = lambda: request_link(account.login)
    return ways[run.state]() if run.state in ways else None


# --- anything at all -----------------------------------------------------------------------------


def _often(*right: Any, wrong: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    """Draw what is right three times out of four."""
    return st.one_of(*[st.sampled_from(right)] * 3, st.sampled_from(wrong or right))


def _confirmed(
    make: Callable[..., Gesture], passwords: list[str], **typed: st.SearchStrategy[Any]
) -> st.SearchStrategy[Gesture]:
    """Draw a password and its confirmation, the same more often than not."""

    def built(password: str, confirmation: str | None, **rest: Any) -> Gesture:
        again = password if confirmation is None else confirmation
        return make(password=password, confirmation=again, **rest)

    return st.builds(
        built,
        password=st.sampled_from(passwords),
        confirmation=_often(None, wrong=("autre-chose-42-lune",)),
        **typed,
    )


def _activations() -> st.SearchStrategy[Gesture]:
    def built(email: str, again: str | None, password: str, confirmation: str) -> Gesture:
        return activate(email, email if again is None else again, password, confirmation)

    emails = st.sampled_from([*EMAILS, "Anna@ICI.example ", "bob@@"])
    again = _often(None, wrong=("bob@la.example", "bob@@"))
    return _confirmed(built, NEW_PASSWORDS, email=emails, again=again)


def _sign_ins(world: World) -> st.SearchStrategy[Gesture]:
    known = [sign_in(account.login, account.password) for account in world.accounts.values()]
    any_one = st.builds(
        sign_in,
        email=st.sampled_from([*EMAILS, "bob@@", ""]),
        password=st.sampled_from(NEW_PASSWORDS),
    )
    return st.one_of(any_one, st.sampled_from(known)) if known else any_one


def _saves(world: World, run: Run) -> st.SearchStrategy[Gesture]:
    account = world.accounts[run.who or ""]
    return _confirmed(
        save,
        ["", "", *NEW_PASSWORDS],
        current=_often(account.password, wrong=("autre-chose-42-lune", "")),
        email=_often(account.login, wrong=(*EMAILS, "bob@@")),
    )


def any_gesture(world: World, run: Run, sent: list[str]) -> st.SearchStrategy[Gesture]:
    """Draw something to press on the screen where a journey stands.

    ``sent`` are the codes that it sent, oldest first.
    """
    drawn: dict[str, Callable[[], st.SearchStrategy[Gesture]]] = {
        "enter_identity": lambda: st.builds(
            submit_identity,
            rpps=_often(*NUMBERS, wrong=(PEOPLE[4].rpps, "99000000093", "123")),
            birth_date=_often(*DATES.values(), wrong=("17/06/1976", "hier")),
            accepted=_often(True, wrong=(False,)),
        ),
        "account_found": lambda: st.just(press("continue_recovery")),
        "choose_channel": lambda: st.builds(
            send_code, channel=_often("sms", "email", wrong=("pigeon", ""))
        ),
        "enter_code": lambda: st.sampled_from(
            [press("resend_code")] * 3
            + [submit_code(code, sent[-1]) for code in (sent[0], sent[-1], "12")]
            + [submit_code(str((int(sent[-1]) + 1) % 10**6).zfill(6), sent[-1])] * 3
        ),
        "choose_credentials": _activations,
        "choose_password": lambda: _confirmed(create, NEW_PASSWORDS),
        "enter_email": lambda: st.builds(
            request_link,
            email=st.sampled_from([*EMAILS, *(it.login for it in world.accounts.values()), "b@@"]),
        ),
        "choose_new_password": lambda: _confirmed(save_password, NEW_PASSWORDS),
        "enter_credentials": lambda: _sign_ins(world),
        "edit_settings": lambda: _saves(world, run),
    }
    anywhere = st.sampled_from([press("back"), press("back"), press("extend"), *_STRAY])
    if run.more is not None:
        return st.one_of(st.just(press(run.more)), anywhere)
    own = drawn.get(run.state)
    return st.one_of(*[own()] * 4, anywhere) if own else anywhere


_STRAY = [
    submit_identity("99000000093", "17/06/1975"),
    create(PASSWORD, PASSWORD),
    send_code("sms"),
    press("restart"),
    press("send_reset_link"),
]
"""What a stale tab or a forged form may bring anywhere (C1, S26)."""

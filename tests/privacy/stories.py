"""Every journey, with its refusals, typed by people whose values are markers."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from monespace_backends.storage import SqlStorage
from monespace_backends.storage.heads import write_heads
from monespace_flows import (
    Activate,
    Back,
    ContinueRecovery,
    Create,
    Extend,
    RequestLink,
    ResendCode,
    Save,
    SavePassword,
    SendCode,
    SignIn,
    SubmitCode,
    SubmitIdentity,
    View,
)
from monespace_flows.errors import LinkInvalid
from monespace_http import Brakes
from monespace_http.transport.brake import Brake

from .people import HERMINE, NOBODY, WEAK, ZIBELINE, Person
from .world import World


def identity(
    person: Person, birth_date: str | None = None, *, terms: bool = True
) -> SubmitIdentity:
    return SubmitIdentity(
        birth_date=birth_date or person.birth_date, rpps=person.rpps, accept_terms=terms
    )


def activation(
    email: str, password: str, again: str | None = None, password_again: str | None = None
) -> Activate:
    return Activate(
        email=email,
        email_confirmation=again or email,
        password=password,
        password_confirmation=password_again or password,
    )


def identified(world: World, person: Person, flow: str = "creation") -> View:
    return world.press(world.start(flow), identity(person))


def awaiting_code(world: World, person: Person, channel: str = "sms") -> View:
    return world.press(identified(world, person), SendCode(channel))


def verified(world: World, person: Person, channel: str = "sms") -> View:
    view = awaiting_code(world, person, channel)
    return world.press(view, SubmitCode(world.code()))


def created(world: World, person: Person) -> View:
    view = verified(world, person)
    return world.press(view, activation(person.login, person.password))


def created_by_email(world: World, person: Person) -> View:
    """Someone whose account has the Order's address, to which links may be sent."""
    view = verified(world, person, "email")
    password = person.password
    return world.press(view, Create(password=password, password_confirmation=password))


def signed_in(world: World, email: str, password: str) -> str:
    session = world.press(world.start("signin"), SignIn(email=email, password=password)).session
    assert session is not None
    return session


def tell_creation_by_sms(world: World) -> None:
    """Zibeline makes every mistake that the screens know, then has an account."""
    person = ZIBELINE
    view = world.start("creation")
    world.press(view, identity(person, terms=False))
    world.press(view, SubmitIdentity(birth_date=person.rpps, rpps=person.birth_date))
    world.press(view, identity(person, person.wrong_birth_date))
    world.press(view, identity(NOBODY))
    world.press(view, identity(person))
    world.press(view, SendCode("pigeon"))
    world.press(view, SendCode("sms"))
    code = world.code()
    world.press(view, SubmitCode(code[::-1] if code != code[::-1] else code[1:] + code[0]))
    world.press(view, SubmitCode(person.password))
    world.press(view, ResendCode())
    world.press(view, Back())
    world.later(minutes=2)
    world.press(view, SendCode("sms"))
    world.press(view, Extend())
    world.press(view, SubmitCode(world.code()))
    world.press(view, activation(person.login, person.password, person.other_login))
    world.press(view, activation(person.login, person.password, None, person.other_password))
    world.press(view, activation(person.login, WEAK))
    world.press(view, activation(f"{person.password}@", person.password))
    world.press(view, SubmitCode(code))
    world.press(view, activation(person.login, person.password))
    world.press(view, activation(person.login, person.password))


def tell_creation_by_email(world: World) -> None:
    """Hermine wants Zibeline's address first, then uses the Order's."""
    person = HERMINE
    view = verified(world, person)
    world.press(view, activation(ZIBELINE.login, person.password))
    world.later(minutes=2)
    view = verified(world, person, "email")
    world.press(view, Create(password=WEAK, password_confirmation=WEAK))
    made = Create(password=person.password, password_confirmation=person.password)
    world.press(view, made)
    world.press(world.start("creation"), identity(person))


def tell_signin_and_settings(world: World) -> None:
    """Zibeline misses the password, signs in, confirms, and changes all that can be changed."""
    person = ZIBELINE
    view = world.start("signin")
    world.press(view, SignIn(email=person.login, password=person.other_password))
    world.press(view, SignIn(email=NOBODY.login, password=NOBODY.password))
    world.press(view, SignIn(email=person.password, password=person.login))
    session = signed_in(world, person.login, person.password)
    world.flows.resend_confirmation(session)
    world.deliver()
    world.flows.confirm_email(world.link("confirmation"), session)
    world.flows.session(session)
    view = world.start("settings", session)
    for current, email, password in (
        (person.other_password, person.login, ""),
        (person.password, HERMINE.order_email, ""),
        (person.password, person.login, WEAK),
        (person.password, person.other_login, person.other_password),
    ):
        saved = Save(
            current_password=current, email=email, password=password, password_confirmation=password
        )
        world.press(view, saved)
    world.press(view, Extend())
    world.deliver()
    session = signed_in(world, person.login, person.other_password)
    world.flows.confirm_email(world.link("confirmation"), session)
    world.flows.sign_out(signed_in(world, person.other_login, person.other_password))


def tell_reset(world: World) -> None:
    """Nobody asks, then Hermine, who uses the link twice."""
    person = HERMINE
    world.press(world.start("reset"), RequestLink(NOBODY.login))
    world.press(world.start("reset"), RequestLink(person.rpps))
    world.press(world.start("reset"), RequestLink(person.order_email))
    token = world.link("reset_link")
    view = world.open_link(token)
    with suppress(LinkInvalid):
        world.open_link(token)
    world.press(view, SavePassword(password=WEAK, password_confirmation=WEAK))
    new = SavePassword(password=person.other_password, password_confirmation=person.other_password)
    world.press(view, new)


def tell_recovery(world: World) -> None:
    """Zibeline forgot the address of the account."""
    person = ZIBELINE
    view = world.start("recovery")
    world.press(view, identity(person, person.wrong_birth_date))
    world.press(view, identity(person))
    world.press(view, ContinueRecovery())
    world.later(minutes=5)
    world.press(view, SendCode("sms"))
    world.press(view, SubmitCode(world.code()))
    world.press(view, activation(person.login, person.password))


def leave_journeys_open(world: World) -> None:
    """Someone stands at every screen, with what was typed and sent so far."""
    world.later(hours=2)
    for flow in ("creation", "recovery", "reset", "signin"):
        world.start(flow)
    world.start("settings", signed_in(world, ZIBELINE.login, ZIBELINE.password))
    identified(world, HERMINE, "recovery")
    for channel in ("sms", "email"):
        view = world.press(identified(world, HERMINE, "recovery"), ContinueRecovery())
        view = world.press(view, SendCode(channel))
        code = world.code()
        world.later(minutes=6)
        if channel == "email":
            world.press(view, SubmitCode(code))
    world.press(world.start("reset"), RequestLink(HERMINE.order_email))
    world.link("reset_link")


def note_and_count(world: World) -> None:
    """A head over the journals, and a client that a brake of HTTP counts in the same database."""
    storage = world.ports.storage
    assert isinstance(storage, SqlStorage)
    now = world.clock.now()
    list(write_heads(storage, world.ports.secrets, now, now - timedelta(days=183)))
    brake = Brake(
        Brakes(storage="database"), b"a key of the tests, 32 bytes long", storage.counts()
    )
    with brake.place("sign_in", "192.0.2.77") as place:
        place.keep()


def tell_everything(world: World) -> None:
    """All of it, in the order in which it could have happened."""
    tell_creation_by_sms(world)
    tell_creation_by_email(world)
    tell_signin_and_settings(world)
    tell_reset(world)
    tell_recovery(world)
    leave_journeys_open(world)
    note_and_count(world)

"""Small worlds to explore: who is there, in which browser, at which journey, and what they type.

A person types what is right, and one value for each way to be wrong that anybody can tell from
another.  What is typed is looked up in the witness's book, as people look into their mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from attrs import evolve, field, fields, frozen

from ... import commands as c
from ...chart import Flow
from ...policy import Policy
from ...verify.book import Book, Run

__all__ = [
    "AMELIE",
    "JOHN",
    "PAUL",
    "Actor",
    "Gesture",
    "Person",
    "Typing",
    "World",
    "alone",
    "small",
]

PASSWORDS = ("cheval-agrafe-42-lune", "bateau-trombone-57-gel")
WEAK = "motdepasse2026"
NOBODY = "99000000093"


@frozen(kw_only=True)
class Person:
    """A doctor of the registry: what they know by heart, and the address that they would type."""

    rpps: str = field(repr=False)
    birth_date: str = field(repr=False)
    address: str = field(repr=False)


JOHN = Person(rpps="99000000002", birth_date="17/06/1975", address="john@cabinet.example")
PAUL = Person(rpps="99000000036", birth_date="21/04/1996", address="paul@cabinet.example")
AMELIE = Person(rpps="99000000010", birth_date="28/02/1982", address="amelie@cabinet.example")
PAULS_ORDER = "paul.interne@chu.example"


@frozen(kw_only=True)
class Actor:
    """A browser, who sits before it, and the journeys that they begin one after the other.

    ``signed_in``: a session is open in it.
    """

    browser: str
    person: Person
    flows: tuple[str, ...]
    signed_in: bool = False


@frozen(kw_only=True)
class World:
    """A place to walk in.

    Args:
        name: what a finding calls it.
        actors: who is there.
        accounts: who has an account already, under their address and the first password.
        erases: whose account an operator may erase at any moment.
        events: what is pressed, by the buttons' commands; by default whatever is shown.
        typed: how buttons of a host's own are pressed, by their commands.
        waits: how often time may pass, to just before, at or after a deadline.
        thorough: whether everything wrong is typed too, everything pressed that is not shown, and
            every page looked at again: worth it where one person acts, since what changes nothing
            in one world changes nothing beside another's journey.
    """

    name: str
    actors: tuple[Actor, ...]
    accounts: tuple[Person, ...] = ()
    erases: tuple[Person, ...] = ()
    events: frozenset[str] | None = None
    typed: Mapping[str, Callable[[Typing], Iterable[Gesture]]] = field(factory=dict, repr=False)
    waits: int = 0
    thorough: bool = False


def alone(flow: Flow, person: Person = JOHN, *, waits: int = 0) -> World:
    """Make the world of one person, who has an account, and one journey; they try everything.

    Args:
        flow: the journey; one that needs a session finds one open.
        person: who it is.
        waits: how often time may pass.
    """
    actor = Actor(browser="one", person=person, flows=(flow.name,), signed_in=flow.needs_session)
    return World(name=flow.name, actors=(actor,), accounts=(person,), waits=waits, thorough=True)


def small(policy: Policy | None = None) -> Policy:
    """Keep every rule of a policy and make its counts the least that still have a before and after.

    Durations and resends stay as they are.
    """
    policy = policy or Policy()
    return evolve(
        policy,
        identity=evolve(policy.identity, failures=1, failures_per_day=2, taken_addresses_per_day=1),
        codes=evolve(policy.codes, tries=2, failures_per_day=3),
        passwords=evolve(policy.passwords, failures_before_delay=2, failures_before_warning=2),
        links=evolve(policy.links, requests_per_hour=2, requests_per_day=2, changes_per_day=1),
    )


@frozen
class Gesture:
    """A command as somebody types it; ``what`` says in a word how it is right or wrong."""

    what: str
    command: c.Command = field(repr=False)


@frozen(kw_only=True)
class Typing:
    """Who is about to type, and what they have received.

    ``run`` is what the witness knows of the journey, ``book`` all that it knows; ``channels`` are
    those that the page offers.
    """

    person: Person
    run: Run
    book: Book
    channels: tuple[str, ...]
    all: bool

    @property
    def own(self) -> str:
        """The address that opens their account, or that they would choose."""
        return self.run.had.address if self.run.had is not None else self.person.address

    @property
    def password(self) -> str:
        """The password that opens their account now."""
        return next(iter(self.book.passwords.values()), PASSWORDS[0])

    @property
    def other(self) -> str:
        """Another good one."""
        return next(it for it in PASSWORDS if it != self.password)


Typed = Iterator[Gesture]


def gestures(world: World, event: str, typing: Typing, kind: type[c.Command]) -> Iterable[Gesture]:
    """Say how a button may be pressed: as the world says, as ours are, or filled in and empty.

    Args:
        world: where it is pressed.
        event: the button's.
        typing: who presses it.
        kind: its command.
    """
    known = world.typed.get(event) or _TYPINGS.get(event)
    return known(typing) if known is not None else _pressed(kind)


def _pressed(kind: type[c.Command]) -> Typed:
    full: dict[str, Any] = {}
    for one in fields(kind):
        full[one.name] = True if one.type in (bool, "bool") else "x"
    yield Gesture("filled in" if full else "pressed", kind(**full))
    if full:
        empty = {name: False if value is True else "" for name, value in full.items()}
        yield Gesture("empty", kind(**empty))


def _identity(typing: Typing) -> Typed:
    who = typing.person
    right = c.SubmitIdentity(birth_date=who.birth_date, rpps=who.rpps, accept_terms=True)
    yield Gesture("right", right)
    if typing.all:
        yield Gesture("wrong date", evolve(right, birth_date="18/06/1975"))
        yield Gesture("unknown number", evolve(right, rpps=NOBODY))
        yield Gesture("box not ticked", evolve(right, accept_terms=False))
        yield Gesture("empty", c.SubmitIdentity(birth_date="", rpps="", accept_terms=True))


def _send(typing: Typing) -> Typed:
    yield from (Gesture(f"by {it}", c.SendCode(it)) for it in typing.channels)
    if typing.all:
        yield Gesture("by nothing", c.SendCode(""))


def _code(typing: Typing) -> Typed:
    codes = [sent.letter.value for sent in typing.run.codes]
    if codes:
        yield Gesture("newest", c.SubmitCode(codes[-1]))
        wrong = str((int(codes[-1]) + 1) % 10 ** len(codes[-1])).zfill(len(codes[-1]))
        yield Gesture("wrong", c.SubmitCode(wrong))
    yield from (Gesture("earlier", c.SubmitCode(code)) for code in codes[-2:-1])
    others = (run for run in typing.book.runs.values() if run is not typing.run)
    strange = [sent.letter.value for run in others for sent in run.codes[-1:]]
    yield from (Gesture("another journey's", c.SubmitCode(code)) for code in strange)
    if typing.all:
        yield Gesture("empty", c.SubmitCode(""))


def _activate(typing: Typing) -> Typed:
    good = _chosen(f"new.{typing.person.address}", typing.other)
    yield Gesture("good", good)
    yield Gesture("of Paul's", _chosen(PAULS_ORDER, typing.other))
    if typing.all:
        yield Gesture("one's own", _chosen(typing.own, typing.other))
        yield Gesture("other address again", evolve(good, email_confirmation="x@cabinet.example"))
        yield Gesture("other password again", evolve(good, password_confirmation=WEAK))
        yield Gesture("weak", _chosen(good.email, WEAK))
        yield Gesture("empty", _chosen("", ""))


def _chosen(email: str, password: str) -> c.Activate:
    return c.Activate(
        email=email, email_confirmation=email, password=password, password_confirmation=password
    )


def _passwords(
    make: Callable[..., c.Command],
) -> Callable[[Typing], Typed]:
    def typed(typing: Typing) -> Typed:
        good = typing.other
        yield Gesture("good", make(password=good, password_confirmation=good))
        if typing.all:
            yield Gesture("other again", make(password=good, password_confirmation=WEAK))
            yield Gesture("weak", make(password=WEAK, password_confirmation=WEAK))
            yield Gesture("empty", make(password="", password_confirmation=""))

    return typed


def _request(typing: Typing) -> Typed:
    yield Gesture("one's own", c.RequestLink(typing.own))
    if typing.all:
        yield Gesture("unknown", c.RequestLink("personne@cabinet.example"))
        yield Gesture("no address", c.RequestLink("bob@@"))


def _sign_in(typing: Typing) -> Typed:
    yield Gesture("right", c.SignIn(email=typing.own, password=typing.password))
    yield Gesture("wrong", c.SignIn(email=typing.own, password=WEAK))
    yield Gesture("unknown", c.SignIn(email=PAULS_ORDER, password=typing.password))
    yield Gesture("empty", c.SignIn(email="", password=""))


def _save(typing: Typing) -> Typed:
    same = c.Save(current_password=typing.password, email=typing.own)
    new = typing.other
    another = evolve(same, password=new, password_confirmation=new)
    yield Gesture("another password", another)
    yield Gesture("another address", evolve(same, email=f"new.{typing.person.address}"))
    if typing.all:
        yield Gesture("nothing", same)
        yield Gesture("wrong password", evolve(another, current_password=WEAK))
        yield Gesture("other again", evolve(another, password_confirmation=WEAK))
        yield Gesture("weak", evolve(same, password=WEAK, password_confirmation=WEAK))
        yield Gesture("no address", evolve(same, email="bob@@"))


_TYPINGS: Mapping[str, Callable[[Typing], Typed]] = {
    "submit_identity": _identity,
    "send_code": _send,
    "submit_code": _code,
    "activate": _activate,
    "create": _passwords(c.Create),
    "save_password": _passwords(c.SavePassword),
    "request_link": _request,
    "sign_in": _sign_in,
    "save": _save,
}

JUST = timedelta(seconds=1)
"""How long before and after a deadline the small clock stops."""

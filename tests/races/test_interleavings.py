"""Two acts at once are one after the other, wherever the second falls in the first.

Every pair of acts is played on a world of its own: the second in the middle of the first, before
each of its transactions in turn.  What both were answered, and what is left, must be what one of
the two orders gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import pytest
from attrs import evolve, frozen

from monespace_flows import Extend, Flows, RequestLink, ResendCode, SignIn, SubmitCode, View
from monespace_flows.errors import MonespaceError
from monespace_flows.ports import Storage, Unit
from monespace_flows.testing import Sandbox
from tests.copying import Copies
from tests.journeys import acting
from tests.journeys.acting import (
    AMELIE,
    JOHN,
    LEA,
    LOGIN,
    OTHER_LOGIN,
    OTHER_PASSWORD,
    PASSWORD,
    PAUL,
)
from tests.replaying import watch

pytestmark = pytest.mark.slow

THIRD_PASSWORD = "sept lanternes sur le quai"
PASSWORDS = (PASSWORD, OTHER_PASSWORD, THIRD_PASSWORD)


class World:
    """A doctor with an account, signed in twice, and the screens that the two acts press on."""

    def __init__(self) -> None:
        self.box = Sandbox()
        acting.created(self.box)
        self.sessions = [acting.session_of(self.box) for _ in range(2)]
        self.views: dict[str, View] = {}
        self.letters = list(self.box.messages)

    def walk_to(self, screen: str) -> None:
        """Come to one more screen."""
        self.views[screen] = SCREENS[screen](self)
        self.box.clock.advance(minutes=1)
        self.letters = list(self.box.messages)

    @property
    def link(self) -> str:
        """The reset link that was received before either act."""
        return [it.link_token for it in self.letters if it.purpose == "reset_link"][-1]

    @property
    def code(self) -> str:
        """The code that was received before either act."""
        return [it.code or "" for it in self.letters if it.purpose == "code"][-1]

    def left(self) -> dict[str, object]:
        """What both acts left behind, without what is drawn by chance."""
        kept, unseal = acting.kept(self.box), self.box.secrets.unseal
        journeys = (row.journey for row in kept["journeys"].values())
        return {
            "states": Counter((it.flow, it.subject, it.state) for it in journeys),
            "counted": Counter(row.budget for row in kept["budgets"].values()),
            "sent": Counter((it.purpose, it.to) for it in self.box.messages),
            "alive": [it is not None for it in map(self.box.flows.session, self.sessions)],
            "links": sorted(
                str(self.box.flows.link_purpose(it.link_token)) for it in self.box.messages
            ),
            "accounts": {
                account.rpps_digest: (
                    unseal(account.sealed_email),
                    [it for it in PASSWORDS if self._opens(account.password_hash, it)],
                    account.email_confirmed_at is None,
                    account.credential_epoch,
                )
                for account in acting.accounts(self.box)
            },
        }

    def _opens(self, password_hash: str, password: str) -> bool:
        return self.box.passwords.verify(password_hash, password)


def verified(person: acting.Person, channel: str, flow: str) -> Callable[[World], View]:
    return lambda world: acting.code_accepted(world.box, person, channel, flow)


SCREENS: dict[str, Callable[[World], View]] = {
    "settings": lambda it: it.box.flows.start("settings", it.sessions[0]),
    "other settings": lambda it: it.box.flows.start("settings", it.sessions[1]),
    "new password": lambda it: acting.link_used(it.box),
    "link": lambda it: acting.link_requested(it.box),
    "reset": lambda it: it.box.flows.start("reset"),
    "sign-in": lambda it: it.box.flows.start("signin"),
    "recovery": verified(JOHN, "sms", "recovery"),
    "other recovery": verified(JOHN, "sms", "recovery"),
    "by SMS": verified(PAUL, "sms", "creation"),
    "by e-mail": verified(PAUL, "email", "creation"),
    "colleague": verified(LEA, "sms", "creation"),
    "code": lambda it: acting.awaiting_code(it.box, AMELIE),
}
"""How each screen is come to."""


@frozen
class Act:
    """Something that someone does on a screen, by a server of theirs."""

    screen: str
    do: Callable[[World, Flows], object]


def pressing(screen: str, command: Any) -> Act:
    return Act(screen, lambda world, flows: flows.submit(world.views[screen].token, command))


def typing_the_code(world: World, flows: Flows) -> View:
    return flows.submit(world.views["code"].token, SubmitCode(world.code))


ACTS: dict[str, Act] = {
    "change the address": pressing("settings", acting.save(email=LOGIN)),
    "change the address elsewhere": pressing("other settings", acting.save(email=OTHER_LOGIN)),
    "change the password": pressing("settings", acting.save(password=THIRD_PASSWORD)),
    "mistype the present password": pressing("settings", acting.save(THIRD_PASSWORD)),
    "choose a new password": pressing("new password", acting.new_password()),
    "ask for a link": pressing("reset", RequestLink(JOHN.email)),
    "use the link": Act("link", lambda world, flows: flows.open_link(world.link)),
    "sign in": pressing("sign-in", SignIn(email=JOHN.email, password=PASSWORD)),
    "mistype the password": pressing("sign-in", SignIn(email=JOHN.email, password=LOGIN)),
    "sign out": Act("sign-in", lambda world, flows: flows.sign_out(world.sessions[0])),
    "recover": pressing("recovery", acting.activation(LOGIN, OTHER_PASSWORD)),
    "recover elsewhere": pressing("other recovery", acting.activation(OTHER_LOGIN)),
    "erase the account": Act(
        "sign-in", lambda world, flows: flows.erase_account(rpps=acting.JOHN.rpps)
    ),
    "start the settings": Act(
        "sign-in",
        lambda world, flows: flows.submit(
            flows.start("settings", world.sessions[1]).token, Extend()
        ),
    ),
    "create by SMS": pressing("by SMS", acting.activation(LOGIN)),
    "create by e-mail": pressing("by e-mail", acting.creation()),
    "create for a colleague": pressing("colleague", acting.activation(LOGIN)),
    "type the code": Act("code", typing_the_code),
    "mistype the code": pressing("code", SubmitCode("000000")),
    "ask for another code": pressing("code", ResendCode()),
}


@cache
def _prepared(*screens: str) -> Copies[World]:
    """A world where some screens were come to, in the order of all."""
    if not screens:
        return Copies(World())
    world = _prepared(*screens[:-1]).make()
    world.walk_to(screens[-1])
    return Copies(world)


def world_of(*acts: str) -> World:
    """A world of its own for some acts, copied since walking to their screens takes long."""
    screens = {ACTS[name].screen for name in acts}
    world = _prepared(*(it for it in SCREENS if it in screens)).make()
    watch(world.box.storage)
    return world


@frozen
class Answer:
    """What an act was told, without what is drawn by chance."""

    what: str
    state: str | None = None
    notices: Sequence[str] = ()
    opens: bool = False


def told(act: Act, world: World, flows: Flows) -> Answer:
    try:
        answer = act.do(world, flows)
    except MonespaceError as error:
        view = getattr(error, "view", None)
        return Answer(type(error).__name__, view.state if view else None)
    if not isinstance(answer, View):
        return Answer("done")
    return Answer("view", answer.state, acting.notices(answer), answer.session is not None)


class Interrupted:
    """A storage before one of whose transactions something else happens."""

    def __init__(self, storage: Storage, before: int, happens: Callable[[], object]) -> None:
        self._storage = storage
        self._left = before
        self._happens = happens

    @property
    def has_happened(self) -> bool:
        return self._left <= 0

    def reading(self) -> AbstractContextManager[Unit]:
        self._begin()
        return self._storage.reading()

    def writing(self) -> AbstractContextManager[Unit]:
        self._begin()
        return self._storage.writing()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def _begin(self) -> None:
        self._left -= 1
        if self._left == 0:
            self._happens()


Played = tuple[Answer, Answer, dict[str, object]]


@cache
def one_after_the_other(first: str, second: str) -> Played:
    world = world_of(first, second)
    answers = [told(ACTS[name], world, world.box.flows) for name in (first, second)]
    return answers[0], answers[1], world.left()


def one_in_the_other(first: str, second: str, place: int) -> Played | None:
    """The second act just before a transaction of the first, if it has so many."""
    world = world_of(first, second)
    box, seconds = world.box, list[Answer]()
    storage = Interrupted(
        box.storage, place, lambda: seconds.append(told(ACTS[second], world, box.flows))
    )
    slow = Flows(evolve(box.ports, storage=storage), wake=box.deliver)
    answer = told(ACTS[first], world, slow)
    return (answer, seconds[0], world.left()) if storage.has_happened else None


def interleaved(first: str, second: str) -> Iterator[Played]:
    place = 1
    while (played := one_in_the_other(first, second, place)) is not None:
        yield played
        place += 1


@pytest.mark.parametrize("first", ACTS)
def test_two_acts_at_once_are_one_after_the_other(first: str) -> None:
    """C1, C2, C3, RC-01 to RC-14: for every second act, at every place."""
    for second in ACTS:
        other, one, left = one_after_the_other(second, first)
        orders = [one_after_the_other(first, second), (one, other, left)]
        for place, played in enumerate(interleaved(first, second), 1):
            assert played in orders, f"{second}, before transaction {place} of: {first}"

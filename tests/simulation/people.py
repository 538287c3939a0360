"""What people do: mostly what leads on, now and then what does not, and again when it failed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any, TypeVar

from attrs import define, field

from monespace_flows import (
    Activate,
    Create,
    Flows,
    RequestLink,
    Save,
    SavePassword,
    SendCode,
    SignIn,
    SubmitCode,
    SubmitIdentity,
    View,
)
from monespace_flows.commands import COMMANDS, Command
from monespace_flows.errors import (
    CommandNotOffered,
    JourneyOver,
    JourneyUnknown,
    LinkInvalid,
    PortUnavailable,
    SessionRequired,
)
from monespace_flows.ports import Message

from .witness import CHANGED, Op, Witness

__all__ = ["Hand", "Person"]

Answer = TypeVar("Answer")

REFUSALS = (CommandNotOffered, JourneyOver, JourneyUnknown, LinkInvalid, SessionRequired)
PASSWORDS = (
    "cheval-agrafe-42-lune",
    "bateau-trombone-57-gel",
    "sept-lanternes-31-quai",
    "motdepasse2026",
)
NEWCOMERS = ("creation", "creation", "creation", "recovery")
MEMBERS = ("signin", "signin", "reset", "reset", "reset", "recovery", "recovery", "creation")


@define(eq=False)
class Person:
    """A doctor, and what is in their hands: browsers, letters, what they remember."""

    rpps: str
    birth_date: date
    mobile: str | None
    email: str | None
    own_email: str
    journeys: list[View] = field(factory=list)
    sessions: list[str] = field(factory=list)
    letters: list[Message] = field(factory=list)
    login: str = ""
    password: str = PASSWORDS[0]

    def codes(self) -> list[str]:
        return [it.code for it in self.letters if it.code]

    def links(self) -> list[tuple[str, str]]:
        """The links received, with their letters' purposes."""
        found = [(it.purpose, it.link_url.rpartition("/")[2]) for it in self.letters if it.link_url]
        return found[-6:]


@define(eq=False)
class Hand:
    """Somebody at a browser; several may be the same person, or take each other's place."""

    name: str
    flows: Flows
    people: list[Person]
    random: Random
    witness: Witness
    keys: int = 0

    def live(self) -> None:
        """Do one thing."""
        person = self.random.choice(self.people)
        draw = self.random.random()
        if not person.journeys or draw < 0.12:
            self._start(person)
        elif draw < 0.76:
            self._press(person, self.random.choice(person.journeys[-3:]))
        elif draw < 0.92:
            self._follow_link(person)
        else:
            self._use_session(person)

    def _try(self, op: Op, act: Callable[[], Answer]) -> Answer | None:
        """Do it, and again with the same key where something did not answer."""
        for _ in range(3):
            with self.witness.doing(op):
                try:
                    answer = act()
                except PortUnavailable:
                    self.witness.checked["a call that fails says so"] += 1
                except REFUSALS:
                    return None
                else:
                    if isinstance(answer, View) and op.key:
                        self.witness.answered(op, answer)
                    return answer
        return None

    # --- journeys --------------------------------------------------------------------------------

    def _start(self, person: Person) -> None:
        known = bool(person.login) or self.random.random() < 0.1
        flow, session = self.random.choice(MEMBERS if known else NEWCOMERS), None
        if person.sessions and self.random.random() < 0.4:
            flow, session = "settings", person.sessions[-1]
        view = self._try(Op(self.name, "start"), lambda: self.flows.start(flow, session))
        if view is not None:
            person.journeys.append(view)

    def _press(self, person: Person, view: View) -> None:
        command = self._command(person, view)
        self.keys += 1
        op = Op(
            self.name,
            command.event,
            reference=view.reference,
            key=f"{self.name}-{self.keys}",
            password=getattr(command, "password", ""),
        )
        self._note_what_is_typed(view, command)
        seen = self._try(op, lambda: self.flows.submit(view.token, command, key=op.key))
        if seen is not None:
            self._remember(person, view, seen, command)
        elif self.random.random() < 0.3 and view in person.journeys:
            person.journeys.remove(view)

    def _note_what_is_typed(self, view: View, command: Command) -> None:
        match command:
            case SubmitIdentity(rpps=rpps):
                self.witness.named[view.reference].add(rpps)
            case SubmitCode(code=code):
                self.witness.typed[view.reference].add(code)
            case _:
                pass

    def _remember(self, person: Person, before: View, view: View, command: Command) -> None:
        if before in person.journeys:
            person.journeys.remove(before)
        if view.status == "open":
            person.journeys.append(view)
        if view.session is not None:
            person.sessions.append(view.session)
        if view.state in CHANGED or view.session is not None:
            person.password = getattr(command, "password", "") or person.password
        if view.state in CHANGED or isinstance(command, SignIn):
            login = person.email if isinstance(command, Create) else person.login
            person.login = getattr(command, "email", login) or person.own_email

    def _command(self, person: Person, view: View) -> Command:
        offered = [it.command for it in view.screen.buttons]
        if not offered or self.random.random() < 0.06:
            offered = ["back", "extend", "restart", "resend_code", "close_sessions"]
        event = offered[0] if self.random.random() < 0.88 else self.random.choice(offered)
        return self._typed(event, person, view)

    def _typed(self, event: str, person: Person, view: View) -> Command:
        chance = self.random
        password = chance.choice(PASSWORDS)
        again = password if chance.random() < 0.95 else PASSWORDS[3]
        other = person if chance.random() < 0.7 else chance.choice(self.people)
        email, known = other.own_email, person.login or other.own_email
        asked = known if chance.random() < 0.9 else email
        present = person.password if chance.random() < 0.85 else chance.choice(PASSWORDS)
        new: dict[str, Any] = {"password": password, "password_confirmation": again}
        kept = new if chance.random() < 0.6 else {}
        typed: dict[str, Callable[[], Command]] = {
            "submit_identity": lambda: self._identity(person),
            "send_code": lambda: SendCode(chance.choice(_channels(view))),
            "submit_code": lambda: SubmitCode(self._code(person)),
            "activate": lambda: Activate(email=email, email_confirmation=email, **new),
            "create": lambda: Create(**new),
            "save_password": lambda: SavePassword(**new),
            "request_link": lambda: RequestLink(asked),
            "sign_in": lambda: SignIn(email=known, password=present),
            "save": lambda: Save(current_password=present, email=email, **kept),
        }
        return typed.get(event, COMMANDS[event])()

    def _code(self, person: Person) -> str:
        codes = person.codes() or ["000000"]
        return codes[-1] if self.random.random() < 0.8 else self.random.choice(codes)

    def _identity(self, person: Person) -> SubmitIdentity:
        is_right = self.random.random() < 0.85
        other = person if self.random.random() < 0.9 else self.random.choice(self.people)
        born = other.birth_date if is_right else date(1950, 1, 1)
        return SubmitIdentity(
            birth_date=f"{born:%d/%m/%Y}", rpps=other.rpps, accept_terms=self.random.random() < 0.97
        )

    # --- links and sessions ----------------------------------------------------------------------

    def _follow_link(self, person: Person) -> None:
        links = person.links()
        if not links:
            return
        resets = [it for it in links if it[0] == "reset_link"]
        newest = self.random.choice([links, resets or links])[-1]
        purpose, token = newest if self.random.random() < 0.7 else self.random.choice(links)
        session = person.sessions[-1] if person.sessions else None
        self.keys += 1
        key = f"{self.name}-{self.keys}"
        op = Op(self.name, f"link: {purpose}")
        if purpose == "reset_link":
            view = self._try(op, lambda: self.flows.open_link(token, key=key))
            if view is not None:
                self.witness.opened(token, key)
                person.journeys.append(view)
        elif purpose == "confirmation":
            confirmed = self._try(op, lambda: self.flows.confirm_email(token, session))
            person.login = person.login if confirmed is None else confirmed.email
        elif self.random.random() < 0.3:
            self._try(op, lambda: self.flows.object_link(token))
        else:
            self._try(op, lambda: self.flows.link_purpose(token))

    def _use_session(self, person: Person) -> None:
        if not person.sessions:
            return
        session = self.random.choice(person.sessions[-3:])
        act = self.random.choice(
            [
                lambda: self.flows.session(session),
                lambda: self.flows.sessions(session),
                lambda: self.flows.resend_confirmation(session),
                lambda: self.flows.accept_terms(session),
                lambda: self.flows.pending_email(session),
                lambda: self.flows.sign_out(session),
            ]
        )
        self._try(Op(self.name, "session"), act)


def _channels(view: View) -> list[str]:
    return [it.value for f in view.screen.fields for it in f.options] or ["sms"]

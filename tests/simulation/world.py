"""A world: people, relays and an operator on one storage, under a clock that goes both ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

from attrs import define, frozen

from monespace_flows import Flows
from monespace_flows.driver.relay import Relay
from monespace_flows.errors import PortUnavailable
from monespace_flows.journal.entry import ACCOUNT_JOURNAL
from monespace_flows.ports import Message, Ports
from monespace_flows.testing import (
    MemoryClock,
    MemoryEmails,
    MemoryMessaging,
    MemoryPasswords,
    MemoryRegistry,
    MemorySecrets,
)

from .people import Hand, Person
from .ports import Gate, Gated, Rates, SimulatedStorage
from .rules import RULES, told_again
from .scheduler import Actor, Crashed, Scheduler
from .witness import Op, Violation, Witness

__all__ = ["Lived", "live"]

FAILURES = (0.0005, 0.002, 0.006, 0.015)
CRASHES = (0.0002, 0.001, 0.003)


@frozen(kw_only=True)
class Lived:
    """What came of a world."""

    steps: int
    journeys: int
    presses: int
    messages: int
    faults: Counter[str]
    calls: Counter[str]
    checked: Counter[str]
    violations: tuple[Violation, ...]
    digest: str


class Post:
    """The way out: whoever is reached has the letter."""

    def __init__(self, people: list[Person], witness: Witness) -> None:
        self._inner = MemoryMessaging()
        self._people = people
        self._witness = witness

    def deliver(self, message: Message) -> None:
        self._inner.deliver(message)
        self._witness.leaves(message)
        for person in self._people:
            if message.to.lower() in (person.mobile, person.email, person.own_email):
                person.letters.append(message)


@define(eq=False)
class Operator:
    """Who looks after the service, and what happens around it."""

    name: str
    flows: Flows
    gate: Gate
    clock: MemoryClock
    registry: MemoryRegistry
    secrets: MemorySecrets
    people: list[Person]
    witness: Witness
    is_steady: bool
    rotations: int = 0

    def live(self) -> None:
        """Do one thing; mostly, let time pass."""
        chance = self.gate.random
        self.gate.scheduler.rest(chance.randint(20, 300))
        draw = chance.random()
        if draw < 0.9:
            self._pass_time()
        elif draw < 0.94:
            self._change_the_registry()
        else:
            self._act(chance.choice(["purge", "purge", "erase", "disable", "enable", "rotate"]))

    def _pass_time(self) -> None:
        chance = self.gate.random
        spans = (
            [(0, 20)] * 40 + [(20, 130)] * 20 + [(300, 900)] * 3 + [(1800, 7200), (40000, 90000)]
        )
        seconds = chance.uniform(*chance.choice(spans))
        if not self.is_steady and chance.random() < 0.04:
            seconds = -chance.uniform(0, 5000)
            self.gate.faults["clock: put back"] += 1
            self.witness.put_back = self.witness.elapsed
        elif seconds > 1000:
            self.gate.faults["clock: jumps on"] += 1
        self.clock.advance(seconds=seconds)
        self.witness.elapsed += timedelta(seconds=max(seconds, 0))

    def _change_the_registry(self) -> None:
        person, chance = self.gate.random.choice(self.people), self.gate.random
        status = "radie" if chance.random() < 0.2 else "inscrit"
        mobile = person.mobile if chance.random() < 0.8 else None
        self.registry.change(person.rpps, status=status, mobile=mobile)
        self.gate.faults["registry: another answer"] += 1

    def _act(self, what: str) -> None:
        rpps = self.gate.random.choice(self.people).rpps
        now = self.clock.now()
        acts: dict[str, Any] = {
            "purge": lambda: self.flows.ports.storage.purge(now, now - timedelta(days=183)),
            "erase": lambda: self.flows.erase_account(rpps=rpps),
            "disable": lambda: self.flows.disable_account(rpps=rpps),
            "enable": lambda: self.flows.enable_account(rpps=rpps),
            "rotate": self._rotate,
        }
        self.gate.faults[f"operator: {what}"] += 1
        with self.witness.doing(Op(self.name, what)):
            try:
                acts[what]()
            except PortUnavailable:
                self.witness.checked["a call that fails says so"] += 1

    def _rotate(self) -> None:
        """Bring a new key; three live ones are as many as a service has."""
        if self.rotations < 2:
            self.rotations += 1
            self.secrets.rotate()


class World:
    """Everything that is there, made from a seed."""

    def __init__(self, seed: str, number: int, steps: int) -> None:
        chance = Random(f"{seed}/{number}")  # noqa: S311 - the same again is what is wanted
        self.scheduler = Scheduler(chance, steps)
        rates = Rates(chance.choice(FAILURES), chance.choice(CRASHES))
        self.gate = Gate(self.scheduler, rates)
        self.clock, self.secrets = MemoryClock(), MemorySecrets(f"{seed}/{number}")
        passwords, self.registry = MemoryPasswords(), MemoryRegistry()
        self.people = [_person(it) for it in range(chance.randint(1, 5))]
        self.witness = Witness(number, self.scheduler, self.secrets, passwords, RULES)
        self.storage = SimulatedStorage(self.gate, self.witness.see)
        self.ports = Ports(
            registry=Gated(self.registry, self.gate, "registry"),
            storage=self.storage,
            secrets=Gated(self.secrets, self.gate, "secrets"),
            passwords=Gated(passwords, self.gate, "passwords"),
            emails=Gated(MemoryEmails(), self.gate, "emails"),
            messaging=Gated(Post(self.people, self.witness), self.gate, "messaging"),
            clock=Gated(self.clock, self.gate, "clock"),
        )
        self._introduce()
        self.hands = [Hand(f"hand {it}", *self._hers()) for it in range(chance.randint(2, 5))]
        self.operator = self._operator()

    def _introduce(self) -> None:
        self.gate.is_calm = True
        self.flows = self.witness.flows = Flows(self.ports)
        self.gate.is_calm = False
        for person in self.people:
            self.registry.add(
                person.rpps, person.birth_date, mobile=person.mobile, email=person.email
            )
            to = {it for it in (person.mobile, person.email) if it}
            self.witness.held[person.rpps] = to
            self.witness.private |= {person.rpps, person.own_email, *to}

    def _hers(self) -> tuple[Flows, list[Person], Random, Witness]:
        return self.flows, self.people, self.scheduler.random, self.witness

    def _operator(self) -> Operator:
        return Operator(
            "operator",
            self.flows,
            self.gate,
            self.clock,
            self.registry,
            self.secrets,
            self.people,
            self.witness,
            is_steady=self.scheduler.random.random() < 0.5,
        )

    def live(self) -> Lived:
        """Run it to its end, and look at what is left."""
        self.scheduler.run([*self._actors()])
        for stored in self.witness.rows["journeys"].values():
            if stored.journey.flow == ACCOUNT_JOURNAL:
                continue
            self.witness.checked["what is left is told again"] += 1
            for told in told_again(self.witness, stored):
                self.witness.expect("what is left is told again", False, told)
        return Lived(
            steps=self.scheduler.step,
            journeys=len(self.witness.states),
            presses=sum(hand.keys for hand in self.hands),
            messages=len(self.witness.delivered),
            faults=self.gate.faults,
            calls=self.gate.calls,
            checked=self.witness.checked,
            violations=tuple(self.witness.violations),
            digest=self.gate.trace.hexdigest(),
        )

    def _actors(self) -> list[Actor]:
        relays = [self._relay() for _ in range(2)]
        return [
            *(self._actor(hand.name, hand.live) for hand in self.hands),
            *(self._actor(f"relay {it}", run) for it, run in enumerate(relays)),
            self._actor(self.operator.name, self.operator.live),
        ]

    def _relay(self) -> Callable[[], None]:
        ports, scheduler = self.ports, self.scheduler
        relay = Relay(ports.storage, ports.secrets, ports.messaging, ports.clock)

        def run() -> None:
            scheduler.rest(scheduler.random.randint(5, 120))
            relay.run_once()

        return run

    def _actor(self, name: str, live: Any) -> Actor:
        def go_on() -> None:
            try:
                live()
            except Crashed:
                self.witness.ops.pop(name, None)
            except PortUnavailable:
                self.witness.checked["a call that fails says so"] += 1

        return Actor(name, go_on)


def _person(number: int) -> Person:
    """Make somebody up; one of them has no e-mail address, one no mobile."""
    return Person(
        rpps=f"9900000{number:04}",
        birth_date=date(1970 + number, 1 + number, 10),
        mobile=None if number == 3 else f"+3361234567{number}",
        email=None if number == 2 else f"doctor.{number}@ordre.example",
        own_email=f"doctor.{number}@home.example",
    )


def live(seed: str, number: int, steps: int) -> Lived:
    """Run the world of that number for so many steps."""
    return World(seed, number, steps).live()

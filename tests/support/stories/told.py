"""Who rings, and what is known of a call: how it came about, its cause, what is to be done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

from attrs import define, frozen

from monespace_flows.support.diagnosis import Status
from monespace_flows.testing import Sandbox
from tests.support.people import Person, an_account

__all__ = ["Call", "Doctor", "World"]

UNKNOWN_NUMBER = "99000000093"


@frozen
class Doctor:
    """An invented doctor, another one for each number, of whom every value is unmistakable."""

    number: int

    @property
    def rpps(self) -> str:
        return f"99{711_000_000 + self.number * 10_107}"

    @property
    def born(self) -> date:
        return date(1931 + self.number % 29, 1 + self.number % 12, 13 + self.number % 15)

    @property
    def who(self) -> tuple[str, str]:
        return f"{self.born:%d/%m/%Y}", self.rpps

    @property
    def mistaken(self) -> tuple[str, str]:
        """The right number with the birth date of somebody else."""
        return f"{self.born.replace(year=1960 + self.number % 29):%d/%m/%Y}", self.rpps

    @property
    def mobile(self) -> str:
        return f"+33{650_000_000 + self.number * 1_009_013}"

    @property
    def order_email(self) -> str:
        return f"ordre.callistemon{self.number}@medecin.example"

    @property
    def email(self) -> str:
        return f"saisie.callistemon{self.number}@cachette.example"

    @property
    def other_email(self) -> str:
        return f"autre.callistemon{self.number}@cachette.example"

    @property
    def password(self) -> str:
        return f"quarante zibelines violettes {self.number}"

    @property
    def other_password(self) -> str:
        return f"seize armoires normandes closes {self.number}"

    @property
    def wrong_password(self) -> str:
        return f"pinson rouge brique {self.number}"

    def markers(self) -> Iterator[tuple[str, str]]:
        """Whatever they type, and what the Order holds of them, each with its name."""
        for name, born in (("birth date", self.who[0]), ("wrong date", self.mistaken[0])):
            day, month, year = born.split("/")
            yield name, born
            yield f"{name} as ISO", f"{year}-{month}-{day}"
        yield "RPPS", self.rpps
        yield "unknown RPPS", UNKNOWN_NUMBER
        yield "mobile", self.mobile[1:]
        yield "mobile as dialled", f"0{self.mobile[3:]}"
        yield "addresses", f"callistemon{self.number}"
        yield "weak password", WEAK
        for name in ("password", "other_password", "wrong_password"):
            yield name, getattr(self, name)


WEAK = "marmotte"


@define
class World:
    """What a story needs: a sandbox that others share, and a doctor of its own."""

    sandbox: Sandbox
    doctor: Doctor

    def __attrs_post_init__(self) -> None:
        doctor = self.doctor
        self.sandbox.registry.add(
            doctor.rpps, doctor.born, mobile=doctor.mobile, email=doctor.order_email
        )

    def calls(self, flow: str = "creation", session: str | None = None) -> Person:
        """The doctor begins a journey, about which they will ring."""
        doctor = self.doctor
        return Person(
            self.sandbox,
            flow,
            session,
            who=doctor.who,
            email=doctor.email,
            password=doctor.password,
        )

    def at_the_code(self, channel: str = "sms") -> Person:
        """They were sent a code."""
        return self.calls().waits(seconds=40).identifies().waits(seconds=20).asks_code(channel)

    def at_the_credentials(self) -> Person:
        """They typed it right."""
        return self.at_the_code().waits(seconds=50).types_code().waits(minutes=1)

    def has_account(self) -> None:
        """They made an account the day before."""
        doctor = self.doctor
        an_account(self.sandbox, doctor.email, who=doctor.who, password=doctor.password)
        self.sandbox.clock.advance(hours=25)

    def at_the_link(self) -> Person:
        """They have an account, and were sent a link."""
        self.has_account()
        return self.calls("reset").waits(seconds=30).asks_link()

    def at_the_settings(self) -> Person:
        """They have an account, signed in, and opened the settings."""
        self.has_account()
        return self.calls("settings", self.calls("signin").signs_in().session)


@frozen(kw_only=True)
class Call:
    """One story.

    ``name`` says what happened; ``says`` is what the caller says.  ``happens`` gives the person in
    the journey that the desk will read.  Then what the desk must find: ``cause``, an id of the
    catalogue; ``status``; and ``words``, which the right thing to do has, whoever wrote the
    catalogue.
    """

    name: str
    says: str
    happens: Callable[[World], Person]
    cause: str
    status: Status
    to_do: tuple[str, ...]
    heard: tuple[str, ...] = ()

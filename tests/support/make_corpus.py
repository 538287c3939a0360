"""Write the stored corpus of the present format: ``python -m tests.support.make_corpus``.

Run it when the format of the journal changes, under the new format's name; a corpus that is there
is never written again, since it stands for what lies in databases.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from monespace_flows.journal.entry import FORMAT
from monespace_flows.journal.export import StoredJournal, write_journeys
from monespace_flows.testing import Sandbox

from .people import CLAIRE, EVE, JOHN, RENE, Person, an_account

__all__ = ["CORPUS", "journeys", "people", "write"]

CORPUS = Path(__file__).parent / "corpus"


def people() -> Iterator[Person]:
    """People who together see most of what the journeys can show."""
    sandbox = Sandbox()
    yield from _identities(sandbox)
    yield from _codes(sandbox)
    yield from _credentials(sandbox)
    yield from _others(sandbox)


def _identities(sandbox: Sandbox) -> Iterator[Person]:
    wrong = ("16/07/1975", JOHN[1])
    yield Person(sandbox, "creation").identifies(wrong).identifies(wrong).identifies()
    yield Person(sandbox, "creation").identifies(("hier", "8" + JOHN[1]), terms=False)
    yield Person(sandbox, "creation").identifies(RENE).identifies(EVE)
    yield Person(sandbox, "recovery").identifies(EVE).waits(hours=1).identifies()
    yield Person(sandbox, "creation").waits(minutes=12).identifies().extends()
    yield Person(sandbox, "creation").identifies(CLAIRE).waits(hours=1).goes_back()


def _codes(sandbox: Sandbox) -> Iterator[Person]:
    def at_the_code(channel: str = "sms") -> Person:
        sandbox.clock.advance(hours=25)
        return Person(sandbox, "creation").identifies().asks_code(channel)

    yield at_the_code().types_code("12").types_wrong_code(5).types_code()
    yield at_the_code("email").asks_again().waits(minutes=2).asks_again().types_code()
    yield at_the_code().waits(minutes=9).extends().waits(minutes=3).types_code().extends()
    yield at_the_code().goes_back().goes_back().identifies().waits(minutes=2).asks_code()
    yield at_the_code().goes_back().asks_code()
    yield at_the_code().waits(hours=2).types_code()


def _credentials(sandbox: Sandbox) -> Iterator[Person]:
    sandbox.clock.advance(hours=25)
    person = Person(sandbox, "creation").identifies().asks_code().types_code()
    yield person.activates(again="x@y.example").activates(password="chat").activates("pas une")
    yield Person(sandbox, "creation").identifies(CLAIRE).asks_code("email").types_code().creates()
    yield an_account(sandbox)
    yield Person(sandbox, "creation").identifies()
    yield person.activates()


def _others(sandbox: Sandbox) -> Iterator[Person]:
    sandbox.clock.advance(hours=25)
    yield Person(sandbox, "signin").signs_in(password="faux").signs_in("personne@exemple.example")
    signed = Person(sandbox, "signin").signs_in()
    yield signed
    settings = Person(sandbox, "settings", signed.session).saves(current="faux").saves()
    yield settings.saves(password="chat").saves(password="dix bols de café noir")
    yield Person(sandbox, "reset").asks_link("personne@exemple.example")
    yield Person(sandbox, "reset").asks_link("pas une").asks_link().opens().saves_password("chat")
    yield Person(sandbox, "reset").asks_link().opens().saves_password("onze verres de lait froid")
    yield Person(sandbox, "reset").asks_link().waits(hours=30)
    found = Person(sandbox, "recovery").identifies().goes_back().identifies().goes_on()
    found.asks_code().types_code().activates().activates("nouvelle@exemple.example")
    yield found


def journeys() -> list[StoredJournal]:
    """Every journey, once and whole."""
    return [person.recorded() for person in {it.reference: it for it in people()}.values()]


def write(path: Path) -> None:
    """Write the corpus."""
    path.write_text("".join(write_journeys(journeys())), "utf-8", newline="\n")


if __name__ == "__main__":
    target = CORPUS / f"format-{FORMAT}.jsonl"
    if target.exists():
        raise SystemExit(f"{target.name} is there, and is never written again")
    write(target)

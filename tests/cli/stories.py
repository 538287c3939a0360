"""Journeys of invented people on a SQLite file that looks like a demo's, made in no time.

Every typed value is a marker that must show up nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from monespace_backends.storage import open_storage
from monespace_flows import Activate, RequestLink, SendCode, SubmitCode, SubmitIdentity
from monespace_flows.testing import Sandbox

__all__ = ["MARKERS", "Told", "folder_of_journeys", "tell_creation", "tell_reset", "writing"]

RPPS = "99000000002"
BIRTH_DATE = "17/06/1975"
WRONG_DATE = "19/12/1953"
EMAIL = "marqueur.adresse@cachette.example"
PASSWORD = "marqueur quatorze violons"
WEAK = "marqueur"

MARKERS = (
    RPPS,
    BIRTH_DATE,
    WRONG_DATE,
    "1975-06-17",
    "1953-12-19",
    "marqueur",
    "cachette",
    "+33612345678",
    "0612345678",
    "john.medecin",
)
"""What was typed, and what the registry holds of that doctor."""


@frozen
class Told:
    """A folder like a demo's, and the references of the journeys in it."""

    path: Path
    creation: str
    reset: str
    code: str

    @property
    def secrets(self) -> tuple[str, ...]:
        """Everything that no output may hold."""
        return (*MARKERS, self.code)


@contextmanager
def writing(path: Path) -> Iterator[Sandbox]:
    """Open journeys on a folder's database."""
    storage = open_storage(f"sqlite:///{path / 'monespace.db'}")
    try:
        yield Sandbox(storage=storage)
    finally:
        storage.close()


def tell_creation(box: Sandbox) -> tuple[str, str]:
    """A wrong date, a wrong code, a weak password, then an account; the reference and the code."""
    view = box.flows.start("creation")

    def identify(birth_date: str) -> None:
        box.flows.submit(
            view.token, SubmitIdentity(birth_date=birth_date, rpps=RPPS, accept_terms=True)
        )

    def activate(password: str) -> None:
        box.flows.submit(
            view.token,
            Activate(
                email=EMAIL,
                email_confirmation=EMAIL,
                password=password,
                password_confirmation=password,
            ),
        )

    identify(WRONG_DATE)
    box.clock.advance(minutes=2, seconds=39)
    identify(BIRTH_DATE)
    box.clock.advance(seconds=20)
    box.flows.submit(view.token, SendCode("sms"))
    code = box.messages[-1].code
    assert code is not None
    box.flows.submit(view.token, SubmitCode("000000" if code != "000000" else "111111"))
    box.clock.advance(minutes=1)
    box.flows.submit(view.token, SubmitCode(code))
    activate(WEAK)
    activate(PASSWORD)
    return view.reference, code


def tell_reset(box: Sandbox) -> str:
    """Someone asks for a link to an address that is no account's; the reference."""
    view = box.flows.start("reset")
    box.flows.submit(view.token, RequestLink("marqueur.inconnu@cachette.example"))
    return view.reference


def folder_of_journeys(path: Path) -> Told:
    """Make the folder."""
    with writing(path) as box:
        creation, code = tell_creation(box)
        box.clock.advance(minutes=5)
        reset = tell_reset(box)
    return Told(path, creation, reset, code)

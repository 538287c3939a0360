"""Forty calls to the desk, as data: what happened, why, and the right thing to do.

They happen to forty doctors in one database, each on days of their own, and are read by the
terminal, by the console and in a browser.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from attrs import frozen

from monespace_cli.access.place import DemoFolder
from monespace_flows.testing import Sandbox
from tests.replaying import check_replay, leave_alone
from tests.support.desk import Desk
from tests.support.people import Person

from .accounts import ACCOUNTS
from .creation import CREATION
from .messages import MESSAGES
from .told import Call, Doctor, World

__all__ = ["CALLS", "Happened", "alone", "folder_of_calls"]

CALLS: tuple[Call, ...] = (*CREATION, *ACCOUNTS, *MESSAGES)


@frozen(kw_only=True)
class Happened:
    """A call to be answered: its journey, when the caller rings, and what no page may hold."""

    call: Call
    doctor: Doctor
    reference: str
    at: datetime
    markers: dict[str, str]


def alone(name: str) -> Person:
    """Whoever a call is about, in a sandbox where nothing else happens."""
    (call,) = (it for it in CALLS if it.name == name)
    return call.happens(World(Sandbox(), Doctor(1)))


@cache
def _made() -> tuple[bytes, bytes, tuple[Happened, ...]]:
    with TemporaryDirectory() as directory:
        desk = Desk(Path(directory))
        happened = tuple(
            _happens(desk, Doctor(number), call) for number, call in enumerate(CALLS, start=1)
        )
        check_replay(desk.storage)
        leave_alone(desk.storage)
        desk.close()
        return desk.folder.database.read_bytes(), desk.folder.keys.read_bytes(), happened


def _happens(desk: Desk, doctor: Doctor, call: Call) -> Happened:
    sandbox = desk.sandbox
    before = len(sandbox.messages)
    person = call.happens(World(sandbox, doctor))
    markers = dict(doctor.markers())
    for number, message in enumerate(list(sandbox.messages)[before:]):
        if message.code:
            markers[f"code {number}"] = message.code
        if message.link:
            markers[f"link {number}"] = message.link_token
    markers["token"] = person.view.token
    if person.session:
        markers["session"] = person.session
    at = sandbox.clock.now()
    morning = (at + timedelta(days=2)).replace(hour=9, minute=0, second=0)
    sandbox.clock.advance(seconds=(morning - at).total_seconds())
    return Happened(call=call, doctor=doctor, reference=person.reference, at=at, markers=markers)


def folder_of_calls(path: Path) -> tuple[Happened, ...]:
    """Fill a folder like a demo's: a copy of what happened once a process."""
    database, keys, happened = _made()
    folder = DemoFolder(path)
    for file, content in ((folder.database, database), (folder.keys, keys)):
        file.touch(0o600)
        file.write_bytes(content)
    return happened

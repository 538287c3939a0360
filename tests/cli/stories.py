"""Journeys of invented people on a SQLite file that looks like a demo's, made in no time.

Every typed value is a marker that must show up nowhere.
"""

from __future__ import annotations

import socket
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from attrs import frozen

from monespace_backends.registry.file import write_demo_registry
from monespace_backends.storage import open_storage
from monespace_flows import Activate, RequestLink, SendCode, SubmitCode, SubmitIdentity
from monespace_flows.ports import Storage
from monespace_flows.testing import Sandbox
from tests.servers.storages import sqlite_file

__all__ = [
    "MARKERS",
    "SMTP_PASSWORD",
    "Told",
    "folder_of_journeys",
    "tell_creation",
    "tell_reset",
    "write_settings",
    "writing",
]

RPPS = "99000000002"
BIRTH_DATE = "17/06/1975"
WRONG_DATE = "19/12/1953"
EMAIL = "marqueur.adresse@cachette.example"
PASSWORD = "marqueur quatorze violons"
WEAK = "marqueur"
SMTP_PASSWORD = "marqueur-du-courrier"

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
    """A folder like a demo's, and the references of the journeys in it.

    ``storage`` is what wrote them, closed since.
    """

    path: Path
    storage: Storage
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
    file = path / "monespace.db"
    if not file.exists():
        sqlite_file(file)
    storage = open_storage(f"sqlite:///{file}")
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
    """Make the folder: a copy of one whose journeys were made once a process."""
    file, creation, reset, code = _journeys()
    database = path / "monespace.db"
    database.touch(0o600)
    database.write_bytes(file)
    with writing(path) as box:
        return Told(path, box.storage, creation, reset, code)


@cache
def _journeys() -> tuple[bytes, str, str, str]:
    with tempfile.TemporaryDirectory() as directory:
        with writing(Path(directory)) as box:
            creation, code = tell_creation(box)
            box.clock.advance(minutes=5)
            reset = tell_reset(box)
        return (Path(directory) / "monespace.db").read_bytes(), creation, reset, code


def free_port() -> int:
    """Find a port that nobody has taken yet."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def write_settings(path: Path, *, smtp_port: int = 1, database: str = "", more: str = "") -> Path:
    """Write settings, keys and a registry; the settings file."""
    keys = path / "keys"
    keys.touch(0o600)
    keys.write_bytes(b64encode(b"k" * 32))
    write_demo_registry(path / "registry.csv")
    config = path / "monespace.toml"
    port = free_port()  # the address people type must be the one that is served
    config.write_text(
        f"""
        base_url = "http://127.0.0.1:{port}"
        http.port = {port}
        database = "{database or f"sqlite:///{path / 'monespace.db'}"}"
        keys_file = "keys"
        registry = "registry.csv"
        {more}
        [smtp]
        host = "127.0.0.1"
        port = {smtp_port}
        tls = "none"
        sender = "ne-pas-repondre@monespace.example"
        password = "{SMTP_PASSWORD}"
        """
    )
    return config

"""Two processes roll from one key to another, in every order: one account for one person (FT-16).

At every stage both processes press the last button of a creation at once: for one doctor, and for
two doctors who choose one address.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import timedelta
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from threading import Thread

import pytest
from attrs import define, field

from monespace_backends.clock import SystemClock
from monespace_backends.emails import Emails
from monespace_backends.keyring import open_keys
from monespace_backends.resealing import count_rows, reseal
from monespace_backends.rotation import KeyRefused, add_key, promote_key, retire_key
from monespace_backends.secrets import KeyedSecrets, create_keys, read_keys
from monespace_backends.storage import SqlStorage, open_storage
from tests.forking import FORKS
from tests.servers import storages

from .roller import BORN, main, rpps_of, sandbox_under

on_sql = pytest.mark.parametrize("database", storages.SQL_ENGINES, indirect=True)


@define
class Roller:
    """A process under its own file of keys."""

    url: str
    keys: Path
    process: ForkServerProcess | None = None
    line: Connection[str, str] = field(init=False)

    def start(self) -> str:
        """Start it, anew perhaps; what it says."""
        self.stop()
        self.line, theirs = FORKS.Pipe()
        with theirs:
            self.process = FORKS.Process(target=main, args=(self.url, self.keys, theirs))
            self.process.start()
        return self.heard()

    def stop(self) -> None:
        """Let it end, if it runs."""
        if self.process is not None:
            with self.line, suppress(BrokenPipeError):  # one that was refused has ended
                self.tell("")
            self.process.join()
            self.process.close()
            self.process = None

    def restart(self) -> None:
        """End it, and start it on the file as it is now."""
        assert self.start() == "started"

    def tell(self, line: str) -> None:
        """Ask it something."""
        self.line.send(line)

    def heard(self) -> str:
        """What it answers."""
        return self.line.recv()


@define
class Service:
    """A database, the operator's storage, and two processes with files of keys of their own."""

    storage: SqlStorage
    file: Path
    rollers: dict[str, Roller]
    numbers: Iterator[int] = field(factory=count)

    def copy(self, name: str) -> None:
        """Bring the operator's file of keys to a process's machine."""
        self.rollers[name].keys.write_bytes(self.file.read_bytes())

    def contend(self) -> None:
        """Have both press at once: for one doctor, then for two with one address."""
        one, two, three = (next(self.numbers) for _ in range(3))
        told = self._press(one, one, f"a{one}@x.example", f"b{one}@x.example")
        assert sum(it.startswith("created") for it in told) == 1, told
        told = self._press(two, three, f"c{two}@x.example", f"c{two}@x.example")
        assert sum(it.startswith("created") for it in told) == 1, told

    def _press(self, one: int, two: int, *emails: str) -> list[str]:
        for roller, number, email in zip(self.rollers.values(), (one, two), emails, strict=True):
            roller.tell(f"prepare {rpps_of(number)} {email}")
            assert roller.heard() == "prepared"
        for roller in self.rollers.values():
            roller.tell("go")
        return [roller.heard() for roller in self.rollers.values()]

    def accounts(self) -> list[tuple[str, str]]:
        """Every account's number and address."""
        secrets = KeyedSecrets(read_keys(self.file))
        with self.storage.keys(writing=False) as stored:
            found = stored.accounts("", 1000)
        return [(secrets.unseal(it.sealed_rpps), secrets.unseal(it.sealed_email)) for it in found]

    def check(self) -> None:
        """One account for one number, and for one address."""
        for column in zip(*self.accounts(), strict=True):
            assert max(Counter(column).values()) == 1


@contextmanager
def service(url: str, path: Path) -> Iterator[Service]:
    file = path / "keys"
    create_keys(file)
    with ExitStack() as stack:
        storage = stack.enter_context(closing(open_storage(url)))
        rollers = {}
        for name in "AB":
            (path / name).touch(0o600)
            rollers[name] = Roller(url, path / name)
        found = Service(storage, file, rollers)
        for name, roller in rollers.items():
            found.copy(name)
            assert roller.start() == "started"
            stack.callback(roller.stop)
        yield found


@on_sql
@pytest.mark.slow
@pytest.mark.parametrize("last", ["AB", "BA"])
def test_ft_16_two_processes_roll_in_any_order(database: str, tmp_path: Path, last: str) -> None:
    """Add, bring round, promote, reseal, retire: at no moment are there two accounts for one.

    Both run the same program: whichever is the first is called A, and only then do orders differ.
    """
    first = "AB"
    with service(database, tmp_path) as it:
        old = read_keys(it.file).ids[0]
        it.contend()
        new = add_key(it.storage, it.file, SystemClock().now())
        it.contend()
        for name in first:
            with pytest.raises(KeyRefused, match="runs without it"):
                promote_key(it.storage, it.file, new, SystemClock().now())
            it.copy(name)
            it.rollers[name].restart()
            it.contend()
        promote_key(it.storage, it.file, None, SystemClock().now())
        it.contend()  # whoever has not looked yet writes under the old key
        it.rollers[last[0]].restart()
        it.contend()
        it.rollers[last[1]].restart()
        thread = Thread(target=_reseal, args=(it,))
        thread.start()
        it.contend()
        thread.join()
        _reseal(it)
        later = SystemClock().now() + timedelta(days=2)
        it.storage.purge(later, later)
        retire_key(it.storage, it.file, old, later, leaked=True)
        for name in last:
            it.copy(name)
            it.rollers[name].restart()
            it.contend()

        it.check()
        assert read_keys(it.file).ids == (new,)
        assert count_rows(it.storage, read_keys(it.file))[new].accounts == len(it.accounts())
        _everybody_signs_in(it)


def _reseal(it: Service) -> None:
    with closing(open_storage(it.rollers["A"].url)) as storage:
        reseal(storage, open_keys(storage, read_keys(it.file), SystemClock()), Emails())


def _everybody_signs_in(it: Service) -> None:
    sandbox = sandbox_under(it.storage, KeyedSecrets(read_keys(it.file)))
    from tests.journeys import acting

    for rpps, email in it.accounts():
        sandbox.registry.add(rpps, BORN, mobile="+33612345678")  # it is asked again at sign-in
        assert acting.sign_in(sandbox, email).state == "signed_in"


@on_sql
@pytest.mark.slow
def test_ft_16_a_key_put_on_top_by_hand_makes_no_second_account(
    database: str, tmp_path: Path
) -> None:
    """As one was told to rotate before: one process is restarted with the new key, one is not."""
    with service(database, tmp_path) as it:
        it.contend()
        create_keys(tmp_path / "fresh")
        keys = (tmp_path / "fresh").read_text() + it.file.read_text()
        it.rollers["A"].keys.write_text(keys)
        it.rollers["A"].restart()
        it.contend()
        it.file.write_text(keys)

        it.check()
        assert it.rollers["B"].start().startswith("refused: the database knows ")
        it.copy("B")
        assert it.rollers["B"].start() == "started"
        it.contend()
        it.check()

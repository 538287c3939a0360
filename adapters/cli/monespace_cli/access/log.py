"""The file of access records: lines of JSON, each holding the hash of the one before.

So an edit or a gap shows, and a line is on the disk before a reader sees a word.  (A file cut at
its end cannot be told from a shorter one: whoever must prove more copies the records elsewhere.)

A file that is there keeps its group and mode, so that an administrator may let several accounts
write in it; one that is not is made for the account that reads first, and for nobody else.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pwd
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from typing import Any, ClassVar

from attrs import asdict, evolve, frozen

from ..errors import Exit, Stop, in_french

__all__ = ["AccessLog", "AccessRecord", "account_of_process"]

_SCHEMA = "monespace/access/1"
_TAIL = 8192  # bytes; a record is a tenth of it


@frozen(kw_only=True)
class AccessRecord:
    """One reading; ``reference`` is a journey's, or ``MANY`` where many are read at once.

    That an account was erased is recorded in the same way, under ``ACCOUNT``: it is not named.
    So is what an operator does to waiting messages or the budget of SMS, under ``MESSAGES``.
    """

    MANY: ClassVar = "*"
    ACCOUNT: ClassVar = "account"
    MESSAGES: ClassVar = "messages"

    schema: str = _SCHEMA
    seq: int
    at: str
    actor: str
    command: str
    reference: str
    purpose: str
    ticket: str
    previous: str
    hash: str = ""

    def sealed(self) -> AccessRecord:
        """Add the hash of the rest."""
        return evolve(self, hash=_digest(asdict(self)))


class AccessLog:
    """The records in a file: added one by one, read as a whole."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(
        self,
        *,
        command: str,
        reference: str,
        purpose: str,
        ticket: str,
        actor: str | None = None,
    ) -> AccessRecord:
        """Add a record; it is on the disk when this returns.

        ``actor`` is who reads; without it, whoever started the program.

        Raises:
            Stop: it cannot be written, or the last record is not whole.
        """
        try:
            with self._locked() as file:
                last = self._last(file)
                record = AccessRecord(
                    seq=1 if last is None else last.seq + 1,
                    at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                    actor=account_of_process() if actor is None else actor,
                    command=command,
                    reference=reference,
                    purpose=purpose,
                    ticket=ticket,
                    previous="" if last is None else last.hash,
                ).sealed()
                _write(file, _dump(asdict(record)) + "\n")
        except PermissionError:
            raise _refused(self._not_allowed()) from None
        except OSError as error:
            raise _refused(f"{self._path} : {in_french(error)}") from None
        return record

    def read(self) -> tuple[AccessRecord, ...]:
        """Read every record, oldest first; none when there is no file yet.

        Raises:
            Stop: a record was edited, removed or moved; or the file cannot be read.
        """
        try:
            lines = self._path.read_text("utf-8").splitlines()
        except FileNotFoundError:
            return ()
        except PermissionError:
            raise Stop(Exit.REFUSED, self._not_allowed()) from None
        except (OSError, UnicodeDecodeError):
            raise Stop(Exit.DAMAGED, f"{self._path} ne peut pas être lu") from None
        records: list[AccessRecord] = []
        previous = ""
        for number, line in enumerate(lines, 1):
            record = _parsed(line)
            if record is None or record.seq != number or record.previous != previous:
                raise Stop(
                    Exit.DAMAGED,
                    f"{self._path} : la ligne {number} a été modifiée, ou il en manque avant elle",
                )
            records.append(record)
            previous = record.hash
        return tuple(records)

    def _not_allowed(self) -> str:
        """What an administrator does so that this account may write in it, as others do."""
        name = quote(str(self._path))
        try:
            self._path.lstat()
        except FileNotFoundError:
            return (
                f"ce compte ne peut pas créer {self._path}\n"
                "Pour que plusieurs comptes puissent y écrire, créez-le une fois pour toutes :\n"
                f"  install -m 0660 -g GROUPE /dev/null {name}"
            )
        except OSError:  # nothing is known of the file, so it must not be made anew
            return f"ce compte ne peut pas entrer dans {self._path.parent}"
        return (  # nor here: the records in it would be lost
            f"ce compte ne peut pas lire et écrire {self._path}\n"
            "Pour que plusieurs comptes le puissent, faites une fois pour toutes :\n"
            f"  chgrp GROUPE {name} && chmod 0660 {name}"
        )

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Open the file for one writer at a time."""
        flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            file = os.open(self._path, flags)
        except FileNotFoundError:
            file = os.open(self._path, flags | os.O_CREAT, 0o600)
            _sync_folder(self._path.parent)
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise _refused(f"{self._path} n'est pas un fichier")
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)  # the lock goes with it

    def _last(self, file: int) -> AccessRecord | None:
        size = os.fstat(file).st_size
        if size == 0:
            return None
        tail = os.pread(file, _TAIL, max(0, size - _TAIL)).decode("utf-8", "replace")
        record = _parsed(tail.removesuffix("\n").rpartition("\n")[2])
        if record is None or not tail.endswith("\n"):
            raise _refused(f"la dernière ligne de {self._path} n'est pas entière")
        return record


def account_of_process() -> str:
    """The person at the keyboard, also behind sudo."""
    user = os.getuid()
    if user == 0 and os.environ.get("SUDO_USER"):
        return os.environ["SUDO_USER"]
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return str(user)


def _write(file: int, line: str) -> None:
    size = os.fstat(file).st_size
    rest = line.encode()
    try:
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    except OSError:
        os.ftruncate(file, size)  # half a record would stop every later reading
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _refused(why: str) -> Stop:
    return Stop(
        Exit.REFUSED,
        f"la lecture ne peut pas être enregistrée, rien n'est montré : {why}",
        "the reading cannot be recorded, nothing is shown: tell the operators",
    )


def _parsed(line: str) -> AccessRecord | None:
    try:
        data = json.loads(line)
        record = AccessRecord(**data)
    except (ValueError, TypeError):
        return None
    return record if record.schema == _SCHEMA and record.hash == _digest(data) else None


def _digest(data: dict[str, Any]) -> str:
    unsigned = {name: value for name, value in data.items() if name != "hash"}
    return hashlib.sha256(_dump(unsigned).encode()).hexdigest()


def _dump(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

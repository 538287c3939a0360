"""The file of keys: one key of 256 bits a line, in base64, newest first.

Whoever reads it can open every sealed value and forge every digest, so a file that others may read
is refused rather than used.
"""

from __future__ import annotations

import binascii
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from secrets import token_bytes

from attrs import field, frozen

from monespace_flows.errors import Reasoned

__all__ = ["Keys", "KeysFault", "KeysInvalid", "create_keys", "read_keys"]

_SIZE = 32
_HEADER = """\
# The keys of Mon Espace: one a line, newest first. Put a new one above the others to change keys,
# and keep the old ones for as long as what they sealed: without them accounts cannot be read.
"""


class KeysFault(Enum):
    """Why a file of keys is refused."""

    EMPTY = "there is no key"
    SIZE = "a key is not of 256 bits"
    TWICE = "a key is there twice"
    UNREADABLE = "cannot be read ({error})"
    NOT_A_TEXT = "is not a text"
    NOT_A_FILE = "is not a file"
    OWNER = "belongs to another user"
    MODE = "others may read it, its mode is {mode:o}: chmod 600"
    NOT_BASE64 = "line {line} is not a key in base64"


class KeysInvalid(Reasoned[KeysFault]):
    """The file of keys cannot be used; the message says why and shows no key."""


def _sized(_: object, __: object, values: tuple[bytes, ...]) -> None:
    if not values:
        raise KeysInvalid(KeysFault.EMPTY)
    if any(len(value) != _SIZE for value in values):
        raise KeysInvalid(KeysFault.SIZE)
    if len(set(values)) != len(values):
        raise KeysInvalid(KeysFault.TWICE)


@frozen
class Keys:
    """An ordered list of keys of 256 bits, newest first."""

    values: tuple[bytes, ...] = field(repr=False, validator=_sized)


def read_keys(path: Path) -> Keys:
    """Read a file of keys.

    Raises:
        KeysInvalid: it is missing, others may read it, or a line is not a key.
    """
    try:
        return Keys(tuple(_parsed(_private_text(path))))
    except KeysInvalid as error:
        raise KeysInvalid(error.reason, path=path, **error.place) from None
    except OSError as error:
        raise KeysInvalid(KeysFault.UNREADABLE, path=path, error=error.strerror) from None
    except UnicodeDecodeError:
        raise KeysInvalid(KeysFault.NOT_A_TEXT, path=path) from None


def create_keys(path: Path) -> None:
    """Write a new file with one fresh key, readable by its owner only.

    Raises:
        FileExistsError: there is one already; it is left alone.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{_HEADER}{b64encode(token_bytes(_SIZE)).decode()}\n")
        file.flush()
        os.fsync(file.fileno())  # a key lost to a power cut takes every account with it


def _private_text(path: Path) -> str:
    with path.open(encoding="ascii") as file:
        status = os.fstat(file.fileno())  # of what was opened, whatever the name means by now
        if not stat.S_ISREG(status.st_mode):
            raise KeysInvalid(KeysFault.NOT_A_FILE)
        if status.st_uid != os.geteuid():
            raise KeysInvalid(KeysFault.OWNER)
        if stat.S_IMODE(status.st_mode) & ~0o600:
            raise KeysInvalid(KeysFault.MODE, mode=stat.S_IMODE(status.st_mode))
        return file.read()


def _parsed(text: str) -> Iterator[bytes]:
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].strip()
        if not words:
            continue
        try:
            yield b64decode(words, validate=True)
        except (binascii.Error, ValueError):
            # from None: the error below would hold the line.
            raise KeysInvalid(KeysFault.NOT_BASE64, line=number) from None

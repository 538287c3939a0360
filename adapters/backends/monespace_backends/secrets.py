"""The file of keys, and all that is made by them or by chance.

The file holds one key of 256 bits a line, in base64, newest first.  Whoever reads it can open every
sealed value and forge every digest, so a file that others may read is refused rather than used.
"""

from __future__ import annotations

import binascii
import os
import secrets
import stat
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Iterator
from enum import Enum
from hashlib import sha256
from hmac import digest
from pathlib import Path
from secrets import token_bytes

from attrs import field, frozen
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from monespace_flows.errors import PortUnavailable, Reasoned
from monespace_flows.ports import Purpose

__all__ = [
    "KeyedSecrets",
    "Keys",
    "KeysFault",
    "KeysInvalid",
    "create_keys",
    "read_keys",
]

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


# --- digests, sealing, tokens and codes ----------------------------------------------------------
# Every purpose has a key of its own, derived from each key of the list, so that a digest made for
# one is worth nothing for another.  What an old key made is still read; new things are made by the
# newest.

_PURPOSES: tuple[Purpose, ...] = ("subject", "email", "code", "press", "start")
_LABEL = b"monespace-flows/1/"


class KeyedSecrets:
    """Secrets under an ordered list of keys, newest first."""

    def __init__(self, keys: Keys) -> None:
        self._ids = tuple(_id(key) for key in keys.values)
        self._derived = {
            purpose: tuple(_derive(key, purpose) for key in keys.values) for purpose in _PURPOSES
        }
        sealing = [urlsafe_b64encode(_derive(key, "seal")) for key in keys.values]
        self._fernet = MultiFernet([Fernet(key) for key in sealing])

    def __repr__(self) -> str:
        return f"KeyedSecrets({', '.join(self._ids)})"

    def digests(self, purpose: Purpose, value: str) -> tuple[str, ...]:
        """Make keyed digests of ``value``, one for each key, newest first.

        Returns:
            ``id:hex``: the id of the key, and an HMAC-SHA-256.
        """
        text = value.encode("utf-8", "surrogatepass")
        return tuple(
            f"{key_id}:{digest(key, text, 'sha256').hex()}"
            for key_id, key in zip(self._ids, self._derived[purpose], strict=True)
        )

    def seal(self, text: str) -> str:
        """Encrypt and authenticate under the newest key."""
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Undo :meth:`seal` under any of the keys.

        Raises:
            PortUnavailable: none of them made it, or it was changed since.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise PortUnavailable("secrets") from None

    def token(self) -> str:
        """Draw 256 random bits, safe in a URL."""
        return secrets.token_urlsafe(32)

    def digits(self, count: int) -> str:
        """Draw that many random decimal digits, each number as likely as another."""
        return str(secrets.randbelow(10**count)).zfill(count)


def _derive(key: bytes, purpose: str) -> bytes:
    info = _LABEL + purpose.encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(key)


def _id(key: bytes) -> str:
    return sha256(_LABEL + b"id/" + key).hexdigest()[:8]

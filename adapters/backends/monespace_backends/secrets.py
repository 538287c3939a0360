"""The file of keys, and all that is made by them or by chance.

The file holds one key of 256 bits a line, in base64.  Whoever reads it can open every sealed value
and forge every digest, so a file that others may read is refused rather than used.  Which of its
keys is written under is noted in the database (:mod:`.keyring`), so that processes agree.
"""

from __future__ import annotations

import binascii
import os
import secrets
import stat
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from hashlib import sha256
from hmac import digest
from pathlib import Path
from secrets import token_bytes, token_hex

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
    "append_key",
    "create_keys",
    "put_key_first",
    "read_keys",
    "remove_key",
]

_SIZE = 32
_HEADER = """\
# The keys of Mon Espace, one a line. Without them accounts cannot be read: back this file up apart
# from the database, and change it by monespace keys add, promote, reseal and retire.
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
    LACKING = (
        "the database knows {ids}, which this file lacks: put that key back, from where the other "
        "processes or your backups have it. If it was added and never promoted: "
        "monespace keys retire ID"
    )
    OTHER = (
        "this is another service's file: the database knows {ids}, this file holds {held}. Put the "
        "right file back, or name the right database"
    )
    DIFFERS = (
        "key {ids} does not open what the database sealed under it: the file or the database was "
        "changed by hand. Put the file back from your backups"
    )


class KeysInvalid(Reasoned[KeysFault]):
    """The file of keys cannot be used; the message says why and shows no key.

    What to do: put the right file back: ``docs/how-to/keys.md``.
    """


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

    @property
    def ids(self) -> tuple[str, ...]:
        """Their ids, in their order: what digests begin with, and no secret."""
        return tuple(map(_id, self.values))

    def only(self, ids: Sequence[str]) -> Keys:
        """Those of some ids, in the order of the ids."""
        by_id = dict(zip(self.ids, self.values, strict=True))
        return Keys(tuple(by_id[one] for one in ids))


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


def append_key(path: Path) -> str:
    """Write a fresh key at the end of a file of keys; its id.

    Raises:
        KeysInvalid: the file cannot be used as it is.
        OSError: it cannot be written anew.
    """
    key = token_bytes(_SIZE)
    _rewrite(path, lambda lines: [*lines, b64encode(key).decode()])
    return _id(key)


def put_key_first(path: Path, key_id: str) -> None:
    """Move a key before the others: a program that does not ask the database writes under it.

    Raises:
        KeysInvalid: the file cannot be used as it is.
        OSError: it cannot be written anew.
    """

    def moved(lines: list[str]) -> list[str]:
        ids = [_id_of(line) for line in lines]
        first = next(place for place, one in enumerate(ids) if one is not None)
        here = ids.index(key_id)
        rest = [*lines[:here], *lines[here + 1 :]]
        return [*rest[:first], lines[here], *rest[first:]]

    _rewrite(path, moved)


def remove_key(path: Path, key_id: str) -> None:
    """Take a key out of a file of keys, if it is there.

    Raises:
        KeysInvalid: the file cannot be used as it is, or would be empty.
        OSError: it cannot be written anew.
    """
    _rewrite(path, lambda lines: [line for line in lines if _id_of(line) != key_id])


def _rewrite(path: Path, edit: Callable[[list[str]], list[str]]) -> None:
    read_keys(path)
    file = path.resolve()  # a link stays a link
    lines = edit(_private_text(file).splitlines())
    Keys(tuple(_parsed("\n".join(lines))))
    fresh = file.with_name(f".{file.name}.{token_hex(4)}")
    try:
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write("".join(f"{line}\n" for line in lines))
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _id_of(line: str) -> str | None:
    return next(map(_id, _parsed(line)), None)


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

_PURPOSES: tuple[Purpose, ...] = (
    "subject",
    "email",
    "code",
    "press",
    "start",
    "destination",
    "journal",
    "head",
    "client",
)
_LABEL = b"monespace-flows/1/"


@frozen
class _Ring:
    """What is made of the keys in use, the one that is written under first."""

    ids: tuple[str, ...]
    derived: dict[Purpose, tuple[bytes, ...]] = field(repr=False)
    fernets: tuple[Fernet, ...] = field(repr=False)

    @classmethod
    def of(cls, keys: Keys) -> _Ring:
        return cls(
            keys.ids,
            {purpose: tuple(_derive(key, purpose) for key in keys.values) for purpose in _PURPOSES},
            tuple(Fernet(urlsafe_b64encode(_derive(key, "seal"))) for key in keys.values),
        )


class KeyedSecrets:
    """Secrets under an ordered list of keys: new things are made under the first."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        # Replaced as a whole: a thread sees the keys as they were or as they are.
        self._ring: _Ring | None = _Ring.of(keys)

    def __repr__(self) -> str:
        return f"KeyedSecrets({', '.join(self.ids)})"

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the keys in use, the one that is written under first; none while refusing."""
        return self._ring.ids if self._ring else ()

    def use(self, ids: Sequence[str]) -> None:
        """Use these of its keys only, and write under the first."""
        if tuple(ids) != self.ids:
            self._ring = _Ring.of(self._keys.only(ids))

    def refuse(self) -> None:
        """Do nothing more under any key until :meth:`use`: what is made might be made twice."""
        self._ring = None

    def digests(self, purpose: Purpose, value: str) -> tuple[str, ...]:
        """Make keyed digests of ``value``, one for each key, newest first.

        Returns:
            ``id:hex``: the id of the key, and an HMAC-SHA-256.
        """
        text, ring = value.encode("utf-8", "surrogatepass"), self._sound()
        return tuple(
            f"{key_id}:{digest(key, text, 'sha256').hex()}"
            for key_id, key in zip(ring.ids, ring.derived[purpose], strict=True)
        )

    def seal(self, text: str) -> str:
        """Encrypt and authenticate under the newest key."""
        return self._sound().fernets[0].encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Undo :meth:`seal` under any of the keys.

        Raises:
            PortUnavailable: none of them made it, or it was changed since.
        """
        try:
            return MultiFernet(self._sound().fernets).decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise PortUnavailable("secrets") from None

    def sealed_under(self, sealed: str) -> str | None:
        """Find the id of the key that sealed a value; ``None`` when it is none in use."""
        ring = self._sound()
        for key_id, fernet in zip(ring.ids, ring.fernets, strict=True):
            try:
                fernet.decrypt(sealed.encode())
            except InvalidToken:
                continue
            return key_id
        return None

    def _sound(self) -> _Ring:
        if self._ring is None:
            raise PortUnavailable("secrets")
        return self._ring

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

"""Memory twins of the ports that only serve: clock, addresses, messages, passwords, secrets."""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256, shake_256
from hmac import compare_digest
from itertools import count
from threading import Lock

from attrs import frozen

from ..errors import DeliveryRefused, PortBusy, PortUnavailable
from ..ports import EmailAddress, Message, Purpose
from ..rules.typed import unmistakable

__all__ = ()


class Faults:
    """The failures that a memory port still owes; ``error`` makes each of them."""

    def __init__(self, error: Callable[[], PortUnavailable]) -> None:
        self._error = error
        self._owed = 0
        self._lock = Lock()

    def order(self, times: int) -> None:
        """Make the next ``times`` calls fail; 0 takes the order back."""
        with self._lock:
            self._owed = times

    def strike(self) -> None:
        """Raise an error when one is owed.

        Raises:
            PortUnavailable: a failure was ordered.
        """
        with self._lock:
            if not self._owed:
                return
            self._owed -= 1
        raise self._error()


# --- the clock -----------------------------------------------------------------------------------


class MemoryClock:
    """Stands still at ``at`` (UTC) until it is moved; it may be moved back."""

    def __init__(self, at: datetime | None = None) -> None:
        self._now = at or datetime(2026, 11, 22, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        """The present instant."""
        return self._now

    def advance(self, *, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Move on by that much; returns the new present."""
        self._now += timedelta(hours=hours, minutes=minutes, seconds=seconds)
        return self._now


# --- e-mail addresses ----------------------------------------------------------------------------

_ATOM = r"[A-Za-z0-9#$&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*", re.ASCII)
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+(?![0-9]+$){_LABEL}", re.ASCII)
_NOWHERE = re.compile(r"(.*\.)?(localhost|local|invalid|test|onion|arpa)", re.ASCII)


class MemoryEmails:
    """Reads addresses without a library: ASCII before the at sign, a real domain after it."""

    def read(self, typed: str) -> EmailAddress | None:
        """Read one address, or ``None`` if it is not exactly one that can receive mail."""
        local, at, domain = (unmistakable(typed) or "").partition("@")
        if not at:
            return None
        host = _ascii(domain)
        if host is None or not 0 < len(local) <= 64 or len(local) + 1 + len(host) > 254:
            return None
        if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(host) or _NOWHERE.fullmatch(host):
            return None
        return EmailAddress(f"{local}@{domain.lower()}", f"{local.casefold()}@{host}")


def _ascii(domain: str) -> str | None:
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None


# --- messages ------------------------------------------------------------------------------------


@frozen(kw_only=True)
class DeliveredMessage:
    """A message as its receiver reads it; ``link`` is the whole address of a one-time link."""

    id: str
    at: datetime
    channel: str
    purpose: str
    to: str
    subject: str | None
    text: str
    code: str | None
    link: str | None
    language: str = "fr"

    @property
    def link_token(self) -> str:
        """The secret part of the link."""
        return (self.link or "").rpartition("/")[2]


class MemoryMessaging:
    """Delivers into a list: iterate, index and count it like one, newest last."""

    def __init__(self) -> None:
        self._delivered: list[DeliveredMessage] = []
        self._faults = Faults(lambda: PortUnavailable("messaging"))
        self._refusals = Faults(lambda: DeliveryRefused("messaging"))

    def fail_next(self, times: int = 1) -> None:
        """Make the next deliveries fail."""
        self._faults.order(times)

    def refuse_next(self, times: int = 1) -> None:
        """Make the next deliveries be refused for good."""
        self._refusals.order(times)

    def deliver(self, message: Message) -> None:
        """Keep one message."""
        self._faults.strike()
        self._refusals.strike()
        lines = (*message.paragraphs, message.link_url)
        self._delivered.append(
            DeliveredMessage(
                id=message.id,
                at=message.at,
                channel=message.channel.value,
                purpose=message.purpose,
                to=message.to,
                subject=message.subject,
                text="\n".join(line for line in lines if line),
                code=message.code,
                link=message.link_url,
                language=message.language,
            )
        )

    def to(self, destination: str) -> list[DeliveredMessage]:
        """What one mobile number or address received, newest last."""
        return [message for message in self._delivered if message.to == destination]

    def __iter__(self) -> Iterator[DeliveredMessage]:
        return iter(self._delivered)

    def __len__(self) -> int:
        return len(self._delivered)

    def __getitem__(self, place: int) -> DeliveredMessage:
        return self._delivered[place]


# --- passwords: one SHA-256, where a real store needs a slow hash --------------------------------

_SCHEME = "memory"
_COMMON = ("motdepasse", "password", "azerty", "qwerty", "medecin", "médecin", "12345", "abcd")


class MemoryPasswords:
    """Hashes fast, and counts: ``verifications`` and ``hashes`` are how many were made so far."""

    def __init__(self) -> None:
        self.verifications = 0
        self.hashes = 0
        self._generation = 1
        self._salts = count(1)
        self._lock = Lock()
        self._faults = Faults(lambda: PortBusy("passwords"))

    def change_parameters(self) -> None:
        """Make every hash so far outdated."""
        self._generation += 1

    def fail_next(self, times: int = 1) -> None:
        """Make the next ``times`` hashes or verifications fail with ``PortBusy``."""
        self._faults.order(times)

    def hash(self, password: str) -> str:
        """Hash under the present parameters, each time with another salt."""
        self._faults.strike()
        with self._lock:
            self.hashes += 1
        return self._write(password, str(self._generation), str(next(self._salts)))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Compare; with no hash, or none of ours, spend the same work and answer False."""
        self._faults.strike()
        with self._lock:
            self.verifications += 1
        kept = password_hash or ""
        scheme, _, rest = kept.partition("$")
        generation, _, rest = rest.partition("$")
        salt, _, _ = rest.partition("$")
        expected = self._write(password, generation, salt)
        same = compare_digest(expected.encode(), kept.encode())
        return same and scheme == _SCHEME

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made before the last change of parameters."""
        return not password_hash.startswith(f"{_SCHEME}${self._generation}$")

    def score(self, password: str, personal: Sequence[str]) -> int:
        """Estimate by length and variety: a point for four characters, at least two different.

        A common or personal word counts as one character, so that ``motdepasse2026`` scores 1,
        ``aaaaaaaaaaaa`` scores 0, and twelve characters of six kinds score 3.
        """
        rest = password.casefold()
        for word in (*_COMMON, *(value.casefold() for value in personal)):
            if len(word) > 3:
                rest = rest.replace(word, word[0])
        return min(4, len(rest) // 4, len(set(rest)) // 2)

    def _write(self, password: str, generation: str, salt: str) -> str:
        text = f"{generation}${salt}${password}"
        digest = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return f"{_SCHEME}${generation}${salt}${digest}"


class MemoryBlocklist:
    """Lists what it was given."""

    def __init__(self, *listed: str) -> None:
        self._listed = frozenset(listed)

    def contains(self, password: str) -> bool:
        """Whether it is listed, spelled like this."""
        return password in self._listed


# --- secrets -------------------------------------------------------------------------------------
# The sealing hides a text and notices a change, which is what a test wants to see.  It is a toy:
# anyone who has the seed has the keys.


class MemorySecrets:
    """Keys and chance, all made from ``seed``; :meth:`rotate` brings a new key.

    ``chance`` makes two of one seed have the same keys, and draw differently.
    """

    def __init__(self, seed: str = "seed", *, chance: str = "") -> None:
        self._seed = seed.encode()
        self._chance = chance.encode()
        self._generations = count(1)
        self._draws = count(1)
        self._keys: tuple[bytes, ...] = (self._new_key(),)
        self._faults = Faults(lambda: PortUnavailable("secrets"))

    def __repr__(self) -> str:
        return f"MemorySecrets({len(self._keys)} keys)"

    def rotate(self) -> None:
        """Put a new key before the others, which are still read."""
        self._keys = (self._new_key(), *self._keys)

    def forget_oldest(self) -> None:
        """Drop the oldest key: what only it can open is lost."""
        self._keys = self._keys[:-1]

    def fail_next(self, times: int = 1) -> None:
        """Make the next ``times`` calls fail with ``PortUnavailable``."""
        self._faults.order(times)

    def digests(self, purpose: Purpose, value: str) -> tuple[str, ...]:
        """Make keyed digests of ``value``, one for each key, newest first."""
        self._faults.strike()
        text = value.encode("utf-8", "surrogatepass")
        return tuple(f"{_id(key)}:{_mac(_derive(key, purpose), text).hex()}" for key in self._keys)

    def seal(self, text: str) -> str:
        """Hide a text under the newest key."""
        self._faults.strike()
        key = _derive(self._keys[0], "seal")
        nonce = self._draw(16)
        body = nonce + _crossed(text.encode(), key, nonce)
        return urlsafe_b64encode(_mac(key, body) + body).decode()

    def unseal(self, sealed: str) -> str:
        """Undo :meth:`seal` under any key."""
        self._faults.strike()
        for key in (_derive(key, "seal") for key in self._keys):
            text = _opened(sealed, key)
            if text is not None:
                return text
        raise PortUnavailable("secrets")

    def token(self) -> str:
        """Draw the next 256 bits."""
        self._faults.strike()
        return urlsafe_b64encode(self._draw(32)).decode().rstrip("=")

    def digits(self, count: int) -> str:
        """Draw the next digits."""
        self._faults.strike()
        return str(int.from_bytes(self._draw(16)) % 10**count).zfill(count)

    def _new_key(self) -> bytes:
        return _mac(self._seed, b"key %d" % next(self._generations))

    def _draw(self, size: int) -> bytes:
        return _mac(self._seed, b"draw %d%s" % (next(self._draws), self._chance))[:size]


def _mac(key: bytes, value: bytes) -> bytes:
    return hmac.digest(key, value, "sha256")


def _derive(key: bytes, purpose: str) -> bytes:
    return _mac(key, purpose.encode())


def _id(key: bytes) -> str:
    return sha256(b"id" + key).hexdigest()[:8]


def _crossed(text: bytes, key: bytes, nonce: bytes) -> bytes:
    stream = shake_256(key + nonce).digest(len(text))
    crossed = int.from_bytes(text) ^ int.from_bytes(stream)
    return crossed.to_bytes(len(text))


def _opened(sealed: str, key: bytes) -> str | None:
    try:
        data = urlsafe_b64decode(sealed)
    except ValueError:
        return None
    tag, body = data[:32], data[32:]
    if not hmac.compare_digest(tag, _mac(key, body)):
        return None
    return _crossed(body[16:], key, body[:16]).decode()

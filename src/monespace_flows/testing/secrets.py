"""Secrets in memory, for tests only: the same seed draws the same tokens, codes and keys.

The sealing hides a text and notices a change, which is what a test wants to see.  It is a toy:
anyone who has the seed has the keys.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256, shake_256
from itertools import count

from ..errors import PortUnavailable
from ..ports import Purpose
from .faults import Faults

__all__ = ["MemorySecrets"]


class MemorySecrets:
    """Keys and chance, all made from ``seed``; :meth:`rotate` brings a new key."""

    def __init__(self, seed: str = "seed") -> None:
        self._seed = seed.encode()
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
        return _mac(self._seed, b"draw %d" % next(self._draws))[:size]


def _mac(key: bytes, value: bytes) -> bytes:
    return hmac.digest(key, value, "sha256")


def _derive(key: bytes, purpose: str) -> bytes:
    return _mac(key, purpose.encode())


def _id(key: bytes) -> str:
    return sha256(b"id" + key).hexdigest()[:8]


def _crossed(text: bytes, key: bytes, nonce: bytes) -> bytes:
    stream = shake_256(key + nonce).digest(len(text))
    return bytes(left ^ right for left, right in zip(text, stream, strict=True))


def _opened(sealed: str, key: bytes) -> str | None:
    try:
        data = urlsafe_b64decode(sealed)
    except ValueError:
        return None
    tag, body = data[:32], data[32:]
    if not hmac.compare_digest(tag, _mac(key, body)):
        return None
    return _crossed(body[16:], key, body[:16]).decode()

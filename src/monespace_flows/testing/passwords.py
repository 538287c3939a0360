"""Passwords in memory, for tests only: one SHA-256, where a real store needs a slow hash."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest
from itertools import count
from threading import Lock

from ..errors import PortBusy
from .faults import Faults

__all__ = ["MemoryPasswords"]

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

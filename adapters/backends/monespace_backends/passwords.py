"""Passwords: how hard they are to guess, and argon2id, a few at a time.

Strength is zxcvbn's, with the words that French doctors would choose.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from importlib import resources
from itertools import product, zip_longest
from secrets import token_bytes
from threading import BoundedSemaphore

from argon2 import Parameters, PasswordHasher
from argon2.exceptions import HashingError, VerificationError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY
from zxcvbn_rs_py import zxcvbn

from monespace_flows.errors import PortBusy, PortUnavailable

from .hashes import HashRefused, Matches, earlier_hash

__all__ = [
    "Argon2Passwords",
    "read_words",
    "strength",
]

# What follows can only help.  zxcvbn tries every way to read signs as the letters that they could
# stand for, and lets no other thread run meanwhile: what is scored is bounded in length and in
# kinds of such signs, so that nothing takes much longer than 10 ms.  Cut at its shortest, a
# password of drawn signs is still at the top of the scale.
_LONGEST = 40
_SHORTEST = 16
_KINDS = 8
_FOR_LETTERS = frozenset("4@8({[<369&#!1/|0$5+7%2")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "’": "'"})
_SEPARATORS = re.compile(r"[\s._-]+")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def strength(password: str, personal: Sequence[str]) -> int:
    """Estimate how hard a password is to guess, 0 to 4.

    Args:
        password: the password, normalised.
        personal: what a guesser may know of the person: address, name, number.

    Returns:
        The lowest score of the password as it is, without its accents and without what stands
        between its words: guessers try all of these.
    """
    known = list(_personal_words(personal))
    forms = map(_cut, _forms(password[: 2 * _LONGEST]))
    return min(_score(form, [*known, *_our_words().those_in(form)]) for form in forms)


def _cut(password: str) -> str:
    """What is scored: the first signs, fewer where they could be read in many ways."""
    kinds: set[str] = set()
    for place, sign in enumerate(password[:_LONGEST]):
        kinds.update(_FOR_LETTERS.intersection(sign))
        if len(kinds) > _KINDS:
            return password[: max(place, _SHORTEST)]
    return password[:_LONGEST]


def _forms(password: str) -> set[str]:
    # A lone surrogate is no text to the estimate, and its error would carry the password.
    text = password.encode("utf-8", "replace").decode()
    plain = _plain(text)
    return {text, plain, _SEPARATORS.sub("", plain)}


def _score(password: str, words: list[str]) -> int:
    return int(zxcvbn(password, words).score) if password else 0


# Signs that may stand for each other count as one here, so that no word is overlooked that the
# estimate could find under any of its readings.
_ALIKE = ("a4@", "b8", "c({[<", "e3", "g69&#", "lit1!/|7+", "o0", "s$5", "x%", "z2")
_AS_ONE = {ord(sign): alike[0] for alike in _ALIKE for sign in alike}
_START = 3


class _Words:
    """Our words, most usual first, and where each begins: few of them are in any one password.

    The estimate takes as long to be told all of them as it takes for everything else.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._nothing = [""] * len(words)  # a word's place tells how soon it is guessed
        self._begin: dict[str, list[tuple[int, str, str]]] = {}
        for place, word in enumerate(words):
            form = word.translate(_AS_ONE)
            self._begin.setdefault(form[:_START], []).append((place, form, word))

    def those_in(self, password: str) -> list[str]:
        """Every word in its place, up to the last that may be in a password; the others empty."""
        found, last = self._nothing.copy(), -1
        forward = password.lower().translate(_AS_ONE)
        for text in (forward, forward[::-1]):
            for at, size in product(range(len(text)), range(1, _START + 1)):
                for place, form, word in self._begin.get(text[at : at + size], ()):
                    if text.startswith(form, at):
                        found[place] = word
                        last = max(last, place)
        return found[: last + 1]


@cache
def _our_words() -> _Words:
    # In turns: an earlier word is guessed sooner, and both lists have their commonest first.
    turns = zip_longest(read_words("site_words"), read_words("french_words"))
    return _Words(tuple(dict.fromkeys(word for turn in turns for word in turn if word)))


def read_words(name: str) -> list[str]:
    """Read one of our own lists of words, most usual first."""
    text = resources.files(__package__).joinpath("data", f"{name}.txt").read_text("utf-8")
    lines = (line.partition("#")[0] for line in text.splitlines())
    return list(dict.fromkeys(word for line in lines for word in line.split()))


def _personal_words(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        for form in (value.lower(), _plain(value).lower()):
            yield form
            yield from (part for part in _NOT_WORD.split(form) if len(part) > 2)


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


# --- argon2id ------------------------------------------------------------------------------------
# A hash takes 64 MiB and all cores for a moment.  Whoever asks while ``concurrency`` others are at
# it waits a little, then is told to come back: a flood of sign-ins must not eat the memory.

_BASE64 = "[A-Za-z0-9+/]+"
_ENCODED = re.compile(
    rf"\$argon2(?:id|i|d)\$v=[0-9]+\$m=[0-9]+,t=[0-9]+,p=[0-9]+\${_BASE64}\${_BASE64}"
)


class Argon2Passwords:
    """Hashes under ``parameters`` (argon2-cffi's defaults), at most ``concurrency`` at once."""

    def __init__(
        self,
        parameters: Parameters = RFC_9106_LOW_MEMORY,
        *,
        concurrency: int = 4,
        wait: timedelta = timedelta(seconds=5),
    ) -> None:
        self._hasher = PasswordHasher.from_parameters(parameters)
        self._nobodys = _hash_of_nothing(parameters)
        self._places = BoundedSemaphore(concurrency)
        self._wait = wait.total_seconds()

    def hash(self, password: str) -> str:
        """Hash under the present parameters.

        Raises:
            PortBusy: too many others are at it.
            PortUnavailable: there is no memory left for it.
        """
        with self._place():
            try:
                return self._hasher.hash(_encoded(password))
            except HashingError as error:
                raise PortUnavailable("passwords") from error

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Compare; with no hash, or an unreadable one, spend the same work and answer False.

        One that was imported from an earlier site takes its own work, which is bounded.

        Raises:
            PortBusy: too many others are at it.
            PortUnavailable: there is no memory left for it.
        """
        readable = password_hash is not None and _ENCODED.fullmatch(password_hash)
        earlier = _of_earlier_site(password_hash)
        with self._place():
            if earlier is not None:
                return earlier(_encoded(password))
            return self._same(readable.group() if readable else self._nobodys, password)

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made under other parameters than the present ones."""
        readable = _ENCODED.fullmatch(password_hash)
        return readable is None or self._hasher.check_needs_rehash(password_hash)

    def score(self, password: str, personal: Sequence[str]) -> int:
        """Estimate how hard it is to guess, 0 to 4, knowing the person's own words."""
        return strength(password, personal)

    def _same(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, _encoded(password))
        except VerifyMismatchError:
            return False
        except VerificationError as error:
            raise PortUnavailable("passwords") from error

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self._wait):
            raise PortBusy("passwords")
        try:
            yield
        finally:
            self._places.release()


def _of_earlier_site(password_hash: str | None) -> Matches | None:
    try:
        return None if password_hash is None else earlier_hash(password_hash)
    except HashRefused:
        return None  # as any that cannot be read: nobody's password


def _encoded(password: str) -> bytes:
    # An error of the encoding would carry the password: let lone surrogates through as they are.
    return password.encode("utf-8", "surrogatepass")


def _hash_of_nothing(parameters: Parameters) -> str:
    # Drawn, not computed: verifying against it takes the same work, and no password fits it.
    salt, tag = (
        b64encode(token_bytes(size)).decode().rstrip("=")
        for size in (parameters.salt_len, parameters.hash_len)
    )
    work = f"m={parameters.memory_cost},t={parameters.time_cost},p={parameters.parallelism}"
    return f"$argon2id$v={parameters.version}${work}${salt}${tag}"

"""Hashes of passwords that an earlier site made: Drupal 7, bcrypt and PBKDF2, verified only.

None is ever made here: whoever signs in with one has it replaced by argon2id at once.  Whoever
writes such a hash chooses the work that each sign-in takes, so the work is bounded: a hash beyond
that is refused when accounts are imported, and matches nothing.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable
from functools import partial
from hashlib import md5, pbkdf2_hmac, sha512
from hmac import compare_digest
from typing import Final

import bcrypt
from argon2 import extract_parameters
from argon2.exceptions import InvalidHashError

__all__ = ["HashRefused", "Matches", "check_hash", "earlier_hash"]

Matches = Callable[[bytes], bool]
"""Says whether a password is the one that was hashed."""

_LONGEST: Final = 512  # characters
# Each costs about a third of a second at its most, on a machine of 2026.
_DRUPAL_ROUNDS: Final = 17  # as a power of two; Drupal 7 made 15
_BCRYPT_COST: Final = 12
_PBKDF2_ROUNDS: Final = 1_000_000
_ARGON2_MEMORY, _ARGON2_TIME, _ARGON2_LANES = 262_144, 10, 16

_ITOA64: Final = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SIGN: Final = "[./0-9A-Za-z]"
_DRUPAL = re.compile(rf"(U?)\$S\$({_SIGN})({_SIGN}{{8}})({_SIGN}{{43}})")
_DRUPAL_LONGEST: Final = 512  # bytes; Drupal takes no longer password
_BCRYPT = re.compile(rf"\$2[aby]\$([0-9]{{2}})\${_SIGN}{{53}}")
_BCRYPT_READS: Final = 72  # bytes of a password; PHP passes over the others
_DJANGO = re.compile(r"pbkdf2_(sha1|sha256|sha512)\$([0-9]{1,9})\$([^$]+)\$([A-Za-z0-9+/]+=*)")
_PASSLIB = re.compile(rf"\$pbkdf2(?:-(sha256|sha512))?\$([0-9]{{1,9}})\$({_SIGN}+)\$({_SIGN}+)")
_SIZES: Final = {"sha1": 20, "sha256": 32, "sha512": 64}


class HashRefused(ValueError):
    """A hash of a password cannot be used; the message says why, and shows nothing of it."""


def check_hash(text: str) -> None:
    """Check that a hash can be verified by us, with bounded work.

    Raises:
        HashRefused: it cannot.
    """
    if earlier_hash(text) is None:
        _check_argon2(text)


def earlier_hash(text: str) -> Matches | None:
    """Read a hash of an earlier site; ``None`` when it is of none that is known.

    Raises:
        HashRefused: it is one, and would take too much work.
    """
    if len(text) > _LONGEST:
        raise HashRefused("is longer than any that is known")
    for shape, read in _SHAPES:
        found = shape.fullmatch(text)
        if found is not None:
            return read(found)
    return None


def _check_argon2(text: str) -> None:
    try:
        made = extract_parameters(text)
    except InvalidHashError:
        raise HashRefused(
            "is none of argon2, bcrypt ($2y$), Drupal 7 ($S$) and PBKDF2 (Django's or passlib's)"
        ) from None
    bounds = (_ARGON2_MEMORY, _ARGON2_TIME, _ARGON2_LANES)
    costs = (made.memory_cost, made.time_cost, made.parallelism)
    if any(cost > most for cost, most in zip(costs, bounds, strict=True)):
        raise HashRefused("would take too much work each time somebody signs in")


def _bounded(cost: int, least: int, most: int) -> int:
    if not least <= cost <= most:
        told = "would take too much work each time somebody signs in"
        raise HashRefused(told if cost > most else "says a cost that none has")
    return cost


# --- Drupal 7 ------------------------------------------------------------------------------------


def _drupal(found: re.Match[str]) -> Matches:
    updated, sign, salt, kept = found.groups()
    rounds = _bounded(_ITOA64.index(sign), 7, _DRUPAL_ROUNDS)
    return partial(_is_drupal, bool(updated), rounds, salt.encode(), kept)


def _is_drupal(is_updated: bool, rounds: int, salt: bytes, kept: str, password: bytes) -> bool:
    fits = len(password) <= _DRUPAL_LONGEST
    if is_updated:  # one of Drupal 6, hashed once more when the site became Drupal 7
        password = md5(password, usedforsecurity=False).hexdigest().encode()
    digest = sha512(salt + password).digest()
    for _ in range(2**rounds):
        digest = sha512(digest + password).digest()
    return compare_digest(_itoa64(digest)[:43], kept) and fits


def _itoa64(digest: bytes) -> str:
    """Write bytes as phpass does: three of them, the lowest first, as four signs."""
    signs = []
    for at in range(0, len(digest), 3):
        part = digest[at : at + 3]
        number = int.from_bytes(part, "little")
        signs += [_ITOA64[number >> 6 * place & 63] for place in range(len(part) + 1)]
    return "".join(signs)


# --- bcrypt and PBKDF2 ---------------------------------------------------------------------------


def _bcrypt(found: re.Match[str]) -> Matches:
    _bounded(int(found[1]), 4, _BCRYPT_COST)
    return partial(_is_bcrypt, found[0].encode())


def _is_bcrypt(kept: bytes, password: bytes) -> bool:
    return bcrypt.checkpw(password[:_BCRYPT_READS], kept)


def _django(found: re.Match[str]) -> Matches:
    name, rounds, salt, kept = found.groups()
    return _pbkdf2(name, int(rounds), salt.encode(), kept)


def _passlib(found: re.Match[str]) -> Matches:
    name, rounds, salt, kept = found.groups()
    usual = [text.replace(".", "+") + "=" * (-len(text) % 4) for text in (salt, kept)]
    return _pbkdf2(name or "sha1", int(rounds), _decoded(usual[0]), usual[1])


def _pbkdf2(name: str, rounds: int, salt: bytes, kept: str) -> Matches:
    digest = _decoded(kept)
    if len(digest) != _SIZES[name]:
        raise HashRefused("is cut")
    return partial(_is_pbkdf2, name, _bounded(rounds, 1, _PBKDF2_ROUNDS), salt, digest)


def _is_pbkdf2(name: str, rounds: int, salt: bytes, kept: bytes, password: bytes) -> bool:
    return compare_digest(pbkdf2_hmac(name, password, salt, rounds), kept)


def _decoded(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise HashRefused("is cut") from None


_SHAPES: Final = (
    (_DRUPAL, _drupal),
    (_BCRYPT, _bcrypt),
    (_DJANGO, _django),
    (_PASSLIB, _passlib),
)

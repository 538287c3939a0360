"""Rules of secrets: digests, seals, chance, and what a change of keys keeps."""

from __future__ import annotations

import re
from hashlib import sha256
from itertools import combinations
from typing import get_args

from ...errors import PortUnavailable
from ...ports import Purpose, Secrets
from .rules import holds, refuses, rule

__all__ = ()

_PURPOSES: tuple[Purpose, ...] = get_args(Purpose)


@rule(
    "PORT-SECRETS-01",
    danger="Nobody finds their account again, or two people are one.",
    hint="A keyed digest, the same each time; a key of its own for each purpose.",
)
def digests_tell_apart(secrets: Secrets) -> None:
    """A value has the same digest each time, and another for each purpose and value."""
    made = [secrets.digests(purpose, value) for purpose in _PURPOSES for value in ("1", "2")]
    again = [secrets.digests(purpose, value) for purpose in _PURPOSES for value in ("1", "2")]

    holds(made == again, "the same value has another digest")
    holds(not any(one == other for one, other in combinations(made, 2)), "two have the same digest")


@rule(
    "PORT-SECRETS-02",
    danger="A change of keys cannot tell which digests are old.",
    hint="The key's id, a colon, 64 hexadecimal digits; for any text, lone surrogates too.",
)
def digests_name_their_key(secrets: Secrets) -> None:
    """A digest starts with the id of its key: eight hexadecimal digits and a colon."""
    for value in ("", "99000000002", "é", "\ud800"):
        for digest in secrets.digests("code", value):
            is_one = re.fullmatch(r"[0-9a-f]{8}:[0-9a-f]{64}", digest)
            holds(is_one, "a digest has another shape")


@rule(
    "PORT-SECRETS-03",
    danger="Who has the database tries all RPPS numbers, which are few.",
    hint="An HMAC under a key that is not in the database; no bare hash.",
)
def digests_are_keyed(secrets: Secrets) -> None:
    """A digest is no plain hash of its value."""
    plain = sha256(b"99000000002").hexdigest()

    found = [plain in it for purpose in _PURPOSES for it in secrets.digests(purpose, "99000000002")]
    holds(not any(found), "a digest is the plain hash")


@rule(
    "PORT-SECRETS-04",
    danger="After a change of keys nobody has an account.",
    hint="One digest for each live key, newest first.",
    capability="rotation",
)
def digests_of_old_keys_stay(secrets: Secrets, rotated: Secrets, retired: Secrets) -> None:
    """A newer key comes first, and the digest of the old one stays."""
    made = rotated.digests("email", "john@x.example")

    holds(len(made) == 2, f"there are {len(made)} digests of two keys")
    holds(made[-1:] == secrets.digests("email", "john@x.example"), "the old one is not last")
    holds(made[:1] == retired.digests("email", "john@x.example"), "the newer one is not first")


@rule(
    "PORT-SECRETS-05",
    danger="An address cannot be read again, and its owner gets no code.",
    hint="Encode as UTF-8; no limit of length.",
)
def seals_open(secrets: Secrets) -> None:
    """What was sealed can be opened, whatever it is."""
    for text in ("", "99000000002", "médecin 🦒\n", "x" * 10_000):
        holds(secrets.unseal(secrets.seal(text)) == text, "another text comes out")


@rule(
    "PORT-SECRETS-06",
    danger="Who has the database reads addresses, or sees which two are the same.",
    hint="Authenticated encryption with a fresh nonce; letters safe in a URL.",
)
def seals_hide(secrets: Secrets) -> None:
    """A seal hides its text, and is another each time."""
    sealed, again = secrets.seal("john@x.example"), secrets.seal("john@x.example")

    holds("john" not in sealed, "the text can be read")
    holds(re.fullmatch(r"[A-Za-z0-9_=-]+", sealed), "a seal has other letters than a URL may have")
    holds(sealed != again, "two seals of one text are the same")


@rule(
    "PORT-SECRETS-07",
    danger="A change of keys loses every address.",
    hint="Seal under the newest key; try each live key to open.",
    capability="rotation",
)
def seals_of_old_keys_open(secrets: Secrets, rotated: Secrets, retired: Secrets) -> None:
    """What an old key sealed is still read, and the newest key seals."""
    holds(rotated.unseal(secrets.seal("text")) == "text", "an old seal opens to another text")
    holds(retired.unseal(rotated.seal("text")) == "text", "the newest key does not seal")
    with refuses(PortUnavailable, "opening a seal whose key is gone"):
        retired.unseal(secrets.seal("text"))


@rule(
    "PORT-SECRETS-08",
    danger="Who may write in the database chooses where codes go.",
    hint="Raise PortUnavailable for whatever fits no key; compare the whole tag.",
)
def seals_are_proof(secrets: Secrets) -> None:
    """What was never sealed, or was changed, stays closed: PortUnavailable."""
    for sealed in ("", "x", "text", "é", "A" * 120):
        with refuses(PortUnavailable, "opening what was never sealed"):
            secrets.unseal(sealed)
    sealed = secrets.seal("text of some length")
    middle = len(sealed) // 2
    changed = sealed[:middle] + ("B" if sealed[middle] == "A" else "A") + sealed[middle + 1 :]
    with refuses(PortUnavailable, "opening a changed seal"):
        secrets.unseal(changed)


@rule(
    "PORT-SECRETS-09",
    danger="A token is guessed, and with it an account.",
    hint="32 bytes of the system's chance, as base64 for URLs without its end.",
)
def tokens_are_drawn(secrets: Secrets) -> None:
    """A token has 256 bits, is safe in a URL, and is drawn once."""
    drawn = [secrets.token() for _ in range(200)]

    shape = re.compile(r"[A-Za-z0-9_-]{43,}")
    holds(all(shape.fullmatch(it) for it in drawn), "a token has another shape")
    holds(len(set(drawn)) == len(drawn), "a token was drawn twice")


@rule(
    "PORT-SECRETS-10",
    danger="A code is guessed: some digits never come.",
    hint="Each digit by the system's chance; keep zeros in front.",
)
def digits_are_drawn(secrets: Secrets) -> None:
    """Digits are as many as asked for, differ, and may start with zero."""
    for count in (1, 6, 8):
        drawn = [secrets.digits(count) for _ in range(500)]
        right = all(len(it) == count and it.isascii() and it.isdigit() for it in drawn)
        holds(right, "a code has another shape")
        holds(len(set(drawn)) > 5, "the same few codes are drawn")
        holds(any(it.startswith("0") for it in drawn), "no code starts with zero")


@rule(
    "PORT-SECRETS-11",
    danger="A key stands in a log.",
    hint="Write a __repr__ without what it holds.",
)
def secrets_show_nothing(secrets: Secrets) -> None:
    """Their text, as a log would have it, is short and without a seal's or digest's letters."""
    shown = repr(secrets)

    holds(len(shown) < 80, "their text is long enough to hold a key")
    holds(not re.search(r"[0-9a-fA-F]{16}", shown), "their text holds a long hexadecimal number")

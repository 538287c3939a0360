"""Hashes that earlier sites made: which are known, and that none takes work without end."""

from __future__ import annotations

from base64 import b64encode
from hashlib import pbkdf2_hmac
from time import monotonic

import bcrypt
import pytest

from monespace_backends.hashes import HashRefused, check_hash, earlier_hash
from monespace_backends.passwords import Argon2Passwords

PASSWORD = "hashcat"
DRUPAL = "$S$C33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf"
"""Drupal 7's, of that password, as the manual of hashcat gives it."""

_SALT = b"a salt of 16 byt"


def _plain(digest: bytes) -> str:
    return b64encode(digest).decode()


def _adapted(digest: bytes) -> str:
    return _plain(digest).rstrip("=").replace("+", ".")


def django(name: str, password: str = PASSWORD, rounds: int = 1000) -> str:
    digest = pbkdf2_hmac(name, password.encode(), _SALT, rounds)
    return f"pbkdf2_{name}${rounds}${_SALT.decode()}${_plain(digest)}"


def passlib(name: str, password: str = PASSWORD) -> str:
    digest = pbkdf2_hmac(name, password.encode(), _SALT, 1000)
    word = "pbkdf2" if name == "sha1" else f"pbkdf2-{name}"
    return f"${word}$1000${_adapted(_SALT)}${_adapted(digest)}"


def php(password: str = PASSWORD) -> str:
    made = bcrypt.hashpw(password.encode()[:72], b"$2b$04$uVWKQ1vDkYhF6oGbXkL0He").decode()
    return made.replace("$2b$", "$2y$")


HASHES = {
    "Drupal 7": DRUPAL,
    "bcrypt of PHP": php(),
    "bcrypt of others": php().replace("$2y$", "$2a$"),
    "Django, SHA-256": django("sha256"),
    "Django, SHA-1": django("sha1"),
    "passlib, SHA-1": passlib("sha1"),
    "passlib, SHA-256": passlib("sha256"),
    "passlib, SHA-512": passlib("sha512"),
}


@pytest.fixture(scope="module")
def passwords() -> Argon2Passwords:
    return Argon2Passwords()


@pytest.mark.parametrize("kept", HASHES.values(), ids=HASHES)
def test_the_password_opens_and_another_does_not(kept: str, passwords: Argon2Passwords) -> None:
    check_hash(kept)

    assert passwords.verify(kept, PASSWORD)
    assert not passwords.verify(kept, f"{PASSWORD}!")
    assert not passwords.verify(kept, "")
    assert passwords.is_outdated(kept)


def test_one_of_drupal_6_that_drupal_7_hashed_once_more(passwords: Argon2Passwords) -> None:
    """Made here by the algorithm of Drupal's update, since no published one is known."""
    from hashlib import md5, sha512

    from monespace_backends.hashes import _itoa64

    once = md5(PASSWORD.encode(), usedforsecurity=False).hexdigest().encode()
    digest = sha512(b"12345678" + once).digest()
    for _ in range(2**11):
        digest = sha512(digest + once).digest()
    kept = f"U$S$912345678{_itoa64(digest)[:43]}"

    assert passwords.verify(kept, PASSWORD)
    assert not passwords.verify(kept, "another")


def test_of_a_long_password_bcrypt_reads_what_php_read(passwords: Argon2Passwords) -> None:
    password = "é" * 100
    kept = php(password)

    assert passwords.verify(kept, password)


def test_drupal_takes_no_longer_password_than_it_took(passwords: Argon2Passwords) -> None:
    assert not passwords.verify(DRUPAL, "a" * 1000)


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("$S$K33783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf", "too much work"),
        ("$S$433783772bRXEx1aCsvY.dqgaaSu76XmVlKrW9Qu8IQlvxHlmzLf", "a cost that none has"),
        (php().replace("$04$", "$31$"), "too much work"),
        (php().replace("$04$", "$03$"), "a cost that none has"),
        (django("sha256").replace("$1000$", "$100000000$"), "too much work"),
        (django("sha256").replace("$1000$", "$0$"), "a cost that none has"),
        ("pbkdf2_sha256$1000$salt$AAAA", "is cut"),
        ("pbkdf2_sha256$1000$salt$AAAAA", "is cut"),
        ("$argon2id$v=19$m=9999999,t=3,p=4$c29tZXNhbHQ$c29tZXRhZ3NvbWV0YWc", "too much work"),
        ("$argon2id$v=19$m=65536,t=99,p=4$c29tZXNhbHQ$c29tZXRhZ3NvbWV0YWc", "too much work"),
        ("5f4dcc3b5aa765d61d8327deb882cf99", "none of argon2, bcrypt"),
        ("", "none of argon2"),
        ("$S$" + "a" * 600, "longer than any"),
    ],
)
def test_what_cannot_be_used_is_refused_and_matches_nothing(
    kept: str, told: str, passwords: Argon2Passwords
) -> None:
    with pytest.raises(HashRefused, match=told) as caught:
        check_hash(kept)
    began = monotonic()

    if "argon2" not in kept:
        assert not passwords.verify(kept, PASSWORD)
    assert monotonic() - began < 5
    assert not kept or kept not in str(caught.value)


def test_one_of_argon2_is_taken_as_it_is(passwords: Argon2Passwords) -> None:
    check_hash(passwords.hash(PASSWORD))


def test_what_is_nobodys_is_not_of_an_earlier_site() -> None:
    assert earlier_hash("*") is None

"""How hard a password is to guess: zxcvbn, with the words that French doctors would choose."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from importlib import resources

from zxcvbn import matching, scoring, time_estimates

__all__ = ["strength"]

# Beyond it zxcvbn refuses, since its work grows with the square; what follows can only help.
_LONGEST = 72
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
    _add_our_words()
    words = list(dict.fromkeys(_personal_words(personal)))
    return min(_score(form[:_LONGEST], words) for form in _forms(password[:_LONGEST]))


def _forms(password: str) -> set[str]:
    plain = _plain(password)
    return {password, plain, _SEPARATORS.sub("", plain)}


def _score(password: str, words: list[str]) -> int:
    if not password:
        return 0
    # zxcvbn() itself would keep one person's words in a module's global, for other threads to
    # read: this is its body, with a dictionary of our own.
    dictionaries = {**matching.RANKED_DICTIONARIES, "user_inputs": _ranked(words)}
    matches = matching.omnimatch(password, dictionaries)
    guesses = scoring.most_guessable_match_sequence(password, matches)["guesses"]
    return time_estimates.guesses_to_score(Decimal(guesses))


@cache
def _add_our_words() -> None:
    lists = {name: _words(f"{name}.txt") for name in ("site_words", "french_words")}
    matching.add_frequency_lists(lists)


def _words(name: str) -> list[str]:
    text = resources.files(__package__).joinpath("data", name).read_text("utf-8")
    lines = (line.partition("#")[0] for line in text.splitlines())
    return list(dict.fromkeys(word for line in lines for word in line.split()))


def _personal_words(values: Iterable[str]) -> Iterator[str]:
    for value in values:
        for form in (value.lower(), _plain(value).lower()):
            yield form
            yield from (part for part in _NOT_WORD.split(form) if len(part) > 2)


def _ranked(words: Iterable[str]) -> dict[str, int]:
    return {word: rank for rank, word in enumerate(words, 1)}


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))

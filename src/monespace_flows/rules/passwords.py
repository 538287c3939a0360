"""What a password must be, before it is hashed; one function guards every journey (S23)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import Enum

from attrs import field, frozen

from ..facts import Problem
from ..policy import PasswordPolicy
from .identity import MONTHS

__all__ = [
    "Known",
    "judge_password",
    "known_words",
    "label_strength",
    "left_to_guess",
    "normalise",
    "spellings",
]


class StrengthLabel(Enum):
    """The words of « Sécurité du mot de passe : »."""

    WEAK = "Faible"
    MEDIUM = "Moyen"
    STRONG = "Fort"


def normalise(password: str) -> str:
    """Put a password in the form that is judged, hashed and verified: NFKC, and nothing else."""
    return unicodedata.normalize("NFKC", password)


def judge_password(
    password: str, score: int, personal: Iterable[str], policy: PasswordPolicy
) -> Problem | None:
    """Say what is wrong with a normalised password, if anything.

    ``score`` is the estimate of how hard it is to guess (0 to 4); ``personal`` are values of the
    person (address, number) that it must not contain or be.
    """
    if not password:
        return Problem.PASSWORD_REQUIRED
    if len(password) < policy.minimum_length:
        return Problem.PASSWORD_TOO_SHORT
    size = len(password.encode("utf-8", "surrogatepass"))
    if len(password) > policy.maximum_length or size > policy.maximum_bytes:
        return Problem.PASSWORD_TOO_LONG
    folded = password.casefold()
    if any(len(value) > 3 and value.casefold() in folded for value in personal):
        return Problem.PASSWORD_PERSONAL
    if score < policy.minimum_score:
        return Problem.PASSWORD_GUESSABLE
    return None


def label_strength(problem: Problem | None, score: int, policy: PasswordPolicy) -> StrengthLabel:
    """Name the strength as the guide does: refused is « Faible »."""
    if problem is not None:
        return StrengthLabel.WEAK
    return StrengthLabel.STRONG if score > policy.minimum_score else StrengthLabel.MEDIUM


# --- what a guesser knows ------------------------------------------------------------------------
# Taken out of a password before what is left of it is scored.  Everything is compared in one plain
# spelling: no accents, no case, no separators, and digits that stand for letters as those letters.

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "’": "'"})
_SEPARATORS = re.compile(r"[\s._/,'-]+")
_NOT_WORD = re.compile(r"[\W_]+")
# « l », « i » and « 1 » are one sign, as are « g », « 6 » and « 9 »: in words and passwords alike.
_ONE_SIGN = str.maketrans("01l!|3€4@5$7+8692", "oiiiieeaassttbggz")
_STANDS_FOR = frozenset("!|€@$+")
_SHORTEST, _LONGEST = 3, 40
_ONE_WORD = 11
_WORD = re.compile("[A-Z]*[^A-Z]+|[A-Z]+")
_PROFESSION = """
medecin medecins medecine medical medicale docteur docteurs docteure doctor ordre ordres conseil
conseils conseiller national nationale departemental departementale regional cnom rpps adeli cps
ecps monespace espace mon interne internes internat externe junior praticien hospitalier hopital
clinique cabinet sante chu chru patient patients soins
"""


@frozen(kw_only=True)
class Known:
    """What a guesser knows of a person and of the site.

    ``whole`` must not be in a password at all; ``words`` may, and count for nothing.
    """

    whole: tuple[str, ...] = field(repr=False)
    words: frozenset[str] = field(repr=False)


def known_words(
    *,
    site: Iterable[str],
    names: Iterable[str | None] = (),
    numbers: Iterable[str | None] = (),
    addresses: Iterable[str | None] = (),
) -> Known:
    """Gather what a guesser knows.

    No birth date is among it: whatever reads as a date is taken out of every password, so that
    nobody's needs to be kept (decision 0015).

    Args:
        site: what the site is called.
        names: the person's names, and that of their council.
        numbers: RPPS and mobile number, the latter in E.164.
        addresses: e-mail addresses.
    """
    reached = [address for address in addresses if address]
    spelled = [spelling for number in numbers if number for spelling in _spell(number)]
    whole = (*spelled, *reached, *(each.partition("@")[0] for each in reached), *site)
    values = (*whole, *filter(None, names), _PROFESSION)
    forward = {word for value in values for word in _words_of(value)}
    backward = {word[::-1] for word in forward if len(word) > _SHORTEST}
    return Known(whole=tuple(dict.fromkeys(whole)), words=frozenset(forward | backward))


def _spell(number: str) -> tuple[str, ...]:
    """A number whole, and as it is dialled at home: a French one has nine digits after its 0."""
    digits = number.removeprefix("+")
    return (number, digits, f"0{digits[-9:]}") if digits != number else (number,)


def _words_of(value: str) -> Iterator[str]:
    text = _plain(value)
    for word in (_NOT_WORD.sub("", text), *_NOT_WORD.split(text)):
        if _SHORTEST <= len(word) <= _LONGEST:
            yield word.translate(_ONE_SIGN)


def _plain(text: str) -> str:
    """Fold accents, case and ligatures away."""
    return _without_accents(text.casefold().translate(_LIGATURES))


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


# --- what is left to guess -----------------------------------------------------------------------


def left_to_guess(password: str, known: Known) -> str:
    """Take out what costs a guesser next to nothing.

    Gone are the known words, dates, years and postal codes in any spelling, what repeats, what
    goes on a sequence or a walk over the keyboard, and what stands between words and around them.
    A single word leaves nothing: a dictionary has it.
    """
    text = _plain(password)
    taken = {*_places_of_dates(text), *_places_of_words(text, known.words)}
    rest = "".join(sign for place, sign in enumerate(text) if place not in taken)
    left = _shrunk(_SEPARATORS.sub("", rest))
    core = _HEAD.sub("", _TAIL.sub("", left))
    words = _words_in(password, core) if core.isalpha() else 0
    if words == 1 and len(core) <= _ONE_WORD:
        return ""
    return core if words and len(core) >= 3 * words else left


def _words_in(password: str, core: str) -> int:
    """How many words letters seem to be, by their case: chance changes it at every other letter."""
    typed = _SEPARATORS.sub("", _without_accents(password))
    at = typed.casefold().find(core)
    return len(_WORD.findall(typed[at : at + len(core)])) if at >= 0 else 1


def _places_of_words(text: str, words: frozenset[str]) -> Iterator[int]:
    places = [at for at, sign in enumerate(text) if sign.isalnum() or sign in _STANDS_FOR]
    signs = "".join(text[at] for at in places).translate(_ONE_SIGN)
    for start in range(len(signs)):
        for end in range(min(start + _LONGEST, len(signs)), start + _SHORTEST - 1, -1):
            if signs[start:end] in words:
                yield from range(places[start], places[end - 1] + 1)
                break


_DAY = "(?:0?[1-9]|[12][0-9]|3[01])"
_MONTH = "(?:0?[1-9]|1[0-2])"
_YEAR = "(?:(?:19|20)?[0-9]{2})"
_NAME = f"(?:{'|'.join((*MONTHS, *(month[:4] for month in MONTHS), *(m[:3] for m in MONTHS)))})"
_BETWEEN, _MAYBE = r"[\W_]{1,2}", r"[\W_]{0,2}"
_DATE = re.compile(
    rf"(?:(?<![0-9])(?:{_DAY}{_BETWEEN}{_MONTH}(?:{_BETWEEN}{_YEAR})?"
    rf"|{_MONTH}{_BETWEEN}{_DAY}{_BETWEEN}{_YEAR}"
    rf"|{_YEAR}{_BETWEEN}{_MONTH}{_BETWEEN}{_DAY})"
    rf"|{_DAY}(?:er)?{_MAYBE}{_NAME}(?:{_MAYBE}{_YEAR})?"
    rf"|{_NAME}{_MAYBE}{_YEAR})(?![0-9])"
)
_DIGITS = re.compile(r"[0-9]+")
_POSTAL_CODE = 5
_FIXED = {
    4: re.compile(r"(?:19|20)[0-9]{2}"),
    6: re.compile(r"(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}"),
    8: re.compile(
        r"(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|[12][0-9]|3[01])(?:19|20)[0-9]{2}"
        r"|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])"
    ),
}


def _places_of_dates(text: str) -> Iterator[int]:
    for found in _DATE.finditer(text):
        yield from range(*found.span())
    others = _DATE.sub(lambda found: " " * len(found[0]), text)
    for run in _DIGITS.finditer(others):
        if len(run[0]) == _POSTAL_CODE or _is_of_dates(run[0]):
            yield from range(*run.span())


def _is_of_dates(digits: str) -> bool:
    """Whether digits are dates and years and nothing else: among others they may be by chance."""
    ends = {0}
    for end in range(4, len(digits) + 1):
        for size, shape in _FIXED.items():
            if end - size in ends and shape.fullmatch(digits, end - size, end):
                ends.add(end)
    return len(digits) in ends


_REPEATED = re.compile(r"(.)\1\1+|(.{2,64}?)\2+", re.DOTALL)
_ROWS = (
    *("abcdefghijklmnopqrstuvwxyz", "01234567890", "02468", "13579"),
    *("azertyuiop", "qsdfghjklm", "wxcvbn", "qwertyuiop", "asdfghjkl", "zxcvbnm"),
    *("1aqw", "2zsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "1qaz", "2wsx"),
)
_STEPS = frozenset(
    row[at : at + 3] for line in _ROWS for row in (line, line[::-1]) for at in range(len(row) - 2)
)


def _shrunk(text: str) -> str:
    """Keep one of what repeats, and two signs of each sequence; a few rounds, for both at once.

    A double letter stays: « motdepase » would be no word any more.
    """
    for _ in range(4):
        text = _without_steps(_REPEATED.sub(lambda found: found[1] or found[2], text))
    return text


def _without_steps(text: str) -> str:
    """Drop each sign that goes on a sequence, of its neighbours or of every other sign."""
    seen = ((sign, text[max(at - 4, 0) : at + 1]) for at, sign in enumerate(text))
    return "".join(sign for sign, five in seen if not _goes_on(five))


def _goes_on(five: str) -> bool:
    near, apart = five[-3:], five[::2]
    return near in _STEPS or (len(five) == 5 and (apart in _STEPS or len(set(apart)) == 1))


# --- under which spellings a list is asked -------------------------------------------------------

_HEAD = re.compile(r"^(?:[0-9]{1,5}|[^a-z0-9]{1,4}){1,2}")
_TAIL = re.compile(r"(?:[0-9]{1,5}|[0-9]{6}|[0-9]{8})?[^a-z0-9]{0,4}$")
_UNIT = re.compile(r"(.{3,64}?)\1+", re.DOTALL)
_AS_L = str.maketrans("1!|", "lll")
_AS_LETTERS = str.maketrans("01!|3€4@5$7+8", "oiiieeaassttb")


def spellings(password: str) -> tuple[str, ...]:
    """Under which spellings a list of common passwords is asked for a password: itself first.

    The others are without accents, case and separators, then without the year, digits and
    punctuation around them, as letters for what stands for letters, and once for what repeats.
    """
    bare = _SEPARATORS.sub("", _plain(password))
    core = _TAIL.sub("", bare)
    forms = [bare, core, _HEAD.sub("", core)]
    forms += [form.translate(_AS_L) for form in forms]
    forms += [form.translate(_AS_LETTERS) for form in forms]
    forms += [unit[1] for form in forms if (unit := _UNIT.fullmatch(form))]
    return tuple(dict.fromkeys((password, *(form for form in forms if len(form) > _SHORTEST))))

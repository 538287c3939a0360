"""What a password must be, before it is hashed; one function guards every journey (S23)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from enum import Enum

from ..facts import Problem
from ..policy import PasswordPolicy

__all__ = ["judge_password", "label_strength", "normalise"]


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

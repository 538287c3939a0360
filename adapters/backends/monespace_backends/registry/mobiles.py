"""Mobile numbers as a registry holds them, told from land lines by how they begin.

Operators hand out new blocks sooner than any list of them learns: whether a French number is a
mobile one is said by its first digits, which the regulator fixes, and by nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from typing import Final

import phonenumbers

from monespace_flows.rules.typed import plain

__all__ = ["is_reached", "mobile_of"]

_GROUPING = re.compile(r"[ .()-]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_FRANCE = "33"
_NATIONAL: Final = {
    _FRANCE: r"[67][0-9]{8}",
    "262": r"[67][0-9]{8}",  # La Réunion, Mayotte
    "508": r"(?!41)[0-9]{6}|[67][0-9]{8}",  # Saint-Pierre-et-Miquelon: 41 is the land line
    "590": r"[67][0-9]{8}",  # Guadeloupe, Saint-Martin, Saint-Barthélemy
    "594": r"[67][0-9]{8}",  # Guyane
    "596": r"[67][0-9]{8}",  # Martinique
    "681": r"[0-9]{6}",  # Wallis-et-Futuna: both kinds begin with 72
    "687": r"(?!88)[5-9][0-9]{5}",  # Nouvelle-Calédonie
    "689": r"8[79][0-9]{6}",  # Polynésie française
}
_MOBILE = {code: re.compile(pattern, re.ASCII) for code, pattern in _NATIONAL.items()}
# The overseas departments share the ten digits of mainland France, not its code: 0690 12 34 56 is
# called from abroad as +590 690 12 34 56.
_OVERSEAS: Final = {
    **dict.fromkeys(("639", "692", "693", "7092"), "262"),
    **dict.fromkeys(("690", "691", "7090"), "590"),
    **dict.fromkeys(("694", "70930", "70931", "70932", "70933", "70934"), "594"),
    **dict.fromkeys(("696", "697", "7091"), "596"),
    **dict.fromkeys(("70935", "70936", "70937", "70938", "70939"), "262"),
}


def mobile_of(text: str) -> str:
    """Read a mobile number, written as +33612345678, 0033… or, if it is French, as 06 12 34 56 78.

    Returns:
        The number in E.164.

    Raises:
        ValueError: saying why it is none, and never what was written.
    """
    digits = _international(_GROUPING.sub("", plain(text).replace("(0)", "")))
    if not _E164.fullmatch(digits):
        raise ValueError("is not one number as +33612345678")
    for code, mobile in _MOBILE.items():
        if digits.startswith(f"+{code}"):
            national = digits[len(code) + 1 :].removeprefix("0")
            if not mobile.fullmatch(national):
                raise ValueError("is not a mobile number")
            return f"+{_code_of(national) if code == _FRANCE else code}{national}"
    return _of_abroad(digits)


def is_reached(mobile: str, dial_codes: AbstractSet[int]) -> bool:
    """Whether a number in E.164 is one of these countries'; no country's code begins another's."""
    return any(mobile.startswith(f"+{code}") for code in dial_codes)


def _international(digits: str) -> str:
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+{_FRANCE}{digits[1:]}" if digits.startswith("0") else digits


def _code_of(national: str) -> str:
    fitting = (code for start, code in _OVERSEAS.items() if national.startswith(start))
    return next(fitting, _FRANCE)


def _of_abroad(digits: str) -> str:
    # A length that the country has: what is wrong beyond that, its operators know, not we.
    try:
        number = phonenumbers.parse(digits, None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValueError("is not one number as +33612345678")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

"""What can be seen of a text that somebody typed or pasted: nothing else may decide (``C1``).

A table, a PDF or a contacts program puts tabs, thin spaces, direction marks and zero-width
characters around what people copy.  They see eleven digits, so eleven digits were typed.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["plain", "unmistakable", "visible"]

# Letters, marks and symbols for Unicode, but nothing is drawn for them.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_BLANKS = frozenset("\u2800\u3164")  # drawn as an empty cell
_MINUS = "\u2212"  # dashes have a category of their own, which it is not in
_SLASHES = frozenset("\u2044\u2215\u29f8")
_DOTS = frozenset("\u00b7\u2024\u2027")
# Another width or another face of the same character.  A superscript or a digit in a circle is not
# among them: nobody knows what it was meant to be.
_SAME = frozenset({"<wide>", "<narrow>", "<font>"})


def visible(text: str) -> str:
    """Keep what can be seen: in composed form, with one plain space for white space of any kind.

    Controls, format characters (zero-width, direction marks, soft hyphens) and white space at the
    ends are gone.  Only NUL stays, to be refused: no keyboard and no document holds it.
    """
    return unicodedata.normalize("NFC", _drawn(text))


def _drawn(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        text = "".join(map(_seen, _UNSEEN.sub("", text)))
    return " ".join(text.split())


def _seen(character: str) -> str:
    if character.isspace() or character in _BLANKS:
        return " "
    if character != "\0" and unicodedata.category(character) in {"Cc", "Cf"}:
        return ""
    return character


def unmistakable(text: str) -> str | None:
    """Keep what can be seen; ``None`` when a character stands for another, as ``＠`` and ``ſ`` do.

    Judged one by one: an accent typed apart from its letter is not another letter.
    """
    drawn = _drawn(text)
    if any(unicodedata.normalize("NFKC", character) != character for character in drawn):
        return None
    return unicodedata.normalize("NFC", drawn)


def plain(text: str) -> str:
    """Keep what can be seen, with dashes, slashes and dots of any kind and width as the plain ones.

    Full-width digits are digits; those of another script, or raised, stay what they are.
    """
    seen = visible(text)
    return seen if seen.isascii() else "".join(map(_plain, seen))


def _plain(character: str) -> str:
    if unicodedata.category(character) == "Pd" or character == _MINUS:
        return "-"
    if character in _SLASHES:
        return "/"
    if character in _DOTS:
        return "."
    kind, _, code = unicodedata.decomposition(character).partition(" ")
    return chr(int(code, 16)) if kind in _SAME else character


def digits_of(text: str, label: re.Pattern[str]) -> str:
    """Read a number that was written in groups: without spaces, dots, dashes and its label.

    Args:
        text: what was typed.
        label: what may stand before, written without spaces.

    Returns:
        The digits, if it was a number; whatever else was in it is still there, to be refused.
    """
    squeezed = plain(text).replace(" ", "")
    return label.sub("", squeezed, count=1).replace(".", "").replace("-", "")

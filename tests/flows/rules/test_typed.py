"""What can be seen of a text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monespace_flows.rules.typed import plain, unmistakable, visible

from .unseen import BLANKS, UNSEEN, scattered


@pytest.mark.parametrize("character", BLANKS, ids=ascii)
def test_white_space_of_any_kind_is_a_space(character: str) -> None:
    """One, however much there is, and none at the ends."""
    assert visible(f"{character}a{character * 2}b{character}") == "a b"


@pytest.mark.parametrize("character", UNSEEN, ids=ascii)
def test_what_is_not_drawn_is_gone(character: str) -> None:
    """Controls, zero-width characters, direction marks, selectors."""
    assert visible(f"{character}a{character}b{character}") == "ab"


def test_every_control_and_format_character_is_gone_but_nul() -> None:
    """Of all there are in Unicode; NUL is typed by programs only, and stays to be refused."""
    every = [chr(code) for code in range(1, 0x110000)]
    unseen = [it for it in every if unicodedata.category(it) in {"Cc", "Cf"}]

    assert visible("".join(unseen)) == ""
    assert visible("\0") == "\0"


@given(st.text())
def test_what_was_read_once_is_read_the_same_again(text: str) -> None:
    """Nothing that is read becomes something else the second time."""
    assert visible(visible(text)) == visible(text)
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("1‐2‑3‒4–5—6−7", "1-2-3-4-5-6-7"),
        ("1⁄2∕3", "1/2/3"),
        ("1·2", "1.2"),
        ("１２", "12"),
        ("𝟏𝟐", "12"),
        ("²①½٣", "²①½٣"),
        ("e\u0301", "é"),
    ],
    ids=ascii,
)
def test_what_looks_alike_is_one_character(typed: str, read: str) -> None:
    """Dashes, slashes, widths; what is raised or in a circle means something else."""
    assert plain(typed) == read


@given(scattered("jérôme", blanks=False))
def test_an_accent_may_be_typed_in_two_ways(typed: str) -> None:
    """Composed or not, with whatever is not seen about it."""
    assert unmistakable(typed) == "jérôme"
    assert unmistakable(unicodedata.normalize("NFD", typed)) == "jérôme"


@pytest.mark.parametrize("character", ["＠", "ſ", "\u212a", "ﬁ", "․", "²"], ids=ascii)
def test_what_stands_for_another_character_is_refused(character: str) -> None:
    """It would be a second way of writing somebody's address."""
    assert unmistakable(f"a{character}") is None

"""What a password must be before it is hashed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monespace_flows.facts import Problem
from monespace_flows.policy import PasswordPolicy
from monespace_flows.rules.passwords import (
    Known,
    StrengthLabel,
    judge_password,
    known_words,
    label_strength,
    left_to_guess,
    normalise,
    spellings,
)

POLICY = PasswordPolicy()
GOOD = "cheval correct pile"


@pytest.mark.parametrize(
    ("password", "score", "problem"),
    [
        ("", 4, Problem.PASSWORD_REQUIRED),
        ("x" * 14, 4, Problem.PASSWORD_TOO_SHORT),
        ("x" * 15, 4, None),
        ("x" * 256, 4, None),
        ("x" * 257, 4, Problem.PASSWORD_TOO_LONG),
        (GOOD, 2, Problem.PASSWORD_GUESSABLE),
        (GOOD, 3, None),
    ],
)
def test_length_then_strength(password: str, score: int, problem: Problem | None) -> None:
    """The first thing wrong is told."""
    assert judge_password(password, score, (), POLICY) is problem


@pytest.mark.parametrize(("count", "problem"), [(256, None), (257, Problem.PASSWORD_TOO_LONG)])
def test_bytes_are_counted_beside_characters(count: int, problem: Problem | None) -> None:
    """Four bytes to a character: 1024 at the most."""
    policy = PasswordPolicy(maximum_length=1024)

    assert judge_password("🙂" * count, 4, (), policy) is problem


@pytest.mark.parametrize(
    ("personal", "problem"),
    [
        ("correct", Problem.PASSWORD_PERSONAL),
        ("CORRECT", Problem.PASSWORD_PERSONAL),
        (GOOD, Problem.PASSWORD_PERSONAL),
        ("pil", None),
        ("", None),
        ("corrects", None),
    ],
)
def test_no_word_of_the_person_s_own_longer_than_three_letters(
    personal: str, problem: Problem | None
) -> None:
    """In any case of letters; shorter ones are in too many words."""
    assert judge_password(GOOD, 4, (personal,), POLICY) is problem


@given(st.text())
def test_normalising_twice_is_normalising_once(password: str) -> None:
    """What is hashed and what is verified later are the same."""
    assert normalise(normalise(password)) == normalise(password)


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_ascii_is_kept_as_it_is(password: str) -> None:
    """Spaces, case and control characters included."""
    assert normalise(password) == password


@given(st.text(st.characters(), max_size=30), st.integers(0, 4))
def test_whatever_is_typed_is_judged(password: str, score: int) -> None:
    """No character makes the rule fail, not even half of one."""
    problem = judge_password(password, score, ("quelqu'un",), POLICY)

    assert problem is None or problem.field == "password"


@pytest.mark.parametrize(
    ("problem", "score", "label"),
    [
        (Problem.PASSWORD_GUESSABLE, 2, StrengthLabel.WEAK),
        (Problem.PASSWORD_TOO_SHORT, 4, StrengthLabel.WEAK),
        (None, 3, StrengthLabel.MEDIUM),
        (None, 4, StrengthLabel.STRONG),
    ],
)
def test_c9_the_words_of_the_strength(
    problem: Problem | None, score: int, label: StrengthLabel
) -> None:
    """What would be refused is « Faible »."""
    assert label_strength(problem, score, POLICY) is label


# --- what is left to guess -----------------------------------------------------------------------


def nobody() -> Known:
    return known_words(site=())


def amelie() -> Known:
    return known_words(
        site=("Mon Espace", "monespace.example"),
        names=("Durand-Lefèvre", "Amélie", None),
        numbers=("99000000010", "+33698765432", None),
        addresses=("amelie.durand@chu.example", None),
    )


@pytest.mark.parametrize(
    "obvious",
    [
        "Durand28021982!!",
        "dur4nd-l3f3vr3-1982",
        "Lefèvre & Durand",
        "erv€f€l",
        "0698765432Amelie",
        "00698765432",
        "99 000 000 010",
        "M.é.d.e.c.i.n.1975",
        "m*e*d*e*c*i*n",
        "MonEspace 75008",
        "chu amelie",
    ],
)
def test_in_07_a_person_s_own_words_leave_nothing(obvious: str) -> None:
    """In any spelling, backwards too, with anything between their letters."""
    assert left_to_guess(obvious, amelie()).strip("!&*0") == ""


@pytest.mark.parametrize(
    "date",
    [
        *("17/06/1975", "17-6-75", "17.06", "1975-06-17", "06/17/1975", "17 juin 1975"),
        *("17juin1975", "1erMars2001", "juin1975", "sept 75", "17août", "fév. 1982"),
        *("17061975", "19750617", "170675", "1975", "19752026", "1706197517juin1975"),
    ],
)
def test_in_07_a_date_leaves_nothing_whosever_it_is(date: str) -> None:
    """No birth date must be kept to be recognised."""
    assert left_to_guess(date, nobody()) == ""


@pytest.mark.parametrize("digits", ["1706197", "170619751", "999999912", "41311975", "8492"])
def test_digits_that_are_no_date_stay(digits: str) -> None:
    """A date among other digits is there by chance."""
    assert left_to_guess(f"x{digits}y", nobody()).startswith("x")
    assert len(left_to_guess(f"x{digits}y", nobody())) > 4


@pytest.mark.parametrize(
    ("regular", "left"),
    [
        ("aaaaaaaaa", "a"),
        ("xkqxkqxkqxkq", "xkq"),
        ("abcdefgh", "ab"),
        ("87654321", "87"),
        ("a1b2c3d4e5f6", "a1b2"),
        ("1aqw2zsx3edc4rfv", "1a2z"),
        ("azertyuiop", "az"),
        ("1a1b1c1d", "1a1b"),
        ("k-r_t.w v/x,z'q", "krtwvxzq"),
    ],
)
def test_what_is_regular_counts_once(regular: str, left: str) -> None:
    """Repeats, sequences, walks over the keyboard, separators."""
    assert left_to_guess(f"#{regular}#KQ7", nobody()) == f"#{left}#kq7"


@pytest.mark.parametrize(
    ("typed", "left"),
    [
        ("Orthopediste1!", "orthopediste"),
        ("Tournevis1975!!", ""),
        ("TOURNEVIS 33000", ""),
        ("Grand-Tournevis-1", "grandtournevis"),
        ("grand tournevis 1", "grandtournevis"),
        ("kRxTzQwPn1!", "krxtzqwpn1!"),
        ("ﬁnlandais", ""),
        ("cheval correct pile", "chevalcorrectpile"),
    ],
)
def test_a_single_word_leaves_nothing(typed: str, left: str) -> None:
    """A dictionary has it, whatever stands around; what chance typed is no word."""
    assert left_to_guess(typed, nobody()) == left


@pytest.mark.parametrize(
    ("typed", "spelling"),
    [
        ("Tournevis", "tournevis"),
        ("P@ssw0rd2026!!", "password"),
        ("l1verp00l", "liverpool"),
        ("M0tDeP@$$e-75008", "motdepasse"),
        ("2026.Soleil.2026", "soleil"),
        ("SoleilSoleil1975", "soleil"),
        ("so1ei1", "soleil"),
    ],
)
def test_a_list_is_asked_for_what_a_password_is_made_of(typed: str, spelling: str) -> None:
    """As it was typed first, since a host's list may hold just that."""
    asked = spellings(typed)

    assert asked[0] == typed
    assert spelling in asked
    assert len(asked) < 25


@given(st.text(st.characters(), max_size=40))
def test_whatever_is_typed_leaves_something_to_be_scored(password: str) -> None:
    """No character breaks the rule, and nothing is added that was not typed."""
    assert len(left_to_guess(password, amelie())) <= 20 * len(password)
    assert spellings(password)[0] == password


def test_what_is_known_of_a_person_is_not_shown() -> None:
    assert "98765432" not in repr(amelie())
    assert "amelie" not in repr(amelie()).lower()

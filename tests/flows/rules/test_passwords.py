"""What a password must be before it is hashed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monespace_flows.facts import Problem
from monespace_flows.policy import PasswordPolicy
from monespace_flows.rules.passwords import StrengthLabel, judge_password, label_strength, normalise

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

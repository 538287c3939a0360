"""What a code typed is worth, and when another may be sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monespace_flows.facts import Channel, CodeVerdict, Problem, SendVerdict
from monespace_flows.policy import CodePolicy
from monespace_flows.rules.codes import judge_code, judge_send, read_code

from .unseen import scattered

POLICY = CodePolicy()
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SMS, EMAIL = Channel.SMS, Channel.EMAIL


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def judged(
    *, matches: bool = True, age: float | None = 0, tries: int = 0, failures: int = 0
) -> CodeVerdict:
    return judge_code(
        matches=matches,
        sent_at=None if age is None else ago(age),
        tries=tries,
        failures=[ago(60)] * failures,
        now=NOW,
        policy=POLICY,
    )


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123456", "123456"),
        (" 123 456 ", "123456"),
        ("12-34-56", "123456"),
        ("", Problem.CODE_REQUIRED),
        ("   ", Problem.CODE_REQUIRED),
        ("12345", Problem.CODE_SHAPE),
        ("1234567", Problem.CODE_SHAPE),
        ("12345a", Problem.CODE_SHAPE),
        ("Code : 123 456", "123456"),
        ("votre code est 123456", "123456"),
        ("123.456", "123456"),
        ("123–456", "123456"),
        ("１２３４５６", "123456"),
        ("123456\n", "123456"),
        ("\u200b123\u2007456\ufeff", "123456"),
        ("code", Problem.CODE_REQUIRED),
        ("12345²", Problem.CODE_SHAPE),
        ("12345O", Problem.CODE_SHAPE),
        ("123456 ou 123456", Problem.CODE_SHAPE),
        ("encoded123456", Problem.CODE_SHAPE),
    ],
)
def test_a_code_is_six_digits(typed: str, read: str | Problem) -> None:
    """Spaces and hyphens between them do not count, nor does what a message says before it."""
    assert read_code(typed, POLICY) == read


@given(st.text())
def test_what_is_read_is_digits_or_a_problem(typed: str) -> None:
    """Whatever is typed, nothing else comes out."""
    read = read_code(typed, POLICY)

    assert isinstance(read, Problem) or (len(read) == 6 and read.isascii() and read.isdigit())


@given(scattered("123456"))
def test_what_cannot_be_seen_costs_no_try(typed: str) -> None:
    """Wherever it is in the code."""
    assert read_code(typed, POLICY) == "123456"


@pytest.mark.parametrize(
    ("age", "verdict"),
    [
        (None, CodeVerdict.EXPIRED),
        (0, CodeVerdict.MATCHES),
        (599, CodeVerdict.MATCHES),
        (600, CodeVerdict.EXPIRED),
        (601, CodeVerdict.EXPIRED),
        (-60, CodeVerdict.MATCHES),
        (-61, CodeVerdict.EXPIRED),
    ],
)
def test_a_code_lives_ten_minutes(age: float | None, verdict: CodeVerdict) -> None:
    """Below them it is good, at them it is not, nor is one that comes from the future."""
    assert judged(age=age) is verdict


@pytest.mark.parametrize(
    ("tries", "right", "wrong"),
    [
        (0, CodeVerdict.MATCHES, CodeVerdict.DIFFERS),
        (3, CodeVerdict.MATCHES, CodeVerdict.DIFFERS),
        (4, CodeVerdict.MATCHES, CodeVerdict.LAST_TRY_DIFFERS),
        (5, CodeVerdict.EXHAUSTED, CodeVerdict.EXHAUSTED),
        (6, CodeVerdict.EXHAUSTED, CodeVerdict.EXHAUSTED),
    ],
)
def test_a_code_has_five_tries(tries: int, right: CodeVerdict, wrong: CodeVerdict) -> None:
    """The fifth wrong one is told to be the last."""
    assert judged(tries=tries) is right
    assert judged(tries=tries, matches=False) is wrong


@pytest.mark.parametrize(
    ("failures", "verdict"), [(9, CodeVerdict.MATCHES), (10, CodeVerdict.EXHAUSTED)]
)
def test_a_doctor_has_ten_failures_a_day(failures: int, verdict: CodeVerdict) -> None:
    """Over all journeys, even the right code is then refused."""
    assert judged(failures=failures) is verdict


@given(st.integers(0, 6), st.integers(0, 11), st.integers(-120, 1200))
def test_a_wrong_code_never_passes(tries: int, failures: int, age: int) -> None:
    """Whatever the counts and the times."""
    assert judged(matches=False, age=age, tries=tries, failures=failures) is not CodeVerdict.MATCHES


def sendable(
    channel: Channel,
    sent: list[tuple[Channel, float]],
    sends: list[float] | None = None,
    there: list[float] | None = None,
) -> tuple[SendVerdict, float]:
    verdict, wait = judge_send(
        channel=channel,
        sent=[(by, ago(seconds)) for by, seconds in sent],
        sends=[ago(seconds) for seconds in sends or []],
        there=[ago(seconds) for seconds in there or []],
        now=NOW,
        policy=POLICY,
    )
    return verdict, wait.total_seconds()


@pytest.mark.parametrize(
    ("sent", "verdict", "wait"),
    [
        ([], SendVerdict.POSSIBLE, 0),
        ([(SMS, 59)], SendVerdict.TOO_SOON, 1),
        ([(SMS, 60)], SendVerdict.POSSIBLE, 0),
        ([(SMS, 200), (SMS, 119)], SendVerdict.TOO_SOON, 1),
        ([(SMS, 200), (SMS, 120)], SendVerdict.POSSIBLE, 0),
        ([(SMS, 900), (SMS, 600), (SMS, 299)], SendVerdict.TOO_SOON, 1),
        ([(SMS, 900), (SMS, 600), (SMS, 300)], SendVerdict.POSSIBLE, 0),
        ([(SMS, 900), (SMS, 800), (SMS, 700), (SMS, 600)], SendVerdict.EXHAUSTED, 0),
        ([(EMAIL, 0)], SendVerdict.POSSIBLE, 0),
        ([(SMS, 30), (EMAIL, 0)], SendVerdict.TOO_SOON, 90),
        ([(EMAIL, 900), (EMAIL, 800), (SMS, 700), (EMAIL, 600)], SendVerdict.EXHAUSTED, 0),
    ],
)
def test_a_resend_waits_longer_each_time(
    sent: list[tuple[Channel, float]], verdict: SendVerdict, wait: float
) -> None:
    """60, 120 and 300 seconds by the same channel; four codes in all."""
    assert sendable(SMS, sent) == (verdict, wait)


@pytest.mark.parametrize(
    ("sends", "verdict", "wait"),
    [
        ([0] * 4, SendVerdict.POSSIBLE, 0),
        ([0] * 5, SendVerdict.EXHAUSTED, 3600),
        ([3600] * 9, SendVerdict.POSSIBLE, 0),
        ([3600] * 10, SendVerdict.EXHAUSTED, 23 * 3600),
        ([86_400] * 10, SendVerdict.POSSIBLE, 0),
    ],
)
def test_a_doctor_is_sent_five_codes_an_hour_and_ten_a_day(
    sends: list[float], verdict: SendVerdict, wait: float
) -> None:
    """Whatever the journeys; the longer wait is told.  The same of one number or address."""
    assert sendable(SMS, [], sends) == (verdict, wait)
    assert sendable(SMS, [], there=sends) == (verdict, wait)


def test_of_two_counts_the_longer_wait_is_told() -> None:
    assert sendable(SMS, [], [0] * 5, [3600] * 10) == (SendVerdict.EXHAUSTED, 23 * 3600)
    assert sendable(SMS, [], [3600] * 10, [0] * 5) == (SendVerdict.EXHAUSTED, 23 * 3600)

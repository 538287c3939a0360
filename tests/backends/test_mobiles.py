"""Which numbers are mobile ones, and in how many ways one is written."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monespace_backends.registry.cells import is_reached, mobile_of


@pytest.mark.parametrize(
    "number",
    [
        "+33612345678",
        "+33799999999",
        "+590690123456",
        "+590691123456",
        "+262639123456",
        "+262692123456",
        "+262693999999",
        "+594694123456",
        "+594709123456",
        "+596696123456",
        "+596697123456",
        "+689871234567"[:12],
        "+68989123456",
        "+687751234",
        "+687812345"[:10],
        "+508551234",
        "+508708401234",
        "+681821234",
        "+32470123456",
        "+12025550123",
        "+4915123456789",
    ],
)
def test_a_mobile_number_is_known_by_how_it_begins(number: str) -> None:
    """Whether or not a list of blocks has heard of it."""
    assert mobile_of(number) == number


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("06.12.34.56.78", "+33612345678"),
        ("06-12-34-56-78", "+33612345678"),
        ("0612345678", "+33612345678"),
        ("+33 6 12 34 56 78", "+33612345678"),
        ("+33 (0)6 12 34 56 78", "+33612345678"),
        ("+330612345678", "+33612345678"),
        ("0033612345678", "+33612345678"),
        ("\u202a+33\u00a06\u202f12 34 56 78\u202c", "+33612345678"),
        ("０６１２３４５６７８", "+33612345678"),
        ("0690 12 34 56", "+590690123456"),
        ("0691 12 34 56", "+590691123456"),
        ("0692 12 34 56", "+262692123456"),
        ("0639 12 34 56", "+262639123456"),
        ("0694 12 34 56", "+594694123456"),
        ("0696 12 34 56", "+596696123456"),
        ("0709 01 23 45", "+590709012345"),
        ("0709 12 34 56", "+596709123456"),
        ("0709 23 45 67", "+262709234567"),
        ("0709 33 45 67", "+594709334567"),
        ("0709 36 45 67", "+262709364567"),
        ("+33690123456", "+590690123456"),
        ("+590 0690 12 34 56", "+590690123456"),
        ("0032470123456", "+32470123456"),
    ],
    ids=ascii,
)
def test_however_it_is_written_it_is_one_number(written: str, number: str) -> None:
    """As people write it at home, as they do abroad, as exports have it."""
    assert mobile_of(written) == number


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("0142345678", "is not a mobile number"),
        ("01 42 34 56 78", "is not a mobile number"),
        ("0899123456", "is not a mobile number"),
        ("+33112345678", "is not a mobile number"),
        ("+590590123456", "is not a mobile number"),
        ("+262262123456", "is not a mobile number"),
        ("+68940123456", "is not a mobile number"),
        ("+687251234", "is not a mobile number"),
        ("+508412345", "is not a mobile number"),
        ("+3361234567", "is not a mobile number"),
        ("+336123456789", "is not a mobile number"),
        ("698765432", "is not one number"),
        ("+0612345678", "is not one number"),
        ("06123456782 06123456782", "is not one number"),
        ("0612345678/0712345678", "is not one number"),
        ("06 12 34 56 7O", "is not one number"),
        ("+99912345678", "is not one number"),
        ("+3247012", "is not one number"),
        ("٠٦١٢٣٤٥٦٧٨", "is not one number"),
        ("sans", "is not one number"),
        ("", "is not one number"),
    ],
    ids=ascii,
)
def test_what_is_no_mobile_number_is_told_why(written: str, why: str) -> None:
    """And never by repeating it."""
    with pytest.raises(ValueError, match=why) as caught:
        mobile_of(written)

    assert not written or written not in str(caught.value)


@pytest.mark.parametrize(
    "region", ["FR", "GP", "GF", "MQ", "RE", "YT", "NC", "PF", "PM", "WF", "BL", "MF"]
)
def test_what_a_list_of_blocks_calls_mobile_is(region: str) -> None:
    """Ours knows more, never less."""
    kind = phonenumbers.PhoneNumberType.MOBILE
    example = phonenumbers.example_number_for_type(region, kind)
    assert example is not None
    written = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)

    assert mobile_of(written) == written


@given(st.text(max_size=20) | st.from_regex(r"\A[+0]?[0-9 ./()-]{0,18}\Z"))
def test_whatever_is_read_is_a_number_in_e164_and_the_same_again(written: str) -> None:
    """Or it is refused."""
    try:
        number = mobile_of(written)
    except ValueError:
        return

    assert number[0] == "+"
    assert number[1:].isascii()
    assert number[1:].isdigit()
    assert mobile_of(number) == number


def test_a_country_is_reached_by_its_code() -> None:
    assert is_reached("+590690123456", frozenset({33, 590}))
    assert not is_reached("+32470123456", frozenset({33, 590}))

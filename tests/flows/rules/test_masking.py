"""What may be shown of a contact detail."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monespace_flows.facts import Channel
from monespace_flows.rules.codes import mask, mask_email, mask_phone

numbers = st.from_regex(r"\A\+[1-9][0-9]{9,14}\Z", fullmatch=True)
locals_ = st.from_regex(r"\A[a-z][a-z0-9.]{0,20}\Z", fullmatch=True)


def test_r4_a_number_is_masked_as_the_guide_shows() -> None:
    """« 3378***22 »: four digits with the country's, three stars, two digits."""
    assert mask_phone("+33781234522") == "3378***22"
    assert mask_phone("+590690123456") == "5906***56"


def test_an_address_shows_its_first_letter_and_its_domain() -> None:
    """Contract §7."""
    assert mask_email("john.medecin@cn.medecin.example") == "j***@cn.medecin.example"
    assert mask_email("a@b.example") == "a***@b.example"
    assert mask_email('"a@b"@x.example') == '"***@x.example'


@given(numbers)
def test_a_masked_number_has_one_length_and_hides_the_rest(number: str) -> None:
    """Nobody counts the stars."""
    masked = mask(Channel.SMS, number)

    assert len(masked) == 9
    assert masked.count("*") == 3


@given(locals_)
def test_a_masked_address_tells_nothing_of_the_length(local: str) -> None:
    """All addresses of a letter and a domain look the same."""
    assert mask(Channel.EMAIL, f"{local}@x.example") == f"{local[0]}***@x.example"

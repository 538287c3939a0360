"""What both readers of e-mail addresses must do."""

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monespace_backends.emails import Emails, ascii_address
from monespace_flows.ports import EmailAddress
from monespace_flows.testing.contracts import Candidate, EmailsContract, Make
from monespace_flows.testing.services import MemoryEmails
from tests.flows.rules.unseen import scattered


class TestContract(EmailsContract):
    """What hosts' own readers must do, too."""

    @pytest.fixture(params=[Emails, MemoryEmails])
    def make(self, request: pytest.FixtureRequest) -> Make:
        return lambda: Candidate(emails=request.param())


@given(scattered("o'brien+ordre@hôpital.example", blanks=False), st.sampled_from(["NFC", "NFD"]))
def test_what_cannot_be_seen_makes_no_other_address(
    typed: str, form: Literal["NFC", "NFD"]
) -> None:
    """Wherever it is, in either form of the accents."""
    for each in (Emails(), MemoryEmails()):
        read = each.read(unicodedata.normalize(form, typed))

        assert read is not None
        assert read.key == "o'brien+ordre@xn--hpital-ixa.example"


@given(
    st.text("ab.@;, \t\u200b\u00e9e\u0301\0", max_size=12).map(lambda typed: f"{typed}@x.example")
)
def test_whatever_is_read_is_one_address_in_plain_letters(typed: str) -> None:
    """By both readers, and the same one."""
    real, twin = Emails().read(typed), MemoryEmails().read(typed)

    assert real == twin
    assert real is None or real.key.isascii()
    assert real is None or real.key.count("@") == 1


def test_an_address_is_not_shown() -> None:
    assert "x@y.example" not in repr(EmailAddress("x@y.example", "x@y.example"))


def test_the_address_for_the_wire_is_ascii() -> None:
    assert ascii_address("A.b@hôpital.example") == "A.b@xn--hpital-ixa.example"
    assert ascii_address("a@b@c") is None

"""What both readers of e-mail addresses must do."""

import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monespace_backends.emails import Emails, ascii_address
from monespace_flows.ports import EmailAddress
from monespace_flows.ports import Emails as EmailsPort
from monespace_flows.testing.services import MemoryEmails
from tests.flows.rules.unseen import scattered


@pytest.fixture(params=[Emails, MemoryEmails])
def emails(request: pytest.FixtureRequest) -> EmailsPort:
    made: EmailsPort = request.param()
    return made


REFUSED = [
    "",
    "  ",
    "x",
    "@x.example",
    "a@",
    "a@b.fr\r\nBcc:x@y.example",
    "a@b.fr\nc",
    "a@b.fr%0aBcc:x",
    "x%0aBcc@b.example",
    "a%b.example@c.example",
    "b.example!a@c.example",
    "a@b.fr,c@d.fr",
    "a,b@c.fr",
    '"a b"@c.fr',
    '"a"@c.fr',
    "a b@c.fr",
    "a@b .fr",
    "a\u00a0b@c.fr",
    "a@b.fr c@d.fr",
    "a@b.fr\tc@d.fr",
    "a@b.fr;c@d.fr",
    "a@[127.0.0.1]",
    "a@127.0.0.1",
    "<a@b.fr>",
    "A <a@b.fr>",
    "a@b@c.fr",
    "a..b@c.fr",
    ".a@c.fr",
    "a.@c.fr",
    f"{'a' * 65}@b.example",
    f"a@{'b.' * 130}example",
    f"a@{'b' * 64}.example",
    f"{'a' * 60}@{'b' * 60}.{'b' * 60}.{'b' * 60}.{'b' * 20}.example",
    "a@localhost",
    "a@machine.local",
    "a@x.invalid",
    "a@x.test",
    "a@-b.example",
    "a@b..example",
    "a@b.fr\0",
    "a\0@b.fr",
    "a\x1b[31m@b.fr",
    "a\u2028@b.fr",
    "médecin@x.example",
    "me\u0301decin@x.example",
    "mıke@x.example",
    "\u0430@x.example",
    "\u017f@x.example",
    "\u212a@x.example",
    "a\uff20x.example",
    "a\u2024b@x.example",
    "a@\ufb01.example",
    "a@x\ud800.example",
]


@pytest.mark.parametrize("typed", REFUSED, ids=ascii)
def test_refuses(emails: EmailsPort, typed: str) -> None:
    """Whatever is not exactly one plain address is nothing (IN-13, IN-14)."""
    assert emails.read(typed) is None


@pytest.mark.parametrize(
    ("typed", "address", "key"),
    [
        ("medecin@x.example", "medecin@x.example", "medecin@x.example"),
        ("MEDECIN@X.EXAMPLE", "MEDECIN@x.example", "medecin@x.example"),
        (" a@b.example\u00a0", "a@b.example", "a@b.example"),
        ("\ufeffa@b.example\r\n", "a@b.example", "a@b.example"),
        ("\ta\u200b@b\u00ad.example\u200e", "a@b.example", "a@b.example"),
        ("a@ho\u0302pital.example", "a@hôpital.example", "a@xn--hpital-ixa.example"),
        ("o'brien+ordre@b-c.example", "o'brien+ordre@b-c.example", "o'brien+ordre@b-c.example"),
        ("a@hôpital.example", "a@hôpital.example", "a@xn--hpital-ixa.example"),
        ("a@HÔPITAL.example", "a@hôpital.example", "a@xn--hpital-ixa.example"),
        ("a@xn--hpital-ixa.example", None, "a@xn--hpital-ixa.example"),
        (f"{'a' * 64}@b.example", f"{'a' * 64}@b.example", f"{'a' * 64}@b.example"),
    ],
)
def test_reads(emails: EmailsPort, typed: str, address: str | None, key: str) -> None:
    """The address is kept as typed; the key is what makes two of them the same (IN-14)."""
    read = emails.read(typed)

    assert read is not None
    assert key == read.key
    assert address in {None, read.address}


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

"""Rules of the reader of e-mail addresses."""

from __future__ import annotations

from ...ports import Emails
from .rules import holds, rule, same

__all__ = ()

_HEADERS = ("a@b.fr\r\nBcc:x@y.example", "a@b.fr\nc", "a@b.fr%0aBcc:x", "x%0aBcc@b.example")
_SEVERAL = (
    "a@b.fr,c@d.fr", "a,b@c.fr", "a@b.fr c@d.fr", "a@b.fr\tc@d.fr", "a@b.fr;c@d.fr", "a@b@c.fr",
    "a b@c.fr", "a@b .fr", "a\u00a0b@c.fr", "a%b.example@c.example", "b.example!a@c.example",
)  # fmt: skip
_NO_ADDRESS = (
    "", "  ", "x", "@x.example", "a@", "a..b@c.fr", ".a@c.fr", "a.@c.fr", "a@-b.example",
    "a@b..example",
)  # fmt: skip
_NOWHERE = (
    "a@[127.0.0.1]", "a@127.0.0.1", "a@localhost", "a@machine.local", "a@x.invalid", "a@x.test",
)  # fmt: skip
_QUOTED = ('"a b"@c.fr', '"a"@c.fr', "<a@b.fr>", "A <a@b.fr>")
_LONG = (
    f"{'a' * 65}@b.example",
    f"a@{'b.' * 130}example",
    f"a@{'b' * 64}.example",
    f"{'a' * 60}@{'b' * 60}.{'b' * 60}.{'b' * 60}.{'b' * 20}.example",
)
_UNSEEN = ("a@b.fr\0", "a\0@b.fr", "a\x1b[31m@b.fr", "a\u2028@b.fr", "a@x\ud800.example")
_ALIKE = (
    "médecin@x.example", "me\u0301decin@x.example", "mıke@x.example", "\u0430@x.example",
    "\u017f@x.example", "\u212a@x.example", "a\uff20x.example", "a\u2024b@x.example",
    "a@\ufb01.example",
)  # fmt: skip


def _refused(emails: Emails, *typed: str) -> None:
    for each in typed:
        holds(emails.read(each) is None, f"{each!a} is read as an address")


@rule(
    "PORT-EMAILS-01",
    danger="One address adds a header, or a second receiver who gets the code too (IN-13).",
    hint="Refuse line ends, percent signs and whatever separates addresses.",
)
def exactly_one(emails: Emails) -> None:
    """Whatever is not exactly one address is refused."""
    _refused(emails, *_HEADERS, *_SEVERAL, *_NO_ADDRESS)


@rule(
    "PORT-EMAILS-02",
    danger="Mail goes to a machine of the service itself, or nowhere.",
    hint="Ask for a domain with a dot that is no number and no name of RFC 6761.",
)
def can_receive(emails: Emails) -> None:
    """An address that is too long, or cannot receive mail from outside, is refused."""
    _refused(emails, *_NOWHERE, *_QUOTED, *_LONG)


@rule(
    "PORT-EMAILS-03",
    danger="An address that looks like a doctor's is somebody else's (IN-14).",
    hint="ASCII before the at sign; refuse control signs and letters of other alphabets there.",
)
def looks_like_itself(emails: Emails) -> None:
    """An address that looks like another, or holds what cannot be seen or printed, is refused."""
    _refused(emails, *_UNSEEN, *_ALIKE)


@rule(
    "PORT-EMAILS-04",
    danger="One mailbox has two accounts, or its owner does not find theirs.",
    hint="The key: case folded, the domain as IDNA; blanks around and unseen signs left out.",
)
def one_key(emails: Emails) -> None:
    """Two ways to type one address have one key."""
    for typed, key in (
        ("medecin@x.example", "medecin@x.example"),
        ("MEDECIN@X.EXAMPLE", "medecin@x.example"),
        (" a@b.example\u00a0", "a@b.example"),
        ("\ufeffa@b.example\r\n", "a@b.example"),
        ("\ta\u200b@b\u00ad.example\u200e", "a@b.example"),
        ("a@ho\u0302pital.example", "a@xn--hpital-ixa.example"),
        ("a@HÔPITAL.example", "a@xn--hpital-ixa.example"),
        ("a@hôpital.example", "a@xn--hpital-ixa.example"),
        ("a@xn--hpital-ixa.example", "a@xn--hpital-ixa.example"),
        (f"{'a' * 64}@b.example", f"{'a' * 64}@b.example"),
        ("o'brien+ordre@b-c.example", "o'brien+ordre@b-c.example"),
    ):
        read = emails.read(typed)
        same(key, None if read is None else read.key, f"the key of {typed!a}")


@rule(
    "PORT-EMAILS-05",
    danger="Mail goes to another spelling than the one that its server knows.",
    hint="Keep the part before the at sign as it was typed; only the domain is in small letters.",
)
def kept_as_typed(emails: Emails) -> None:
    """The address itself is kept as typed, cleaned."""
    for typed, address in (
        ("MEDECIN@X.EXAMPLE", "MEDECIN@x.example"),
        (" a@b.example\u00a0", "a@b.example"),
        ("\ufeffa@b.example\r\n", "a@b.example"),
        ("\ta\u200b@b\u00ad.example\u200e", "a@b.example"),
        ("a@ho\u0302pital.example", "a@hôpital.example"),
        ("a@HÔPITAL.example", "a@hôpital.example"),
        ("o'brien+ordre@b-c.example", "o'brien+ordre@b-c.example"),
        (f"{'a' * 64}@b.example", f"{'a' * 64}@b.example"),
    ):
        read = emails.read(typed)
        same(address, None if read is None else read.address, f"the address of {typed!a}")

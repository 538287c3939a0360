"""The syntax of e-mail addresses, read by email-validator and narrowed.

Two addresses are the same when their keys are.  What cannot be seen is gone first, and an accent
typed as two characters is one.  What Unicode would quietly turn into another address (``＠``,
``ſ``, the Kelvin sign) is refused rather than folded.

The part before the at sign is ASCII.  ``jérôme@cabinet.example`` is an address that only SMTPUTF8
carries: one relay on the way that does not speak it loses the code or the reset link, and two
letters that look alike would be two accounts.  No provider of ours hands such addresses out.
"""

from __future__ import annotations

from functools import lru_cache

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from monespace_flows.ports import EmailAddress
from monespace_flows.rules.typed import unmistakable

__all__ = ["Emails", "ascii_address"]

_LONGEST = 254  # RFC 5321; checked first, so that a megabyte costs nothing
_SOURCE_ROUTES = frozenset("%!")  # user%host@relay and host!user: old ways to smuggle a second host


class Emails:
    """Reads addresses without asking the network."""

    def read(self, typed: str) -> EmailAddress | None:
        """Read one address, or ``None`` if it is not exactly one that can receive mail."""
        address = unmistakable(typed)
        if address is None or len(address) > _LONGEST:
            return None
        read = _validated(address)
        if read is None or _SOURCE_ROUTES.intersection(read.local_part):
            return None
        return EmailAddress(read.normalized, f"{read.local_part.casefold()}@{read.ascii_domain}")


def ascii_address(address: str) -> str | None:
    """Write an address for the wire, its domain in A-labels; ``None`` when it is not one."""
    read = _validated(address)
    return None if read is None else read.ascii_email


# A journey reads its few addresses again at every step; of other people's hardly any is kept.
@lru_cache(maxsize=64)
def _validated(address: str) -> ValidatedEmail | None:
    try:
        # strict: without it a local part over 64 characters passes.
        return validate_email(
            address, check_deliverability=False, allow_smtputf8=False, strict=True
        )
    except EmailNotValidError:
        return None

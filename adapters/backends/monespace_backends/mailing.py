"""Whom e-mails come from, and the server that takes them: what settings say of both.

Apart from the modules that write and hand over e-mails, which take long to import: settings are
read by every command.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

from attrs import Attribute, field, frozen

__all__ = ["Sender", "SmtpOptions"]


def _address_of_sender(_: object, __: Attribute[str], address: str) -> None:
    from .emails import ascii_address

    if ascii_address(address) is None:
        raise ValueError("is not an e-mail address")


@frozen
class Sender:
    """Whom e-mails come from."""

    address: str = field(validator=_address_of_sender)
    name: str = "Ordre des médecins"

    @property
    def domain(self) -> str:
        """The part after the at sign, in ASCII."""
        from .emails import ascii_address

        return (ascii_address(self.address) or "").rpartition("@")[2]


@frozen(kw_only=True)
class SmtpOptions:
    """How to reach the mail server.

    ``tls``: ``"starttls"`` asks for protection once connected, ``"tls"`` connects protected,
    ``"none"`` goes without, for a server on the same machine.  ``ca_file`` holds the authority to
    trust instead of the system's.  ``timeout`` bounds each wait for the server.
    """

    host: str
    port: int = 587
    tls: Literal["none", "starttls", "tls"] = "starttls"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: Path | None = None
    timeout: timedelta = timedelta(seconds=10)

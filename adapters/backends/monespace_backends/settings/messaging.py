"""What settings say of how messages leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal

from attrs import Attribute, field, frozen
from attrs.validators import gt

from ..messaging import Sender, SmtpOptions
from ..registry import FRENCH_DIAL_CODES
from ..targets import is_target
from .addresses import is_loopback, is_private

__all__ = ["MessagingSettings", "SmsSettings", "SmtpSettings"]

_ZERO = timedelta(0)


def _is_sender(_: object, __: Attribute[str], address: str) -> None:
    Sender(address)


@frozen(kw_only=True)
class SmtpSettings(SmtpOptions):
    """The mail server, and whom e-mails come from.

    Attributes:
        sender: the address that e-mails come from.
        sender_name: the name beside it.
    """

    sender: str = field(validator=_is_sender)
    sender_name: str = "Ordre des médecins"

    def __attrs_post_init__(self) -> None:
        if self.tls == "none" and self.password is not None and not is_loopback(self.host):
            raise ValueError(
                'tls = "none" would send the password unprotected to another machine: write '
                '"starttls" or "tls", or leave the password out'
            )


@frozen(kw_only=True)
class MessagingSettings:
    """How messages leave: by ``[smtp]`` and ``[sms]``, or by what a host wrote.

    Attributes:
        kind: ``"smtp"``, or ``"module"`` for what a host wrote.
        target: the class or function that makes it, as ``package.module:NAME``.
        options: what it is called with, by name; not shown, since a key may be among them.
        dial_codes: the countries where it sends codes by SMS.
    """

    kind: Literal["smtp", "module"] = "smtp"
    target: str | None = field(default=None, validator=is_target)
    options: Mapping[str, Any] = field(factory=dict, repr=False)
    dial_codes: frozenset[int] = frozenset()

    def __attrs_post_init__(self) -> None:
        if (self.kind == "module") != (self.target is not None):
            raise ValueError('target goes with kind = "module": give both or neither')


@frozen(kw_only=True)
class SmsSettings:
    """The SMS provider; without it no code is offered by SMS.

    Attributes:
        url: where messages are posted, https or on this very machine.
        key: what opens it, as a bearer; better in the environment.
        sender: the name or number that people see.
        timeout: how long it may take to answer.
        dial_codes: the countries where codes are sent by SMS.
    """

    url: str = field(validator=is_private)
    key: str = field(repr=False)
    sender: str | None = None
    timeout: timedelta = field(default=timedelta(seconds=10), validator=gt(_ZERO))
    dial_codes: frozenset[int] = FRENCH_DIAL_CODES

"""E-mails as they leave: plain text, and the same in quiet HTML, to exactly one person."""

from __future__ import annotations

from collections.abc import Iterator
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from monespace_flows.errors import DeliveryRefused
from monespace_flows.ports import Message
from monespace_flows.typography import typeset

from .emails import ascii_address
from .mailing import Sender

__all__ = ["Sender", "compose"]

_BANNER = "ORDRE DES MÉDECINS"
_GREETING = "Bonjour,"


def compose(message: Message, sender: Sender) -> EmailMessage:
    """Write a message as an e-mail.

    Raises:
        DeliveryRefused: it is not addressed to exactly one person.
    """
    subject = message.subject or sender.name
    mail = EmailMessage(SMTP)
    mail["From"] = Address(sender.name, addr_spec=ascii_address(sender.address) or "")
    mail["To"] = _one_person(message.to)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{quote(message.id, safe='')}@{sender.domain}>"
    mail["Content-Language"] = "fr"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Monespace-Purpose"] = message.purpose
    # Quoted-printable: seven bits travel everywhere, and no line grows too long.
    mail.set_content("\n\n".join(_text(message)) + "\n", cte="quoted-printable")
    mail.add_alternative(_html(message, subject), subtype="html", cte="quoted-printable")
    return mail


def _one_person(to: str) -> Address:
    # Given a text, the header would take "a@x.example,b@y.example" for two people.
    address = ascii_address(to)
    if address is None:
        raise DeliveryRefused("email")
    return Address(addr_spec=address)


def _text(message: Message) -> Iterator[str]:
    yield from message.paragraphs
    if message.link_url is not None:
        yield f"{message.link_label} :\n{message.link_url}"


def _html(message: Message, subject: str) -> str:
    return _template().render(
        banner=_BANNER,
        subject=subject,
        preheader=_preheader(message),
        paragraphs=message.paragraphs,
        code=message.code,
        link_label=message.link_label,
        link_url=message.link_url,
    )


def _preheader(message: Message) -> str:
    """What a list of mails shows beside the subject: the matter, not « Bonjour », nor the code."""
    said = (text for text in message.paragraphs if text not in (_GREETING, message.code))
    return next(said, "")


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader(__package__ or ""), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["typeset"] = typeset
    return environment.get_template("mail.html")

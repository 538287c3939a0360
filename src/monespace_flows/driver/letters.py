"""Turn a journey's letter into a message in the outbox, sealed until it leaves."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from ..facts import Channel
from ..ports import Message, OutboxMessage, Unit
from ..screens import Letter
from ..serialization import to_json
from ..spoken import say_instant, say_span
from .case import Case

__all__ = ["Recipient", "post", "post_nothing"]


@frozen
class Recipient:
    """Where one message goes."""

    channel: Channel
    destination: str = field(repr=False)


def post(
    case: Case,
    unit: Unit,
    key: str,
    letter: Letter,
    recipient: Recipient,
    *,
    code: str | None = None,
    link: str | None = None,
    expires_at: datetime | None = None,
) -> None:
    """Queue one message, in the step's own transaction.

    Args:
        case: what the submission works with.
        unit: the step's transaction.
        key: the idempotency key, which becomes the message's id.
        letter: what to write.
        recipient: where it goes.
        code: the code that the letter names, if any.
        link: the token of the link that the letter carries, if any.
        expires_at: when the message is no longer worth sending.
    """
    words = {
        "code": code or "",
        "life": say_span(case.policy.codes.life),
        "date": say_instant(expires_at, case.site.zone) if expires_at else "",
        "host": case.site.host,
        "assistance": case.site.assistance_url,
    }
    message = Message(
        id=key,
        at=case.at,
        channel=recipient.channel,
        purpose=letter.purpose,
        to=recipient.destination,
        subject=letter.subject if recipient.channel is Channel.EMAIL else None,
        paragraphs=tuple(paragraph.format_map(words) for paragraph in letter.paragraphs),
        link_label=letter.link,
        link_url=case.site.link(link) if link else None,
        code=code,
    )
    unit.outbox.add(
        OutboxMessage(
            id=key,
            journey=case.journey.reference,
            channel=recipient.channel.value,
            purpose=letter.purpose,
            sealed=case.ports.secrets.seal(to_json(message)),
            created_at=case.at,
            due_at=case.due_at,
            expires_at=expires_at,
        )
    )


def post_nothing(case: Case, unit: Unit, key: str, letter: Letter, expires_at: datetime) -> None:
    """Queue a message that goes nowhere and weighs as much as the letter would (``P2``)."""
    filler = case.ports.secrets.seal("." * sum(map(len, letter.paragraphs)))
    unit.outbox.add(
        OutboxMessage(
            id=key,
            journey=case.journey.reference,
            channel="none",
            purpose=letter.purpose,
            sealed=filler,
            created_at=case.at,
            due_at=case.due_at,
            expires_at=expires_at,
        )
    )

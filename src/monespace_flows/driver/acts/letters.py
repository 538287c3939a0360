"""A flow's letters, made messages in the outbox: sealed until they leave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from attrs import field, frozen

from ...effects import Budget, SendLetter, WarnHolder
from ...events import AccountLocked
from ...facts import Channel
from ...journal.deliveries import note_queued
from ...ports import Doctor, LinkPurpose, Message, OutboxMessage, StoredLink
from ...rules.waits import DAY
from ...screens import Letter
from ...serialization import to_json
from ...texts import say_letter
from ..case import Case, digest_token, seal_of
from .base import EffectContext, Executors, Findings
from .credentials import FoundCredentials
from .totals import closed_channels, count_message

__all__ = ()


@frozen
class Recipient:
    """Where one message goes."""

    channel: Channel
    destination: str = field(repr=False)


def post(
    context: EffectContext[Any],
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
        context: what the effect works with.
        key: the idempotency key, which becomes the message's id.
        letter: what to write.
        recipient: where it goes.
        code: the code that the letter names, if any.
        link: the token of the link that the letter carries, if any.
        expires_at: when the message is no longer worth sending (UTC).
    """
    case, words = context.case, _words(context.case, code, expires_at)
    letter = say_letter(case.flow.name, letter, case.app.language.say_over)
    message = Message(
        id=key,
        at=case.at,
        channel=recipient.channel,
        purpose=letter.purpose,
        to=recipient.destination,
        subject=letter.subject if recipient.channel is Channel.EMAIL else None,
        paragraphs=tuple(each.format_map(words) for each in _paragraphs(letter, link)),
        link_label=letter.link if link else None,
        link_url=case.site.link(link) if link else None,
        code=code,
        language=case.app.language.code,
    )
    sealed = case.ports.secrets.seal(to_json(message))
    _queue(context, key, letter, recipient.channel.value, sealed=sealed, expires_at=expires_at)


def _paragraphs(letter: Letter, link: str | None) -> tuple[str, ...]:
    return letter.paragraphs if link or not letter.without_link else letter.without_link


def post_nothing(
    context: EffectContext[Any], key: str, letter: Letter, expires_at: datetime
) -> None:
    """Queue a message that goes nowhere and weighs as much as the letter would (``P2``)."""
    case = context.case
    letter = say_letter(case.flow.name, letter, case.app.language.say_over)
    filler = case.ports.secrets.seal("." * sum(map(len, letter.paragraphs)))
    _queue(context, key, letter, "none", sealed=filler, expires_at=expires_at)


def _words(case: Case[Any], code: str | None, expires_at: datetime | None) -> dict[str, str]:
    language = case.app.language
    return {
        "code": code or "",
        "life": language.span(case.policy.codes.life),
        "date": language.instant(expires_at, case.site.zone) if expires_at else "",
        "host": case.site.host,
        "assistance": case.site.assistance_url,
    }


def _queue(
    context: EffectContext[Any],
    key: str,
    letter: Letter,
    channel: Literal["sms", "email", "none"],
    *,
    sealed: str,
    expires_at: datetime | None,
) -> None:
    case = context.case
    count_message(context, channel)
    context.has_queued = True
    message = OutboxMessage(
        id=key,
        journey=case.journey.reference,
        channel=channel,
        purpose=letter.purpose,
        sealed=sealed,
        created_at=case.at,
        due_at=case.due_at,
        expires_at=expires_at,
    )
    context.unit.outbox.add(note_queued(message, seal_of(case.ports.secrets)))


def post_confirmation(
    context: EffectContext[Any], key: str, letter: Letter, recipient: Recipient
) -> None:
    """Queue a letter that carries a link to confirm the account's address (``D7``)."""
    expires_at = context.case.at + context.case.policy.links.confirmation_life
    token = add_link(context, LinkPurpose.CONFIRM, expires_at, about=context.next_email)
    post(context, key, letter, recipient, link=token, expires_at=expires_at)


def _post_objection(
    context: EffectContext[Any], key: str, letter: Letter, recipient: Recipient
) -> None:
    """Queue a letter whose link says « Ce n'est pas moi »."""
    expires_at = context.case.at + context.case.policy.links.objection_life
    if letter.to == "previous_login" and not context.previous_is_proven:
        # A mistyped address is a stranger's, whose word must not bring it back.
        post(context, key, letter, recipient, expires_at=expires_at)
        return
    purpose = LinkPurpose(letter.carries)
    about = context.previous_email if purpose is LinkPurpose.OBJECT else None
    token = add_link(context, purpose, expires_at, about=about)
    post(context, key, letter, recipient, link=token, expires_at=expires_at)


_SHORT = 22
"""Signs of a token that an SMS has room for: 132 bits."""


def add_link(
    context: EffectContext[Any],
    purpose: LinkPurpose,
    expires_at: datetime,
    journey: str | None = None,
    about: str | None = None,
) -> str:
    """Store a one-time link to the step's account, and give its token.

    Args:
        context: what the effect works with.
        purpose: what it is for.
        expires_at: when it is worth nothing any more (UTC).
        journey: the reference of the journey that it continues, if any.
        about: the address that it is about, if any.
    """
    account, secrets = context.own_account, context.case.ports.secrets
    token = secrets.token()[:_SHORT] if purpose.objects else secrets.token()
    context.unit.links.add(
        StoredLink(
            digest=digest_token(token),
            purpose=purpose,
            account_id=account.id,
            epoch=account.credential_epoch,
            journey=journey,
            created_at=context.case.at,
            expires_at=expires_at,
            sealed=None if about is None else secrets.seal(about),
        )
    )
    return token


def _send_letter(context: EffectContext[Findings], effect: SendLetter) -> None:
    letter = context.case.flow.letters[effect.letter]
    for place, recipient in enumerate(_affordable(context, [*_recipients(context, letter)])):
        unique = f"{context.key}.{place}" if place else context.key
        if letter.link is None:
            post(context, unique, letter, recipient)
        elif letter.carries != "confirm":
            _post_objection(context, unique, letter, recipient)
        else:
            post_confirmation(context, unique, letter, recipient)


def _affordable(context: EffectContext[Findings], recipients: list[Recipient]) -> list[Recipient]:
    """Leave the SMS out once the day's budget for them is used up, if an e-mail says the same.

    Whoever can be reached by SMS only is told all the same: who has them told proved who they are.
    """
    case = context.case
    closed = closed_channels(context.unit, case.site.zone, case.at) if len(recipients) > 1 else ()
    return [it for it in recipients if it.channel not in closed]


def _recipients(context: EffectContext[Findings], letter: Letter) -> Iterator[Recipient]:
    found = context.found
    if letter.to == "login":
        address = context.case.ports.secrets.unseal(context.own_account.sealed_email)
        yield Recipient(Channel.EMAIL, address)
    elif letter.to == "previous_login" and context.previous_email:
        yield Recipient(Channel.EMAIL, context.previous_email)
    elif letter.to == "next_login" and context.next_email:
        yield Recipient(Channel.EMAIL, context.next_email)
    elif letter.to == "order":
        yield from _contacts(found.doctor)
    elif letter.to == "claimant" and isinstance(found, FoundCredentials):
        yield from _contacts(found.claimants_doctor)


def _contacts(doctor: Doctor | None) -> Iterator[Recipient]:
    for channel in Channel:
        destination = doctor.destination(channel) if doctor else None
        if destination is not None:
            yield Recipient(channel, destination)


WARNING = "tries.warning"
"""The letter that tells of others' tries."""


def _warn_holder(context: EffectContext[Findings], _: WarnHolder) -> None:
    """Write to one contact of the Order, or as much to nobody (TM-02); either counts for a day."""
    case, found = context.case, context.found
    context.unit.budgets.add(Budget.WARNING, found.subject, case.at)
    letter, expires_at = case.flow.letters[WARNING], case.at + DAY
    closed = closed_channels(context.unit, case.site.zone, case.at)
    contacts = (it for it in _contacts(found.doctor) if it.channel not in closed)
    reached = sorted(contacts, key=lambda it: it.channel is Channel.SMS)
    if reached:
        post(context, context.key, letter, reached[0], expires_at=expires_at)
    else:
        post_nothing(context, context.key, letter, expires_at)
    if found.account is not None:
        locked = AccountLocked(id=context.key, at=case.at, account_id=found.account.id)
        context.events.append(locked)


EXECUTORS: Executors = {SendLetter: _send_letter, WarnHolder: _warn_holder}

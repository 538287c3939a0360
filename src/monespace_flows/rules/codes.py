"""One-time codes: the mask of where one goes, when another may, what one typed is worth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ..facts import Channel, CodeVerdict, Problem, SendVerdict
from ..policy import CodePolicy
from .typed import digits_of
from .waits import DAY, HOUR, window_wait

__all__ = ["judge_code", "judge_send", "mask", "next_send", "read_code"]


def mask_phone(e164: str) -> str:
    """Mask a phone number in E.164: international digits, first four and last two."""
    digits = e164.removeprefix("+")
    return f"{digits[:4]}***{digits[-2:]}"


def mask_email(address: str) -> str:
    """Mask an e-mail address: its first letter and its domain."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"


def mask(channel: Channel, destination: str) -> str:
    """Mask a destination of either kind."""
    return mask_phone(destination) if channel is Channel.SMS else mask_email(destination)


# --- One-time codes: what a code typed is worth, and when another may be sent (``D4``) -----------

# « Votre code est : 123456 »: people copy more of a message than its digits.
_LABEL = re.compile(r"\A(?:le|mon|votre|code|est|[:=])+", re.IGNORECASE)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)


def read_code(typed: str, policy: CodePolicy) -> str | Problem:
    """Read a code: the right number of digits, however they are grouped and labelled."""
    digits = digits_of(typed, _LABEL)
    if not digits:
        return Problem.CODE_REQUIRED
    if len(digits) != policy.digits or not _DIGITS.fullmatch(digits):
        return Problem.CODE_SHAPE
    return digits


def judge_code(
    *,
    matches: bool,
    sent_at: datetime | None,
    tries: int,
    failures: Sequence[datetime],
    now: datetime,
    policy: CodePolicy,
) -> CodeVerdict:
    """Say what a well-formed code is worth.

    ``sent_at`` is ``None`` when no code is awaited; ``failures`` are the doctor's wrong codes
    over all journeys.  A code is valid while its age is below its life, never at it.
    """
    if sent_at is None or now - sent_at >= policy.life or now < sent_at - timedelta(minutes=1):
        return CodeVerdict.EXPIRED
    if tries >= policy.tries or window_wait(failures, now, policy.failures_per_day, DAY):
        return CodeVerdict.EXHAUSTED
    if matches:
        return CodeVerdict.MATCHES
    return CodeVerdict.LAST_TRY_DIFFERS if tries + 1 >= policy.tries else CodeVerdict.DIFFERS


def judge_send(
    *,
    channel: Channel,
    sent: Sequence[tuple[Channel, datetime]],
    sends: Sequence[datetime],
    there: Sequence[datetime] = (),
    now: datetime,
    policy: CodePolicy,
) -> tuple[SendVerdict, timedelta]:
    """Say whether a code may leave now by ``channel``, else how long to wait.

    ``sent`` are this journey's sends, ``sends`` the doctor's over all journeys, ``there`` those of
    anybody to the same number or address.  The wait grows
    with each resend by the same channel; another channel may be used at once (a lost SMS must
    not keep anyone waiting), but counts towards the same total.
    """
    next_at = next_send(channel, sent, policy)
    if next_at is None:
        return SendVerdict.EXHAUSTED, timedelta(0)
    wait = max(
        window_wait(sends, now, policy.sends_per_hour, HOUR),
        window_wait(sends, now, policy.sends_per_day, DAY),
        window_wait(there, now, policy.destination_sends_per_hour, HOUR),
        window_wait(there, now, policy.destination_sends_per_day, DAY),
    )
    if wait:
        return SendVerdict.EXHAUSTED, wait
    if next_at > now:
        return SendVerdict.TOO_SOON, next_at - now
    return SendVerdict.POSSIBLE, timedelta(0)


def next_send(
    channel: Channel, sent: Sequence[tuple[Channel, datetime]], policy: CodePolicy
) -> datetime | None:
    """Say from when a journey allows another code by ``channel`` (UTC); never: ``None``.

    ``sent`` are the journey's sends.  What the doctor was sent in other journeys may delay it
    further.
    """
    if len(sent) > len(policy.resend_waits):
        return None
    last = max((at for by, at in sent if by is channel), default=None)
    return _LONG_AGO if last is None else last + policy.resend_waits[len(sent) - 1]

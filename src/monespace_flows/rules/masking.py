"""What may be shown of a contact detail (``R4``, « 3378***22 »): as many stars for everyone."""

from __future__ import annotations

from ..facts import Channel

__all__ = ["mask", "mask_email", "mask_phone"]


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

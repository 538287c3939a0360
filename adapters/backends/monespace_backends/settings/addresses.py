"""Which addresses settings may name: what is sent there is read by nobody on the way."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from attrs import Attribute

__all__ = ["is_loopback", "is_private"]


def is_private(_: object, __: Attribute[str], url: str) -> None:
    """Take https, or http on this very machine, as a validator does.

    Raises:
        ValueError: it is neither.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError("must begin with https://, or with http:// on this very machine")


def is_loopback(host: str) -> bool:
    """Whether a host's name is this very machine's."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

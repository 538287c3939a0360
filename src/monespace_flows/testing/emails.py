"""E-mail addresses by a few plain rules: what the real reader does, for the common cases."""

from __future__ import annotations

import re

from ..ports import EmailAddress
from ..rules.typed import unmistakable

__all__ = ["MemoryEmails"]

_ATOM = r"[A-Za-z0-9#$&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*", re.ASCII)
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"({_LABEL}\.)+(?![0-9]+$){_LABEL}", re.ASCII)
_NOWHERE = re.compile(r"(.*\.)?(localhost|local|invalid|test|onion|arpa)", re.ASCII)


class MemoryEmails:
    """Reads addresses without a library: ASCII before the at sign, a real domain after it."""

    def read(self, typed: str) -> EmailAddress | None:
        """Read one address, or ``None`` if it is not exactly one that can receive mail."""
        local, at, domain = (unmistakable(typed) or "").partition("@")
        if not at:
            return None
        host = _ascii(domain)
        if host is None or not 0 < len(local) <= 64 or len(local) + 1 + len(host) > 254:
            return None
        if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(host) or _NOWHERE.fullmatch(host):
            return None
        return EmailAddress(f"{local}@{domain.lower()}", f"{local.casefold()}@{host}")


def _ascii(domain: str) -> str | None:
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None

"""What the legal pages name, as a table `[legal]`; the HTTP adapter says what each means."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

__all__ = ["LegalSettings"]


@frozen(kw_only=True)
class LegalSettings:
    """Who publishes, hosts and answers for the site; what is left out is shown as empty."""

    publisher: str | None = None
    address: str | None = None
    contact: str | None = None
    director: str | None = None
    hosting: str | None = None
    dpo: str | None = None
    recipients: tuple[str, ...] = ()
    accessibility: Literal["none", "partial", "full"] = "none"
    audit: str | None = None
    gaps: tuple[str, ...] = ()
    accessibility_contact: str | None = None

"""Who publishes the site, as the law wants it said: what the host fills in, and what is empty."""

from __future__ import annotations

from typing import Literal

from attrs import fields, frozen

__all__ = ["Legal"]

Conformity = Literal["none", "partial", "full"]
_CONFORMITY = {
    "none": "non conforme",
    "partial": "partiellement conforme",
    "full": "totalement conforme",
}


@frozen(kw_only=True)
class Legal:
    """What the legal pages name; a block left empty is shown as still to be completed.

    ``publisher`` is who publishes the site, with ``address`` and ``contact`` (an e-mail address or
    a telephone number); ``director`` is the person responsible for what it says; ``hosting`` the
    name, address and telephone of who hosts it.  ``dpo`` is how to reach the data protection
    officer, ``recipients`` who receives personal data beside the publisher.

    ``accessibility`` is what an audit found (``"none"`` until there was one): ``audit`` names who
    made it, when and by what, ``gaps`` are what does not conform, ``accessibility_contact`` is
    how to tell of an obstacle, by default ``contact``.
    """

    publisher: str | None = None
    address: str | None = None
    contact: str | None = None
    director: str | None = None
    hosting: str | None = None
    dpo: str | None = None
    recipients: tuple[str, ...] = ()
    accessibility: Conformity = "none"
    audit: str | None = None
    gaps: tuple[str, ...] = ()
    accessibility_contact: str | None = None

    @property
    def conformity(self) -> str:
        """The state of accessibility in the law's words: « non conforme »."""
        return _CONFORMITY[self.accessibility]

    @property
    def empty(self) -> tuple[str, ...]:
        """The names of what is still to be filled in."""
        optional = {"recipients", "accessibility", "accessibility_contact"}
        if self.accessibility == "full":
            optional.add("gaps")
        names = (each.name for each in fields(Legal))
        return tuple(name for name in names if name not in optional and not getattr(self, name))

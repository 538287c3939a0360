"""What came with a POST of one of our pages."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from .form_tokens import Shown

__all__ = ["COMMAND", "TOKEN", "Form"]

TOKEN = "form_token"
COMMAND = "command"


@frozen(kw_only=True)
class Form:
    """A form that was sent.

    ``shown`` is what its token proves, ``None`` when the form is stale; ``claimed`` is what the
    token says, proven or not.  ``event`` is the button's, empty when a script or a password
    manager sent the form.  ``torn`` names fields that came with different values.  ``has_cookies``
    says whether the browser sent any of ours.
    """

    fields: Mapping[str, str] = field(repr=False)
    event: str
    shown: Shown | None
    claimed: Shown | None
    torn: frozenset[str]
    has_cookies: bool

"""Where a browser stands in one flow: the journey that its cookie names, or the first screen."""

from __future__ import annotations

from attrs import field, frozen

from monespace_flows.screens import View

__all__ = ["Standing"]


@frozen(kw_only=True)
class Standing:
    """What a page has to show.

    ``token`` opens the journey shown; it is empty on a first screen without one.  ``reference``
    is that of the journey that the cookie names, even if the page shows the first screen again.
    ``is_unreadable``: the cookie names a journey that this release cannot go on with.
    """

    view: View
    token: str = field(default="", repr=False)
    reference: str = ""
    is_unreadable: bool = False

    @property
    def is_told_once(self) -> bool:
        """Whether the browser forgets the journey once this was shown: the next person begins."""
        return self.is_unreadable or self.view.status != "open"

"""A screen as data, and the view of it that adapters show.

The page renderer and the JSON answer are two renderings of one :class:`View`; neither holds a
sentence of the guide.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum
from typing import Literal

from attrs import field, frozen

from .notices import Link, Notice, Place

__all__ = [
    "Button",
    "Field",
    "FieldView",
    "Letter",
    "Link",
    "Notice",
    "NoticeView",
    "Option",
    "Outcome",
    "Place",
    "Screen",
    "ScreenView",
    "View",
]


class Outcome(Enum):
    """How the last command ended, for an adapter's status code."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    THROTTLED = "throttled"


FieldKind = Literal["text", "date", "email", "password", "code", "checkbox", "radio", "fixed"]


@frozen(kw_only=True)
class Field:
    """One thing to fill in.

    ``label`` is the guide's, its star included where the guide has one.  ``kind`` ``"fixed"`` is
    shown and cannot be changed; ``"radio"`` takes its options from the journey.  ``new_secret``
    asks for the strength label beside it; ``prefilled`` shows the account's present value.
    """

    name: str
    label: str
    kind: FieldKind
    required: bool = True
    hint: str | None = None
    autocomplete: str | None = None
    links: tuple[Link, ...] = ()
    new_secret: bool = False
    prefilled: bool = False


@frozen
class Button:
    """One thing to press: the event of a command, and the guide's words.

    ``requires`` names a truth of the journey (``offer_recovery``) without which it is not shown.
    """

    command: str
    label: str
    primary: bool = False
    requires: str | None = None


@frozen(kw_only=True)
class Screen:
    """What a state shows.

    ``step`` is the accessible name in the progress indication (``D8``).  ``standing`` are the
    notices that belong to the screen itself: whoever comes back reads them again.  ``quiet``: the
    ten minutes are told only when they are nearly over, since little is typed here.  ``again`` is
    a heading: what this screen waits for comes from elsewhere, so the page offers the flow's
    first screen under it, to begin anew.
    """

    id: str
    title: str
    intro: str | None = None
    section: str | None = None
    step: str | None = None
    standing: tuple[str, ...] = ()
    quiet: bool = False
    again: str | None = None
    fields: tuple[Field, ...] = ()
    buttons: tuple[Button, ...] = ()
    links: tuple[Link, ...] = ()

    @property
    def is_typed(self) -> bool:
        """Whether something is typed here, which the ten minutes of ``C2`` then erase."""
        return any(f.kind not in ("radio", "fixed") for f in self.fields)


@frozen(kw_only=True)
class Letter:
    """A message to a person: an SMS when it has no subject.

    ``paragraphs`` may hold ``{code}``, ``{life}``, ``{date}``, ``{host}`` and ``{assistance}``.
    ``to``: ``"contact"`` is the contact of the Order that was chosen, ``"login"`` the account's
    address, ``"previous_login"`` the address it had, ``"next_login"`` the one that it is to have,
    ``"order"`` every contact the Order holds, ``"one_of_order"`` one of them, by e-mail if it can
    be, ``"claimant"`` every contact it holds of whoever loses an address that another has proved.
    ``link`` is the words of the button that carries a one-time link, and ``carries`` what that one
    does.  A link that objects goes to whom the Order knows or who has proved the address; anyone
    else is told ``without_link``.
    """

    id: str
    purpose: Literal["code", "confirmation", "reset_link", "notice"]
    to: Literal[
        "contact", "login", "previous_login", "next_login", "order", "one_of_order", "claimant"
    ]
    paragraphs: tuple[str, ...]
    subject: str | None = None
    link: str | None = None
    carries: Literal["confirm", "object", "freeze"] = "confirm"
    without_link: tuple[str, ...] = ()


@frozen(kw_only=True)
class Option:
    """One choice of a radio group: an opaque value, a masked label, the kind of channel.

    ``unavailable`` is why it cannot be chosen for now, where it cannot.
    """

    value: str
    label: str
    kind: str
    unavailable: str | None = None


@frozen(kw_only=True)
class FieldView:
    """A field as it is shown now."""

    name: str
    label: str
    kind: FieldKind
    required: bool
    hint: str | None = None
    autocomplete: str | None = None
    links: tuple[Link, ...] = ()
    new_secret: bool = False
    value: str | None = field(default=None, repr=False)
    options: tuple[Option, ...] = ()
    error: str | None = None


@frozen(kw_only=True)
class ScreenView:
    """A screen as it is shown now."""

    id: str
    title: str
    intro: str | None = field(repr=False)
    section: str | None
    step: str | None
    fields: tuple[FieldView, ...]
    buttons: tuple[Button, ...]
    links: tuple[Link, ...]
    quiet: bool = False
    again: str | None = None


@frozen(kw_only=True)
class NoticeView:
    """A notice as it is shown now; ``fields`` names those of the screen that it is about."""

    id: str
    kind: Literal["error", "info", "success"]
    text: str = field(repr=False)
    links: tuple[Link, ...] = ()
    fields: tuple[str, ...] = ()


@frozen(kw_only=True)
class View:
    """All that a person may see of a journey.

    ``erase_after``, ``expires_at`` and ``resend_at`` are UTC.  Where a code is awaited,
    ``resend_at`` says from when this journey allows another by the same channel and ``sends_left``
    how many more.  ``token`` opens the journey, ``session`` the account, and by ``browser`` the
    browser is known again: all three are secrets, handed over once by an adapter.
    """

    reference: str
    flow: str
    state: str
    status: Literal["open", "done", "expired"]
    screen: ScreenView
    notices: tuple[NoticeView, ...]
    erase_after: datetime | None
    expires_at: datetime
    resend_at: datetime | None = None
    sends_left: int | None = None
    outcome: Outcome = Outcome.ACCEPTED
    retry_after: timedelta | None = None
    token: str = field(default="", repr=False)
    session: str | None = field(default=None, repr=False)
    browser: str | None = field(default=None, repr=False)

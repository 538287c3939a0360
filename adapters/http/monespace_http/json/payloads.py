"""The JSON that comes in, read strictly, and the JSON that goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar

from attrs import field, frozen
from cattrs import Converter
from cattrs.errors import (
    AttributeValidationNote,
    ClassValidationError,
    ForbiddenExtraKeysError,
)
from msgspec import Meta, Struct

from monespace_flows.screens import (
    FieldKind,
    FieldView,
    Link,
    NoticeView,
    Outcome,
    ScreenView,
    View,
)

from ..transport.bodies import JsonObject
from ..transport.headers import FieldFault, HttpProblem

__all__ = ()

Payload = TypeVar("Payload")


@frozen
class Start:
    """The body that starts a journey."""

    flow: str


@frozen
class StartAndPress:
    """The body that starts a journey and presses a button of its first screen."""

    flow: str
    command: str
    fields: dict[str, Any] = field(factory=dict, repr=False)


@frozen
class LinkUse:
    """The body that uses a link up."""

    token: str


def _strict(kind: type) -> Any:
    def hook(value: object, _: object) -> object:
        if type(value) is not kind:
            raise TypeError(kind.__name__)
        return value

    return hook


# cattrs alone would take ``{}`` for an unticked box and ``5`` for a text; the hooks refuse.
_converter = Converter(forbid_extra_keys=True, detailed_validation=True)
for _kind in (str, bool, int):
    _converter.register_structure_hook(_kind, _strict(_kind))


def structure(document: JsonObject, kind: type[Payload], within: str = "") -> Payload:
    """Make a record of a JSON object; ``within`` stands before the names of its fields.

    Raises:
        HttpProblem: 400, naming each field that is missing, unknown or of the wrong type.
    """
    try:
        return _converter.structure(document, kind)
    except ClassValidationError as error:
        faults = tuple(_faults(error, within))
    # Raised out here: the errors of cattrs quote values, and must not hang on as a context.
    raise HttpProblem(400, "fields.invalid", "Correct the fields named.", faults=faults)


def _faults(error: ClassValidationError, within: str) -> list[FieldFault]:
    faults = []
    for cause in error.exceptions:
        if isinstance(cause, ForbiddenExtraKeysError):
            told = "is not a field of this request: remove it"
            faults.append(FieldFault(f"{within}(unknown)", told))
            continue
        name = next(
            (
                n.name
                for n in getattr(cause, "__notes__", ())
                if isinstance(n, AttributeValidationNote)
            ),
            "(unknown)",
        )
        if isinstance(cause, KeyError):
            faults.append(FieldFault(within + name, "is missing: send it"))
        else:
            faults.append(FieldFault(within + name, f"has the wrong type: send {_named(cause)}"))
    return faults


def _named(cause: BaseException) -> str:
    return {"str": "a text", "bool": "true or false"}.get(str(cause), "the documented type")


# --- What goes out: one set of structures, from which the answers and their schema come ----------
# A field with a default is left out when it has that value; the others are always there.

Instant = Annotated[datetime, Meta(tz=True)]
"""In UTC; the schema says so of one that has its zone alone."""


class LinkBody(Struct, frozen=True, kw_only=True):
    """Live words: what they say and the place they lead to."""

    label: str
    to: str


class OptionBody(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One choice; ``value`` is opaque, ``label`` masked.

    ``unavailable`` is why it cannot be chosen for now, where it cannot.
    """

    value: str
    label: str
    kind: str
    unavailable: str | None = None


class FieldBody(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing to fill in."""

    name: str
    label: str
    kind: FieldKind
    required: bool
    hint: str | None
    autocomplete: str | None
    value: str | None = None
    options: tuple[OptionBody, ...] = ()
    error: str | None = None


class ButtonBody(Struct, frozen=True, kw_only=True):
    """One thing to press: the command to post."""

    command: str
    label: str
    primary: bool


class ScreenBody(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to show.

    ``section`` is a heading above the fields, ``step`` the name of the step in a progress
    indication.  ``links`` are the screen's, then those that stand beside its fields.
    """

    id: str
    title: str
    intro: str | None
    fields: tuple[FieldBody, ...]
    buttons: tuple[ButtonBody, ...]
    links: tuple[LinkBody, ...]
    section: str | None = None
    step: str | None = None


class NoticeBody(Struct, frozen=True, kw_only=True):
    """A sentence to the person, under a stable id."""

    id: str
    kind: Literal["error", "info", "success"]
    text: str
    links: tuple[LinkBody, ...]


class ViewBody(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that the person may see of a journey.

    Where a code is awaited, ``resend_at`` says from when another may be asked for by the same way
    and ``sends_left`` how many more.  ``token`` and ``session`` are secrets, shown once; ``code``
    says why the status is not 200, and ``offered`` names the commands that are where another one
    was sent.
    """

    reference: str
    flow: str
    state: str
    status: Literal["open", "done", "expired"]
    screen: ScreenBody
    notices: tuple[NoticeBody, ...]
    erase_after: Instant | None
    expires_at: Instant
    resend_at: Instant | None = None
    sends_left: int | None = None
    token: str | None = None
    session: str | None = None
    code: str | None = None
    offered: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, view: View, *, token: bool = False, code: str | None = None, offered: bool = False
    ) -> ViewBody:
        """Make the body of a view.

        ``token`` hands the journey's token over with it, ``offered`` lists the commands of its
        screen.
        """
        buttons = view.screen.buttons if offered else ()
        return cls(
            reference=view.reference,
            flow=view.flow,
            state=view.state,
            status=view.status,
            screen=_screen(view.screen),
            notices=tuple(_notice(notice) for notice in view.notices),
            erase_after=view.erase_after,
            expires_at=view.expires_at,
            resend_at=view.resend_at,
            sends_left=view.sends_left,
            token=view.token if token else None,
            session=view.session,
            code=code or _CODES[view.outcome],
            offered=tuple(dict.fromkeys(button.command for button in buttons)),
        )


class SessionBody(Struct, frozen=True, kw_only=True):
    """Who is signed in, and since when; ``account_id`` stays when the address changes."""

    account_id: str
    email: str
    role: Literal["medecin", "interne", "docteur_junior"]
    since: Instant


class OpenSessionBody(Struct, frozen=True, kw_only=True):
    """One browser where the person is signed in; ``current`` is the one that asks."""

    since: Instant
    seen_at: Instant
    current: bool


class SessionsBody(Struct, frozen=True, kw_only=True):
    """Where the person is signed in, the session that asks first."""

    sessions: tuple[OpenSessionBody, ...]


class ConfirmedBody(Struct, frozen=True, kw_only=True):
    """The address that was just confirmed."""

    email: str
    confirmed: bool = True


class ObjectedBody(Struct, frozen=True, kw_only=True):
    """What « Ce n'est pas moi » did: a change of address is undone, or the account is frozen."""

    objection: Literal["undone", "frozen"]


_CODES = {Outcome.ACCEPTED: None, Outcome.REFUSED: "refused", Outcome.THROTTLED: "throttled"}


def _screen(screen: ScreenView) -> ScreenBody:
    return ScreenBody(
        id=screen.id,
        title=screen.title,
        intro=screen.intro,
        fields=tuple(_field(each) for each in screen.fields),
        buttons=tuple(
            ButtonBody(command=each.command, label=each.label, primary=each.primary)
            for each in screen.buttons
        ),
        links=_links((*screen.links, *(link for each in screen.fields for link in each.links))),
        section=screen.section,
        step=screen.step,
    )


def _field(each: FieldView) -> FieldBody:
    return FieldBody(
        name=each.name,
        label=each.label,
        kind=each.kind,
        required=each.required,
        hint=each.hint,
        autocomplete=each.autocomplete,
        value=each.value or None,
        options=tuple(
            OptionBody(
                value=option.value,
                label=option.label,
                kind=option.kind,
                unavailable=option.unavailable,
            )
            for option in each.options
        ),
        error=each.error,
    )


def _notice(notice: NoticeView) -> NoticeBody:
    return NoticeBody(id=notice.id, kind=notice.kind, text=notice.text, links=_links(notice.links))


def _links(links: tuple[Link, ...]) -> tuple[LinkBody, ...]:
    return tuple(LinkBody(label=link.label, to=link.place) for link in links)

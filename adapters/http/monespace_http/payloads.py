"""From what was sent to a command: strict types, known names only, no conversion.

cattrs alone would take ``{}`` for an unticked box and ``5`` for a text; the hooks below refuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from attrs import NOTHING, fields, frozen
from cattrs import Converter
from cattrs.errors import (
    AttributeValidationNote,
    ClassValidationError,
    ForbiddenExtraKeysError,
)

from monespace_flows.chart import Flow
from monespace_flows.commands import Command, Tick, UseLink

from .problems import FieldFault, HttpProblem
from .strict_json import JsonObject

__all__ = ["LinkUse", "Start", "form_command", "structure", "wire_commands"]

Payload = TypeVar("Payload")

_TICKED = frozenset({"on", "true", "1"})


def wire_commands(flows: Iterable[Flow]) -> dict[str, type[Command]]:
    """The commands of some flows that may come from outside, by their events.

    The clock's and that of a link's landing page may not.
    """
    return {
        event: kind
        for flow in flows
        for event, kind in flow.commands_by_event.items()
        if kind not in (Tick, UseLink)
    }


@frozen
class Start:
    """The body that starts a journey."""

    flow: str


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


_converter = Converter(forbid_extra_keys=True, detailed_validation=True)
for _kind in (str, bool, int):
    _converter.register_structure_hook(_kind, _strict(_kind))


def structure(document: JsonObject, kind: type[Payload]) -> Payload:
    """Make a record of a JSON object.

    Raises:
        HttpProblem: 400, naming each field that is missing, unknown or of the wrong type.
    """
    try:
        return _converter.structure(document, kind)
    except ClassValidationError as error:
        faults = tuple(_faults(error))
    # Raised out here: the errors of cattrs quote values, and must not hang on as a context.
    raise HttpProblem(400, "fields.invalid", "Correct the fields named.", faults=faults)


def _faults(error: ClassValidationError) -> list[FieldFault]:
    faults = []
    for cause in error.exceptions:
        if isinstance(cause, ForbiddenExtraKeysError):
            faults += [FieldFault("(unknown)", "is not a field of this request: remove it")]
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
            faults.append(FieldFault(name, "is missing: send it"))
        else:
            faults.append(FieldFault(name, f"has the wrong type: send {_named(cause)}"))
    return faults


def _named(cause: BaseException) -> str:
    return {"str": "a text", "bool": "true or false"}.get(str(cause), "the documented type")


def form_command(
    event: str, form: Mapping[str, str], commands: Mapping[str, type[Command]]
) -> Command:
    """Make a command of a form's fields; what is absent is empty, as a browser means it.

    Fields of other buttons, and those that an add-on put into the page, are left aside: the core
    never sees them.

    Raises:
        HttpProblem: 400, when the command is none of ours.
    """
    kind = commands.get(event)
    if kind is None:
        raise HttpProblem(400, "form.malformed", "The form is not one of this site.")
    values: dict[str, object] = {}
    for attribute in fields(kind):
        if attribute.type in (bool, "bool"):
            values[attribute.name] = form.get(attribute.name, "") in _TICKED
        else:
            default = "" if attribute.default is NOTHING else attribute.default
            values[attribute.name] = form.get(attribute.name, default)
    return kind(**values)

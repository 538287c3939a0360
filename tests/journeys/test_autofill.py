"""What browsers and password managers fill in by themselves is accepted, on every screen."""

from __future__ import annotations

import pytest
from attrs import fields_dict

from monespace_flows.commands import COMMANDS, Command
from monespace_flows.flows import FLOWS
from monespace_flows.screens import FieldView, View
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, LOGIN, PASSWORD

# The value that the HTML standard gives to each token, as the common browsers write it.
STANDARD = {
    "bday": "1975-06-17",
    "email": LOGIN,
    "username": LOGIN,
    "current-password": PASSWORD,
    "new-password": "hukfeb-jakDo2-wigqat",
}
TYPED = {"rpps": JOHN.rpps, "accept_terms": True}


def test_every_token_has_its_standard_value_here() -> None:
    """A new one must be given its value, and so be tried below."""
    declared = {
        field.autocomplete
        for flow in FLOWS.values()
        for screen in flow.screens.values()
        for field in screen.fields
        if field.autocomplete
    }

    assert declared == {*STANDARD, "one-time-code"}


@pytest.mark.parametrize("place", list(acting.PLACES), ids="-".join)
def test_what_a_field_declares_is_accepted_in_it(place: tuple[str, str]) -> None:
    """Whatever else the screen then answers, no field that was filled in is said to be wrong."""
    sandbox = Sandbox()
    view = acting.PLACES[place](sandbox)
    filled = {field.name for field in fillable(view)}
    if not filled:
        return

    after = sandbox.flows.submit(view.token, pressed(sandbox, view))

    assert filled.isdisjoint(acting.errors(after))


def fillable(view: View) -> list[FieldView]:
    return [it for it in view.screen.fields if it.autocomplete and it.kind != "fixed"]


def pressed(sandbox: Sandbox, view: View) -> Command:
    button = next(it for it in view.screen.buttons if it.primary)
    command = COMMANDS[button.command]
    values = TYPED | {
        it.name: acting.code_received(sandbox)
        if it.autocomplete == "one-time-code"
        else STANDARD[it.autocomplete or ""]
        for it in fillable(view)
    }
    return command(**{name: values[name] for name in fields_dict(command)})

"""What the library promises to its hosts."""

from __future__ import annotations

import monespace_flows
from monespace_flows.commands import COMMANDS
from monespace_flows.events import EVENTS

PROMISED = {
    "AccountCreated",
    "AccountRecovered",
    "Activate",
    "Back",
    "ContinueRecovery",
    "Create",
    "CredentialsChanged",
    "Extend",
    "Flows",
    "Policy",
    "Ports",
    "RequestLink",
    "ResendCode",
    "Save",
    "SavePassword",
    "SendCode",
    "SessionView",
    "SignIn",
    "SignedIn",
    "Site",
    "SubmitCode",
    "SubmitIdentity",
    "View",
}


def test_the_public_names_are_those_promised() -> None:
    """Adding one is a decision; removing one breaks someone."""
    assert set(monespace_flows.__all__) == PROMISED
    assert all(hasattr(monespace_flows, name) for name in PROMISED)


def test_every_command_that_a_person_presses_is_public() -> None:
    """But the clock's and the link's, which only the library sends."""
    pressed = {kind.__name__ for kind in COMMANDS.values()} - {"Tick", "UseLink"}

    assert pressed <= PROMISED


def test_every_event_is_public() -> None:
    """A host names what it listens to."""
    assert set(EVENTS) <= PROMISED

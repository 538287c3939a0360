"""What the library promises to its hosts."""

from __future__ import annotations

import subprocess
import sys

import pytest

import monespace_flows
from monespace_flows.commands import COMMANDS
from monespace_flows.events import EVENTS

PROMISED = {
    "AccountCreated",
    "AccountDisabled",
    "AccountEnabled",
    "AccountErased",
    "AccountFrozen",
    "AccountLocked",
    "AccountRecovered",
    "AccountUnlocked",
    "AccountView",
    "Activate",
    "Back",
    "ChooseEmail",
    "CloseSessions",
    "ContinueRecovery",
    "Create",
    "CredentialsChanged",
    "Extend",
    "Flows",
    "Policy",
    "Ports",
    "RequestLink",
    "RequestResetLink",
    "ResendCode",
    "Restart",
    "Save",
    "SavePassword",
    "SendCode",
    "SessionView",
    "SignIn",
    "SignedIn",
    "Site",
    "Alarm",
    "MessageGivenUp",
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


def test_a_name_that_was_never_promised_is_refused_by_name() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Kratos'"):
        monespace_flows.Kratos  # noqa: B018 - asking is the test
    with pytest.raises(AttributeError, match="no attribute 'Kratos'"):
        monespace_flows.driver.Kratos  # noqa: B018 - asking is the test


def test_dir_shows_every_public_name_before_it_is_loaded() -> None:
    assert set(dir(monespace_flows)) >= PROMISED


def test_a_short_program_does_not_load_the_driver() -> None:
    """The command line reads a journal in a moment; the driver would take most of it."""
    code = (
        "import sys, monespace_flows.serialization; print('monespace_flows.driver' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "False"

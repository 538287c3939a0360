"""The rules that a host's own ports must keep: as classes for pytest, and for the program.

``monespace check-ports MODULE:FACTORY`` asks them all; so does a class of pytest's that derives
from one of those here and has a fixture ``make``.
"""

from __future__ import annotations

from . import (
    emails,
    messaging,
    passwords,
    registry,
    secrets,
    storage_faults,
    storage_journeys,
    storage_links,
    storage_messages,
    storage_outbox,
    storage_people,
    storage_purge,
    storage_races,
    storage_units,
)
from .asking import End, Outcome, ask, ask_each, describe, given, rules_of
from .candidate import Candidate, Make, People
from .classes import (
    ClockContract,
    EmailsContract,
    MessagingContract,
    PasswordsContract,
    RegistryContract,
    SecretsContract,
    StorageContract,
)
from .rules import CAPABILITIES, Rule
from .waivers import Waiver, WaiversInvalid, read_waivers

__all__ = [
    "CAPABILITIES",
    "Candidate",
    "ClockContract",
    "EmailsContract",
    "End",
    "Make",
    "MessagingContract",
    "Outcome",
    "PasswordsContract",
    "People",
    "RegistryContract",
    "Rule",
    "SecretsContract",
    "StorageContract",
    "Waiver",
    "WaiversInvalid",
    "ask",
    "ask_each",
    "describe",
    "given",
    "read_waivers",
    "rules_of",
]

RULE_MODULES = (
    emails,
    messaging,
    passwords,
    registry,
    secrets,
    storage_faults,
    storage_journeys,
    storage_links,
    storage_messages,
    storage_outbox,
    storage_people,
    storage_purge,
    storage_races,
    storage_units,
)
"""Where rules are: importing each of them lists its own."""

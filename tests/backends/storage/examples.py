"""The kit's own records, in a flow that there is."""

from typing import Any

from monespace_flows.journey import StoredJourney
from monespace_flows.testing.contracts import examples
from monespace_flows.testing.contracts.examples import (
    DAY,
    MICROSECOND,
    MINUTE,
    NOW,
    account,
    link,
    listener,
    message,
    session,
)

__all__ = [
    "DAY",
    "MICROSECOND",
    "MINUTE",
    "NOW",
    "account",
    "link",
    "listener",
    "message",
    "session",
    "stored",
]


def stored(reference: str = "7K3Q-F9M2", **changes: Any) -> StoredJourney:
    """Make a journey of the creation, with a token of its own."""
    place = {"flow": "creation", "state": "enter_code"}
    return examples.stored(reference, **place | changes)

"""An application with a flow of its host's: « Fermer mon compte », as the manual shows it."""

from __future__ import annotations

import pytest
from attrs import define, field
from close_account.closing import closing

from monespace_flows.flows import STANDARD
from monespace_flows.testing import Sandbox
from tests.http.visiting import Served


@define
class Archive:
    """The host's port, in memory."""

    reasons: list[str] = field(factory=list)

    def note(self, reason: str) -> None:
        self.reasons.append(reason)


@pytest.fixture
def archive() -> Archive:
    return Archive()


@pytest.fixture
def served(archive: Archive) -> Served:
    """The application over HTTP."""
    return Served(flows=(*STANDARD, closing(archive)))


@pytest.fixture
def sandbox(served: Served) -> Sandbox:
    """The same, in Python."""
    return served.sandbox

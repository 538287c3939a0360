"""An application with a flow of its host's: « Fermer mon compte », as the manual shows it."""

from __future__ import annotations

import pytest
from attrs import define, field
from close_account.closing import closing

from monespace_flows.flows import STANDARD
from monespace_flows.testing import Sandbox
from monespace_http import create_app
from tests.http.visiting import Served, settings


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
def sandbox(archive: Archive) -> Sandbox:
    return Sandbox(flows=(*STANDARD, closing(archive)))


@pytest.fixture
def served(sandbox: Sandbox) -> Served:
    """The same over HTTP."""
    served = Served()
    served.sandbox = sandbox
    served.app = create_app(sandbox.flows, settings())
    return served

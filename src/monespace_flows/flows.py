"""Every flow by its name."""

from __future__ import annotations

from .chart import Flow
from .journeys.creation import CREATION
from .journeys.recovery import RECOVERY
from .journeys.reset import RESET
from .journeys.settings import SETTINGS
from .journeys.signin import SIGNIN

__all__ = ["FLOWS"]

FLOWS: dict[str, Flow] = {flow.name: flow for flow in (CREATION, RECOVERY, RESET, SIGNIN, SETTINGS)}
"""The flows of the guide, in its order."""

"""The flows of the guide: those that every application has, unless it names others."""

from __future__ import annotations

from .chart import Flow
from .journeys.creation import CREATION
from .journeys.recovery import RECOVERY
from .journeys.reset import RESET
from .journeys.settings import SETTINGS
from .journeys.signin import SIGNIN

__all__ = ["FLOWS", "STANDARD"]

STANDARD: tuple[Flow, ...] = (CREATION, RECOVERY, RESET, SIGNIN, SETTINGS)
"""The flows of the guide, in its order.  A host adds its own: ``flows=(*STANDARD, MINE)``."""

FLOWS: dict[str, Flow] = {flow.name: flow for flow in STANDARD}
"""The same, by name."""

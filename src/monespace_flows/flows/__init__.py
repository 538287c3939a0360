"""The flows of the guide: those that every application has, unless it names others."""

from __future__ import annotations

from ..chart import Flow
from .creation import CREATION
from .recovery import RECOVERY
from .reset import RESET
from .settings import SETTINGS
from .signin import SIGNIN

__all__ = ["FLOWS", "STANDARD"]

STANDARD: tuple[Flow, ...] = (CREATION, RECOVERY, RESET, SIGNIN, SETTINGS)
"""The flows of the guide, in its order.  A host adds its own: ``flows=(*STANDARD, MINE)``."""

FLOWS: dict[str, Flow] = {flow.name: flow for flow in STANDARD}
"""The same, by name."""

"""What drives a journey: facts in, one step, one transaction, then delivery.

Reading order: :mod:`.flows` (the facade), :mod:`.engine` (the order of things), :mod:`.case`
(what one submission works with), :mod:`.gatherers` (the world's answers, as facts),
:mod:`.executors` (what was wished, done), :mod:`.letters`, :mod:`.views`.
"""

from __future__ import annotations

from .flows import Flows, SessionView
from .site import Site

__all__ = ["Flows", "SessionView", "Site"]

"""How the outcome of a command is told in HTTP."""

from __future__ import annotations

import math
from collections.abc import Mapping

from monespace_flows.screens import Outcome, View

__all__ = ["STATUS", "retry_after"]

STATUS: Mapping[Outcome, int] = {
    Outcome.ACCEPTED: 200,
    Outcome.REFUSED: 422,
    Outcome.THROTTLED: 429,
}


def retry_after(view: View) -> dict[str, str]:
    """The header that tells a throttled client how long to wait."""
    if view.outcome is not Outcome.THROTTLED:
        return {}
    seconds = view.retry_after.total_seconds() if view.retry_after else 1
    return {"Retry-After": str(max(1, math.ceil(seconds)))}

"""Every cause for which a journey ends or stalls, and its way out: data only, both languages.

Nothing here can hold what a person typed.
"""

from __future__ import annotations

from ...wording import Cause
from .codes import CODES
from .credentials import CREDENTIALS
from .identity import IDENTITY
from .messages import MESSAGES
from .progress import PROGRESS

__all__ = ["CAUSES", "OWN_CAUSES"]

OWN_CAUSES: dict[str, Cause] = {}
"""Those of a host's flows that were made known (:mod:`~monespace_flows.support.registration`)."""

CAUSES: dict[str, Cause] = {
    cause.id: cause for cause in (*IDENTITY, *CODES, *CREDENTIALS, *MESSAGES, *PROGRESS)
}
"""Every cause by its id, a host's included."""

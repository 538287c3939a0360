"""The Order's registry: as a CSV file, or as whatever a settings file names."""

from __future__ import annotations

from typing import Final

__all__ = [
    "FRENCH_DIAL_CODES",
]

FRENCH_DIAL_CODES: Final = frozenset({33, 262, 508, 590, 594, 596, 681, 687, 689})
"""Where codes are sent by SMS: France and its overseas territories."""

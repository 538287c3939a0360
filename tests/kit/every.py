"""Every broken port, by the number of the rule that it breaks."""

from . import broken_others, broken_outbox, broken_stores, broken_units
from .breaking import BROKEN

__all__ = ["BROKEN", "MADE"]

MADE = (broken_others, broken_outbox, broken_stores, broken_units)
"""Where they are made."""

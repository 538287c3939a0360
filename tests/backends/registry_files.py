"""Registry files of invented people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

__all__ = ["HEADER", "Write"]

HEADER = "rpps,birth_date,role,status,mobile,email,council,family_name,given_name"

Write = Callable[..., Path]
"""Writes rows, below this header or another, and gives the file."""

"""The support commands as pages of a browser, behind a sign-in that is not ours."""

from __future__ import annotations

from ..access.place import Place, find_place
from .app import Agent, create_console

__all__ = ["Agent", "Place", "create_console", "find_place"]

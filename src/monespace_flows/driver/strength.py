"""How strong a password is, for who is still typing it."""

from __future__ import annotations

from attrs import frozen

__all__ = ["Strength"]


@frozen
class Strength:
    """A strength as the screens name it, and why it is « Faible » when it is."""

    label: str
    reason: str | None

"""Where a screen stands in its journey, for the progress indication."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from monespace_flows.screens import View

__all__ = ["Progress", "progress"]

_IDENTITY = ("enter_identity", "account_found")
_CREDENTIALS = ("choose_credentials", "choose_password")
_STEPS = (_IDENTITY, ("choose_channel",), ("enter_code",), _CREDENTIALS)
_JOURNEYS: Mapping[str, tuple[tuple[str, ...], ...]] = {"creation": _STEPS, "recovery": _STEPS}


@frozen
class Progress:
    """« Étape 2 sur 4 : Valider mon identité »."""

    number: int
    total: int
    name: str


def progress(view: View) -> Progress | None:
    """Say which step a view is, if its journey counts steps."""
    steps = _JOURNEYS.get(view.flow, ())
    for number, states in enumerate(steps, start=1):
        if view.state in states and view.screen.step is not None:
            return Progress(number, len(steps), view.screen.step)
    return None

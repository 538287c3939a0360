"""Where a screen stands in its journey, for the progress indication.

Number and name come from one list: the steps that the flow's own screens name, in their order.
"""

from __future__ import annotations

from attrs import frozen

from monespace_flows.chart import Flow
from monespace_flows.screens import View

__all__ = ["Progress", "progress"]


@frozen
class Progress:
    """« Étape 2 sur 4 : Valider mon identité »: the number of the step, and all their names."""

    number: int
    names: tuple[str, ...]

    @property
    def total(self) -> int:
        """How many steps there are."""
        return len(self.names)

    @property
    def name(self) -> str:
        """The name of the step on which the person stands."""
        return self.names[self.number - 1]


def progress(flow: Flow, view: View) -> Progress | None:
    """Say which step a view is, if its journey counts steps."""
    screens = flow.screens.values()
    names = tuple(dict.fromkeys(screen.step for screen in screens if screen.step is not None))
    if view.screen.step not in names:
        return None
    return Progress(names.index(view.screen.step) + 1, names)

"""Many worlds, one after the other, and the table of what came of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from hashlib import sha256

from attrs import define, field

from .witness import Violation
from .world import Lived, live

__all__ = ["STEPS_OF_A_WORLD", "Run", "simulate"]

STEPS_OF_A_WORLD = 10_000
"""So that a world has some hundred presses, and what is found in one is soon found again."""

_KINDS = {
    "crash: ": "crashes",
    "storage: commit: lost answer": "commits whose answer is lost",
    "clock: put back": "clock put back",
    "clock: jumps on": "clock jumps on",
    "operator: ": "purges, erasures, closings, rotations",
    "registry: another answer": "registry answers otherwise",
}


@define
class Run:
    """What came of all worlds so far."""

    seed: str
    worlds: int = 0
    steps: int = 0
    journeys: int = 0
    presses: int = 0
    messages: int = 0
    faults: Counter[str] = field(factory=Counter)
    checked: Counter[str] = field(factory=Counter)
    violations: list[Violation] = field(factory=list)
    _trace: list[str] = field(factory=list)

    @property
    def digest(self) -> str:
        """What everything that was done in its order comes to: the same for the same seed."""
        return sha256("".join(self._trace).encode()).hexdigest()[:16]

    def add(self, lived: Lived) -> None:
        self.worlds += 1
        self.steps += lived.steps
        self.journeys += lived.journeys
        self.presses += lived.presses
        self.messages += lived.messages
        self.faults += lived.faults
        self.checked += lived.checked
        self.violations += lived.violations
        self._trace.append(lived.digest)

    def by_kind(self) -> dict[str, int]:
        """The faults, summed up: by what broke, and how."""
        found: Counter[str] = Counter()
        for fault, times in self.faults.items():
            found[_kind(fault)] += times
        return dict(sorted(found.items()))

    def table(self) -> str:
        """Tell it, line by line."""
        lines = [
            f"seed {self.seed}, {self.worlds} worlds, trace {self.digest}",
            f"{self.steps:>12,} steps: a call of a port, and who goes on then is drawn",
            f"{self.presses:>12,} presses and links",
            f"{self.journeys:>12,} journeys kept, {self.messages:,} messages",
            f"{sum(self.faults.values()):>12,} faults:",
            *(f"{times:>16,} {kind}" for kind, times in self.by_kind().items()),
            f"{sum(self.checked.values()):>12,} checks:",
            *(f"{times:>16,} {rule}" for rule, times in sorted(self.checked.items())),
            f"{len(self.violations):>12,} violations",
            *(
                f"    world {it.world}, step {it.step}: {it.rule}: {it.told}"
                for it in self.violations
            ),
        ]
        return "\n".join(lines)


def _kind(fault: str) -> str:
    for beginning, kind in _KINDS.items():
        if fault.startswith(beginning):
            return kind
    port = fault.partition(":")[0]
    return f"{port} loses an answer" if fault.endswith("lost answer") else f"{port} fails"


def simulate(
    seed: str,
    steps: int,
    *,
    first: int = 0,
    told: Callable[[Run], None] = lambda _: None,
) -> Run:
    """Run worlds until so many steps were made, or something was violated.

    Args:
        seed: what everything is drawn from.
        steps: how many, in all worlds together.
        first: the number of the world to begin with, to see one again.
        told: called after each world.
    """
    run = Run(seed)
    while run.steps < steps and not run.violations:
        left = min(STEPS_OF_A_WORLD, steps - run.steps)
        run.add(live(seed, first + run.worlds, left))
        told(run)
    return run

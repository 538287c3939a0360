"""``python -m tests.simulation --steps 1000000 --seed mon-espace``: what ``make simulate`` runs.

``--world 17`` sees that world alone again, as it was in the run of the same seed.
"""

from __future__ import annotations

import argparse
import logging
import sys
from time import monotonic

from .run import STEPS_OF_A_WORLD, Run, simulate

LINE_EVERY = 10.0


def main() -> int:
    """Run, tell how far it is, and print the table; 1 if something was violated."""
    options = argparse.ArgumentParser(prog="simulate", description=__doc__)
    options.add_argument("--steps", type=int, default=100_000)
    options.add_argument("--seed", default="mon-espace")
    options.add_argument("--world", type=int, help="one world alone, to see it again")
    asked = options.parse_args()
    logging.disable(logging.WARNING)  # breakdowns are what is wanted
    began = last = monotonic()

    def tell(run: Run) -> None:
        nonlocal last
        if monotonic() - last >= LINE_EVERY:
            last = monotonic()
            rate = run.steps / (last - began)
            sys.stderr.write(f"{run.steps:,} of {asked.steps:,} steps, {rate:,.0f} a second\n")

    steps = asked.steps if asked.world is None else STEPS_OF_A_WORLD
    run = simulate(asked.seed, steps, first=asked.world or 0, told=tell)
    sys.stdout.write(f"{run.table()}\n{monotonic() - began:>12,.0f} seconds\n")
    return 1 if run.violations else 0


if __name__ == "__main__":
    sys.exit(main())

"""Measure everything and print one JSON document: `make bench`, or `python -m bench step`."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable

from . import flood, gate, journey, show, step, verify

MEASURES: dict[str, Callable[[], dict[str, float]]] = {
    "step": step.measure,
    "journey": journey.measure,
    "gate": gate.measure,
    "show": show.measure,
    "flood": flood.measure,
    "verify": verify.measure,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are {', '.join(MEASURES)}", file=sys.stderr)
        return 2
    results: dict[str, object] = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }
    for name in names or MEASURES:
        print(f"measuring {name} …", file=sys.stderr)
        results[name] = MEASURES[name]()
    print(json.dumps(results, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Measure everything and print one JSON document: `make bench`, or `python -m bench step`.

What takes long is measured only where it is named: `python -m bench million --journeys 100000`,
`python -m bench soak --journeys 20000`, `python -m bench scale`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from functools import partial

from . import flood, gate, journey, million, scale, show, soak, step, verify
from .peers import run as peers

MEASURES: dict[str, Callable[[], dict[str, float]]] = {
    "step": step.measure,
    "journey": journey.measure,
    "gate": gate.measure,
    "show": show.measure,
    "flood": flood.measure,
    "verify": verify.measure,
}
NAMED_ONLY = ("million",)


def main(words: list[str]) -> int:
    if words[:1] == ["soak"]:
        return soak.main(words[1:])
    if words[:1] == ["scale"]:
        return scale.main(words[1:])
    if words[:1] == ["peers"]:
        return peers.main(words[1:])
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("names", nargs="*", choices=[[], *MEASURES, *NAMED_ONLY])
    parser.add_argument("--journeys", type=int, default=1_000_000, help="how many are a million")
    parser.add_argument("--postgresql", action="store_true", help="a million on a server too")
    asked = parser.parse_args(words)
    measures: dict[str, Callable[[], dict[str, float]]] = {
        **MEASURES,
        "million": partial(million.measure, asked.journeys, postgresql=asked.postgresql),
    }
    results: dict[str, object] = {
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
    }
    for name in asked.names or MEASURES:
        print(f"measuring {name} …", file=sys.stderr)
        results[name] = measures[name]()
    print(json.dumps(results, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Take out of a package-lock.json whatever is no name, version, hash or program.

`make lock` runs this on what npm wrote: addresses, of sponsors too, come into no lock.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

KEPT = ("version", "integrity", "dev", "dependencies", "devDependencies", "bin")


def main(path: Path) -> None:
    """Rewrite the file."""
    lock = json.loads(path.read_text("utf-8"))
    lock["packages"] = {
        place: {name: it for name, it in package.items() if name in KEPT}
        for place, package in lock["packages"].items()
    }
    path.write_text(json.dumps(lock, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Write wants.json: what every locked distribution requires, on every machine the locks are for.

`make lock` runs this with .venv-lock's Python. uv puts each lock in a folder of its own, as if for
each environment in turn (only wheels, hashes checked, nothing resolved), and what the distributions
say of themselves is read there. tests/install reads the file: what is locked for another machine
cannot be read from what is installed on this one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from importlib.metadata import distributions
from pathlib import Path

HERE = Path(__file__).resolve().parent
UV = Path(sys.executable).with_name("uv")
MACHINES = ("x86_64", "aarch64")
PYTHONS = ("3.11", "3.12", "3.13")

Wants = dict[str, dict[str, object]]


def main() -> int:
    wants: Wants = {}
    for machine in MACHINES:
        for python in PYTHONS:
            for lock in sorted(HERE.glob("*.txt")):
                for pin, said in read(lock, machine, python).items():
                    if wants.setdefault(pin, said) != said:
                        print(f"{pin} says something else on {machine}, Python {python}")
                        return 1
    text = json.dumps(dict(sorted(wants.items())), indent=1, ensure_ascii=False)
    (HERE / "wants.json").write_text(text + "\n", encoding="utf-8")
    return 0


def read(lock: Path, machine: str, python: str) -> Wants:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [
                *(UV, "pip", "install", "--quiet", "--target", folder),
                *("--no-deps", "--require-hashes", "--only-binary", ":all:"),
                *("--python-platform", f"{machine}-manylinux_2_28", "--python-version", python),
                *("-r", lock),
            ],
            check=True,
        )
        return {
            f"{found.name.lower().replace('_', '-').replace('.', '-')}=={found.version}": {
                "python": found.metadata.get("Requires-Python") or "",
                "requires": sorted(found.requires or ()),
            }
            for found in distributions(path=[folder])
        }


if __name__ == "__main__":
    sys.exit(main())

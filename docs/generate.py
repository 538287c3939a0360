"""Write what is made of the sources: maps of the journeys, references, traces of the guide.

python docs/generate.py            write everything
python docs/generate.py maps       write the maps, and the flows as support reads them
python docs/generate.py --check    write nothing; exit 1 and name what is stale
"""

from __future__ import annotations

import sys
from pathlib import Path

from writing import (
    api,
    attacks,
    errors,
    events,
    guide,
    http,
    invariants,
    maps,
    ports,
    program,
    settings,
    templates,
    texts,
)
from writing.common import ROOT, Pages

WRITERS = (
    *(maps, guide, attacks, texts, settings, program),
    *(http, events, errors, templates, ports, invariants, api),
)


def main(arguments: list[str]) -> int:
    if not set(arguments) <= {"maps", "--check"}:
        print(__doc__, file=sys.stderr)
        return 2
    pages = dict(maps.pages() if "maps" in arguments else every_page())
    stale = [path for path, text in pages.items() if not _is_current(path, text)]
    if "--check" in arguments:
        for path in stale:
            print(f"stale: {path.relative_to(ROOT)} (run `make docs`)", file=sys.stderr)
        return max(_missing(), 1 if stale else 0)
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(pages[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    return _missing()


def every_page() -> Pages:
    for writer in WRITERS:
        yield from writer.pages()


def _missing() -> int:
    missing = guide.untested() + attacks.untested()
    if missing:
        print(f"no test is named after: {', '.join(missing)}", file=sys.stderr)
    idle = attacks.idle()
    if idle:
        print(f"tested, and said not to be: {', '.join(idle)}", file=sys.stderr)
    return 1 if missing or idle else 0


def _is_current(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The afternoon that ``docs/how-to/support.md`` tells, so that its outputs can be run.

``python -m tests.support.afternoon`` writes the outputs of the page again; the test compares them.
"""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from click.testing import CliRunner

from monespace_backends.storage.heads import write_heads
from monespace_cli.access import log
from monespace_cli.main import cli
from tests.support.desk import Desk
from tests.support.people import AMELIE, JOHN, Person, an_account

__all__ = ["PAGE", "afternoon", "blocks", "printed", "told_again"]

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "support.md"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_REFERENCES = (
    "7K3Q-F9M2", "4H2M-P8RS", "9XWT-3BCD", "Q2EA-76VN", "8WVK-5PRT", "M5TR-8KJY", "C4PU-2XGH",
)  # fmt: skip


@contextmanager
def afternoon() -> Iterator[Path]:
    """A folder with what happened, under the references of the page."""
    drawn = iter(_REFERENCES)
    with tempfile.TemporaryDirectory() as folder, _environment(Path(folder)):
        desk = Desk(Path(folder))
        secrets = desk.sandbox.flows.ports.secrets
        digits = secrets.digits

        def chosen(count: int) -> str:
            return _as_drawn(next(drawn)) if count == 16 else digits(count)

        secrets.digits = chosen  # type: ignore[method-assign]
        _happens(desk)
        now = desk.sandbox.clock.now()  # the operator's nightly verb
        list(write_heads(desk.storage, secrets, now, now - timedelta(days=183)))
        desk.close()
        yield Path(folder)


def _happens(desk: Desk) -> None:
    sandbox = desk.sandbox
    person = desk.person("creation").waits(minutes=3)
    for seconds in (1, 159, 213):
        person.waits(seconds=seconds).identifies(("16/07/1975", JOHN[1]))
    sandbox.clock.advance(minutes=25)
    coded = desk.person("creation").waits(minutes=1).identifies(AMELIE).waits(seconds=20)
    coded.asks_code().waits(minutes=1).types_wrong_code(2)
    sandbox.clock.advance(minutes=40)
    an_account(sandbox)
    sandbox.clock.advance(minutes=10)
    Person(sandbox, "reset").asks_link("inconnue@exemple.example")


def _as_drawn(reference: str) -> str:
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    return "".join(f"{alphabet.index(letter):02}" for letter in reference if letter != "-")


@contextmanager
def _environment(folder: Path) -> Iterator[None]:
    kept, place = dict(os.environ), Path.cwd()
    os.environ.pop("MONESPACE_CONFIG", None)
    os.environ.update(MONESPACE_DIR=str(folder), NO_COLOR="1", COLUMNS="80")
    os.chdir(folder)
    try:
        with patch.object(log, "account_of_process", return_value="agent"):
            yield
    finally:
        os.chdir(place)
        os.environ.clear()
        os.environ.update(kept)


def blocks(page: str) -> list[str]:
    """The console blocks of the page."""
    return _BLOCK.findall(page)


def told_again(block: str) -> str:
    """A block with its commands run again; what follows ``echo X |`` is typed."""
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    return "\n".join(f"{command}\n{printed(command[2:])}".rstrip() for command in commands) + "\n"


def printed(command: str) -> str:
    """What a command prints, the time of readings made the page's."""
    typed, _, rest = command.rpartition(" | ")
    words = shlex.split(rest)
    text = " ".join(shlex.split(typed)[1:]) + "\n" if typed else ""
    result = CliRunner().invoke(cli, words[1:], input=text)
    # The time of a reading is not the page's.
    when = re.compile(r"^( *\d+  )\d\d/\d\d/\d{4} \d\d:\d\d(?=  agent  )", re.MULTILINE)
    return when.sub(r"\g<1>22/11/2026 16:20", result.output)


def _main() -> None:
    page = PAGE.read_text("utf-8")
    with afternoon():
        page = _BLOCK.sub(lambda found: f"```console\n{told_again(found[1])}```", page)
    PAGE.write_text(page, "utf-8")


if __name__ == "__main__":
    _main()

"""Forty callers: nothing that one of them typed, or was sent, is anywhere that support looks."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from monespace_cli.access.place import DemoFolder, Place
from monespace_cli.main import cli
from tests.cli.desk import Desk as Console
from tests.privacy.markers import assert_no_marker
from tests.support.desk import WHY
from tests.support.stories import Happened, folder_of_calls

_OF_ONE = (
    ("show",), ("show", "--json"), ("why",), ("why", "--json"), ("step",), ("step", "--json"),
    ("export",), ("export", "--to", "json"), ("export", "--to", "html"),
    ("export", "--to", "svg"), ("export", "--to", "mermaid"),
)  # fmt: skip
_WHATIF = (("whatif", "--nearest"), ("whatif", "--all", "--json"))
_OF_ALL = (
    ("list",), ("list", "--json"), ("list", "--blocked"), ("stats",), ("stats", "--json"),
    ("verify",), ("verify", "--json"), ("access-log",), ("access-log", "--json"),
)  # fmt: skip
_PAGES = ("/", "/motif", "/parcours?days=183", "/parcours?blocked=oui&days=183", "/chiffres")
_DRAWN = re.compile(
    r'"(previous|hash|seal|subject|fingerprint)":\s*"[^"]*"|\.\d{3,6}\b|\b[-\w]{32}"'
)
"""What holds six digits by chance: digests, parts of a second, and tokens of forms."""


class _Looking:
    """Whoever looks everywhere, and keeps what they saw: of one caller, or of all at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.console = Console(path)
        self.console.give_grounds()

    def prints(self, *words: str, typed: str = "") -> str:
        """What the program prints, on either output."""
        ended = CliRunner().invoke(cli, [*words, "--dir", str(self.path)], input=typed)
        assert ended.exit_code in {0, 1, 3}, ended.output
        return _without_chance(ended.output)

    def of(self, caller: Happened, other: Happened) -> Iterator[tuple[str, str]]:
        """All that is shown of one caller's journey."""
        one, doctor = caller.reference, caller.doctor
        page = self.console.look(f"/parcours/{one}")
        yield "the console", page
        for name, *more in _OF_ONE if "<p>compte : " in page else (*_OF_ONE, *_WHATIF):
            yield f"{name} {more}", self.prints(name, one, *more, *WHY)
        yield "diff", self.prints("diff", one, other.reference, *WHY)
        for typed in (doctor.rpps, doctor.email):
            yield "find", self.prints("find", *WHY, typed=f"{typed}\n")
            self.console.look("/")
            yield "the console's search", self.console.send("/personne", person=typed)
        self.console.look("/")
        yield "a number as a reference", self.console.send("/recherche", reference=doctor.rpps)

    def of_all(self) -> Iterator[tuple[str, str]]:
        """All that is shown of everybody at once."""
        for words in _OF_ALL:
            yield " ".join(words), self.prints(*words)
        yield "explain", CliRunner().invoke(cli, ["explain", "code.expired"]).output
        yield "export --all", self.prints("export", "--all", *WHY)
        for path in _PAGES:
            yield path, self.console.look(path)
        folder = DemoFolder(self.path)
        yield "the access log", _without_chance(folder.access_log.read_text("utf-8"))


def _without_chance(text: str) -> str:
    return _DRAWN.sub("", text)


@pytest.mark.slow
def test_nothing_that_was_typed_or_sent_is_shown_or_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Pages, commands, logs: of each call its own values are looked for, then those of all."""
    for name in ("MONESPACE_DIR", "MONESPACE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    caplog.set_level(logging.DEBUG)
    happened = folder_of_calls(tmp_path)
    last = happened[-1]
    monkeypatch.setattr(Place, "now", lambda _: last.at)
    looking = _Looking(tmp_path)

    for caller in happened:
        for where, shown in looking.of(caller, last):
            assert_no_marker(f"{where} of « {caller.call.name} »", shown, caller.markers)
    everybody = {
        f"{name} of « {it.call.name} »": value
        for it in happened
        for name, value in it.markers.items()
    }
    assert len(set(everybody.values())) > 500
    for where, shown in (*looking.of_all(), ("the log", caplog.text)):
        assert_no_marker(where, shown, everybody)

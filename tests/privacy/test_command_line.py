"""PR-09: what support reads of these journeys, and the record of its reading, show masks only."""

from __future__ import annotations

from pathlib import Path

import pytest
from attrs import define
from click.testing import CliRunner

from monespace_cli.main import cli

from .conftest import Told
from .markers import assert_no_marker
from .people import HERMINE, MARTRE, NOBODY, ZIBELINE

WHY = ("--purpose", "test", "--ticket", "SD-1423")
NARROW, WIDE = ("--width", "80"), ("--width", "200")


@define
class Support:
    """Someone at the help desk of the world that was told."""

    told: Told

    def read(self, *arguments: str, typed: str = "") -> str:
        """Run a command; all that it wrote, which holds no marker."""
        place = ("--dir", str(self.told.world.folder.path))
        ended = CliRunner().invoke(cli, [*arguments, *place], input=typed)
        assert ended.exception is None or isinstance(ended.exception, SystemExit)
        assert_no_marker(f"monespace {arguments[0]}", ended.output, self.told.world.markers)
        return ended.output

    def references(self) -> list[str]:
        """Every journey, one of each way in which one can stand."""
        kept = (view for view in self.told.world.views if "." not in view.token)  # was pressed in
        last = {view.reference: view for view in kept}
        return list({(it.flow, it.state): it.reference for it in last.values()}.values())


@pytest.fixture
def support(told: Told, monkeypatch: pytest.MonkeyPatch) -> Support:
    """Sit down at the help desk."""
    for name in ("MONESPACE_CONFIG", "MONESPACE_DIR"):
        monkeypatch.delenv(name, raising=False)
    return Support(told)


@pytest.mark.parametrize("options", [NARROW, WIDE, ("--json",)], ids=["narrow", "wide", "json"])
def test_pr_09_show_tells_every_kind_of_journey_without_a_value(
    support: Support, options: tuple[str, ...]
) -> None:
    for reference in support.references():
        assert reference in support.read("show", reference, *WHY, *options)


@pytest.mark.parametrize("options", [(), ("--json",)], ids=["text", "json"])
def test_pr_09_why_says_why_without_a_value(support: Support, options: tuple[str, ...]) -> None:
    for reference in support.references():
        assert support.read("why", reference, *WHY, *options)


def test_pr_09_list_names_journeys_and_nobody(support: Support) -> None:
    for options in ((), ("--json",)):
        assert support.references()[0] in support.read("list", *options)


@pytest.mark.parametrize("form", ["json", "html", "svg", "mermaid"])
def test_pr_09_an_export_holds_no_value(support: Support, form: str, tmp_path: Path) -> None:
    for reference in support.references()[:6]:
        assert support.read("export", reference, "--to", form, *WHY)
    file = tmp_path / "all.jsonl"
    support.read("export", "--all", "-o", str(file), *WHY)
    assert_no_marker("the export", file.read_bytes(), support.told.world.markers)


@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        (ZIBELINE.rpps, True),
        (HERMINE.order_email, True),
        (NOBODY.rpps, True),
        (MARTRE.rpps, False),
        (MARTRE.login, False),
        (ZIBELINE.password, False),
    ],
    ids=["number", "address", "number typed in vain", "other number", "other address", "neither"],
)
def test_pr_09_find_never_repeats_whom_it_looked_for(
    support: Support, typed: str, is_found: bool
) -> None:
    read = support.read("find", *WHY, "--json", typed=f"{typed}\n")

    assert ('"reference"' in read) is is_found


def test_what_was_read_is_recorded_without_a_value(support: Support) -> None:
    """Who, when, why and which reference: nothing of the person."""
    support.read("find", *WHY, typed=f"{ZIBELINE.rpps}\n")
    support.read("show", support.references()[0], *WHY)

    record = support.told.world.folder.access_log.read_bytes()
    assert support.references()[0].encode() in record
    assert_no_marker("the access log", record, support.told.world.markers)
    assert support.read("access-log")


@pytest.mark.parametrize("command", ["stats", "shapes", "verify"])
def test_sums_and_checks_hold_no_value(support: Support, command: str) -> None:
    for options in ((), ("--json",)):
        assert support.read(command, *options) or support.read(command, *WHY, *options)

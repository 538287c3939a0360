"""`monespace check-ports`: what a host is told of its own ports, and what scripts learn."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from .conftest import Call

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "check-your-ports.md"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with the page's own files, of which nothing stays imported."""
    text = PAGE.read_text("utf-8")
    module, *_ = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (waivers,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "ports_for_tests.py").write_text(module, "utf-8")
    (tmp_path / "waivers.toml").write_text(waivers, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "modules", {**sys.modules})
    return tmp_path


TARGET = "ports_for_tests:make"


def test_the_how_to_shows_what_is_written(call: Call) -> None:
    (shown,) = re.findall(r"```console\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    command, _, output = shown.partition("\n")
    ended = call(*command.split()[2:])

    assert ended.stdout == output
    assert ended.exit_code == 1


def test_with_its_waivers_all_is_well(call: Call) -> None:
    ended = call("check-ports", TARGET, "--waivers", "waivers.toml")

    assert ended.exit_code == 0
    assert "2 kept, 1 waived, 1 absent" in ended.stdout
    assert "PORT-MESSAGING-02 waived: until 2999-12-31: the queue of 2027" in ended.stdout


def test_a_waiver_of_what_was_not_asked_is_named(folder: Path, call: Call) -> None:
    """But not when only some ports were to be asked."""
    more = '[[waiver]]\nrule = "PORT-CLOCK-01"\nreason = "slow"\nuntil = 2999-12-31\n'
    with (folder / "waivers.toml").open("a", encoding="utf-8") as file:
        file.write(more)
    whole = call("check-ports", TARGET, "--waivers", "waivers.toml")
    part = call("check-ports", TARGET, "--waivers", "waivers.toml", "--port", "messaging")

    assert whole.exit_code == 1
    assert "Waived and not asked: PORT-CLOCK-01" in whole.stdout
    assert part.exit_code == 0


def test_programs_read_json(call: Call) -> None:
    ended = call("check-ports", TARGET, "--json")
    told = json.loads(ended.stdout)

    assert ended.exit_code == 1
    assert (told["schema"], told["good"], told["unused_waivers"]) == (
        "monespace/ports/1",
        False,
        [],
    )
    assert {it["rule"]: it["end"] for it in told["rules"]} == {
        "PORT-MESSAGING-01": "kept",
        "PORT-MESSAGING-02": "broken",
        "PORT-MESSAGING-03": "absent",
        "PORT-MESSAGING-04": "kept",
    }
    assert len(told["rules"][1]["calls"]) == 2


def test_or_junit(folder: Path, call: Call) -> None:
    call("check-ports", TARGET, "--junit", "ports.xml")
    suite = ET.parse(folder / "ports.xml").getroot()  # noqa: S314 - it was written here

    assert suite.attrib == {
        "name": "monespace check-ports",
        "tests": "4",
        "failures": "1",
        "skipped": "1",
    }
    failure = suite.find("testcase[@name='PORT-MESSAGING-02']/failure")
    assert failure is not None
    assert "hint: The same id again is no error" in str(failure.text)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("ports_for_tests", "write MODULE:FACTORY, as ports_for_tests:make"),
        ("nowhere:make", "nowhere cannot be imported (No module named 'nowhere')"),
        ("ports_for_tests:made", "ports_for_tests has no function made"),
        ("ports_for_tests:Queue", "the factory makes Queue, and neither Candidate nor Ports"),
        ("wrong:raises", "wrong:raises raises ZeroDivisionError in wrong.py:2: division by zero"),
        ("wrong:deep", "wrong:deep raises TypeError in wrong.py:5"),
        ("wrong:wants", "wrong:wants: wants() missing 1 required positional argument: 'url'"),
        ("wrong:nothing", "wrong:nothing gives no port"),
    ],
)
def test_a_factory_that_cannot_be_used_is_told_with_what_to_write(
    folder: Path, call: Call, target: str, told: str
) -> None:
    (folder / "wrong.py").write_text(
        "def raises():\n    1 / 0\ndef deep():\n    return inner()\ndef inner(): return len(1)\n"
        "def wants(url):\n    return url\n"
        "def nothing():\n    from monespace_flows.testing.contracts import Candidate\n"
        "    return Candidate()\n"
    )
    ended = call("check-ports", target)

    assert ended.exit_code == 2
    assert told in ended.stderr


def test_a_port_that_is_not_given_cannot_be_asked(call: Call) -> None:
    ended = call("check-ports", TARGET, "--port", "clock")

    assert ended.exit_code == 2
    assert "ports_for_tests:make gives no clock: it gives messaging" in ended.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[waiver]]\nrule = 1\n", "waiver 1: rule must be a number of a rule"),
        ("[[", "waivers.toml cannot be used: "),
        (None, "waivers.toml : ce dossier ou ce fichier n'existe pas"),
    ],
)
def test_waivers_that_cannot_be_used_are_told(
    folder: Path, call: Call, text: str | None, told: str
) -> None:
    file = folder / "waivers.toml"
    file.unlink()
    if text is not None:
        file.write_text(text, "utf-8")
    ended = call("check-ports", TARGET, "--waivers", "waivers.toml")

    assert ended.exit_code == 2
    assert told in ended.stderr

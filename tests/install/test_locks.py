"""Whatever is published after a lock, an install takes what is locked: the locks are closed."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from .locks import MACHINES, Lock, Machine, Wants, missing, parse, title, version
from .project import LOCKS, REQUIREMENTS, roots, wants

HERE = Machine(processor=platform.machine(), python=platform.python_version())
X86 = Machine(processor="x86_64", python="3.11.2")
ARM = Machine(processor="aarch64", python="3.13.0")
NPM_LOCK = Path(__file__).parents[1] / "http/typescript/package-lock.json"
HASH = f"--hash=sha256:{'0' * 64}"


def requires_python(found: importlib.metadata.Distribution) -> str:
    return next(iter(found.metadata.get_all("Requires-Python") or ()), "")


def locked(*lines: str) -> Lock:
    return parse("\n".join(f"{line} \\\n    {HASH}" for line in lines))


SAID = {
    "pytest-cov==7.1.0": Wants(">=3.9", ("coverage[toml]>=7.10.6",)),
    "coverage==7.17.3": Wants(">=3.10", ("tomli; python_version < '3.12' and extra == 'toml'",)),
    "coverage==7.9.0": Wants(">=3.10", ()),
    "tomli==2.5.0": Wants("", ()),
}
TOMLI = "tomli==2.5.0 ; python_full_version < '3.12'"


class TestTheLocks:
    @pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
    def test_hold_pins_with_hashes_and_no_address(self, path: Path) -> None:
        lock = parse(path.read_text(encoding="utf-8"))

        assert lock.faults == ()
        assert lock.pins

    def test_of_npm_hold_versions_with_hashes_and_no_address(self) -> None:
        text = NPM_LOCK.read_text("utf-8")
        packages = json.loads(text)["packages"]
        locked = {place: it.keys() for place, it in packages.items() if place}

        assert locked
        assert [it for it, kept in locked.items() if not {"version", "integrity"} <= kept] == []
        assert "://" not in text

    @pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.stem)
    def test_hold_all_that_is_required_on_every_machine(self, path: Path) -> None:
        """Extras and markers included, from the project's own requirements down."""
        lock, said = parse(path.read_text(encoding="utf-8")), wants()
        faults = {
            f"{machine}: {fault}"
            for machine in MACHINES
            for fault in missing(roots(path.stem), lock, said, machine)
        }

        assert faults == set()

    def test_agree_where_one_virtualenv_holds_several(self) -> None:
        """`make demo`, `make test` and `make docs` fill one virtualenv in any order."""
        dev, demo, docs = (
            {
                pin.name: version(pin)
                for pin in parse((REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")).pins
                if HERE.chooses(pin)
            }
            for name in ("dev", "demo", "docs")
        )

        assert {name: dev.get(name) for name in demo} == demo
        assert {name: dev.get(name, docs[name]) for name in docs} == docs


class TestWhatWasReadOfTheLockedDistributions:
    def test_is_what_those_installed_here_say(self) -> None:
        """What is locked for other machines is not installed here: `make lock` read that too."""
        dev = parse((REQUIREMENTS / "dev.txt").read_text(encoding="utf-8"))
        pins = {title(pin) for pin in dev.pins if HERE.chooses(pin)}
        installed = {
            f"{canonicalize_name(found.name)}=={found.version}": Wants(
                requires_python(found), tuple(sorted(found.requires or ()))
            )
            for found in importlib.metadata.distributions()
        }

        assert pins - set(installed) == set(), "run `make test`, which installs what is locked"
        assert {pin: installed[pin] for pin in pins} == {pin: wants()[pin] for pin in pins}

    def test_is_of_no_other(self) -> None:
        pins = {
            title(pin)
            for path in LOCKS
            for pin in parse(path.read_text(encoding="utf-8")).pins
            if any(machine.chooses(pin) for machine in MACHINES)
        }

        assert set(wants()) == pins, "run `make lock`"


class TestAFaultIsSeen:
    def test_an_extra_that_is_not_named(self) -> None:
        """Then pip 23 looks for `coverage[toml]` beside the lock, and meets a newer one."""
        lock = locked("pytest-cov==7.1.0", "coverage==7.17.3", TOMLI)

        assert missing(["pytest-cov"], lock, SAID, X86) == [
            "pytest-cov==7.1.0 wants coverage[toml]>=7.10.6: locked without [toml]"
        ]

    def test_nothing_where_the_extra_is_named(self) -> None:
        lock = locked("pytest-cov==7.1.0", "coverage[toml]==7.17.3", TOMLI)

        assert [missing(["pytest-cov"], lock, SAID, machine) for machine in (X86, ARM)] == [[], []]

    def test_a_distribution_that_is_missing(self) -> None:
        assert missing(["pytest-cov"], locked("pytest-cov==7.1.0"), SAID, X86) == [
            "pytest-cov==7.1.0 wants coverage[toml]>=7.10.6: not locked"
        ]

    def test_one_that_only_an_extra_wants(self) -> None:
        lock = locked("pytest-cov==7.1.0", "coverage[toml]==7.17.3")

        assert missing(["pytest-cov"], lock, SAID, ARM) == []
        (fault,) = missing(["pytest-cov"], lock, SAID, X86)
        assert fault.startswith("coverage==7.17.3[toml] wants tomli; ")
        assert fault.endswith(": not locked")

    def test_an_extra_wanted_after_the_distribution_was_met_without_it(self) -> None:
        lock = locked("coverage[toml]==7.17.3")

        assert len(missing(["coverage", "coverage[toml]"], lock, SAID, X86)) == 1
        assert len(missing(["coverage[toml]", "coverage"], lock, SAID, X86)) == 1

    def test_a_version_that_does_not_satisfy(self) -> None:
        lock = locked("pytest-cov==7.1.0", "coverage[toml]==7.9.0")

        assert missing(["pytest-cov"], lock, SAID, X86) == [
            "pytest-cov==7.1.0 wants coverage[toml]>=7.10.6: locked at 7.9.0"
        ]

    def test_a_marker_that_cuts_a_machine_off(self) -> None:
        lock = locked(
            "pytest-cov==7.1.0", "coverage[toml]==7.17.3 ; platform_machine == 'x86_64'", TOMLI
        )

        assert missing(["pytest-cov"], lock, SAID, X86) == []
        assert missing(["pytest-cov"], lock, SAID, ARM) == [
            "pytest-cov==7.1.0 wants coverage[toml]>=7.10.6: locked for other machines only"
        ]

    def test_two_versions_for_one_machine(self) -> None:
        lock = locked("coverage==7.17.3", "coverage==7.9.0 ; python_version < '3.12'")

        assert missing(["coverage"], lock, SAID, ARM) == []
        assert missing(["coverage"], lock, SAID, X86) == [
            "the project wants coverage: locked twice for one machine"
        ]

    def test_a_distribution_that_nobody_read(self) -> None:
        assert missing(["ruff"], locked("ruff==0.17.0"), SAID, X86) == [
            "the project wants ruff: what ruff==0.17.0 requires was not read"
        ]

    def test_a_distribution_for_a_newer_python(self) -> None:
        said = {"coverage==7.17.3": Wants(">=3.12", ())}

        assert missing(["coverage"], locked("coverage==7.17.3"), said, ARM) == []
        assert missing(["coverage"], locked("coverage==7.17.3"), said, X86) == [
            "coverage==7.17.3 wants Python >=3.12"
        ]

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("coverage==7.17.3", "without a hash: coverage==7.17.3"),
            ("ruff==1.0 --hash=sha256:00", "not a requirement: ruff==1.0 --hash=sha256:00"),
            (f"coverage>=7.17 {HASH}", "not pinned: coverage>=7.17"),
            (f"coverage {HASH}", "not pinned: coverage"),
            (f"coverage==7.* {HASH}", "not pinned: coverage==7.*"),
            (f"coverage>=7,==7.17.3 {HASH}", "not pinned: coverage>=7,==7.17.3"),
            ("-e .", "not a requirement: -e ."),
            ("# from https://index.example/", "an address: # from https://index.example/"),
        ],
    )  # fmt: skip
    def test_a_line_that_is_no_pin(self, text: str, fault: str) -> None:
        assert fault in parse(text).faults

    @pytest.mark.parametrize(
        "line",
        ["--index-url https://index.example/", "coverage @ https://files.example/coverage.whl"],
    )
    def test_an_address_in_a_line(self, line: str) -> None:
        assert f"an address: {line}" in parse(line).faults

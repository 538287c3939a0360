"""Lists of common passwords: what every body of the port must do, and how a host brings one."""

from __future__ import annotations

from hashlib import sha1
from importlib import resources
from pathlib import Path
from random import Random

import pytest

from monespace_backends import blocklist
from monespace_backends.blocklist import common_passwords, make_filter, ours_again, read_blocklist
from monespace_flows.ports import Blocklist
from monespace_flows.testing import MemoryBlocklist


@pytest.mark.parametrize("make", [lambda *listed: make_filter(listed), MemoryBlocklist])
class TestContract:
    """What every list must do."""

    def test_what_is_listed_is_found(self, make: type[MemoryBlocklist]) -> None:
        listed: Blocklist = make("motdepasse", "été 2026", "\ud800")

        assert all(map(listed.contains, ("motdepasse", "été 2026", "\ud800")))

    @pytest.mark.parametrize("other", ["", "motdepass", "motdepasse ", "Motdepasse", "été"])
    def test_what_is_not_is_not(self, make: type[MemoryBlocklist], other: str) -> None:
        assert not make("motdepasse", "été 2026").contains(other)

    def test_it_shows_nothing_of_it(self, make: type[MemoryBlocklist]) -> None:
        assert "motdepasse" not in repr(make("motdepasse"))


class TestOurs:
    """The list that is shipped."""

    def test_it_is_made_of_what_it_says(self) -> None:
        """Whoever changes a list of words makes it again: the module's docstring says how."""
        shipped = resources.files("monespace_backends").joinpath("data", "blocklist.bloom")

        assert ours_again().write() == shipped.read_bytes()

    def test_it_is_large_and_its_file_small(self) -> None:
        kept = {each for each in common_passwords() if len(each) >= 5}

        assert len(kept) > 100_000
        assert len(ours_again().bits) < 512 * 1024

    @pytest.mark.parametrize(
        "common",
        ["password", "liverpool", "motdepasse", "azerty", "medecin", "soleil", "orthopediste"],
    )
    def test_it_knows_what_everybody_takes(self, common: str) -> None:
        assert read_blocklist().contains(common)

    def test_chance_is_not_in_it(self) -> None:
        """One in ten million is taken for a listed one: none of these."""
        dice = Random(1975)  # noqa: S311 - the same at each run
        letters = "abcdefghijklmnopqrstuvwxyz0123456789"

        taken = [
            each
            for each in ("".join(dice.choices(letters, k=15)) for _ in range(20_000))
            if read_blocklist().contains(each)
        ]

        assert taken == []

    def test_a_small_filter_is_as_exact(self) -> None:
        """Its size follows from the rate."""
        words = [f"mot{number}" for number in range(2_000)]
        filled = make_filter(words)

        assert not any(filled.contains(f"autre{number}") for number in range(20_000))

    def test_it_is_read_once(self) -> None:
        assert read_blocklist() is read_blocklist()


class TestHosts:
    """What a host brings stands beside ours."""

    def test_a_file_of_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "ours.txt"
        path.write_text("Vive le CHU de Nulle-Part\r\n\nzwirnklopp\n", "utf-8")

        listed = read_blocklist(path)

        assert listed.contains("Vive le CHU de Nulle-Part")
        assert listed.contains("vive le chu de nulle-part")
        assert listed.contains("zwirnklopp")
        assert listed.contains("motdepasse")
        assert not listed.contains("")

    @pytest.mark.parametrize("count", ["", ":4711"])
    def test_a_list_of_digests(self, tmp_path: Path, count: str) -> None:
        """As public lists of breaches are."""
        path = tmp_path / "breach.txt"
        digest = sha1(b"zwirnklopp").hexdigest()  # noqa: S324 - what such lists are made of
        path.write_text(f"{digest}{count}\n{'0' * 40}{count}\n", "utf-8")

        assert read_blocklist(path).contains("zwirnklopp")
        assert not read_blocklist(path).contains("Zwirnklopp")

    def test_a_filter_made_of_one(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        lines, made = tmp_path / "ours.txt", tmp_path / "ours.bloom"
        lines.write_text("zwirnklopp\n", "utf-8")

        blocklist.main([str(lines), str(made)])

        assert "23 hashes" in capsys.readouterr().out
        assert read_blocklist(made).contains("zwirnklopp")
        assert not read_blocklist(made).contains("zwirnklop")

    def test_ours_is_made_when_no_list_is_named(self, tmp_path: Path) -> None:
        blocklist.main([str(tmp_path / "again.bloom")])

        assert read_blocklist(tmp_path / "again.bloom").contains("motdepasse")

    @pytest.mark.parametrize(
        ("content", "why"),
        [
            ("", "holds no password"),
            (f"{'0' * 40}\nzwirnklopp\n", "make two lists of them"),
            ("monespace-bloom-1 x\n", "is a damaged filter"),
            ("monespace-bloom-1 23 0\n", "is a damaged filter"),
            ("monespace-bloom-1 0 0\nxx", "is a damaged filter"),
        ],
    )
    def test_what_is_no_list_is_refused(self, tmp_path: Path, content: str, why: str) -> None:
        path = tmp_path / "ours.txt"
        path.write_text(content, "utf-8")

        with pytest.raises(ValueError, match=why):
            read_blocklist(path)

    def test_a_long_list_must_be_made_a_filter(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing reads for minutes at each start, or takes a gigabyte."""
        path = tmp_path / "breach.txt"
        path.write_text("zwirnklopp\n", "utf-8")
        monkeypatch.setattr(blocklist, "_LARGEST_TEXT", 4)

        with pytest.raises(ValueError, match=r"backends\.blocklist LIST FILTER"):
            read_blocklist(path)

    @pytest.mark.parametrize("missing", [True, False])
    def test_the_maker_says_what_is_wrong(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], missing: bool
    ) -> None:
        path = tmp_path / "ours.txt"
        if not missing:
            path.write_text("", "utf-8")

        with pytest.raises(SystemExit) as ended:
            blocklist.main([str(path), str(tmp_path / "ours.bloom")])

        assert ended.value.code == 2
        told = capsys.readouterr().err
        assert ("No such file" if missing else "holds no password") in told

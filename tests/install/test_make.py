"""An install that fails says in one line what to do, and leaves nothing that looks whole."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .project import ROOT

INSTALLER = ROOT / "requirements" / "install.sh"
# A Python as Debian ships it: no ensurepip, and a pip that may fill virtualenvs from outside.
DEBIAN = """#!/bin/sh
case "$*" in *ensurepip*) exit 1 ;; esac
exec {python} "$@"
"""
WITHOUT_PIP = DEBIAN.replace("exec", 'case "$*" in *"-m pip"*) exit 1 ;; esac\nexec')
FULL = DEBIAN.replace(
    "exec", 'case "$*" in *"-m venv"*) echo "OSError: [Errno 28]"; exit 1 ;; esac\nexec'
)
OTHER = DEBIAN.replace("exec", 'case "$*" in *base_prefix*) echo other; exit ;; esac\nexec')


class Clone:
    """A copy of the Makefile and the installer, with an index on the disk and locks of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = folder / "index"
        self.programs = folder / "programs"
        if self.index.exists():
            return
        self.index.mkdir()
        self.programs.mkdir()
        (folder / "requirements").mkdir()
        shutil.copy(ROOT / "Makefile", folder)
        shutil.copy(INSTALLER, folder / "requirements")
        self.program("apt-get", "#!/bin/sh\nexit 100\n")
        self.program("debian", DEBIAN.format(python=sys.executable))

    def program(self, name: str, text: str) -> Path:
        path = self.programs / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path

    def publish(self, name: str, version: str, requires: str = "") -> str:
        """Put a distribution into the index, and give the line that locks it."""
        wheel = self.index / f"{name}-{version}-py3-none-any.whl"
        info = f"{name}-{version}.dist-info"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(f"{name}.py", f"version = {version!r}\n")
            archive.writestr(
                f"{info}/METADATA",
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
                + (f"Requires-Dist: {requires}\n" if requires else ""),
            )
            archive.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr(f"{info}/RECORD", "")
        return f"{name}=={version} --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"

    def lock(self, *lines: str) -> None:
        (self.folder / "requirements" / "lock.txt").write_text("".join(lines), encoding="utf-8")

    def make(self, python: str = "debian", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", f"PYTHON={self.programs / python}", ".venv-lock/.lock.stamp"],
            cwd=self.folder,
            env={
                "HOME": str(self.folder),
                "PATH": f"{self.programs}:{os.environ['PATH']}",
                "PIP_CONFIG_FILE": os.devnull,
                "PIP_NO_INDEX": "1",
                "PIP_FIND_LINKS": str(self.index),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    def installed(self, name: str) -> str:
        return subprocess.run(
            [self.folder / ".venv-lock/bin/python", "-c", f"import {name}; print({name}.version)"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()

    @property
    def venv(self) -> Path:
        return self.folder / ".venv-lock"


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    clone = Clone(tmp_path_factory.mktemp("made"))
    clone.lock(clone.publish("alpha", "1.0"))
    clone.make()
    return clone.folder


@pytest.fixture
def whole(made: Path, tmp_path: Path) -> Clone:
    """Give a clone that has installed ``alpha`` 1.0."""
    return Clone(shutil.copytree(made, tmp_path / "whole", symlinks=True))


def last_word(made: subprocess.CompletedProcess[str]) -> str:
    """Give the last line before make's own."""
    lines = [line for line in made.stderr.splitlines() if not line.startswith("make")]
    return lines[-1]


class TestWhatIsInstalled:
    def test_is_what_is_locked_whatever_was_published_since(self, clone: Clone) -> None:
        """Even where a locked distribution asks for more than the lock holds."""
        clone.lock(
            clone.publish("alpha", "1.0", requires="beta[more]>=1.0"), clone.publish("beta", "1.0")
        )
        clone.publish("alpha", "2.0")
        clone.publish("beta", "2.0")

        assert clone.make().returncode == 0
        assert (clone.installed("alpha"), clone.installed("beta")) == ("1.0", "1.0")

    def test_is_the_new_lock_when_the_lock_changes(self, whole: Clone) -> None:
        whole.lock(whole.publish("alpha", "2.0"))

        assert whole.make().returncode == 0
        assert whole.installed("alpha") == "2.0"

    def test_is_made_anew_where_its_python_is_gone(self, whole: Clone) -> None:
        (whole.venv / "bin" / "python").unlink()

        assert whole.make().returncode == 0
        assert whole.installed("alpha") == "1.0"

    def test_is_made_anew_with_another_python_that_is_asked_for(self, whole: Clone) -> None:
        whole.program("other", OTHER.format(python=sys.executable))
        (whole.venv / "of the first").touch()

        assert whole.make().returncode == 0
        assert (whole.venv / "of the first").exists()
        assert whole.make("other").returncode == 0
        assert not (whole.venv / "of the first").exists()
        assert whole.installed("alpha") == "1.0"


class TestAPythonWithoutEnsurepip:
    def test_is_completed_by_apt_where_that_is_allowed(self, clone: Clone) -> None:
        clone.program("id", "#!/bin/sh\necho 0\n")
        clone.program("apt-get", f'#!/bin/sh\necho "$@" >> {clone.folder}/asked\n')
        clone.lock(clone.publish("alpha", "1.0"))
        clone.make()
        update, install = (clone.folder / "asked").read_text(encoding="utf-8").splitlines()

        assert update.endswith("update")
        assert install.endswith("python{}.{}-venv".format(*sys.version_info))

    def test_is_completed_by_its_own_pip_elsewhere(self, clone: Clone) -> None:
        clone.program("id", "#!/bin/sh\necho 1000\n")
        clone.program("apt-get", f"#!/bin/sh\ntouch {clone.folder}/asked\n")
        clone.lock(clone.publish("alpha", "1.0"))

        assert clone.make().returncode == 0
        assert clone.installed("alpha") == "1.0"
        assert not (clone.folder / "asked").exists()
        assert not (clone.venv / "bin" / "pip").exists()


class TestAFailureSaysWhatToDo:
    def test_when_the_index_misses_a_version(self, clone: Clone) -> None:
        clone.publish("alpha", "1.0")
        clone.lock(f"alpha==9.0 --hash=sha256:{'0' * 64}\n")
        made = clone.make()

        assert made.returncode != 0
        assert "does not have alpha==9.0 for this Python: use another index" in last_word(made)

    def test_when_there_is_no_network(self, clone: Clone) -> None:
        clone.lock(f"alpha==1.0 --hash=sha256:{'0' * 64}\n")
        made = clone.make(
            PIP_NO_INDEX="", PIP_INDEX_URL="http://127.0.0.1:9/simple", PIP_RETRIES="1"
        )

        assert made.returncode != 0
        assert last_word(made).startswith("The package index was not reached: check the network")

    def test_when_no_index_may_be_asked(self, clone: Clone) -> None:
        clone.lock(f"alpha==1.0 --hash=sha256:{'0' * 64}\n")
        made = clone.make()

        assert made.returncode != 0
        assert last_word(made).startswith(
            "The package index was not reached, or does not have alpha"
        )

    def test_when_a_hash_differs(self, clone: Clone) -> None:
        clone.publish("alpha", "1.0")
        clone.lock(f"alpha==1.0 --hash=sha256:{'0' * 64}\n")
        made = clone.make()

        assert made.returncode != 0
        assert "another file than requirements/lock.txt locks" in last_word(made)

    def test_when_the_disk_is_full(self, clone: Clone) -> None:
        clone.program("full", FULL.format(python=sys.executable))
        clone.lock(clone.publish("alpha", "1.0"))
        made = clone.make("full")

        assert made.returncode != 0
        assert last_word(made).startswith("The disk is full: make room")

    def test_when_python_can_make_no_virtualenv(self, clone: Clone) -> None:
        clone.program("bare", WITHOUT_PIP.format(python=sys.executable))
        clone.lock(clone.publish("alpha", "1.0"))
        package = "python{}.{}-venv".format(*sys.version_info)
        made = clone.make("bare")

        assert made.returncode != 0
        assert last_word(made).endswith(f"type  sudo apt-get install {package}")

    def test_when_the_python_named_is_none(self, clone: Clone) -> None:
        clone.lock(clone.publish("alpha", "1.0"))
        made = clone.make("nowhere")

        assert made.returncode != 0
        assert last_word(made).endswith("name another with  make PYTHON=…")

    def test_and_a_slip_in_its_name_costs_no_virtualenv(self, whole: Clone) -> None:
        (whole.venv / "of the first").touch()
        made = whole.make("nowhere")

        assert made.returncode != 0
        assert last_word(made).endswith("name another with  make PYTHON=…")
        assert whole.make().returncode == 0
        assert (whole.venv / "of the first").exists()


class TestAFailureLeavesNothingThatLooksWhole:
    def test_the_next_make_starts_over(self, clone: Clone) -> None:
        clone.publish("alpha", "1.0")
        clone.lock(f"alpha==1.0 --hash=sha256:{'0' * 64}\n")
        clone.make()

        assert not clone.venv.exists()

        clone.lock(clone.publish("alpha", "1.0"))

        assert clone.make().returncode == 0
        assert clone.installed("alpha") == "1.0"

    def test_what_a_kill_left_is_made_anew(self, whole: Clone) -> None:
        """Stamps are put away while pip works: a virtualenv without one counts for nothing."""
        (whole.venv / ".unfinished").mkdir()
        (whole.venv / ".lock.stamp").rename(whole.venv / ".unfinished" / ".lock.stamp")
        (whole.venv / "half").touch()

        assert whole.make().returncode == 0
        assert not (whole.venv / "half").exists()
        assert not (whole.venv / ".unfinished").exists()

    def test_a_virtualenv_that_was_whole_goes_on_when_nothing_was_touched(
        self, whole: Clone
    ) -> None:
        whole.lock(f"alpha==9.0 --hash=sha256:{'0' * 64}\n")

        assert whole.make().returncode != 0
        assert whole.installed("alpha") == "1.0"
        assert whole.make().returncode != 0


class TestEveryInstallOfTheSources:
    """Read, since nobody sees at once that a line resolves."""

    def test_is_made_by_the_installer(self) -> None:
        makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

        assert re.findall(r"pip[^\n]*\binstall\b", makefile) == []
        assert len(re.findall(r"^\t@sh requirements/install\.sh ", makefile, re.MULTILINE)) == 4

    def test_resolves_nothing(self) -> None:
        commands = re.findall(
            r"^(?:\t)*pip install (.*?) \|\|", INSTALLER.read_text(encoding="utf-8"), re.MULTILINE
        )
        locks = [command.split() for command in commands if " -r " in command]
        project = [command.split() for command in commands if " -r " not in command]

        assert [set(lock) & {"--no-deps", "--require-hashes"} for lock in locks] == [
            {"--no-deps", "--require-hashes"}
        ]
        assert project == [["--no-deps", "--no-index", "--no-build-isolation", "-e", "."]]

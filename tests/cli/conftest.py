"""A folder of journeys, and the program called inside the test's own process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monespace_cli.main import cli

from .stories import Told, folder_of_journeys

Call = Callable[..., Result]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """Make journeys to read."""
    return folder_of_journeys(tmp_path)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    """Call the program as the command line would."""
    for name in ("MONESPACE_CONFIG", "MONESPACE_DIR"):
        monkeypatch.delenv(name, raising=False)
    runner = CliRunner()

    def called(*arguments: str | Path) -> Result:
        return runner.invoke(cli, [str(it) for it in arguments], prog_name="monespace")

    return called

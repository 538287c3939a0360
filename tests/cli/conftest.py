"""A folder of journeys, and the program called inside the test's own process."""

import json
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

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


def checked(text: str) -> Any:
    """Read JSON that a command wrote, once it is found to be of its published schema."""
    data = json.loads(text)
    name = data["schema"].split("/")[1]
    schema = resources.files("monespace_cli").joinpath("schemas", f"{name}.json").read_text()
    Draft202012Validator(json.loads(schema)).validate(data)
    return data

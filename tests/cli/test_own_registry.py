"""Commands of a service whose registry its host wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Call
from .stories import write_settings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings that name a registry in place of a file."""
    config = write_settings(tmp_path)
    source = 'registry.source = "monespace_flows.testing:demo_registry"'
    config.write_text(config.read_text().replace('registry = "registry.csv"', source))
    return config


def registry_check(call: Call, config: Path) -> dict[str, object]:
    """What the doctor says of the registry."""
    checks = json.loads(call("doctor", "--config", config, "--json").stdout)["checks"]
    (found,) = (check for check in checks if check["name"] == "registry")
    return dict(found)


def test_the_doctor_says_that_it_can_be_made(config: Path, call: Call) -> None:
    check = registry_check(call, config)

    assert check["is_good"] is True
    assert check["told"] == "monespace_flows.testing:demo_registry can be made"


def test_the_doctor_says_what_to_write(config: Path, call: Call) -> None:
    config.write_text(config.read_text().replace(":demo_registry", ":Sandbox"))

    check = registry_check(call, config)

    assert check["is_good"] is False
    assert "has no method verify: write verify(rpps, birth_date)" in str(check["told"])


def test_no_file_is_imported_into_it(tmp_path: Path, config: Path, call: Call) -> None:
    ended = call("registry", "import", tmp_path / "registry.csv", "--config", config)

    assert ended.exit_code == 2
    assert "demo_registry answers, there is no file" in ended.stderr
    assert not (tmp_path / ".registry.csv.new").exists()

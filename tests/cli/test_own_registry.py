"""Commands of a service whose registry its host wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monespace_flows.testing import demo_registry
from tests.servers import doctors
from tests.servers.registry import KEY, serving

from .conftest import Call
from .stories import write_settings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings that name a registry in place of a file."""
    return with_registry(tmp_path, 'registry.target = "monespace_flows.testing:demo_registry"')


def registry_check(call: Call, config: Path) -> dict[str, object]:
    """What the doctor says of the registry."""
    checks = json.loads(call("doctor", "--config", config, "--json").stdout)["checks"]
    (found,) = (check for check in checks if check["name"] == "registry")
    return dict(found)


def test_the_doctor_says_that_it_can_be_made(config: Path, call: Call) -> None:
    check = registry_check(call, config)

    assert check["is_good"] is True
    assert check["told"] == "monespace_flows.testing:demo_registry peut être fait"


def test_the_doctor_asks_a_service(tmp_path: Path, call: Call) -> None:
    with serving(demo_registry()) as service:
        written = f'registry = {{ kind = "http", url = "{service.url}", key = "{KEY}" }}'
        config = with_registry(tmp_path, written)
        check = registry_check(call, config)
        assert (check["is_good"], check["told"]) == (True, "répond (http)")
        service.answer = lambda: (500, b"")
        check = registry_check(call, config)

    assert check["is_good"] is False
    assert "ne répond pas" in str(check["told"])


def test_the_doctor_asks_a_table(tmp_path: Path, call: Call) -> None:
    url = f"sqlite:///{tmp_path / 'order.db'}"
    doctors.fill(url)
    config = with_registry(
        tmp_path, f'registry = {{ kind = "sql", url = "{url}", table = "doctors" }}'
    )
    assert registry_check(call, config)["told"] == "répond (sql)"
    config.write_text(config.read_text().replace('table = "doctors"', 'table = "medecins"'))
    check = registry_check(call, config)

    assert check["is_good"] is False
    assert "(missing) : medecins must be there" in str(check["told"])
    assert "rpps, birth_date, role" in str(check["told"])


def test_the_doctor_names_what_sends_instead_of_a_mail_server(tmp_path: Path, call: Call) -> None:
    config = with_registry(tmp_path, 'registry = "registry.csv"')
    more = '[messaging]\nkind = "module"\ntarget = "monespace_flows.testing:MemoryMessaging"\n'
    config.write_text(config.read_text() + more)
    checks = json.loads(call("doctor", "--config", config, "--json").stdout)["checks"]
    (found,) = (check for check in checks if check["name"] == "mail server")

    assert found["told"] == (
        "monespace_flows.testing:MemoryMessaging peut être fait, et envoie à sa place"
    )


def with_registry(path: Path, written: str) -> Path:
    """Settings with another registry."""
    config = write_settings(path)
    config.write_text(config.read_text().replace('registry = "registry.csv"', written))
    return config


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

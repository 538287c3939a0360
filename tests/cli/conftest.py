"""Folders and services to read, the program in the test's own process; journeys are told again."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from monespace_cli.main import cli
from tests.replaying import pytest_runtest_call
from tests.servers import storages

from .questions import Ask
from .running import Warmed, clean_environment
from .service import Service, service_on
from .stories import Told, folder_of_journeys
from .warm import warm

__all__ = ["pytest_runtest_call"]

Call = Callable[..., Result]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """Make journeys to read."""
    return folder_of_journeys(tmp_path)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    """Call the program as the command line would; afterwards logging is as it was."""
    root = logging.getLogger()
    level = root.level
    monkeypatch.setattr(root, "handlers", root.handlers)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    for name in ("MONESPACE_CONFIG", "MONESPACE_DIR"):
        monkeypatch.delenv(name, raising=False)
    runner = CliRunner()

    def called(*arguments: str | Path, typed: str = "") -> Result:
        words = [str(it) for it in arguments]
        return runner.invoke(cli, words, input=typed, prog_name="monespace")

    yield called
    root.setLevel(level)


@pytest.fixture(scope="session")
def warmed() -> Iterator[Warmed]:
    """Import the program once, for the tests that run it and ask nothing of how it starts."""
    with warm(clean_environment()) as program:
        yield Warmed(program)


@contextmanager
def set_up(engine: str, request: pytest.FixtureRequest) -> Iterator[Service]:
    """Set a service up on a kind of database, and give it people to read about."""
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    path = factory.mktemp(engine)
    if engine == "sqlite":
        with service_on(storages.sqlite_database(path), path) as service:
            yield service
        return
    server: str = request.getfixturevalue("postgres_server")
    with storages.postgres_database(server) as url, service_on(url, path) as service:
        yield service


@pytest.fixture(scope="module", params=storages.SQL_ENGINES)
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """Set a service up on each kind of database; all tests of a module share it."""
    with set_up(request.param, request) as service:
        yield service


@pytest.fixture
def ask(call: Call, service: Service) -> Ask:
    """Ask that service."""
    return Ask(call, service)


def checked(text: str) -> Any:
    """Read JSON that a command wrote, once it is found to be of its published schema."""
    data = json.loads(text)
    name = data["schema"].split("/")[1]
    schema = resources.files("monespace_cli").joinpath("schemas", f"{name}.json").read_text()
    Draft202012Validator(json.loads(schema)).validate(data)
    return data

"""Two versions of the program side by side, as in a rolling upgrade and after a way back.

The newer one is a copy of today's in which one state has another name and every journey has one
more field: neither means anything to today's.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from attrs import evolve, frozen
from httpx2 import Client

from monespace_backends.storage import open_storage
from tests.backends.storage.databases import by_hand
from tests.http.html import Page
from tests.http.visiting import JOHN, Visitor
from tests.servers import storages

from .running import PROGRAM, Demo, clean_environment, run
from .stories import write_settings

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "src/monespace_flows",
    "adapters/http/monespace_http",
    "adapters/cli/monespace_cli",
    "adapters/backends/monespace_backends",
)
CHANGES = {
    "monespace_flows/flows/creation/table.py": ("choose_channel", "choose_contact"),
    "monespace_flows/flows/creation/screens.py": ('"choose_channel": ', '"choose_contact": '),
    "monespace_flows/journey.py": ("    wait: int = 0\n", "    wait: int = 0\n    era: int = 0\n"),
    "monespace_flows/step.py": ("    return Journey(\n", "    return Journey(\n        era=1,\n"),
}
IDENTITY = ("99000000002", "17/06/1975")


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the program and change it as the next version might."""
    folder = tmp_path_factory.mktemp("newer")
    for package in PACKAGES:
        left_out = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, folder / Path(package).name, ignore=left_out)
    for name, (old, new) in CHANGES.items():
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), "utf-8")
    return folder


@frozen
class Sides:
    """Today's program and the newer one, serving the same people."""

    old: Demo
    new: Demo


@contextmanager
def serving(config: Path, **variables: str) -> Iterator[Demo]:
    """Serve by the program that the environment names."""
    with subprocess.Popen(
        [*PROGRAM, "serve", "--config", str(config)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=clean_environment(**variables), cwd=config.parent,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            yield Demo(process, line.removeprefix("Ready: ").strip(), config.parent)
        finally:
            process.kill()


@pytest.fixture(params=storages.SQL_ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Make a database with its tables, on each engine."""
    if request.param == "sqlite":
        yield storages.sqlite_database(tmp_path)
    else:
        with storages.postgres_database(request.getfixturevalue("postgres_server")) as url:
            yield url


@pytest.fixture
def sides(database: str, tmp_path: Path, newer: Path) -> Iterator[Sides]:
    """Serve by both versions, on one database and one set of keys."""
    with ExitStack() as stack:
        configs = []
        for name in ("old", "new"):
            (tmp_path / name).mkdir()
            more = "relay = false"
            configs.append(write_settings(tmp_path / name, database=database, more=more))
        old = stack.enter_context(serving(configs[0]))
        new = stack.enter_context(serving(configs[1], PYTHONPATH=str(newer)))
        yield Sides(old, new)


class Browser(Visitor):
    """A browser that some proxy leads to this version or that one."""

    def __init__(self, side: Demo, jar: CookieJar) -> None:
        self.client = Client(base_url=side.url, cookies=jar, follow_redirects=True, timeout=30)
        self.status, self.page = 0, Page("")


def test_ft_18_a_field_of_the_next_version_is_refused_cleanly_and_kept(sides: Sides) -> None:
    """What a new field asks for cannot be known: nothing is done, and the journey stays whole."""
    person = sides.new.start("creation")
    there = evolve(person, demo=sides.old)

    for answer in (
        there.identify(*IDENTITY),
        sides.old.call("GET", f"api/journeys/{person.reference}", token=person.token),
    ):
        assert (answer.status, answer.body["code"]) == (409, "journey.unreadable")
        assert "start another" in answer.body["detail"]
    assert person.identify(*IDENTITY).status == 200
    assert person.seen["state"] == "choose_contact"


def test_ft_18_a_state_of_the_other_version_is_answered_by_409_either_way(sides: Sides) -> None:
    person = sides.old.start("creation")
    assert person.identify(*IDENTITY).body["state"] == "choose_channel"
    there = evolve(person, demo=sides.new)

    answer = there.press("send_code", channel="sms")
    assert (answer.status, answer.body["code"]) == (409, "journey.unreadable")
    assert person.press("back").status == 200


def test_ft_18_a_journey_begun_here_goes_on_there(sides: Sides) -> None:
    """As long as it stands where both versions know their way."""
    person = sides.old.start("creation")

    assert evolve(person, demo=sides.new).identify(*IDENTITY).body["state"] == "choose_contact"


def test_ft_18_a_browser_that_comes_back_to_the_old_version_is_led_out(sides: Sides) -> None:
    """A page with a way out each time, never a 500; the newer version still goes on with it."""
    jar = CookieJar()
    there, here = Browser(sides.new, jar), Browser(sides.old, jar)
    with closing(there.client), closing(here.client):
        there.open("/creation")
        there.press("Valider", **JOHN)
        assert there.page.heading == "Sécuriser la création de votre espace"
        for _ in range(2):
            page = here.open("/creation")
            assert here.status == 409
            assert "Votre demande précédente ne peut pas être reprise" in page.text
            assert "Valider" in page.buttons
        assert there.open("/creation").heading == "Sécuriser la création de votre espace"

        here.open("/creation")
        here.press("Valider", **JOHN)
        assert here.status == 200
        assert here.page.heading == "Sécuriser la création de votre espace"


def test_the_old_version_starts_again_on_tables_that_only_hold_more(
    database: str, tmp_path: Path
) -> None:
    """After a way back: the next revision of the same first two digits adds, and nothing else."""
    config = write_settings(tmp_path, database=database)
    for revision, code in (("0099", 0), ("0100", 2)):
        statement = f"UPDATE monespace_version SET version_num = '{revision}'"  # noqa: S608
        with by_hand(database) as engine, engine.begin() as connection:
            connection.exec_driver_sql(statement)
        ended = run("db", "upgrade", "--config", config)

        assert ended.code == code
        assert revision in ended.out + ended.err
        if code == 0:
            with closing(open_storage(database)) as storage:
                storage.check()

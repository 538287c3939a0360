"""Two versions of the program side by side, as in a rolling upgrade and after a way back.

The newer one is a copy of today's in which one state has another name and every journey has one
more field: neither means anything to today's.  In the rolling upgrade it also brings a migration of
its own.  So it is today's program that stands for the older version, as it will when the next one
comes: what it must bear is what it does not know.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from http.cookiejar import CookieJar
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import define, evolve, field, frozen
from httpx2 import Client

from monespace_backends.secrets import KeyedSecrets, Keys
from monespace_backends.storage import open_storage
from monespace_backends.storage.database import REVISIONS
from monespace_flows.ports import Message
from monespace_flows.serialization import from_json
from tests.backends.storage.databases import by_hand
from tests.http.html import Page
from tests.http.visiting import JOHN, Visitor
from tests.servers import storages

from .running import Answer, Demo, Person, Warmed, clean_environment
from .stories import write_settings
from .warm import warm

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
def imported(packages: Path) -> Iterator[Warmed]:
    """Import the program that is in a folder, once for all servers of it."""
    with warm(clean_environment(PYTHONPATH=str(packages))) as program:
        yield Warmed(program)


@pytest.fixture(scope="module")
def next_one(newer: Path) -> Iterator[Warmed]:
    """The newer program."""
    with imported(newer) as program:
        yield program


@pytest.fixture(params=storages.SQL_ENGINES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Make a database with its tables, on each engine."""
    if request.param == "sqlite":
        yield storages.sqlite_database(tmp_path)
    else:
        with storages.postgres_database(request.getfixturevalue("postgres_server")) as url:
            yield url


@pytest.fixture
def sides(database: str, tmp_path: Path, warmed: Warmed, next_one: Warmed) -> Iterator[Sides]:
    """Serve by both versions, on one database and one set of keys."""
    with ExitStack() as stack:
        configs = []
        for name in ("old", "new"):
            (tmp_path / name).mkdir()
            more = "relay = false"
            configs.append(write_settings(tmp_path / name, database=database, more=more))
        old = stack.enter_context(warmed.serve(configs[0]))
        new = stack.enter_context(next_one.serve(configs[1]))
        yield Sides(old, new)


class Browser(Visitor):
    """A browser that some proxy leads to this version or that one."""

    def __init__(self, side: Demo, jar: CookieJar) -> None:
        self.client = Client(base_url=side.url, cookies=jar, follow_redirects=True, timeout=30)
        self.status, self.page = 0, Page("")


def test_ft_18_a_field_of_the_next_version_is_refused_cleanly_and_kept(sides: Sides) -> None:
    """What a new field asks for cannot be known: nothing is done, and the journey stays whole."""
    person = sides.new.start("creation")
    assert person.press("extend").status == 200
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
    database: str, tmp_path: Path, warmed: Warmed
) -> None:
    """After a way back: the next revision of the same first two digits adds, and nothing else."""
    config = write_settings(tmp_path, database=database)
    for revision, code in (("0099", 0), ("0100", 2)):
        statement = f"UPDATE monespace_version SET version_num = '{revision}'"  # noqa: S608
        with by_hand(database) as engine, engine.begin() as connection:
            connection.exec_driver_sql(statement)
        ended = warmed.run("db", "upgrade", "--config", config)

        assert ended.code == code
        assert revision in ended.out + ended.err
        if code == 0:
            with closing(open_storage(database)) as storage:
                storage.check()


# --- a rolling upgrade ---------------------------------------------------------------------------

NEXT = f"{int(REVISIONS[-1]) + 1:04}"
MIGRATION = f'''"""One more column of accounts."""

import sqlalchemy as sa
from alembic import op

revision = "{NEXT}"
down_revision = "{REVISIONS[-1]}"


def upgrade() -> None:
    op.add_column("accounts", sa.Column("era", sa.BigInteger))
'''
KEYS = Keys((b"k" * 32,))  # those of ``write_settings``
HEAD = "rpps,birth_date,role,status,mobile,email,council,family_name,given_name"
DOCTORS = 60
PASSWORD = "neuf tasses de thé vert"


@pytest.fixture(scope="module")
def upgraded(newer: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warmed]:
    """The newer program, copied and given tables of its own."""
    folder = tmp_path_factory.mktemp("upgraded") / "packages"
    shutil.copytree(newer, folder)
    storage = folder / "monespace_backends" / "storage"
    (storage / "migrations" / "versions" / f"{NEXT}_next.py").write_text(MIGRATION, "utf-8")
    text = (storage / "database.py").read_text("utf-8")
    assert f'"{REVISIONS[-1]}")' in text
    changed = text.replace(f'"{REVISIONS[-1]}")', f'"{REVISIONS[-1]}", "{NEXT}")', 1)
    (storage / "database.py").write_text(changed, "utf-8")
    with imported(folder) as program:
        yield program


@define
class Fleet:
    """Two servers that are restarted one after the other, by either version."""

    url: str
    older: Warmed
    newer: Warmed
    configs: list[Path]
    stack: ExitStack
    servers: list[Demo] = field(factory=list)
    numbers: Iterator[int] = field(factory=count)
    statuses: Counter[int] = field(factory=Counter)

    def restart(self, place: int, *, new: bool) -> None:
        """End a server, and serve by the one version or the other in its place."""
        if len(self.servers) > place:
            self.servers[place].stop()
        program = self.newer if new else self.older
        demo = self.stack.enter_context(program.serve(self.configs[place]))
        self.servers[place : place + 1] = [demo]

    def press(self, person: Person, command: str, **fields: Any) -> Answer:
        answer = person.press(command, **fields)
        self.statuses[answer.status] += 1
        return answer

    def code(self, person: Person) -> str:
        """What the journey's doctor will be sent: the newest code that waits."""
        with closing(open_storage(self.url)) as storage, storage.reading() as unit:
            waiting = unit.outbox.of_journey(person.reference)
        sealed = [it.sealed for it in waiting if it.purpose == "code" and it.sealed]
        code = from_json(KeyedSecrets(KEYS).unseal(sealed[-1]), Message).code
        assert code is not None
        return code

    def sent(self, place: int, number: int) -> Person:
        """Begin a creation at one server, up to the code."""
        person = self.servers[place].start("creation")
        identity = {"rpps": f"99{number:09}", "birth_date": "17/06/1975", "accept_terms": True}
        assert self.press(person, "submit_identity", **identity).status == 200
        options = person.seen["screen"]["fields"][0]["options"]
        channel = next(it["value"] for it in options if it["kind"] == "sms")
        assert self.press(person, "send_code", channel=channel).status == 200
        return person

    def prepared(self, place: int, number: int) -> Person:
        """Go up to the last button of a creation."""
        person = self.sent(place, number)
        assert self.press(person, "submit_code", code=self.code(person)).status == 200
        return person

    def finish(self, person: Person, email: str) -> bool:
        """Press the last button; whether it made an account."""
        secret = {"password": PASSWORD, "password_confirmation": PASSWORD}
        answer = self.press(person, "activate", email=email, email_confirmation=email, **secret)
        if answer.body["state"] == "created":
            return True
        told = {it["id"] for it in answer.body["notices"]}
        assert told & {"account.exists", "email.taken"}, answer.body
        return False

    def contend(self) -> None:
        """Press at both servers at once: for one doctor, then two doctors for one address."""
        one, two, three = (next(self.numbers) for _ in range(3))
        for pair, emails in (
            ((one, one), (f"a{one}@x.example", f"b{one}@x.example")),
            ((two, three), (f"c{two}@x.example",) * 2),
        ):
            people = [self.prepared(place, number) for place, number in enumerate(pair)]
            with ThreadPoolExecutor(2) as threads:
                made = list(threads.map(self.finish, people, emails))
            assert sorted(made) == [False, True]

    def hand_over(self, place: int) -> bool:
        """Begin here and go on there: done, or answered with a way out that leads to the end."""
        number, there = next(self.numbers), self.servers[1 - place]
        person = self.sent(place, number)
        code = self.code(person)
        away = evolve(person, demo=there)
        goes_on = self.press(away, "submit_code", code=code)
        if goes_on.status == 200:
            assert self.finish(away, f"d{number}@x.example")
            return True
        assert (goes_on.status, goes_on.body["code"]) == (409, "journey.unreadable")
        assert self.finish(self.prepared(1 - place, number), f"d{number}@x.example")
        return False

    def check(self) -> None:
        """One account for one number and for one address, and never an error of ours."""
        secrets = KeyedSecrets(KEYS)
        with closing(open_storage(self.url)) as storage, storage.keys(writing=False) as stored:
            found = stored.accounts("", 1000)
        for sealed in ([it.sealed_rpps for it in found], [it.sealed_email for it in found]):
            assert len({secrets.unseal(it) for it in sealed}) == len(found)
        assert set(self.statuses) <= {200, 409, 422}


@pytest.fixture
def fleet(database: str, tmp_path: Path, warmed: Warmed, upgraded: Warmed) -> Iterator[Fleet]:
    """Two servers of the older version, on the older tables."""
    rows = [
        f"99{number:09},1975-06-17,medecin,inscrit,+336{number:08},,,," for number in range(DOCTORS)
    ]
    configs = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        configs.append(write_settings(tmp_path / name, database=database, more=SERVED))
        (tmp_path / name / "registry.csv").write_text("\n".join([HEAD, *rows, ""]))
    with ExitStack() as stack:
        made = Fleet(database, warmed, upgraded, configs, stack)
        for place in (0, 1):
            made.restart(place, new=False)
        yield made


SERVED = """
relay = false
sms = { url = "http://127.0.0.1:1/", key = "nobody-listens-there" }
argon2 = { memory_cost = 19_456, time_cost = 2, parallelism = 1 }
"""


def test_ft_18_a_rolling_upgrade_and_the_way_back_keep_every_invariant(fleet: Fleet) -> None:
    """Tables first, then one server, then the other; then one goes back, and the other."""
    fleet.contend()
    assert fleet.hand_over(0)

    ended = fleet.newer.run("db", "upgrade", "--config", fleet.configs[0])
    assert (ended.code, NEXT in ended.out + ended.err) == (0, True), ended.err
    fleet.contend()
    under_way = fleet.sent(0, next(fleet.numbers))
    for place, new in ((1, True), (0, True), (0, False), (1, False)):
        fleet.restart(place, new=new)
        fleet.contend()
        for begun in (0, 1):
            fleet.hand_over(begun)

    # Begun before the upgrade, ended after the way back, whoever served meanwhile.
    under_way = evolve(under_way, demo=fleet.servers[0])
    assert fleet.press(under_way, "submit_code", code=fleet.code(under_way)).status == 200
    assert fleet.finish(under_way, "before@x.example")
    fleet.check()

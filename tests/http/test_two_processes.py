"""Two server processes on one database and one set of keys: either serves the next step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.cookiejar import CookieJar
from itertools import cycle
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from httpx2 import Client

from monespace_backends.secrets import create_keys
from tests.forking import FORKS
from tests.http.html import Page
from tests.http.server_process import main
from tests.http.visiting import JOHN, PASSWORD, Visitor

pytestmark = pytest.mark.slow

EMAIL = "john@medecin.example"
CHOICE = {"password": PASSWORD, "password_confirmation": PASSWORD}
CREDENTIALS = {"email": EMAIL, "email_confirmation": EMAIL, **CHOICE}


@define
class Two:
    """Two processes behind one address, and the messages that either delivered."""

    folder: Path
    processes: list[ForkServerProcess] = field(factory=list)
    ports: list[int] = field(factory=list)
    clients: list[Client] = field(factory=list)

    def client(self, number: int, cookies: CookieJar | None = None) -> Client:
        """A client of one of them."""
        client = Client(
            base_url=f"http://127.0.0.1:{self.ports[number]}",
            headers={"Host": "127.0.0.1:8000"},
            cookies=cookies,
            follow_redirects=True,
            timeout=30,
        )
        self.clients.append(client)
        return client

    def newest(self, key: str) -> str:
        """The newest code or link."""
        lines = (self.folder / "messages.jsonl").read_text().splitlines()
        found = (json.loads(line)[key] for line in reversed(lines))
        return str(next(filter(None, found)))

    def start(self) -> None:
        """Start one more."""
        heard, told = FORKS.Pipe(duplex=False)
        with heard, told:
            process = FORKS.Process(target=main, args=(self.folder, told))
            process.start()
            self.processes.append(process)
            self.ports.append(heard.recv())


@contextmanager
def _running(folder: Path) -> Iterator[Two]:
    create_keys(folder / "keys")
    two = Two(folder)
    try:
        two.start()
        two.start()
        yield two
    finally:
        for client in two.clients:
            client.close()
        for process in two.processes:
            process.kill()
            process.join()
            process.close()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    """Start both."""
    with _running(tmp_path) as two:
        yield two


class Alternating:
    """Sends every request to the other process than the last."""

    def __init__(self, two: Two) -> None:
        self.clients = [two.client(0), two.client(1)]
        self.turns = cycle(self.clients)
        self.view: dict[str, Any] = {}
        self.token = ""

    def post(self, path: str, fields: dict[str, Any], bearer: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        return next(self.turns).post(path, json=fields, headers=headers)

    def start(self, flow: str) -> None:
        self.view = self.post("/api/journeys", {"flow": flow}).json()
        self.token = self.view["token"]

    def send(self, command: str, **fields: Any) -> None:
        """Post a command that must succeed."""
        path = f"/api/journeys/{self.view['reference']}/{command}"
        answer = self.post(path, fields, self.token)
        assert answer.status_code == 200, answer.text
        self.view = answer.json()

    def is_known(self, bearer: str) -> list[bool]:
        """Whether each process knows a session."""
        headers = {"Authorization": f"Bearer {bearer}"}
        answers = [each.get("/api/session", headers=headers) for each in self.clients]
        return [answer.status_code == 200 for answer in answers]


def _create(two: Two, journey: Alternating) -> None:
    journey.start("creation")
    journey.send("submit_identity", **{**JOHN, "accept_terms": True})
    channel = journey.view["screen"]["fields"][0]["options"][0]["value"]
    journey.send("send_code", channel=channel)
    journey.send("submit_code", code=two.newest("code"))
    journey.send("activate", **CREDENTIALS)
    assert journey.view["state"] == "created"


def test_over_json_each_step_goes_to_the_other_process(two: Two) -> None:
    """Journeys, sessions and links of one are those of the other."""
    journey = Alternating(two)
    _create(two, journey)
    journey.start("signin")
    journey.send("sign_in", email=EMAIL, password=PASSWORD)
    bearer = journey.view["session"]
    assert journey.is_known(bearer) == [True, True]

    token = two.newest("link").rpartition("/")[2]
    answers = [journey.post("/api/links", {"token": token}, bearer) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 410]
    headers = {"Authorization": f"Bearer {bearer}"}
    assert journey.clients[0].delete("/api/session", headers=headers).status_code == 204
    assert journey.is_known(bearer) == [False, False]


def test_in_pages_a_form_that_one_showed_is_taken_by_the_other(two: Two) -> None:
    jar = CookieJar()
    clients = cycle([two.client(0, jar), two.client(1, jar)])
    visitor = _Traveller(clients)
    visitor.open("/creation")
    visitor.press("Valider", **JOHN)
    visitor.press("Recevoir votre code", channel=visitor.page.field("3361***78")["value"])
    visitor.press("Valider", code=two.newest("code"))
    visitor.press("Activer", **CREDENTIALS)
    assert visitor.page.heading == "Votre espace est créé"

    visitor.open("/connexion")
    visitor.press("Se connecter", email=EMAIL, password=PASSWORD)
    assert visitor.page.heading == "MonEspace"
    assert visitor.open("/parametres").heading == "Paramètres"


def test_what_a_killed_process_began_another_ends(two: Two) -> None:
    journey = Alternating(two)
    journey.start("creation")
    journey.send("submit_identity", **{**JOHN, "accept_terms": True})
    channel = journey.view["screen"]["fields"][0]["options"][0]["value"]
    journey.send("send_code", channel=channel)
    for process in two.processes:
        process.kill()
    two.start()
    journey.turns = cycle([two.client(2)])
    journey.send("submit_code", code=two.newest("code"))
    journey.send("activate", **CREDENTIALS)

    assert journey.view["state"] == "created"


def test_lk13_an_absolute_address_of_another_site_changes_no_link(two: Two) -> None:
    """``POST http://evil.example/... HTTP/1.1``, as only a real server reads it."""
    journey = Alternating(two)
    journey.start("creation")
    journey.send("submit_identity", **{**JOHN, "accept_terms": True})
    channel = journey.view["screen"]["fields"][0]["options"][0]["value"]
    journey.send("send_code", channel=channel)
    journey.send("submit_code", code=two.newest("code"))
    target = f"http://evil.example/api/journeys/{journey.view['reference']}/activate"
    headers = {"Authorization": f"Bearer {journey.token}", "Content-Type": "application/json"}
    with closing(HTTPConnection("127.0.0.1", two.ports[0], timeout=30)) as connection:
        headers["Host"] = "127.0.0.1:8000"
        connection.request("POST", target, json.dumps(CREDENTIALS), headers)
        assert connection.getresponse().status in {200, 400, 404}
        connection.close()
        headers["Host"] = "evil.example"
        connection.request("POST", target, json.dumps(CREDENTIALS), headers)
        assert connection.getresponse().status == 400

    sent = (two.folder / "messages.jsonl").read_text()
    assert "evil.example" not in sent


class _Traveller(Visitor):
    """One browser whose every request another process answers."""

    def __init__(self, clients: Iterator[Client]) -> None:
        self.clients = clients
        self.client = next(clients)

    def _read(self, response: Any) -> Page:
        self.client = next(self.clients)
        return super()._read(response)

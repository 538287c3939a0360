"""What is measured of HTTP, who may read it, and answers that wait in slow mode."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from prometheus_client.parser import text_string_to_metric_families

import monespace_http.async_flows as calls
from monespace_backends.metrics import Metrics
from monespace_flows.effects import Budget
from monespace_flows.errors import PortUnavailable
from monespace_flows.events import AlarmKind
from monespace_flows.ports import OutboxMessage
from monespace_http import Brakes, request_id
from monespace_http.transport.metering import Metering
from monespace_http.transport.workers import Floor
from tests.http.visiting import NO_TIME, Caller, Served, client_of, settings

TOKEN = "un jeton de seize signes"
EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples" / "monitoring"


def scraped(page: str) -> dict[str, dict[str, float]]:
    """Every sample by its name, and by the values of its labels."""
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            labels = " ".join(value for _, value in sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[labels] = sample.value
    return found


class Measured(Served):
    """A sandbox whose steps, messages and answers are counted, and shown behind a token."""

    def __init__(self, token: str | None = TOKEN, **more: object) -> None:
        self.metrics = Metrics()
        super().__init__(meter=self.metrics, metrics_token=token, **more)  # type: ignore[arg-type]
        flows = self.sandbox.flows
        flows.watch._observer = self.metrics
        self.sandbox.relay._observer = self.metrics
        self.metrics.watch_storage(self.sandbox.storage, flows.watch, self.sandbox.clock)

    def read(self) -> dict[str, dict[str, float]]:
        """Scrape, as Prometheus would."""
        _, page = self.metrics.page()
        return scraped(page.decode())


@pytest.fixture
def measured() -> Measured:
    return Measured()


def test_steps_refusals_messages_and_answers_are_counted(measured: Measured) -> None:
    """By names of closed sets: none of them grows with the people."""
    caller = Caller(measured, "creation")
    caller.send("submit_identity", birth_date="18/06/1975", rpps="99000000002", accept_terms=True)
    caller.identify()
    caller.send("send_code", channel="sms")

    found = measured.read()

    assert found["monespace_steps_total"] == {
        "creation refused enter_identity": 1,
        "creation accepted choose_channel": 1,
        "creation accepted enter_code": 1,
    }
    assert found["monespace_refusals_total"] == {"identity.unknown": 1}
    assert found["monespace_messages_total"]["sms sent"] == 1
    assert found["monespace_http_seconds_count"] == {"api 2xx": 3, "api 4xx": 1}
    assert found["monespace_identity_failures"] == {"": 1}
    assert found["monespace_sms_today"] == {"": 1}
    assert "99000000002" not in measured.metrics.page()[1].decode()


def test_answers_are_timed_by_the_class_of_their_route(measured: Measured) -> None:
    """An address that nobody serves is a page like others: it makes no series of its own."""
    visitor = measured.visitor()
    for path in ("/", "/personne", "/static/x/y", "/healthz", "/creation"):
        visitor.open(path)
    visitor.press("Valider", birth_date="", rpps="")

    assert set(measured.read()["monespace_http_seconds_count"]) == {
        "page 2xx",
        "page 4xx",
        "static 4xx",
        "watching 2xx",
        "press 4xx",
    }


def test_lanes_and_brakes_are_seen() -> None:
    measured = Measured(brakes=Brakes(start="1/hour"))
    api = measured.client
    for _ in range(2):
        api.post("/api/journeys", json={"flow": "creation"})

    found = measured.read()

    assert found["monespace_brake_refusals_total"] == {"start": 1}
    assert found["monespace_lane_running"] == dict.fromkeys(
        ("light", "hashing", "scoring", "watching"), 0
    )
    assert set(found["monespace_lane_refused_total"].values()) == {0}


def test_what_goes_to_nobody_is_counted_nowhere(measured: Measured) -> None:
    """P2: how often a link is asked for an address without an account is nobody's matter."""
    measured.metrics.delivered("none", "sent")
    measured.metrics.delivered("sms", "waiting")

    assert measured.read()["monespace_messages_total"]["sms retried"] == 1
    assert {it.split()[0] for it in measured.read()["monespace_messages_total"]} == {
        "sms",
        "email",
    }


def test_the_backlog_is_shown_with_its_age(measured: Measured) -> None:
    clock = measured.sandbox.clock
    with measured.sandbox.storage.writing() as unit:
        message = OutboxMessage(
            id="m", journey=None, channel="sms", purpose="code", sealed="s",
            created_at=clock.now(), due_at=clock.now(),
        )  # fmt: skip
        unit.outbox.add(message)
        unit.outbox.add(evolve(message, id="n", channel="none"))
    clock.advance(seconds=90)

    found = measured.read()

    assert found["monespace_outbox_messages"] == {"sms waiting": 1}
    assert found["monespace_outbox_oldest_seconds"] == {"sms waiting": 90}


def test_without_the_storage_the_rest_is_shown(
    measured: Measured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What says so is the very metric that wakes somebody."""

    def away() -> None:
        raise PortUnavailable("storage")

    monkeypatch.setattr(measured.sandbox.storage, "reading", away)

    found = measured.read()

    assert found["monespace_storage_up"] == {"": 0}
    assert "monespace_slow_mode" not in found
    assert "monespace_lane_running" in found


# --- who may read it -----------------------------------------------------------------------------


@pytest.mark.parametrize("given", [None, "Bearer autre chose", f"Basic {TOKEN}", "Bearer"])
def test_nobody_reads_it_without_the_token(measured: Measured, given: str | None) -> None:
    headers = {} if given is None else {"Authorization": given}

    answer = measured.client.get("/metrics", headers=headers)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["code"] == "metrics.token"
    assert "monespace_" not in answer.text


def test_whoever_has_the_token_reads_it_under_any_host() -> None:
    """A scraper knows the machine by another name than people do."""
    measured = Measured("un-jeton-de-seize-signes")
    client = client_of(measured.app, "http://10.0.0.7:8000")

    answer = client.get("/metrics", headers={"Authorization": "Bearer un-jeton-de-seize-signes"})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "monespace_steps_total" in answer.text or "monespace_storage_up" in answer.text


@pytest.mark.parametrize("served", [Served(), Measured(token=None)], ids=["off", "private port"])
def test_there_is_no_such_page_where_it_is_off(served: Served) -> None:
    assert served.client.get("/metrics").status_code == 404


def test_a_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="16 characters"):
        settings(metrics_token="court")


def test_the_token_is_in_no_repr() -> None:
    assert TOKEN not in repr(settings(metrics_token=TOKEN))


def test_what_is_no_request_is_let_through_unmeasured() -> None:
    """Such as the lifespan of a server."""
    seen: list[str] = []

    async def app(scope: object, *_: object) -> None:
        seen.append(scope["type"])  # type: ignore[index]

    with pytest.raises(StopIteration):
        Metering(app, Metrics())({"type": "lifespan"}, None, None).send(None)  # type: ignore[arg-type]

    assert seen == ["lifespan"]


# --- the dashboard and the rules -----------------------------------------------------------------


def names_in(name: str) -> set[str]:
    import re

    return set(re.findall(r"monespace_[a-z_]+", (EXAMPLES / name).read_text("utf-8")))


@pytest.mark.parametrize("name", ["dashboard.json", "alerts.yml"])
def test_every_metric_that_is_named_is_scraped(measured: Measured, name: str) -> None:
    """In a scrape of a service where everything has happened once."""
    measured.metrics.braked("start")
    measured.metrics.answered("page", "2xx", 0.1)
    measured.metrics.stepped(
        flow="creation", state="created", command="create", outcome="refused", notices=("a",)
    )  # fmt: skip
    with measured.sandbox.storage.writing() as unit:
        now = measured.sandbox.clock.now()
        unit.outbox.add(
            OutboxMessage(
                id="m", journey=None, channel="sms", purpose="code", sealed="s",
                created_at=now, due_at=now,
            )
        )  # fmt: skip

    assert names_in(name) <= set(measured.read())
    assert len(names_in(name)) >= 10


def test_every_alarm_has_a_rule() -> None:
    rules = (EXAMPLES / "alerts.yml").read_text("utf-8")

    assert [it.value for it in AlarmKind if f'kind="{it.value}"' not in rules] == []


def test_every_alarm_is_there_from_the_beginning(measured: Measured) -> None:
    """A series that appears at 1 has not increased, and its rule would wake nobody."""
    assert measured.read()["monespace_alarms_total"] == {it.value: 0 for it in AlarmKind}


# --- slow mode -----------------------------------------------------------------------------------


@pytest.fixture
def floors(monkeypatch: pytest.MonkeyPatch) -> list[timedelta]:
    """Note how long answers would have to take, instead of taking it."""
    asked: list[timedelta] = []

    @asynccontextmanager
    async def floor(least: timedelta, jitter: timedelta) -> AsyncIterator[Floor]:
        held = Floor(least)
        yield held
        asked.append(held.least)

    monkeypatch.setattr(calls, "floor", floor)
    return asked


@pytest.mark.parametrize("birth_date", ["17/06/1975", "18/06/1975", "mal écrite"])
def test_bf_04_in_slow_mode_each_answer_to_an_identity_waits(
    served: Served, floors: list[timedelta], birth_date: str
) -> None:
    """Right, wrong or ill-formed: nobody learns anything from it."""
    now = served.sandbox.clock.now()
    with served.sandbox.storage.writing() as unit:
        for _ in range(300):
            unit.budgets.add(Budget.TOTAL, "identity", now)
        unit.budgets.add(Budget.ALARM, "slow_mode", now)

    caller = Caller(served, "creation")
    caller.send("submit_identity", birth_date=birth_date, rpps="99000000002", accept_terms=True)
    Caller(served, "signin").send("sign_in", email="a@b.example", password="x")

    assert floors == [timedelta(seconds=3), NO_TIME]


def test_bf_04_without_it_they_wait_as_usual(served: Served, floors: list[timedelta]) -> None:
    Caller(served, "creation").identify()

    assert floors == [NO_TIME]


# --- which request a line of the log is about ----------------------------------------------------


def test_each_request_has_a_name_of_its_own(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Worker threads know it; outside of a request there is none."""
    seen: list[str | None] = []
    look = served.sandbox.registry.verify

    def verify(*asked: Any) -> Any:
        seen.append(request_id())
        return look(*asked)

    monkeypatch.setattr(served.sandbox.registry, "verify", verify)
    for _ in range(2):
        Caller(served, "creation").identify()

    assert request_id() is None
    assert len({it for it in seen if it and len(it) == 16}) == 2


def test_the_choice_of_a_closed_channel_cannot_be_ticked(served: Served) -> None:
    """SD-03: its reason stands beside it, and the e-mail can be chosen."""
    now = served.sandbox.clock.now()
    with served.sandbox.storage.writing() as unit:
        unit.budgets.add(Budget.ALARM, "sms_budget", now)
    visitor = served.visitor()
    visitor.open("/creation")
    page = visitor.press("Valider", birth_date="17/06/1975", rpps="99000000002", accept_terms="on")

    sms, email = [it for it in page.root.every("input") if it.get("type") == "radio"]

    assert ("disabled" in sms, "disabled" in email) == (True, False)
    assert "L’envoi de codes par SMS est interrompu" in page.text.replace("'", "’")

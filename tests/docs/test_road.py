"""« The road of one page POST » in CONTRIBUTING.md, held to a real one."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from types import FrameType

import pytest
from attrs import define, field
from starlette.testclient import TestClient

from tests.http.html import Page
from tests.http.visiting import JOHN, Served

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
ROAD = PAGE.partition("## The road of one page POST")[2].partition("\n## ")[0]
STOPS = re.findall(r"^\| \d+ \| `([^`]+)` \| `([^`]+)` \|", ROAD, re.MULTILINE)
FILES = {*re.findall(r"`(monespace_[a-z]+/[^`]+\.py)`", ROAD)}
BEFORE = re.findall(r"`([^`]+\.py)`\s\(`(\w+\.__call__)`\)", ROAD)
LOOP = [
    ("monespace_flows/driver/transaction.py", "retried"),
    ("monespace_flows/driver/flows.py", "<lambda>"),
]

Stop = tuple[str, str]


def _stop(frame: FrameType) -> Stop | None:
    """The file and the function of a frame of ours; what stands for the outside is not ours."""
    found = re.search(r"/(?:src|adapters/\w+)/(monespace_.+\.py)$", frame.f_code.co_filename)
    if found is None or "/testing/" in found[1]:
        return None
    return found[1], frame.f_code.co_qualname.rpartition("<locals>.")[2]


@define
class _Trace:
    """What is called, in its order, with the calls of ours that each lies within."""

    calls: list[list[Stop]] = field(factory=list)

    def note(self, frame: FrameType, event: str, argument: object) -> None:
        if event != "call" or _stop(frame) is None:
            return
        within: list[Stop] = []
        above: FrameType | None = frame
        while above is not None:
            stop = _stop(above)
            within += [stop] if stop else []
            above = above.f_back
        self.calls.append(within[::-1])

    def to(self, *functions: str) -> list[Stop]:
        """The calls within which the last of these was first called, the others among them."""
        return next(
            within
            for within in self.calls
            if within[-1][1] == functions[-1] and {*functions} <= {name for _, name in within}
        )

    def met(self, function: str) -> int:
        """When a function was first called."""
        return next(i for i, within in enumerate(self.calls) if within[-1][1] == function)


@pytest.fixture(scope="module")
def trace() -> _Trace:
    """Press « Valider » on the first screen of the creation, with a known doctor's pair.

    Starlette's client makes a loop and threads of its own for each request: all are traced.
    """
    served, trace = Served(), _Trace()
    client = TestClient(served.app, served.base_url, follow_redirects=False)
    page = Page(client.get("/creation").text)
    form = page.form_of(page.button("Valider"))
    hidden = {each["name"]: each["value"] for each in form.every("input") if each.get("value")}
    before = threading.getprofile()
    threading.setprofile(trace.note)
    try:
        answer = client.post("/creation", data={**hidden, **JOHN, "command": "submit_identity"})
    finally:
        threading.setprofile(before)
    assert (answer.status_code, answer.headers["location"]) == (303, "/creation")
    return trace


@pytest.fixture
def stack(trace: _Trace) -> list[Stop]:
    """All calls that the first guard lies within: those of the loop, then those of the thread."""
    return trace.to("AsyncFlows.submit", "Workers.call") + trace.to("terms_are_missing")


def test_the_stops_are_met_in_that_order(stack: list[Stop]) -> None:
    """Nothing else of ours lies between them but the loop that the page names."""
    flows = [name for _, name in STOPS].index("Flows.submit") + 1

    assert BEFORE + STOPS[:flows] + LOOP + STOPS[flows:] == stack


def test_the_gatherer_is_asked_outside_then_inside_then_the_table_decides(trace: _Trace) -> None:
    order = [
        "press",
        "_Identity.outside",
        "_Identity.inside",
        "step",
        "terms_are_missing",
        "remember_doctor",
        "Case.keep",
    ]

    assert order == sorted(order, key=trace.met)


def test_the_counts_hold(trace: _Trace, stack: list[Stop]) -> None:
    hops, calls = len(STOPS) - 1, len(stack) - len(BEFORE) - 1
    others = {within[-1][0] for within in trace.calls} - FILES
    told = re.search(r"At most (\d+) other files", ROAD)

    assert f"That is {hops} hops and {len(FILES)} files." in ROAD
    assert f"{calls} calls lie between" in " ".join(ROAD.split())
    assert hops <= 10
    assert len(FILES) <= 14
    assert told is not None
    assert len(others) <= int(told[1])


def test_the_files_are_there() -> None:
    """One of them is no call: the table, which is read."""
    places = [ROOT / "src", *(ROOT / "adapters").iterdir()]

    assert [name for name in FILES if not any((at / name).exists() for at in places)] == []
    assert "monespace_flows/flows/creation/table.py" in FILES

"""Us beside our rivals: what can be tried without them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import main
from bench.peers.client import Caller
from bench.peers.growth import bytes_a_journey
from bench.peers.journeys import JOURNEYS, Ours
from bench.peers.peer import Turn
from bench.peers.run import Asked, measure
from bench.peers.table import OURS, figures, of_alone, of_peers
from bench.peers.who import PEERS
from monespace_backends.storage import sqlite_url
from tests.install.locks import parse
from tests.install.project import ROOT


class Answering(Caller):
    """A client whose peer answers everything with one status and one view."""

    def __init__(self, status: int) -> None:
        super().__init__(0, Path())
        self.sent: list[tuple[str, object]] = []
        self._status = status

    async def answer(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        **_: Mapping[str, str] | None,
    ) -> tuple[int, Any]:
        self.sent.append((path, body))
        started = path == "/api/journeys"
        return self._status if started else 200, {"reference": "7K3Q-F9M2", "token": "T"}


def turn(server: float, database: float = 0.0) -> Turn:
    return Turn(
        requests=5.0, server=server, database=database, argon2=0.5, hashes=2.0, per_second=40.0,
        others=0.0,
    )  # fmt: skip


class TestOurselves:
    @pytest.mark.slow
    def test_go_through_both_journeys(self, tmp_path: Path) -> None:
        """A real process, its registry, its relay and its mails, over SQLite."""
        asked = Asked(
            rounds=1, peers=(OURS,), journeys=JOURNEYS, clients=2, count=2, warm_up=1
        )  # fmt: skip
        rounds, rates = measure(asked, "cheap", tmp_path)
        turns = {name: each for name, (each,) in rounds[OURS].items()}

        assert {name: round(it.hashes) for name, it in turns.items()} == dict.fromkeys(JOURNEYS, 2)
        assert {name: it.requests for name, it in turns.items()} in (
            {"register": 8, "reset": 7},
            {"register": 6, "reset": 5},
        )
        assert all(it.server > 0 and it.argon2 > 0 for it in turns.values())
        assert {name: len(each) for name, each in rates.items()} == {OURS: 1}

    def test_a_journey_of_twelve_steps_leaves_bytes(self, tmp_path: Path) -> None:
        assert bytes_a_journey(sqlite_url(tmp_path / "growth.db"), 1, 4) > 0


class TestAStartWithItsFirstPress:
    @pytest.mark.parametrize(("status", "starts_pressed"), [(400, False), (201, True), (422, True)])
    def test_is_asked_for_once(self, status: int, starts_pressed: bool) -> None:
        assert asyncio.run(Ours.asked(Answering(status))) == Ours(starts_pressed)

    def test_is_one_request(self) -> None:
        peer = Answering(201)
        view = asyncio.run(Ours(starts_pressed=True).begin(peer, "reset", "request_link", {"a": 1}))

        assert view["token"] == "T"
        assert peer.sent == [
            ("/api/journeys", {"flow": "reset", "command": "request_link", "fields": {"a": 1}})
        ]

    def test_is_two_where_the_server_has_none(self) -> None:
        peer = Answering(201)
        view = asyncio.run(Ours().begin(peer, "reset", "request_link", {"a": 1}))

        assert view["token"] == "T"
        assert peer.sent == [
            ("/api/journeys", {"flow": "reset"}),
            ("/api/journeys/7K3Q-F9M2/request_link", {"a": 1}),
        ]


class TestTheTables:
    def test_have_least_median_and_most(self) -> None:
        assert figures([10.04, 9.994, 123.4]) == "9.99 / 10.0 / 123"

    def test_compare_round_by_round(self) -> None:
        rounds = {
            "slow": {"register": [turn(20, 20), turn(60, 20)]},
            OURS: {"register": [turn(10), turn(40)]},
        }
        head, rule, slow, ours = of_peers(rounds, on_server=True)

        assert head.count("|") == rule.count("|") == slow.count("|") == ours.count("|")
        assert slow.startswith("| register | slow | 5 | 40.0 / 60.0 / 80.0 | 20.0 / 40.0 / 60.0 |")
        assert slow.endswith("| 0.25 / 0.38 / 0.50 |")
        assert ours.endswith("| 40.0 / 40.0 / 40.0 |  |")

    def test_of_sqlite_have_no_database_apart(self) -> None:
        head, *_ = of_peers({OURS: {"reset": [turn(1)]}}, on_server=False)

        assert "database" not in head

    def test_tell_what_share_of_argon2_is_reached(self) -> None:
        *_, line = of_alone({OURS: {"register": [turn(1)]}}, {OURS: [100.0]})

        assert line == (
            "| register | monespace-flows | 2 | 40.0 / 40.0 / 40.0 | 50.0 / 50.0 / 50.0 "
            "| 80.0 / 80.0 / 80.0 |"
        )


class TestTheRivals:
    def test_are_locked_with_hashes_and_no_address(self) -> None:
        lock = parse((ROOT / "bench/peers/requirements.txt").read_text(encoding="utf-8"))

        assert lock.faults == ()
        assert all(lock.of(name) for name in PEERS if name != OURS)

    def test_are_taught_about(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as ended:
            main(["peers", "--help"])
        told = capsys.readouterr().out

        assert ended.value.code == 0
        assert all(f"--{it} " in told for it in ("rounds", "db", "hash", "peer", "journey"))
        assert "make bench ARGS=peers" in told

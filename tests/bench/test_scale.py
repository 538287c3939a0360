"""One process beside several: what can be tried without a crowd."""

from __future__ import annotations

import asyncio
from pathlib import Path

from bench.peers.client import Caller
from bench.scale import LAYOUTS, Layout, Roving, Turn, table


class Server(Caller):
    """A server that answers with its own name."""

    async def _exchange(self, request: bytes) -> tuple[int, int]:
        assert b"X-Forwarded-For: 192.0.2.7\r\n" in request
        return 200, self.port


def turn(per_second: float) -> Turn:
    return Turn(
        per_second=per_second,
        servers=125.0,
        database=30.0,
        memory=158.2,
        connections=16,
        others=0.5,
    )


def test_requests_go_to_one_server_after_the_other(tmp_path: Path) -> None:
    caller = Roving(1, tmp_path, ports=(1, 2, 3), borne={"X-Forwarded-For": "192.0.2.7"})
    caller.take([Server(port, tmp_path) for port in caller.ports])

    async def ask() -> list[int]:
        return [await caller.call("GET", "/") for _ in range(5)]

    assert asyncio.run(ask()) == [1, 2, 3, 1, 2]


def test_a_layout_is_told_beside_one_server_of_the_same_round() -> None:
    lines = table({LAYOUTS[0]: [turn(4), turn(8)], Layout(2, 1): [turn(6), turn(16)]})

    assert lines[-1] == (
        "| 2 servers | 6.00 / 11.0 / 16.0 | 1.50 / 1.75 / 2.00 | 125 / 125 / 125 "
        "| 30.0 / 30.0 / 30.0 | 158 | 16 |"
    )


def test_layouts_have_names() -> None:
    assert [str(it) for it in LAYOUTS[3:]] == [
        "1 server of 2 workers",
        "1 server of 4 workers",
        "1 server, PgBouncer",
        "4 servers, PgBouncer",
    ]

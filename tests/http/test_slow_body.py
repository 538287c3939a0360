"""A body that never ends to arrive does not hold a place for ever (IN-08)."""

from datetime import timedelta
from typing import Any

import anyio

from tests.http.visiting import Served


def _scope(path: str, media_type: str) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"monespace.example"), (b"content-type", media_type.encode())],
        "client": ("192.0.2.1", 1),
        "server": ("monespace.example", 443),
    }


def _status(served: Served, scope: dict[str, Any], *, leaves: bool = False) -> int | None:
    answers: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if leaves:
            return {"type": "http.disconnect"}
        await anyio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Any) -> None:
        answers.append(message)

    anyio.run(served.app, scope, receive, send)
    return next((each["status"] for each in answers if "status" in each), None)


def test_in_08_a_body_that_trickles_is_408() -> None:
    served = Served(body_wait=timedelta(milliseconds=60))

    assert _status(served, _scope("/api/journeys", "application/json")) == 408
    form = "application/x-www-form-urlencoded"
    assert _status(served, _scope("/creation", form)) == 408


def test_ft_20_a_client_that_leaves_is_answered_nothing(served: Served) -> None:
    """And it is no error of ours."""
    assert _status(served, _scope("/api/journeys", "application/json"), leaves=True) is None

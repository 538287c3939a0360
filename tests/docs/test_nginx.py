"""The recipe for nginx, run before two servers of `serve`'s own kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest
import uvicorn
from attrs import define, field, frozen

from monespace_cli.serving.server import Limits, listen, server_config
from tests.servers import nginx

RECIPE = Path(__file__).resolve().parents[2] / "docs/examples/deploy/nginx.conf"

pytestmark = pytest.mark.nginx


@define
class Echo:
    """Says which server it is, and what it was told of the client."""

    name: str
    paths: list[str] = field(factory=list)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.paths.append(scope["path"])
        heads = {key.decode(): value.decode() for key, value in scope["headers"]}
        body = json.dumps({"server": self.name, **heads}).encode()
        length = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": body})


@frozen
class Site:
    client: httpx2.Client
    servers: tuple[Echo, Echo]
    stop_first: Callable[[], None]
    log: Path


@contextmanager
def _served(app: Echo) -> Iterator[tuple[Callable[[], None], int]]:
    listening = listen("127.0.0.1", 0)
    server = uvicorn.Server(server_config(app, Limits()))
    thread = Thread(target=server.run, kwargs={"sockets": [listening]})

    def stop() -> None:
        server.should_exit = True
        thread.join(30)

    thread.start()
    try:
        yield stop, listening.getsockname()[1]
    finally:
        stop()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    servers = Echo("one"), Echo("two")
    with ExitStack() as stack:
        (stop, one), (_, two) = (stack.enter_context(_served(it)) for it in servers)
        port = stack.enter_context(nginx.running(RECIPE.read_text(), tmp_path, (one, two)))
        if port is None:
            pytest.fail(nginx.NO_PROXY)
        client = stack.enter_context(
            httpx2.Client(
                base_url=f"https://127.0.0.1:{port}",
                headers={"Host": "monespace.ordre.example"},
                verify=False,
            )
        )
        yield Site(client, servers, stop, tmp_path / "access.log")


def test_e22_requests_go_to_both_and_what_a_client_forwards_is_not_believed(site: Site) -> None:
    told = [site.client.get("/", headers={"X-Forwarded-For": "203.0.113.9"}) for _ in range(6)]

    assert {it.json()["server"] for it in told} == {"one", "two"}
    assert {it.json()["x-forwarded-for"] for it in told} == {"127.0.0.1"}
    assert {it.json()["host"] for it in told} == {"monespace.ordre.example"}


def test_e22_what_is_for_watchers_or_too_large_does_not_come_through(site: Site) -> None:
    codes = [site.client.get(path).status_code for path in ("/metrics", "/readyz")]
    large = site.client.post("/creation", content=b"x" * 70_000)

    assert (codes, large.status_code) == ([404, 404], 413)
    assert [*site.servers[0].paths, *site.servers[1].paths] == []


def test_e22_links_are_kept_out_of_the_log(site: Site) -> None:
    for path in ("/lien/secret", "/connexion"):
        assert site.client.get(path).status_code == 200

    assert "/connexion" in site.log.read_text()
    assert "secret" not in site.log.read_text()


def test_e22_one_server_that_is_gone_stops_nobody(site: Site) -> None:
    """A rolling restart: the other one answers."""
    site.stop_first()
    codes = {site.client.get("/").status_code for _ in range(10)}

    assert codes == {200}

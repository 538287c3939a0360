"""What a flood leaves to everybody else: `GET /` and `/readyz` beside it, as ratios of idle times.

The server is a process, the flood another, and this one asks.  There is no brake, as if each of the
flood's requests came from an address of its own, and argon2 has its real parameters.
"""

from __future__ import annotations

import http.client
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import uvicorn
from attrs import evolve

from monespace_backends.clock import SystemClock
from monespace_backends.passwords import Argon2Passwords
from monespace_backends.storage import open_storage
from monespace_cli.serving.server import Limits, listen, server_config
from monespace_flows import Flows, Site
from monespace_flows.testing import Sandbox
from monespace_http import HttpSettings, create_app

KEY = b"k" * 32
PATHS = ("/", "/readyz")
ROUNDS, LOOKS = 2, 40
PAUSE = 0.05
COSTLY = ("é-" + "4@8({[<369&#!1/|0$5+7%2" * 4)[:72]


def serve(folder: Path) -> None:
    """Serve on a free port of the loopback, and print it."""
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    box = Sandbox(storage=open_storage(f"sqlite:///{folder / 'bench.db'}"))
    ports = evolve(box.ports, passwords=Argon2Passwords(), clock=SystemClock())
    flows = Flows(ports, site=Site(base_url=f"http://127.0.0.1:{port}"))
    app = create_app(flows, HttpSettings(keys=(KEY,), brakes=None))
    print(port, flush=True)
    uvicorn.Server(server_config(app, Limits())).run(sockets=[listening])


# --- the flood -----------------------------------------------------------------------------------


def _connect(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=120)


def _ask(
    client: http.client.HTTPConnection, method: str, path: str, body: str = "", **headers: str
) -> tuple[int, bytes]:
    client.request(method, path, body.encode(), headers)
    answer = client.getresponse()
    return answer.status, answer.read()


def _look(port: int) -> Callable[[], int]:
    """Have a password looked at, as the page of a creation does."""
    client = _connect(port)
    client.request("GET", "/creation")
    page = client.getresponse()
    cookies = [each.partition(";")[0] for each in page.headers.get_all("Set-Cookie", [])]
    token = re.search(r'name="form_token" value="([^"]+)"', page.read().decode())
    body = urlencode({"form_token": token[1] if token else "", "password": COSTLY})
    kind = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
        "Cookie": "; ".join(cookies),
    }
    return lambda: _ask(client, "POST", "/securite", body, **kind)[0]


def _sign_in(port: int) -> Callable[[], int]:
    """Sign in with a wrong password, over JSON."""
    client = _connect(port)
    kind = {"Content-Type": "application/json"}
    typed = json.dumps({"email": "nobody@x.example", "password": "sept girafes lisent"})

    begun = json.loads(_ask(client, "POST", "/api/journeys", '{"flow": "signin"}', **kind)[1])
    path = f"/api/journeys/{begun['reference']}/sign_in"
    bearer = f"Bearer {begun['token']}"
    return lambda: _ask(client, "POST", path, typed, **kind, Authorization=bearer)[0]


FLOODS = {"scoring": (_look, 17), "sign_in": (_sign_in, 60)}


def flood(name: str, port: int) -> None:
    """Press again and again, until the standard input ends; print how many were answered how."""
    make, count = FLOODS[name]
    statuses: list[int] = []
    ends = False

    def press() -> None:
        one = make(port)
        while not ends:
            statuses.append(one())
            time.sleep(PAUSE)  # the machine is the server's too

    threads = [Thread(target=press) for _ in range(count)]
    for thread in threads:
        thread.start()
    while len(statuses) < count:
        time.sleep(0.01)
    print("begun", flush=True)
    sys.stdin.read()
    ends = True
    for thread in threads:
        thread.join()
    print(json.dumps({str(it): statuses.count(it) for it in sorted(set(statuses))}))


# --- what it leaves ------------------------------------------------------------------------------


def measure() -> dict[str, float]:
    """Ask in turns beside nothing and beside each flood."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, _process("serve", folder) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        idle: dict[str, list[float]] = {path: [] for path in PATHS}
        beside = {(name, path): list[float]() for name in FLOODS for path in PATHS}
        for _ in range(ROUNDS):
            for path in PATHS:
                idle[path] += _times(port, path)
            for name in FLOODS:
                answered = _beside(name, port, beside)
                for status, count in answered.items():
                    key = f"{name} answered {status}"
                    found[key] = found.get(key, 0) + count
        for path in PATHS:
            found[f"idle {path} ms"] = round(1000 * statistics.median(idle[path]), 1)
        for (name, path), times in beside.items():
            base = statistics.median(idle[path])
            found[f"{name} {path} ratio"] = round(statistics.median(times) / base, 1)
            slow, slow_idle = (statistics.quantiles(it, n=20)[-1] for it in (times, idle[path]))
            found[f"{name} {path} ratio, the slowest twentieth"] = round(slow / slow_idle, 1)
        server.kill()
    return found


def _beside(name: str, port: int, beside: dict[tuple[str, str], list[float]]) -> dict[str, int]:
    with _process("flood", name, str(port)) as attack:
        assert attack.stdout is not None
        assert attack.stdout.readline() == "begun\n"
        for path in PATHS:
            beside[name, path] += _times(port, path)
        answered: dict[str, int] = json.loads(attack.communicate("")[0])
        return answered


def _times(port: int, path: str) -> list[float]:
    client = _connect(port)
    times = []
    for _ in range(LOOKS):
        begin = time.perf_counter()
        status, _ = _ask(client, "GET", path)
        times.append(time.perf_counter() - begin)
        assert status == 200, (path, status)
    client.close()
    return times


@contextmanager
def _process(*words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.flood", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, text=True, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL
    ) as made:
        yield made


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(Path(sys.argv[2]))
    else:
        flood(sys.argv[2], int(sys.argv[3]))

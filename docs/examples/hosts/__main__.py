"""Try a host of this folder on your machine: python -m hosts starlette (or fastapi, django, flask).

The doctors are invented, every message is shown on the terminal, and nothing is kept.
"""

import argparse
from importlib import import_module
from typing import Any

import uvicorn

from monespace_flows import Site
from monespace_flows.testing import Sandbox
from monespace_http import HttpSettings


class Told(Sandbox):
    """A sandbox that shows what it sends."""

    def deliver(self) -> None:
        """Deliver, and show it."""
        known = len(self.messages)
        super().deliver()
        for message in list(self.messages)[known:]:
            print(f"\n--- {message.channel} to {message.to}\n{message.text}\n", flush=True)


def main() -> None:
    """Serve one on loopback until stopped."""
    parser = argparse.ArgumentParser(prog="python -m hosts", description=__doc__)
    parser.add_argument("host", choices=("starlette", "fastapi", "django", "flask"))
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args()
    root = f"http://127.0.0.1:{given.port}"
    sandbox = Told(site=Site(base_url=f"{root}/compte"))
    make_host: Any = import_module(f"hosts.{given.host}_host").make_host
    app = make_host(sandbox.flows, HttpSettings(keys=(b"for this try alone, never kept..",)))
    print(f"Open {root}/membres and create a space: try 17/06/1975 and 99000000002", flush=True)
    if given.host == "flask":
        app = import_module("a2wsgi").WSGIMiddleware(app)
    uvicorn.run(app, host="127.0.0.1", port=given.port, log_level="warning")


if __name__ == "__main__":
    main()

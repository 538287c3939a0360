"""Try a host of this folder on your machine, with invented doctors: python -m hosts starlette

Every message is shown on the terminal; nothing is kept once it stops.
"""

import argparse
from collections.abc import Callable
from typing import Any

import uvicorn
from a2wsgi import WSGIMiddleware

from monespace_flows import Site
from monespace_flows.testing import Sandbox
from monespace_http import HttpSettings

from . import HOSTS


class Told(Sandbox):
    """A sandbox that shows what it sends."""

    def deliver(self) -> None:
        """Deliver, and show it."""
        known = len(self.messages)
        super().deliver()
        for message in self.messages[known:]:
            print(f"\n--- {message.channel} to {message.to}\n{message.text}\n", flush=True)


def main() -> None:
    """Serve one on loopback until stopped."""
    parser = argparse.ArgumentParser(prog="python -m hosts", description=__doc__)
    parser.add_argument("host", choices=HOSTS)
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args()
    root = f"http://127.0.0.1:{given.port}"
    sandbox = Told(site=Site(base_url=f"{root}/compte"))
    settings = HttpSettings(keys=(b"for this try alone, never kept..",))
    app = HOSTS[given.host](sandbox.flows, settings)
    print(f"Open {root}/membres - try 17/06/1975 and 99000000002")
    uvicorn.run(app, host="127.0.0.1", port=given.port, log_level="warning")


if __name__ == "__main__":
    main()

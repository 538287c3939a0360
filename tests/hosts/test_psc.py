"""ProSanté Connect as the manual shows it, against a real OpenID provider on this machine."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator

import httpx2
import pytest
from psc.psc import make_host

from monespace_flows import SignedIn, Site
from monespace_flows.testing import Sandbox
from tests.cli.running import wait_for
from tests.http.visiting import Visitor, settings
from tests.journeys import acting
from tests.journeys.acting import JOHN, NOBODY

pytestmark = pytest.mark.usefixtures("alone")

SECRET = "a secret of the example, for its cookie"
PEOPLE = (
    {"sub": "john", "SubjectNameID": f"8{JOHN.rpps}"},
    {"sub": "nobody", "SubjectNameID": f"8{NOBODY.rpps}"},
    {"sub": "visitor"},  # who has no number
)


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Run a provider, a process of its own as it would be: its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [word for person in PEOPLE for word in ("--user-claims", json.dumps(person))]
    run = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *words]
    with subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: _answers(port), "the provider")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


class Host:
    def __init__(self, provider: str) -> None:
        self.sandbox = Sandbox(site=Site(base_url="http://127.0.0.1:8000/compte"))
        acting.created(self.sandbox)
        self.app = make_host(
            self.sandbox.flows, settings(), SECRET,
            server_metadata_url=f"{provider}/.well-known/openid-configuration",
            client_id="monespace", client_secret="known to both",
        )  # fmt: skip

    def signed_in_there(self, subject: str) -> Visitor:
        """Go to the provider, say who one is, and come back."""
        visitor = Visitor(self.app, "http://127.0.0.1:8000")
        sent = visitor.client.get("/psc", follow_redirects=False)
        assert sent.headers["location"].startswith("http://127.0.0.1:")
        back = httpx2.post(sent.headers["location"], data={"sub": subject})
        visitor.open(back.headers["location"].removeprefix("http://127.0.0.1:8000"))
        return visitor


@pytest.fixture
def host(provider: str) -> Host:
    return Host(provider)


def test_e3_a_doctor_whom_the_provider_knows_is_signed_in(host: Host) -> None:
    """Our own pages greet them, and the host hears how they came."""
    heard: list[str] = []
    host.sandbox.flows.on(SignedIn, lambda event: heard.append(event.how))
    visitor = host.signed_in_there("john")

    assert (visitor.path, visitor.page.heading) == ("/compte/", "MonEspace")
    assert heard == ["psc"]


def test_e3_who_has_no_account_creates_one(host: Host) -> None:
    assert host.signed_in_there("nobody").path == "/compte/creation"


def test_e3_who_has_no_number_is_told(host: Host) -> None:
    visitor = host.signed_in_there("visitor")

    assert (visitor.status, "RPPS" in visitor.response.text) == (403, True)


def test_e3_a_closed_account_stays_closed(host: Host) -> None:
    host.sandbox.flows.disable_account(rpps=JOHN.rpps)

    assert host.signed_in_there("john").status == 403


def test_e3_an_answer_that_nobody_asked_for_signs_nobody_in(host: Host) -> None:
    visitor = Visitor(host.app, "http://127.0.0.1:8000")
    visitor.open("/psc/retour?code=invented&state=invented")

    assert visitor.path == "/compte/connexion"
    assert visitor.page.heading != "MonEspace"

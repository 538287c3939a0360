"""Starlette, FastAPI, Django and Flask as the manual shows them, asked by programs.

Doctors are led through them by tests/browser/test_each_host.py.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from monespace_flows.client import Client, Confirmed
from monespace_flows.commands import ContinueRecovery, RequestLink, SendCode, SignIn, SubmitCode
from monespace_flows.screens import View
from tests.hosts.placing import HOSTS, Place, Placed, Servers
from tests.http.visiting import PASSWORD
from tests.journeys import acting

pytestmark = pytest.mark.usefixtures("alone")

OTHER = acting.OTHER_PASSWORD


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    """Listen on ports of this machine."""
    servers = Servers()
    yield servers
    servers.close()


@pytest.fixture(params=HOSTS)
def served(request: pytest.FixtureRequest, servers: Servers, alone: None) -> Placed:
    return servers.place(request.param, Place())


@pytest.fixture
def client(served: Placed) -> Iterator[Client]:
    with Client(served.base_url) as client:
        yield client


def test_all_five_journeys_by_the_typed_client(served: Placed, client: Client) -> None:
    """Over real HTTP; and the host's own page knows whom the client signed in."""
    view = proved(served, client, client.start("creation", acting.identity()))
    assert client.submit(view, acting.activation(acting.LOGIN, PASSWORD)).state == "created"

    session = signed_in(client, acting.LOGIN, PASSWORD)
    assert acting.LOGIN in shown(served, session)
    link = acting.confirmation_received(served.sandbox)
    assert client.use_link(link, session=session) == Confirmed(email=acting.LOGIN)
    edited = client.start("settings", session=session)
    saved = client.submit(edited, acting.save(PASSWORD, email=acting.LOGIN, password=OTHER))
    assert acting.notices(saved) == ["settings.saved"]

    client.start("reset", RequestLink(email=acting.LOGIN))
    chosen = client.use_link(acting.link_received(served.sandbox))
    assert isinstance(chosen, View)
    assert client.submit(chosen, acting.new_password(PASSWORD)).state == "password_changed"
    assert shown(served, session) == ""  # the session of before is over

    view = client.submit(client.start("recovery", acting.identity()), ContinueRecovery())
    view = proved(served, client, view)
    assert client.submit(view, acting.activation(acting.OTHER_LOGIN, OTHER)).state == "recovered"
    assert acting.OTHER_LOGIN in shown(served, signed_in(client, acting.OTHER_LOGIN, OTHER))


def test_a_host_s_own_row_stays_with_whoever_has_another_address(
    servers: Servers, alone: None
) -> None:
    """FastAPI's table of visits is joined by the account's id."""
    served = servers.place("fastapi", Place())
    acting.created_by_sms(served.sandbox)
    with Client(served.base_url) as client:
        first = signed_in(client, acting.LOGIN, acting.PASSWORD)
        visits = [shown(served, first), shown(served, first)]
        acting.recovered(served.sandbox)
        visits.append(shown(served, signed_in(client, acting.OTHER_LOGIN, OTHER)))

    assert ['"visite":1' in visits[0], '"visite":2' in visits[1], '"visite":3' in visits[2]] == (
        [True] * 3
    )
    assert acting.OTHER_LOGIN in visits[2]


def proved(served: Placed, client: Client, view: View) -> View:
    """Have a code sent by SMS, and type it."""
    by_sms = next(it.value for it in acting.field(view, "channel").options if it.kind == "sms")
    view = client.submit(view, SendCode(channel=by_sms))
    return client.submit(view, SubmitCode(code=served.code))


def signed_in(client: Client, email: str, password: str) -> str:
    return client.start("signin", SignIn(email=email, password=password)).session or ""


def shown(served: Placed, session: str) -> str:
    """What the host's page for members says; it sends elsewhere whom it does not know."""
    headers = {"Authorization": f"Bearer {session}"}
    answer = httpx2.get(served.members, headers=headers)
    return answer.text if answer.is_success else ""

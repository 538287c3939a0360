"""The app works mounted under any prefix, behind proxies of both kinds (V1-V4)."""

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from tests.http.visiting import JOHN, PASSWORD, Served, Visitor, client_of


def _mounted(served: Served, *prefixes: str) -> Starlette:
    app = served.app
    for prefix in reversed(prefixes):
        app = Starlette(routes=[Mount(prefix, app)])
    return app


@pytest.mark.parametrize("prefixes", [("/compte",), ("/a", "/b")])
def test_a_journey_runs_below_a_prefix(served: Served, prefixes: tuple[str, ...]) -> None:
    prefix = "".join(prefixes)
    visitor = Visitor(_mounted(served, *prefixes), served.base_url)
    page = visitor.open(f"{prefix}/")
    assert f"{prefix}/creation" == page.links["Créer votre espace"]

    visitor.open(page.links["Créer votre espace"])
    page = visitor.press("Valider", **JOHN)
    assert (f"{prefix}/creation", 200) == (visitor.path, visitor.status)
    assert f"{prefix}/assistance" == page.links["Assistance"]
    style = next(each for each in page.root.every("link") if each["rel"] == "stylesheet")
    assert visitor.client.get(style["href"]).status_code == 200


def test_redirects_stay_below_the_prefix(served: Served) -> None:
    served.create_account()
    visitor = Visitor(_mounted(served, "/compte"), served.base_url)
    visitor.open("/compte/parametres")
    assert visitor.path == "/compte/connexion"

    visitor.press("Se connecter", email="john@medecin.example", password=PASSWORD)
    assert visitor.path == "/compte/parametres"


@pytest.mark.parametrize("path", ["/proxy/compte/creation", "/compte/creation"])
def test_a_proxy_may_keep_its_prefix_or_strip_it(served: Served, path: str) -> None:
    client = client_of(_mounted(served, "/compte"), served.base_url, root_path="/proxy")
    answer = client.get(path)

    assert answer.status_code == 200
    assert 'action="/proxy/compte/creation"' in answer.text


@pytest.mark.parametrize("path", ["/proxy/creation", "/creation"])
def test_a_proxy_may_strip_its_prefix_without_a_mount(served: Served, path: str) -> None:
    answer = client_of(served.app, served.base_url, root_path="/proxy").get(path)

    assert 'action="/proxy/creation"' in answer.text


def test_two_apps_live_in_one_process() -> None:
    """No global state."""
    one, other = Served(), Served()
    one.create_account()

    assert one.sign_in().page.heading == "MonEspace"
    assert other.sign_in().status == 422


def test_a_lifespan_is_not_needed_and_does_no_harm(served: Served) -> None:
    with TestClient(served.app, served.base_url) as client:
        assert client.get("/").status_code == 200

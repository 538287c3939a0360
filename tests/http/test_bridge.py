"""A host's own pages beside ours: who is signed in, where to sign in, and back again."""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from monespace_flows import Site
from monespace_flows.driver import SessionView
from monespace_flows.testing import Sandbox
from monespace_http import (
    SessionMiddleware,
    WsgiSessionMiddleware,
    aware_session,
    bridge,
    create_app,
    current_session,
    keep_session,
    session_of_environ,
    sign_in_url,
)
from tests.http.visiting import JOHN, PASSWORD, Served, Visitor, client_of, settings

EMAIL = "john@medecin.example"

pytestmark = pytest.mark.usefixtures("alone")


def whoami(request: Request) -> Response:
    """A host's page, as it is written without a loop: in a thread."""
    session = current_session(request)
    return JSONResponse(None if session is None else session.account_id)


async def aware(request: Request) -> Response:
    session = await aware_session(request)
    return JSONResponse(None if session is None else session.account_id)


def mine(request: Request) -> Response:
    """A page for members alone."""
    if current_session(request) is None:
        return RedirectResponse(sign_in_url(f"{request.url.path}?{request.url.query}", request))
    return JSONResponse("mine")


async def from_outside(request: Request) -> Response:
    """What a host does once another service has said who somebody is."""
    response = RedirectResponse("/whoami")
    keep_session(response, request.app.state.open(), request)
    return response


class Host:
    """A Starlette app with ours at ``/compte``, or below another path."""

    def __init__(self, *, path: str = "/compte", middleware: bool = False, **changes: Any) -> None:
        self.path = path
        self.sandbox = Sandbox(site=Site(base_url=f"https://ordre.example{path}"))
        chosen = settings(**changes)
        self.app = Starlette(
            routes=[
                Mount(path, create_app(self.sandbox.flows, chosen)),
                Route("/whoami", whoami),
                Route("/aware", aware),
                Route("/mine", mine),
                Route("/psc", from_outside),
            ]
        )
        self.app.state.open = lambda: self.sandbox.flows.open_session(rpps=JOHN["rpps"])
        if middleware:
            self.app.add_middleware(SessionMiddleware, self.sandbox.flows, chosen)

    def visitor(self) -> Visitor:
        return Visitor(self.app, "https://ordre.example")

    def member(self) -> Visitor:
        visitor = self.visitor()
        sign_in(visitor, self.path)
        return visitor


def create_account(sandbox: Sandbox, visitor: Visitor, path: str) -> None:
    """Create John's account where ours is below a path."""
    visitor.open(f"{path}/creation")
    visitor.press("Valider", **JOHN)
    channel = visitor.page.field("3361***78")["value"]
    visitor.press("Recevoir votre code", channel=channel)
    code = next(it.code for it in reversed(list(sandbox.messages)) if it.code)
    visitor.press("Valider", code=code)
    twice = {"password": PASSWORD, "password_confirmation": PASSWORD}
    visitor.press("Activer", email=EMAIL, email_confirmation=EMAIL, **twice)


def sign_in(visitor: Visitor, path: str) -> None:
    visitor.open(f"{path}/connexion")
    visitor.press("Se connecter", email=EMAIL, password=PASSWORD)


@pytest.fixture(params=[False, True], ids=["the only app", "by a middleware"])
def host(request: pytest.FixtureRequest) -> Host:
    made = Host(middleware=request.param)
    create_account(made.sandbox, made.visitor(), made.path)
    return made


# --- who is signed in ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/whoami", "/aware"])
def test_a_page_of_the_host_knows_who_is_signed_in(host: Host, path: str) -> None:
    """By an id that stays when the address changes; nobody is anybody before."""
    assert host.visitor().client.get(path).json() is None
    visitor = host.member()

    account = host.sandbox.flows.account(visitor.client.get(path).json())
    assert account is not None
    assert account.email == EMAIL
    assert visitor.client.get("/compte/api/session").status_code == 401  # JSON wants its bearer


def test_a_bearer_says_it_too(host: Host) -> None:
    token = host.sandbox.flows.open_session(rpps=JOHN["rpps"])
    headers = {"Authorization": f"Bearer {token}"}

    assert host.visitor().client.get("/whoami", headers=headers).json()


def test_nothing_is_asked_for_who_does_not_want_to_know(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And once for who asks twice."""
    asked: list[str] = []
    known = host.sandbox.flows.session

    def counted(token: str) -> SessionView | None:
        asked.append(token)
        return known(token)

    monkeypatch.setattr(host.sandbox.flows, "session", counted)
    visitor = host.member()
    asked.clear()

    async def page(request: Request) -> Response:
        found = [await aware_session(request), current_session(request)]
        return JSONResponse([it is not None for it in found])

    host.app.router.routes.append(Route("/twice", page))
    assert visitor.client.get("/nowhere").status_code == 404
    assert asked == []
    assert visitor.client.get("/twice").json() == [True, True]
    assert len(asked) == 1


def test_a_page_that_is_added_to_our_app_knows_it() -> None:
    """Of the very app that it is in, whatever stands around it and whichever others there are."""
    served = Served(extra_routes=(Route("/whoami", whoami),))
    other = Served()
    served.create_account()
    visitor = served.sign_in()
    around: Any = SessionMiddleware(served.app, other.sandbox.flows, settings())
    seen_inside = client_of(around, served.base_url)
    seen_inside.cookies.update(visitor.client.cookies)

    assert visitor.client.get("/whoami").json()
    assert seen_inside.get("/whoami").json()


def test_a_wsgi_host_knows_it(host: Host) -> None:
    """Flask has ``request.environ``, Django ``request.META``."""
    visitor = host.member()
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.client.cookies.items())
    token = host.sandbox.flows.open_session(rpps=JOHN["rpps"])

    for environ in ({"HTTP_COOKIE": cookies}, {"HTTP_AUTHORIZATION": f"Bearer {token}"}):
        session = session_of_environ(environ)
        assert session is not None
        assert session.email == EMAIL
    assert session_of_environ({}) is None


def test_a_wsgi_middleware_says_whose_app_is_meant(host: Host) -> None:
    seen: list[object] = []

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        start_response("200 OK", [])
        seen.append(session_of_environ(environ))
        return [b""]

    token = host.sandbox.flows.open_session(rpps=JOHN["rpps"])
    around = WsgiSessionMiddleware(app, host.sandbox.flows, settings())
    other = Served()
    environ = {"HTTP_AUTHORIZATION": f"Bearer {token}"}

    assert around(environ, lambda *_: None) == [b""]
    assert [getattr(it, "email", None) for it in seen] == [EMAIL]
    assert other.sandbox.flows is not host.sandbox.flows


@pytest.mark.parametrize("told", ["no app", "several apps"])
def test_where_no_app_or_several_could_be_meant_the_error_says_what_to_do(told: str) -> None:
    """Nothing is guessed: another app would know nobody by that session, and send people round."""
    made = [Served(), Served()] if told == "several apps" else []
    asks: tuple[Callable[[], object], ...] = (
        lambda: session_of_environ({}),
        lambda: sign_in_url("/"),
        lambda: sign_in_url("/", {}),
        lambda: keep_session(Response(), "a session"),
    )

    for ask in asks:
        with pytest.raises(LookupError, match=rf"^{told} .*SessionMiddleware.*request$"):
            ask()
    assert len(made) != 1


def test_an_app_that_is_gone_is_not_counted() -> None:
    """A host that makes its app again, as tests do, has one."""
    Served(site=Site(base_url="https://ordre.example/ancien"))
    now = Served(site=Site(base_url="https://ordre.example/espace"))

    assert sign_in_url("/") == f"{urlsplit(now.base_url).path}/connexion?return_to=/"


def test_e4_each_of_several_apps_sends_to_its_own_page_and_keeps_its_own_session() -> None:
    """A middleware around a host says which is meant: of its pages, and of what they call."""
    hosts = [Host(path=path, middleware=True) for path in ("/un", "/deux")]

    for host in hosts:
        visitor = host.visitor()
        create_account(host.sandbox, host.visitor(), host.path)
        asked = visitor.client.get("/mine", follow_redirects=False).headers["location"]
        visitor.open("/psc")
        assert asked.startswith(f"{host.path}/connexion?")
        assert visitor.client.get("/whoami").json()
        assert _unmarked(visitor) == {f"monespace.{host.path[1:]}_session"}


def test_e4_a_wsgi_host_of_several_apps_names_its_environ() -> None:
    hosts = [Host(path=path) for path in ("/un", "/deux")]
    found: list[str] = []

    def app(environ: dict[str, Any], _: Callable[..., Any]) -> list[bytes]:
        found.append(sign_in_url("/", environ))
        return []

    for host in hosts:
        WsgiSessionMiddleware(app, host.sandbox.flows, settings())({}, lambda *_: None)
    assert found == ["/un/connexion?return_to=/", "/deux/connexion?return_to=/"]


def test_the_middleware_lets_all_else_through() -> None:
    """The start and the end of a server, for one."""
    seen: list[Any] = []

    async def app(scope: Any, _: Any, __: Any) -> None:
        seen.append(scope)

    around: Any = SessionMiddleware(app, Sandbox().flows, settings())
    anyio.run(around, {"type": "lifespan"}, None, None)
    assert seen == [{"type": "lifespan"}]


# --- signing in, and back ------------------------------------------------------------------------


def test_e3_who_comes_from_another_service_is_signed_in(host: Host) -> None:
    visitor = host.visitor()
    visitor.open("/psc")

    assert visitor.client.get("/whoami").json()
    assert visitor.open("/compte/").heading == "MonEspace"


def test_e15_who_had_to_sign_in_comes_back(host: Host) -> None:
    visitor = host.visitor()
    assert "Connectez-vous" in visitor.open("/mine?page=2").heading
    visitor.press("Se connecter", email=EMAIL, password="a wrong one")
    visitor.press("Se connecter", email=EMAIL, password=PASSWORD)

    assert (visitor.path, visitor.response.url.query) == ("/mine", b"page=2")
    assert not [name for name in visitor.client.cookies if name.endswith("_return")]


def test_e15_who_is_signed_in_already_goes_straight_back(host: Host) -> None:
    visitor = host.member()
    visitor.open(sign_in_url("/mine"))

    assert visitor.path == "/mine"


def test_e15_a_host_that_is_named_may_be_returned_to() -> None:
    """Its forms lead there, so browsers must be told; no other one may."""
    host = Host(return_hosts=("portail.example",))
    create_account(host.sandbox, host.visitor(), host.path)
    visitor = host.visitor()
    page = visitor.client.get(sign_in_url("https://portail.example/a?b=c"))
    assert "form-action 'self' https://portail.example;" in page.headers["content-security-policy"]
    visitor.open(sign_in_url("https://portail.example/a?b=c"))
    sent = visitor.filled("Se connecter", email=EMAIL, password=PASSWORD)
    answer = visitor.client.post("/compte/connexion", data=sent, follow_redirects=False)

    assert answer.headers["location"] == "https://portail.example/a?b=c"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/", "https://portail.example.evil/", "https://portail.example@evil/",
        "http://portail.example/", "//portail.example/", "/\\evil.example", "javascript:alert(1)",
        "https://portail.example:8443/", "", "mine", "/ a", "/a%0d%0ab", "/a%5Cb", "/é",
        "/" + "a" * 1500,
    ],
)  # fmt: skip
def test_wb_06_nowhere_else(address: str) -> None:
    """Neither when it is asked for, nor when a neighbour wrote the cookie."""
    host = Host(return_hosts=("portail.example",))
    create_account(host.sandbox, host.visitor(), host.path)
    visitor = host.visitor()
    visitor.open(sign_in_url(address))
    sent = visitor.filled("Se connecter", email=EMAIL, password=PASSWORD)
    told = bridge.Bridge.of(host.sandbox.flows, settings()).cookies.name("return")
    visitor.client.cookies.set(told, "address.aHR0cHM6Ly9ldmlsLmV4YW1wbGUv")
    answer = visitor.client.post("/compte/connexion", data=sent, follow_redirects=False)

    assert answer.headers["location"] == "/compte/"


def test_e15_the_newest_wish_counts(host: Host) -> None:
    """Who was sent from a host and then opens their settings goes there."""
    visitor = host.visitor()
    visitor.open("/mine")
    visitor.open("/compte/parametres")
    visitor.press("Se connecter", email=EMAIL, password=PASSWORD)

    assert visitor.path == "/compte/parametres"


# --- several on one host -------------------------------------------------------------------------


def test_e4_two_on_one_host_leave_each_other_alone() -> None:
    """By themselves, wherever each is: the names of their cookies tell."""
    one, two = Sandbox(site=_at("/un")), Sandbox(site=_at("/deux"))
    served = Starlette(
        routes=[
            Mount("/un", create_app(one.flows, settings())),
            Mount("/deux", create_app(two.flows, settings())),
        ]
    )
    visitor = Visitor(served, "https://ordre.example")
    for sandbox, path in ((one, "/un"), (two, "/deux")):
        create_account(sandbox, visitor, path)
        sign_in(visitor, path)
    visitor.press("Se déconnecter")

    assert visitor.open("/un/").heading == "MonEspace"
    assert visitor.open("/deux/").heading == "Connectez-vous à votre espace"
    named = {name.partition("_")[0] for name in _unmarked(visitor)}
    assert named == {"monespace.un", "monespace.deux"}


@pytest.mark.parametrize(
    ("path", "begins"),
    [
        ("", "monespace"),
        ("/", "monespace"),
        ("/compte", "monespace.compte"),
        ("/a/b", "monespace.a.b"),
        ("/a-b/", "monespace.a-b"),
        ("/a_b", "monespace.a%5fb"),
        ("/a.b", "monespace.a%2eb"),
        ("/Compte", "monespace.Compte"),
    ],
)
def test_e4_no_two_paths_share_the_names_of_cookies(path: str, begins: str) -> None:
    """At the root of a host they are those that they always were."""
    made = Served(site=_at(path)).sandbox.flows

    cookies = bridge.Bridge.of(made, settings()).cookies
    assert cookies.name("session") == f"__Host-{begins}_session"


def test_e4_a_prefix_that_is_named_is_taken_as_it_is() -> None:
    """So that an upgrade signs nobody out, where one instance below a path was all there was."""
    served = Served(site=_at("/compte"), cookie_prefix="monespace")

    visitor = served.visitor()
    visitor.open("/connexion")
    assert {name.partition("_")[0] for name in _unmarked(visitor)} == {"monespace"}


def _at(path: str) -> Site:
    return Site(base_url=f"https://ordre.example{path}")


def _unmarked(visitor: Visitor) -> set[str]:
    return {name.removeprefix("__Host-") for name in visitor.client.cookies}


@pytest.mark.parametrize("prefix", ["", "1a", "a b", "a;", "é", "a" * 33])
def test_a_prefix_that_is_none_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match=r"^cookie_prefix: "):
        settings(cookie_prefix=prefix)


@pytest.mark.parametrize("hosts", [("https://a.example",), ("a/b",), ("",)])
def test_a_host_to_return_to_is_a_host(hosts: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"^return_hosts: "):
        settings(return_hosts=hosts)


# --- browser apps on a sibling origin ------------------------------------------------------------

APP = "https://app.ordre.example"


@pytest.fixture
def shared() -> Served:
    made = Served(site=Site(base_url="https://ordre.example"), cors_origins=(APP,))
    made.create_account()
    return made


def asking(served: Served, origin: str = APP, **more: str) -> httpx2.Client:
    client = served.client
    client.headers.update({"Origin": origin, "Sec-Fetch-Site": "same-site", **more})
    return client


SIGN_IN = {"flow": "signin", "command": "sign_in", "fields": {"email": EMAIL, "password": PASSWORD}}


def test_e16_an_app_that_is_named_may_use_the_json(shared: Served) -> None:
    client = asking(shared)
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,monespace-session,idempotency-key",
    }
    first = client.options("/api/journeys", headers=asked)
    answer = client.post("/api/journeys", json=SIGN_IN)

    assert first.status_code == 200
    for each in (first, answer):
        assert each.headers["access-control-allow-origin"] == APP
        assert each.headers["access-control-allow-credentials"] == "true"
    assert answer.status_code == 201
    assert answer.json()["session"]


def test_e16_its_session_may_be_a_cookie_that_no_script_reads(shared: Served) -> None:
    client = asking(shared, **{"Monespace-Session": "cookie"})
    answer = client.post("/api/journeys", json=SIGN_IN)
    cookies = SimpleCookie()
    for each in answer.headers.get_list("set-cookie"):
        cookies.load(each)

    assert answer.status_code == 201
    assert "session" not in answer.json()
    assert cookies["__Host-monespace_session"]["httponly"]
    assert "__Host-monespace_known" in cookies
    assert client.get("/api/session").json()["email"] == EMAIL
    assert client.post("/api/journeys", json={"flow": "settings"}).status_code == 201
    assert client.get("/api/sessions").status_code == 200
    assert client.delete("/api/session").status_code == 204
    assert client.get("/api/session").status_code == 401


def test_e16_who_signs_in_again_leaves_the_earlier_session(shared: Served) -> None:
    client = asking(shared, **{"Monespace-Session": "cookie"})
    client.post("/api/journeys", json=SIGN_IN)
    earlier = client.cookies["__Host-monespace_session"]
    client.post("/api/journeys", json=SIGN_IN)

    assert shared.sandbox.flows.session(earlier) is None
    assert client.get("/api/session").status_code == 200


def test_wb_01_a_cookie_alone_asks_for_nothing(shared: Served) -> None:
    """The header that a stranger's page cannot send must be there, too."""
    client = asking(shared, **{"Monespace-Session": "cookie"})
    client.post("/api/journeys", json=SIGN_IN)
    del client.headers["monespace-session"]

    assert client.get("/api/session").status_code == 401


@pytest.mark.parametrize("path", ["/api/journeys", "/connexion"])
def test_wb_01_no_other_origin_may(shared: Served, path: str) -> None:
    client = asking(shared, "https://evil.example")
    answer = client.post(path, json=SIGN_IN)

    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_wb_01_an_app_may_not_press_on_pages(shared: Served) -> None:
    client = asking(shared)

    assert client.post("/connexion", data={"email": EMAIL}).status_code == 403
    assert "access-control-allow-origin" not in client.get("/connexion").headers


@pytest.mark.parametrize("origins", [("app.example",), ("https://a.example/b",), ("*",)])
def test_an_origin_is_written_as_browsers_do(origins: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"^cors_origins: "):
        settings(cors_origins=origins)


# --- a host that is not ours ---------------------------------------------------------------------


@pytest.fixture
def untold() -> None:
    from monespace_http.transport import addresses

    addresses._tell_host.cache_clear()


@pytest.mark.usefixtures("untold")
@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "https://ordre.example"])
def test_e17_who_asks_for_another_host_is_told_where_developers_are(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The log says it once; on this very machine the answer does, too."""
    app = create_app(Sandbox(site=Site(base_url=url)).flows, settings())
    answers = [client_of(app, "http://testserver").get("/api/session") for _ in range(3)]

    assert [it.status_code for it in answers] == [400] * 3
    assert [url in it.json()["detail"] for it in answers] == [url.startswith("http:")] * 3
    assert [url in it.getMessage() for it in caplog.records] == [True]


def test_sign_in_url_stands_below_the_mount(host: Host) -> None:
    parts = urlsplit(sign_in_url("/mine?a=b&c=d"))

    assert parts.path == "/compte/connexion"
    assert parse_qs(parts.query) == {"return_to": ["/mine?a=b&c=d"]}
    assert host is not None

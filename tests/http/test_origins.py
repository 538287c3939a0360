"""Posts from other sites are refused, and so are foreign hosts (WB-01 to WB-03, LK-13)."""

from urllib.parse import quote, urlencode

import pytest

from monespace_http.pages.forms import FormTokens, Shown
from tests.http.visiting import JOHN, KEY, PASSWORD, Served, Visitor

PAGES = [
    "/creation", "/recuperation", "/mot-de-passe", "/connexion", "/parametres", "/lien/abc",
    "/deconnexion", "/renvoyer-confirmation", "/securite",
]  # fmt: skip

FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://monespace.example"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://monespace.example"},
    {"Origin": "https://monespace.example:8443"},
    {"Origin": "https://monespace.example.evil.example"},
    {"Origin": "monespace.example"},
]


def _creation(served: Served) -> tuple[Visitor, dict[str, str]]:
    visitor = served.visitor()
    visitor.open("/creation")
    return visitor, visitor.filled("Valider", **JOHN)


@pytest.mark.parametrize("headers", FOREIGN)
def test_wb_01_a_post_from_another_site_is_403_even_with_a_good_token(
    served: Served, headers: dict[str, str]
) -> None:
    visitor, form = _creation(served)

    assert visitor.client.post("/creation", data=form, headers=headers).status_code == 403
    assert visitor.open("/creation").heading == "Créer votre espace"


@pytest.mark.parametrize("path", [*PAGES, "/api/journeys", "/api/links"])
def test_wb_01_every_unsafe_route_refuses_other_sites(served: Served, path: str) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}

    assert served.client.post(path, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://monespace.example"},
        {"Origin": "https://monespace.example:443"},
        {"Origin": "null"},
        {},
    ],
)
def test_wb_02_our_own_posts_pass_and_so_do_those_that_say_nothing(
    served: Served, headers: dict[str, str]
) -> None:
    """Our forms send ``Origin: null``, since our pages send no referrer: the token decides."""
    visitor, form = _creation(served)
    answer = visitor.client.post("/creation", data=form, headers=headers)

    assert "Sécuriser la création de votre espace" in answer.text


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "token", ["", "1.x", "1795338000000000..AAAA", "é", "1795338000000000.." + "A" * 43]
)
def test_wb_02_every_form_needs_its_token(served: Served, path: str, token: str) -> None:
    """Sign-in and the forms before any journey included: nothing is done.

    Where nobody has any business without a session, one is sent to sign in.
    """
    visitor, _ = _creation(served)
    sent = {"form_token": token, "command": "extend"}
    answer = visitor.client.post(path, data=sent, follow_redirects=False)
    expected = {"/lien/abc": 410, "/parametres": 303, "/deconnexion": 303}
    expected |= {"/renvoyer-confirmation": 303}

    assert expected.get(path, 403) == answer.status_code
    assert answer.headers.get("location", "/connexion") == "/connexion"
    assert [*served.sandbox.messages] == []


def test_wb_03_the_token_of_another_browser_is_worth_nothing(served: Served) -> None:
    """WB-03."""
    _, form = _creation(served)
    mine, _ = _creation(served)

    assert mine.client.post("/creation", data=form).status_code == 403


@pytest.mark.parametrize("path", ["/connexion", "/creation", "/recuperation"])
def test_no_token_is_given_to_a_browser_without_a_cookie(served: Served, path: str) -> None:
    """WB-02: it would be bound to nobody, and good in every browser that has no cookie yet."""
    stranger = served.visitor()
    answer = stranger.client.get(path, headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json()) == (403, {})
    assert "set-cookie" not in answer.headers


def test_nobody_is_signed_in_by_the_form_of_a_stranger(served: Served) -> None:
    """WB-02: login CSRF: not even by a token that was once made for no browser at all."""
    served.create_account()
    tokens = FormTokens((KEY,))
    shown = Shown(served.sandbox.clock.now(), "")
    victim = served.visitor()
    typed = {"command": "sign_in", "email": "john@medecin.example", "password": PASSWORD}
    for binding in ("", ".", "None."):
        form = {**typed, "form_token": tokens.issue(binding, shown)}
        answer = victim.client.post("/connexion", data=form, follow_redirects=False)

        assert answer.status_code == 403
        assert "monespace_session" not in str(answer.headers)


def test_wb_03_the_token_of_an_earlier_session_is_worth_nothing(served: Served) -> None:
    """WB-03: signing in and out makes all earlier forms stale."""
    served.create_account()
    visitor, form = _creation(served)
    visitor.open("/connexion")
    visitor.press("Se connecter", email="john@medecin.example", password=PASSWORD)

    assert visitor.client.post("/creation", data=form).status_code == 403


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "javascript:alert(1)", "%2f%2fevil.example", "https:evil.example",
        "/ok%0d%0aSet-Cookie:x=1", "http://monespace.example@evil.example",
    ],
)  # fmt: skip
def test_wb_06_no_address_that_comes_along_is_gone_to(served: Served, elsewhere: str) -> None:
    """Redirects lead to places that the program names; what a request names is no address."""
    served.create_account()
    visitor = served.visitor()
    names = ("retour", "next", "return_to", "url")
    visitor.open("/connexion?" + urlencode(dict.fromkeys(names, elsewhere)))
    sent = visitor.filled("Se connecter", email="john@medecin.example", password=PASSWORD)
    sent |= dict.fromkeys(names, elsewhere)
    answer = visitor.client.post("/connexion", data=sent, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/")
    assert "evil" not in str(answer.headers)
    assert "x=1" not in str(answer.headers)
    assert "evil" not in visitor.open(f"/parametres?retour={quote(elsewhere)}").text


def test_a_token_cannot_be_made_younger(served: Served) -> None:
    """Its time of issue is signed: it says from when the ten minutes run."""
    visitor, form = _creation(served)
    stamp, _, mac = form["form_token"].partition(".")
    form["form_token"] = f"{int(stamp) + 60_000_000}.{mac}"

    assert visitor.client.post("/creation", data=form).status_code == 403


def test_tokens_of_an_older_key_are_still_read(served: Served) -> None:
    from monespace_http import create_app
    from tests.http.visiting import KEY, settings

    visitor, form = _creation(served)
    rotated = create_app(served.sandbox.flows, settings(keys=(b"n" * 32, KEY)))
    after = Visitor(rotated, served.base_url)
    after.client.cookies = visitor.client.cookies
    forgotten = Visitor(
        create_app(served.sandbox.flows, settings(keys=(b"n" * 32,))), served.base_url
    )
    forgotten.client.cookies = visitor.client.cookies

    assert after.client.post("/creation", data=form).status_code == 200
    assert forgotten.client.post("/creation", data=form).status_code == 403


@pytest.mark.parametrize(
    "host",
    ["evil.example", "monespace.example:8443", "monespace.example.evil.example", "a/?x=", ""],
)
def test_lk_13_a_foreign_host_is_400(served: Served, host: str) -> None:
    for path in ("/", "/api/session", "/openapi.json"):
        answer = served.client.get(path, headers={"Host": host})

        assert answer.status_code == 400
        assert "evil" not in answer.text


def test_health_checks_may_come_under_any_name(served: Served) -> None:
    for path in ("/healthz", "/readyz"):
        assert served.client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200


def test_names_of_this_machine_are_good_where_the_site_is_on_it() -> None:
    served = Served(public_url="http://127.0.0.1:8000")
    hosts = ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"]
    answers = [served.client.get("/", headers={"Host": host}) for host in hosts]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert served.client.get("/", headers={"Host": "localhost:9000"}).status_code == 400

"""The cookies: names, flags, and that only our own values are read (SS-01, SS-02, SS-07)."""

from tests.http.visiting import JOHN, PASSWORD, Served


def test_the_journey_and_session_cookies_have_every_flag(served: Served) -> None:
    served.create_account()
    visitor = served.visitor()
    visitor.open("/connexion")
    form = visitor.filled("Se connecter", email="john@medecin.example", password=PASSWORD)
    answer = visitor.client.post("/connexion", data=form, follow_redirects=False)

    (cookie,) = [
        c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-monespace_session")
    ]
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "path=/", "samesite=lax", "secure"} == flags


def test_a_journey_lives_in_a_cookie_of_its_flow(served: Served) -> None:
    visitor = served.visitor()
    visitor.open("/creation")
    assert "__Host-monespace_journey_creation" not in visitor.client.cookies

    visitor.press("Valider", **JOHN)
    assert "__Host-monespace_journey_creation" in visitor.client.cookies


def test_names_are_plain_on_http_of_this_machine() -> None:
    served = Served(public_url="http://127.0.0.1:8000")
    client = served.client
    answer = client.get("/creation", headers={"Host": "127.0.0.1:8000"})

    (cookie,) = answer.headers.get_list("set-cookie")
    assert cookie.startswith("monespace_browser=")
    assert "Secure" not in cookie


def test_a_journey_of_another_flow_is_none(served: Served) -> None:
    """FL-06: the token of a recovery opens nothing on the page of a creation."""
    visitor = served.visitor()
    visitor.open("/recuperation")
    visitor.press("Valider", **JOHN)
    token = visitor.client.cookies["__Host-monespace_journey_recovery"]
    visitor.client.cookies.set("__Host-monespace_journey_creation", token)

    assert visitor.open("/creation").heading == "Créer votre espace"


def test_an_invented_value_opens_nothing_and_breaks_nothing(served: Served) -> None:
    """FL-05, SS-02."""
    for value in ("x", "x" * 43, "../../etc/passwd", "a" * 4000, '"%00"'):
        visitor = served.visitor()
        for name in ("session", "browser", "journey_creation", "link"):
            visitor.client.cookies.set(f"__Host-monespace_{name}", value)

        assert visitor.open("/creation").heading == "Créer votre espace"
        assert visitor.open("/").heading == "Connectez-vous à votre espace"


def test_a_session_cookie_set_beforehand_is_not_adopted(served: Served) -> None:
    """SS-01: signing in always gives a new one, and the old one is dead."""
    served.create_account()
    first = served.sign_in()
    old = first.client.cookies["__Host-monespace_session"]
    first.client.cookies.delete("__Host-monespace_session")
    first.open("/connexion")
    first.client.cookies.set("__Host-monespace_session", old, domain="monespace.example")
    assert first.open("/").heading == "MonEspace"

    second = served.sign_in()
    assert old != second.client.cookies["__Host-monespace_session"]


def test_signing_out_ends_the_session_on_the_server(served: Served) -> None:
    """SS-04: the cookie's value is worth nothing afterwards."""
    served.create_account()
    visitor = served.sign_in()
    old = visitor.client.cookies["__Host-monespace_session"]
    visitor.press("Se déconnecter")

    assert visitor.page.heading == "Connectez-vous à votre espace"
    visitor.client.cookies.set("__Host-monespace_session", old, domain="monespace.example")
    assert visitor.open("/").heading == "Connectez-vous à votre espace"

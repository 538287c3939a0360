"""One-time links over JSON, as the catalogue of attacks has them (LK-01 to LK-14)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.http.visiting import JOHN, PASSWORD, Served
from tests.http.walking import EMAIL, NEW, Walker, confirm, session, walk


@pytest.fixture
def walker(served: Served) -> Walker:
    """A reset whose link has just left."""
    return walk(served, "reset", "link_sent")


@pytest.fixture
def link(walker: Walker) -> str:
    """The link's token."""
    return walker.served.sandbox.messages[-1].link_token


def _use(served: Served, link: str) -> Any:
    return served.client.post("/api/links", json={"token": link})


def _is_good(served: Served, link: str) -> bool:
    """Look at the landing page, which changes nothing."""
    return served.client.get("/lien/" + link).status_code == 200


def _recover(served: Served) -> None:
    walker = Walker(served, "recovery")
    for step in (Walker.identify, Walker.go_on, Walker.choose, Walker.enter):
        step(walker)
    assert walker.activate("retrouve@medecin.example").status_code == 200


def test_lk01_looking_at_a_link_changes_nothing(served: Served, link: str) -> None:
    statuses = [
        served.client.request(method, "/lien/" + link).status_code
        for method in ("HEAD", "GET", "GET", "OPTIONS", "PUT", "DELETE")
    ]

    assert statuses == [200, 200, 200, 405, 405, 405]
    assert _use(served, link).status_code == 200


def test_lk03_a_used_link_is_410_whoever_uses_it(served: Served, link: str) -> None:
    answers = [_use(served, link) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 410, 410]
    assert answers[1].json()["code"] == "link.invalid"
    assert answers[1].json()["reference"] == answers[0].json()["reference"]


def test_a_link_that_is_too_old_names_its_journey_and_one_that_never_was_names_none(
    walker: Walker, served: Served, link: str
) -> None:
    """So that support finds it, by JSON as on the page."""
    served.sandbox.clock.advance(hours=25)

    assert _use(served, link).json()["reference"] == walker.view["reference"]
    assert "reference" not in _use(served, "nobody-s-link").json()


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 410), (1, 410)])
def test_lk04_a_link_ends_at_24_hours_to_the_second(
    served: Served, link: str, seconds: int, status: int
) -> None:
    served.sandbox.clock.advance(hours=24, seconds=seconds)

    assert _use(served, link).status_code == status


def test_lk05_the_older_link_is_worth_nothing(served: Served, link: str) -> None:
    Walker(served, "reset").request()
    newer = served.sandbox.messages[-1].link_token

    assert [_use(served, each).status_code for each in (link, newer)] == [410, 200]


@pytest.mark.parametrize(
    "change", [{"password": NEW}, {"email": "other@medecin.example"}], ids=["password", "e-mail"]
)
def test_lk06_lk07_a_link_dies_with_the_credentials(
    served: Served, link: str, change: dict[str, str]
) -> None:
    assert Walker(served, "settings", session(served)).save(**change).status_code == 200

    assert not _is_good(served, link)
    assert _use(served, link).status_code == 410


def test_lk07_a_link_dies_with_a_recovery(served: Served, link: str) -> None:
    _recover(served)

    assert not _is_good(served, link)
    assert _use(served, link).status_code == 410


def test_lk06_who_used_a_link_sets_no_password_once_the_credentials_changed(
    walker: Walker, served: Served
) -> None:
    walker.open_link()
    _recover(served)
    walker.save_password()

    assert (walker.view["state"], walker.told) == ("expired", {"link.invalid": "error"})


def test_lk08_a_weak_password_does_not_use_the_link_up(walker: Walker) -> None:
    walker.open_link()

    assert walker.save_password("court").status_code == 422
    assert walker.told == {"link.used": "info", "password.weak": "error"}
    assert walker.save_password().status_code == 200


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 410)])
def test_lk12_a_link_used_gives_15_minutes_to_the_second(
    walker: Walker, seconds: int, status: int
) -> None:
    walker.open_link()
    walker.wait(minutes=15, seconds=seconds)

    assert walker.look().status_code == status


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=["no form token", "foreign origin", "cross-site"],
)
def test_lk09_a_post_that_is_not_ours_does_not_use_the_link_up(
    served: Served, link: str, headers: dict[str, str]
) -> None:
    answer = served.client.post("/lien/" + link, data={"form_token": "x"}, headers=headers)

    assert answer.status_code == 403
    assert _is_good(served, link)


def test_lk10_a_link_acts_on_its_own_account_whoever_is_signed_in(
    served: Served, walker: Walker
) -> None:
    """The bearer of another person changes nothing, and stays signed in elsewhere."""
    claire = Walker(served, "creation")
    claire.send("submit_identity", birth_date="03/11/1990", rpps="99000000028", accept_terms=True)
    link = {"token": served.sandbox.messages[-1].link_token}
    claire.choose("email")
    claire.enter()
    claire.create()
    other = Walker(served, "signin")
    other.sign_in("claire.martin@medecin.example")
    headers = {"Authorization": f"Bearer {other.view['session']}"}
    answer = served.client.post("/api/links", json=link, headers=headers)

    values = [each.get("value") for each in answer.json()["screen"]["fields"]]
    assert EMAIL in values
    read = served.client.get("/api/session", headers=headers)
    assert read.json()["email"] == "claire.martin@medecin.example"


def test_lk11_a_confirmation_link_opens_no_reset_and_a_reset_link_confirms_nothing(
    served: Served,
) -> None:
    served.create_account()
    confirmation = served.sandbox.messages[-1].link_token
    answer = _use(served, confirmation)
    assert (answer.status_code, answer.json()["code"]) == (401, "bearer.required")

    confirm(served)
    Walker(served, "reset").request()
    headers = {"Authorization": f"Bearer {session(served)}"}
    link = {"token": served.sandbox.messages[-1].link_token}
    answer = served.client.post("/api/links", json=link, headers=headers)
    assert "confirmed" not in answer.json()


def test_lk12_a_used_link_opens_neither_settings_nor_a_session(
    served: Served, walker: Walker
) -> None:
    """It may set a password, and nothing else."""
    walker.open_link()
    headers = walker.headers
    settings = served.client.post("/api/journeys", json={"flow": "settings"}, headers=headers)
    browser = served.visitor()
    browser.client.cookies.set("__Host-monespace_session", walker.token)

    assert settings.status_code == 401
    assert served.client.get("/api/session", headers=headers).status_code == 401
    assert browser.open("/parametres").heading == "Connectez-vous à votre espace"
    assert walker.save(PASSWORD, "other@medecin.example").status_code == 404
    typed = {"password": NEW, "password_confirmation": NEW, "email": "other@medecin.example"}
    assert walker.send("save_password", **typed).status_code == 400


@pytest.mark.parametrize(
    "host",
    ["evil.example", "monespace.example.evil.example", "monespace.example/?x=", "a@evil.example"],
)
def test_lk13_a_request_for_another_host_is_400_and_sends_nothing(
    served: Served, link: str, host: str
) -> None:
    sent = len(served.sandbox.messages)
    walker = Walker(served, "reset")
    answer = walker.client.post(
        f"{walker.path}/request_link",
        json={"email": EMAIL},
        headers={**walker.headers, "Host": host},
    )

    assert answer.status_code == 400
    assert sent == len(served.sandbox.messages)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example"},
        {"X-Original-URL": "https://evil.example/"},
    ],
)
def test_lk13_the_link_names_the_configured_address(
    served: Served, link: str, headers: dict[str, str]
) -> None:
    walker = Walker(served, "reset")
    walker.client.headers.update(headers)
    walker.request()

    assert (served.sandbox.messages[-1].link or "").startswith("https://monespace.example/lien/")


def test_lk14_no_page_of_a_link_can_be_kept_or_referred_from(served: Served, link: str) -> None:
    for path in ("/lien/" + link, "/lien/none"):
        answer = served.client.get(path)

        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "no-store" in answer.headers["cache-control"]
        assert link not in answer.text


def test_a_link_opened_in_another_browser_is_that_browser_s(served: Served, link: str) -> None:
    """The browser that asked shows nothing of what the other one does."""
    asked, other = served.visitor(), served.visitor()
    asked.open("/mot-de-passe")
    asked.press("Valider", email=EMAIL)
    newest = served.sandbox.messages[-1].link_token
    other.open("/lien/" + newest)
    other.press("Continuer")
    other.press("Enregistrer", password=NEW, password_confirmation=NEW)

    assert other.page.heading == "Votre mot de passe est modifié"
    assert asked.open("/mot-de-passe").heading != "Votre mot de passe est modifié"
    assert asked.open("/").heading == "Connectez-vous à votre espace"
    assert JOHN["rpps"] not in asked.response.text


# --- « Ce n'est pas moi » ------------------------------------------------------------------------


def test_ss_06_a_new_address_is_confirmed_by_its_link_and_the_session(served: Served) -> None:
    """Until then GET /api/session names the address of before."""
    walker = walk(served, "settings", "edit_settings")
    saved = walker.save(email="autre@medecin.example").json()
    headers = {"Authorization": f"Bearer {saved['session']}"}
    assert served.client.get("/api/session", headers=headers).json()["email"] == EMAIL

    link = {"token": _newest(served, "confirmation")}
    answer = served.client.post("/api/links", json=link, headers=headers)

    assert answer.json() == {"email": "autre@medecin.example", "confirmed": True}
    read = served.client.get("/api/session", headers=headers)
    assert read.json()["email"] == "autre@medecin.example"


def _newest(served: Served, purpose: str) -> str:
    sent = [it for it in served.sandbox.messages if it.purpose == purpose and it.link]
    return sent[-1].link_token


def test_ss_08_an_objection_needs_no_session_and_freezes(served: Served) -> None:
    """Whoever has lost the account cannot sign in to it."""
    served.create_account()
    _recover(served)
    token = _newest(served, "notice")

    answers = [_use(served, token) for _ in range(2)]

    assert [it.status_code for it in answers] == [200, 410]
    assert answers[0].json() == {"objection": "frozen"}
    again = served.client.post(
        "/api/links", json={"token": token}, headers={"Idempotency-Key": "once-more-please"}
    )
    assert (again.status_code, again.json()) == (200, {"objection": "frozen"})

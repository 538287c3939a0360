"""Sessions over HTTP, as the catalogue of attacks has them (SS-01 to SS-08)."""

from __future__ import annotations

import pytest
from attrs import evolve

from monespace_flows.errors import SessionRequired
from tests.http.visiting import JOHN, PASSWORD, Served, Visitor
from tests.http.walking import EMAIL, NEW, Walker, session, walk

SESSION = "__Host-monespace_session"
KNOWN = "__Host-monespace_known"
SIGN_IN = "Connectez-vous à votre espace"


def _is_alive(served: Served, bearer: str) -> bool:
    headers = {"Authorization": f"Bearer {bearer}"}
    return served.client.get("/api/session", headers=headers).status_code == 200


def _cookie(visitor: Visitor) -> str:
    return str(visitor.client.cookies[SESSION])


@pytest.fixture
def bearer(served: Served) -> str:
    """The session of someone signed in."""
    served.create_account()
    return session(served)


def test_ss01_signing_in_replaces_a_cookie_that_was_there_before(
    served: Served, bearer: str
) -> None:
    """Fixation: whoever planted a value holds nothing afterwards."""
    planted = "planted-by-someone-else-0000000000000000000"
    visitor = served.visitor()
    visitor.client.cookies.set(SESSION, planted)
    visitor.open("/connexion")
    form = visitor.filled("Se connecter", email=EMAIL, password=PASSWORD)
    answer = visitor.client.post("/connexion", data=form, follow_redirects=False)

    assert answer.cookies[SESSION] not in (planted, bearer)
    assert not _is_alive(served, planted)


def test_ss01_a_session_that_comes_between_form_and_post_is_not_taken_over(
    served: Served, bearer: str
) -> None:
    visitor = served.visitor()
    visitor.open("/connexion")
    form = visitor.filled("Se connecter", email=EMAIL, password=PASSWORD)
    visitor.client.cookies.set(SESSION, bearer)
    answer = visitor.client.post("/connexion", data=form, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert SESSION not in answer.cookies
    assert _is_alive(served, bearer)


@pytest.mark.parametrize("value", ["x" * 43, "0", "null", "admin", "a" * 4000])
def test_ss02_an_invented_session_is_nobody_s(served: Served, value: str) -> None:
    visitor = served.visitor()
    visitor.client.cookies.set(SESSION, value)

    assert visitor.open("/parametres").heading == "Connectez-vous à votre espace"
    assert not _is_alive(served, value)


def test_ss03_a_finished_journey_is_no_session(served: Served) -> None:
    """Creation signs nobody in; its token opens nothing more."""
    walker = walk(served, "creation", "created")

    assert not _is_alive(served, walker.token)
    assert walker.activate("other@medecin.example").status_code == 410
    assert "session" not in walker.view


def test_ss03_the_token_of_a_sign_in_is_not_its_session(served: Served) -> None:
    walker = walk(served, "signin", "signed_in")

    assert _is_alive(served, walker.view["session"])
    assert not _is_alive(served, walker.token)


def test_ss04_signing_out_ends_the_session_for_everyone_who_has_it(
    served: Served, bearer: str
) -> None:
    headers = {"Authorization": f"Bearer {bearer}"}
    walker = Walker(served, "settings", bearer)
    assert served.client.delete("/api/session", headers=headers).status_code == 204

    assert not _is_alive(served, bearer)
    assert walker.save(email="other@medecin.example").status_code == 401


@pytest.mark.parametrize("change", [{"password": NEW}, {"email": "other@medecin.example"}])
def test_ss04_ss08_a_change_of_credentials_ends_every_other_session(
    served: Served, bearer: str, change: dict[str, str]
) -> None:
    walker = Walker(served, "settings", session(served))
    walker.save(**change)

    assert not _is_alive(served, bearer)
    assert _is_alive(served, walker.view["session"])


def test_ss04_a_recovery_ends_every_session(served: Served, bearer: str) -> None:
    walker = Walker(served, "recovery")
    for step in (Walker.identify, Walker.go_on, Walker.choose, Walker.enter):
        step(walker)
    walker.activate("retrouve@medecin.example")

    assert not _is_alive(served, bearer)


def test_ss04_a_reset_ends_every_session_but_its_own(served: Served) -> None:
    walker = walk(served, "reset", "choose_new_password")
    bearer = session(served)
    walker.save_password()

    assert not _is_alive(served, bearer)
    assert _is_alive(served, walker.view["session"])


def test_ss04_a_disabled_account_has_no_session(served: Served, bearer: str) -> None:
    sandbox = served.sandbox
    with sandbox.storage.writing() as unit:
        account = unit.accounts.by_email(sandbox.secrets.digests("email", EMAIL))
        assert account is not None
        disabled = evolve(account, disabled_at=sandbox.clock.now(), version=account.version + 1)
        unit.accounts.update(disabled, account.version)

    assert not _is_alive(served, bearer)
    answer = Walker(served, "signin").sign_in()
    assert (answer.status_code, answer.json()["code"]) == (422, "refused")


@pytest.mark.parametrize(("seconds", "alive"), [(-1, True), (0, False), (1, False)])
def test_ss05_a_session_idles_out_at_30_minutes(
    served: Served, bearer: str, seconds: int, alive: bool
) -> None:
    served.sandbox.clock.advance(minutes=30, seconds=seconds)

    assert _is_alive(served, bearer) is alive


@pytest.mark.parametrize(("seconds", "alive"), [(-1, True), (0, False)])
def test_ss05_a_session_ends_at_12_hours_whatever_is_done(
    served: Served, bearer: str, seconds: int, alive: bool
) -> None:
    for _ in range(35):
        served.sandbox.clock.advance(minutes=20)
        assert _is_alive(served, bearer)
    served.sandbox.clock.advance(minutes=20, seconds=seconds)

    assert _is_alive(served, bearer) is alive


@pytest.mark.parametrize("current", ["", "not the password", PASSWORD + " ", PASSWORD.upper()])
def test_ss06_nothing_changes_without_the_present_password(
    served: Served, bearer: str, current: str
) -> None:
    walker = Walker(served, "settings", bearer)

    assert walker.save(current, "other@medecin.example").status_code == 422
    assert Walker(served, "signin").sign_in("other@medecin.example").status_code == 422
    assert _is_alive(served, bearer)


def test_ss06_wrong_passwords_count_as_those_of_sign_in(served: Served, bearer: str) -> None:
    """Four wrong ones in the settings, and even the right one must wait at sign-in."""
    walker = Walker(served, "settings", bearer)
    for _ in range(4):
        walker.save("not the password", EMAIL)

    assert Walker(served, "signin").sign_in().status_code in {422, 429}
    served.sandbox.clock.advance(minutes=20)
    assert Walker(served, "signin").sign_in().status_code == 200


def test_ss07_every_cookie_has_every_flag(served: Served) -> None:
    served.create_account()
    visitor = served.visitor()
    visitor.open("/connexion")
    form = visitor.filled("Se connecter", email=EMAIL, password=PASSWORD)
    answer = visitor.client.post("/connexion", data=form, follow_redirects=False)
    written = answer.headers.get_list("set-cookie")

    assert any(each.startswith(SESSION) for each in written)
    for each in written:
        flags = {part.strip().lower() for part in each.split(";")[1:]}
        assert each.startswith("__Host-")
        assert {"httponly", "path=/", "samesite=lax", "secure"} <= flags
        assert not any(flag.startswith("domain") for flag in flags)


def test_ss08_a_new_address_is_told_to_both_and_other_browsers_are_signed_out(
    served: Served,
) -> None:
    served.create_account()
    other, visitor = served.sign_in(), served.sign_in()
    sent = len(served.sandbox.messages)
    visitor.open("/parametres")
    visitor.press("Enregistrer", current_password=PASSWORD, email="new@medecin.example")

    told = [each.to for each in list(served.sandbox.messages)[sent:]]
    assert sorted(told) == [EMAIL, "new@medecin.example"]
    assert other.open("/").heading == "Connectez-vous à votre espace"
    assert visitor.open("/").heading == "MonEspace"


def test_ss08_a_recovery_is_told_to_the_order_s_contacts_too(served: Served) -> None:
    walker = walk(served, "recovery", "choose_credentials")
    sent = len(served.sandbox.messages)
    walker.activate("retrouve@medecin.example")

    told = {each.to for each in list(served.sandbox.messages)[sent:]}
    order = {"+33612345678", "john.medecin@cn.medecin.example"}
    assert {EMAIL, "retrouve@medecin.example"} | order == told


def test_a_session_is_said_once_and_is_never_in_a_page_or_an_address(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()
    for path in ("/", "/parametres", "/assistance"):
        visitor.open(path)

        assert _cookie(visitor) not in visitor.response.text + str(visitor.response.url)


def test_pr_07_who_is_erased_is_signed_out_and_can_begin_anew(served: Served) -> None:
    """Settings lead to the sign-in, a recovery to its beginning, a creation to an account."""
    served.create_account()
    holder, elsewhere = served.sign_in(), served.visitor()
    holder.open("/parametres")
    elsewhere.open("/recuperation")
    elsewhere.press("Valider", **JOHN)

    served.sandbox.flows.erase_account(rpps=JOHN["rpps"])

    assert holder.press("Enregistrer", current_password=PASSWORD).heading == SIGN_IN
    assert holder.open("/").heading == SIGN_IN
    assert elsewhere.press("Retour").field("Numéro RPPS")["name"] == "rpps"
    texts = {
        served.sign_in(email).page.text.partition("Référence")[0]
        for email in (EMAIL, "nobody@medecin.example")
    }
    assert len(texts) == 1
    assert served.create_account().page.heading == "Votre espace est créé"


# --- the holder sees their sessions, and is known again ------------------------------------------


def test_ss_08_the_settings_page_lists_the_sessions_and_closes_the_others(
    served: Served, bearer: str
) -> None:
    """A form of its own, so that it works without a script; nothing typed goes with it."""
    visitor = served.sign_in()
    page = visitor.open("/parametres")
    assert "Vos sessions ouvertes" in page.text
    assert "Cette session" in page.text
    assert "Autre session" in page.text

    page = visitor.press("Fermer les autres sessions")
    assert "Vos autres sessions sont fermées." in page.text
    assert "Aucune autre session n'est ouverte" in page.text.replace("\N{NO-BREAK SPACE}", " ")
    assert not _is_alive(served, bearer)
    assert _is_alive(served, _cookie(visitor))


def test_ss_08_json_lists_the_sessions_and_closes_the_others(served: Served, bearer: str) -> None:
    mine = session(served)
    headers = {"Authorization": f"Bearer {mine}"}
    listed = served.client.get("/api/sessions", headers=headers).json()["sessions"]
    assert [it["current"] for it in listed] == [True, False]
    assert listed[0].keys() == {"since", "seen_at", "current"}

    assert Walker(served, "settings", mine).send("close_sessions").status_code == 200
    listed = served.client.get("/api/sessions", headers=headers).json()["sessions"]
    assert [it["current"] for it in listed] == [True]


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer nobody"}])
def test_ss_08_sessions_are_listed_to_nobody_else(served: Served, given: dict[str, str]) -> None:
    assert served.client.get("/api/sessions", headers=given).status_code == 401


def test_ss_08_a_page_whose_sessions_cannot_be_read_stands_without_them(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    served.create_account()
    visitor = served.sign_in()
    monkeypatch.setattr(
        type(served.sandbox.flows), "sessions", lambda *_: (_ for _ in ()).throw(SessionRequired())
    )

    assert "Vos sessions ouvertes" not in visitor.open("/parametres").text


def test_bf_10_a_browser_that_signed_in_is_known_again_by_its_cookie(served: Served) -> None:
    """Guesses from elsewhere do not keep it out; its token changes at each sign-in (SS-07)."""
    served.create_account()
    visitor = served.sign_in()
    first = visitor.client.cookies[KNOWN]
    visitor.press("Se déconnecter")
    guesser = served.visitor()
    for _ in range(5):
        guesser.open("/connexion")
        guesser.press("Se connecter", **{"E-mail": EMAIL, "Mot de passe": "rien de tout cela"})

    visitor.open("/connexion")
    form = visitor.filled("Se connecter", email=EMAIL, password=PASSWORD)
    answer = visitor.client.post("/connexion", data=form, follow_redirects=False)

    assert answer.headers["location"] == "/"
    assert answer.cookies[KNOWN] != first
    (told,) = [it for it in answer.headers.get_list("set-cookie") if it.startswith(KNOWN)]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax", "Max-Age=7776000"} <= {
        each.strip() for each in told.split(";")
    }

"""One-time links in pages: reset and confirmation (P1-P4, D6, LK-01 to LK-14)."""

import pytest

from monespace_flows.ports import JourneyQuery
from tests.http.visiting import PASSWORD, Served, Visitor
from tests.journeys import acting

NEW = "huit loutres comptent les nuages"


@pytest.fixture
def link(served: Served) -> str:
    """Ask for a reset link for a confirmed account; its path."""
    served.create_account()
    holder = served.sign_in()
    holder.open("/lien/" + served.sandbox.messages[-1].link_token)
    holder.press("Confirmer mon adresse e-mail")
    return _request(served)


def _request(served: Served, email: str = "john@medecin.example") -> str:
    visitor = served.visitor()
    visitor.open("/mot-de-passe")
    visitor.press("Valider", email=email)
    assert visitor.page.heading == "Consultez votre messagerie"
    return "/lien/" + served.sandbox.messages[-1].link_token


def _opened(served: Served, link: str) -> Visitor:
    visitor = served.visitor()
    visitor.open(link)
    visitor.press("Continuer")
    return visitor


def _save(visitor: Visitor, password: str = NEW) -> None:
    visitor.press("Enregistrer", password=password, password_confirmation=password)


def test_p1_the_screen_asks_for_the_address(served: Served) -> None:
    page = served.visitor().open("/mot-de-passe")

    assert page.heading == "Réinitialiser votre mot de passe"
    assert page.field("E-mail")["autocomplete"] == "username"


def test_p2_known_and_unknown_addresses_look_the_same(served: Served, link: str) -> None:
    pages = []
    for email in ("john@medecin.example", "nobody@medecin.example"):
        visitor = served.visitor()
        visitor.open("/mot-de-passe")
        visitor.press("Valider", email=email)
        text = visitor.page.text.partition("Référence")[0]
        assert text.count(email) == 1  # as it was typed
        pages.append((visitor.status, text.replace(email, "")))

    assert len(set(pages)) == 1


def test_p3_p4_the_link_leads_to_a_new_password_and_home(served: Served, link: str) -> None:
    visitor = _opened(served, link)

    assert (visitor.path, visitor.page.heading) == ("/mot-de-passe", "Paramètres")
    assert (
        "Vous venez d'utiliser votre lien de connexion unique. Il n'est désormais plus nécessaire "
        "d'utiliser ce lien pour vous connecter."
    ) in visitor.page.text
    assert visitor.page.field("Adresse de courriel *")["value"] == "john@medecin.example"
    _save(visitor)
    assert visitor.page.heading == "Votre mot de passe est modifié"
    assert visitor.open(visitor.page.links["MonEspace"]).heading == "MonEspace"
    assert list(visitor.page.links).count("Paramètres") == 1


def test_lk01_a_scanner_does_not_use_the_link_up(served: Served, link: str) -> None:
    scanner = served.client
    for method in ("HEAD", "GET", "GET", "OPTIONS"):
        scanner.request(method, link)
    scanner.post(link, data={})
    scanner.post(link, data={}, headers={"Sec-Fetch-Site": "cross-site"})

    assert _opened(served, link).page.heading == "Paramètres"


def test_lk03_a_used_link_says_so_and_offers_another(served: Served, link: str) -> None:
    _opened(served, link)
    visitor = served.visitor()
    page = visitor.open(link)

    assert (visitor.status, page.heading) == (410, "Lien non valable")
    assert page.links["demander un nouveau lien"] == "/mot-de-passe"


@pytest.mark.parametrize("is_used", [True, False], ids=["used", "too old"])
def test_a_dead_link_s_page_names_the_journey_for_support(
    served: Served, link: str, is_used: bool
) -> None:
    if is_used:
        _opened(served, link)
    served.sandbox.clock.advance(hours=25)
    page = served.visitor().open(link)
    with served.sandbox.storage.reading() as unit:
        (stored,) = unit.journeys.search(JourneyQuery(flow="reset"))

    assert stored.journey.reference in page.text


def test_lk03_two_people_press_at_once_and_one_wins(served: Served, link: str) -> None:
    first, second = served.visitor(), served.visitor()
    first.open(link)
    second.open(link)
    first.press("Continuer")
    second.press("Continuer")

    assert (first.page.heading, second.page.heading) == ("Paramètres", "Lien non valable")


def test_lk04_a_link_lives_for_24_hours(served: Served, link: str) -> None:
    served.sandbox.clock.advance(hours=24, seconds=-1)
    visitor = served.visitor()
    assert (visitor.open(link), visitor.status)[1] == 200

    served.sandbox.clock.advance(seconds=1)
    assert (visitor.open(link), visitor.status)[1] == 410


def test_lk05_only_the_newest_link_works(served: Served, link: str) -> None:
    newer = _request(served)

    assert served.visitor().open(link).heading == "Lien non valable"
    assert served.visitor().open(newer).heading == "Choisir un nouveau mot de passe"


def test_lk08_a_weak_password_does_not_lose_the_link(served: Served, link: str) -> None:
    visitor = _opened(served, link)
    _save(visitor, "court")

    assert visitor.status == 422
    assert "Vous venez d'utiliser votre lien de connexion unique." in visitor.page.text
    _save(visitor)
    assert visitor.page.heading == "Votre mot de passe est modifié"


def test_lk10_a_link_acts_on_its_own_account_only(served: Served, link: str) -> None:
    """Opened by someone signed in: the account is the link's, and the old session ends."""
    visitor = served.sign_in()
    old = visitor.client.cookies["__Host-monespace_session"]
    visitor.open(link)
    visitor.press("Continuer")
    _save(visitor)

    assert old != visitor.client.cookies["__Host-monespace_session"]
    assert visitor.open("/").heading == "MonEspace"
    stranger = served.visitor()
    stranger.client.cookies.set("__Host-monespace_session", old, domain="monespace.example")
    assert stranger.open("/").heading == "Connectez-vous à votre espace"


def test_lk11_a_confirmation_link_sets_no_password(served: Served) -> None:
    served.create_account()
    link = "/lien/" + served.sandbox.messages[-1].link_token
    visitor = served.visitor()

    assert visitor.open(link).heading == "Confirmer votre adresse e-mail"
    visitor.press("Se connecter")
    assert visitor.page.heading == "Connectez-vous à votre espace"


def test_d7_sign_in_leads_back_to_the_confirmation(served: Served) -> None:
    served.create_account()
    visitor = served.visitor()
    visitor.open("/lien/" + served.sandbox.messages[-1].link_token)
    visitor.press("Se connecter")
    visitor.press("Se connecter", email="john@medecin.example", password=PASSWORD)

    assert visitor.page.heading == "Confirmer votre adresse e-mail"
    visitor.press("Confirmer mon adresse e-mail")
    assert visitor.page.heading == "MonEspace"
    assert "Renvoyer l'e-mail de confirmation" not in visitor.page.buttons
    assert "__Host-monespace_link" not in visitor.client.cookies


def test_lk14_the_page_of_a_link_holds_no_token_and_no_foreign_address(
    served: Served, link: str
) -> None:
    visitor = served.visitor()
    visitor.open(link)

    assert link.rpartition("/")[2] not in visitor.response.text
    assert visitor.response.headers["referrer-policy"] == "no-referrer"
    assert "http" not in visitor.response.text


def test_lk13_the_mail_names_the_configured_address(served: Served, link: str) -> None:
    assert served.sandbox.messages[-1].link == "https://monespace.example" + link


@pytest.mark.parametrize("token", ["x", "..%2f", "%00", "a" * 3000, "%E2%82%AC", "<b>"])
def test_an_odd_token_is_a_link_that_is_not_valid(served: Served, token: str) -> None:
    visitor = served.visitor()
    visitor.open("/lien/" + token)

    assert visitor.status in (404, 410)
    assert "<b>" not in visitor.response.text


# --- « Ce n'est pas moi » ------------------------------------------------------------------------


def _asked(served: Served) -> Visitor:
    """Somebody asks for another address in the settings of a confirmed account."""
    served.create_account()
    holder = served.sign_in()
    holder.open("/lien/" + served.sandbox.messages[-1].link_token)
    holder.press("Confirmer mon adresse e-mail")
    holder.open("/parametres")
    holder.press("Enregistrer", current_password=PASSWORD, email="autre@medecin.example")
    return holder


def _objection(served: Served) -> str:
    letters = [it for it in served.sandbox.messages if it.purpose == "notice" and it.link]
    return "/lien/" + letters[-1].link_token


def test_ss_06_home_tells_of_an_address_that_waits(served: Served) -> None:
    holder = _asked(served)
    page = holder.open("/")

    assert "Vous avez demandé à vous connecter avec l'adresse autre@medecin.example" in page.text
    holder.press("Renvoyer l'e-mail de confirmation")
    assert served.sandbox.messages[-1].to == "autre@medecin.example"
    holder.open("/lien/" + served.sandbox.messages[-1].link_token)
    assert holder.press("Confirmer mon adresse e-mail").heading == "MonEspace"
    assert "votre session est ouverte avec l'adresse autre@medecin.example" in holder.page.text
    assert "Vous avez demandé" not in holder.page.text


def test_ss_08_the_page_of_an_objection_changes_nothing_by_itself(served: Served) -> None:
    holder = _asked(served)
    link, scanner = _objection(served), served.client
    for method in ("HEAD", "GET", "OPTIONS"):
        scanner.request(method, link)
    scanner.post(link, data={})
    scanner.post(link, data={}, headers={"Sec-Fetch-Site": "cross-site"})

    assert holder.open("/").heading == "MonEspace"
    page = served.visitor().open(link)
    assert page.heading == "Annuler un changement d'adresse"
    assert "Ce n'est pas moi" in page.buttons


def test_ss_08_an_objection_undoes_the_change_and_ends_the_sessions(served: Served) -> None:
    holder, link = _asked(served), _objection(served)
    stranger = served.visitor()
    stranger.open(link)

    page = stranger.press("Ce n'est pas moi")

    assert (stranger.status, page.heading) == (200, "Le changement est annulé")
    assert page.links["choisissez-en un nouveau"] == "/mot-de-passe"
    assert holder.open("/parametres").heading == "Connectez-vous à votre espace"
    assert stranger.open(link).heading == "Lien non valable"


def test_ft_06_an_objection_that_was_answered_is_answered_again(served: Served) -> None:
    _asked(served)
    link, stranger, other = _objection(served), served.visitor(), served.visitor()
    stranger.open(link)
    other.open(link)
    stranger.press("Ce n'est pas moi")

    assert other.press("Ce n'est pas moi").heading == "Le changement est annulé"


def test_ss_08_the_holder_s_own_objection_signs_them_out(served: Served) -> None:
    holder, link = _asked(served), _objection(served)
    holder.open(link)

    page = holder.press("Ce n'est pas moi")

    assert page.heading == "Le changement est annulé"
    assert "Se déconnecter" not in page.buttons


def test_ss_08_an_objection_to_a_recovery_closes_the_account(served: Served) -> None:
    served.create_account()
    sandbox = served.sandbox
    acting.recovered(sandbox, email="voleur@medecin.example")
    stranger = served.visitor()
    assert stranger.open(_objection(served)).heading == "Bloquer votre espace"

    page = stranger.press("Ce n'est pas moi")

    assert page.heading == "Votre espace est bloqué"
    assert page.links["La marche à suivre"] == "/assistance"
    refused = acting.sign_in(sandbox, "voleur@medecin.example", acting.OTHER_PASSWORD)
    assert acting.notices(refused) == ["credentials.refused"]

"""The five journeys in English: no French word is left on a page, in an answer or in a message."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from monespace_flows import Flows
from monespace_flows.flows import STANDARD
from monespace_flows.testing import Sandbox
from monespace_flows.texts import every_text
from monespace_http import create_app
from tests.http.html import Page
from tests.http.visiting import JOHN, PASSWORD, Served, Visitor, settings
from tests.http.walking import EMAIL, WALKS, Walker, confirm, session

ENGLISH = {"Accept-Language": "en-GB,en;q=0.9,fr;q=0.2"}
FRENCH = every_text(STANDARD)
SAID = set(every_text(STANDARD, "en").values())
PLACES = re.compile(r"\{\w+\}")


def plain(text: str) -> str:
    """A text with the apostrophes and spaces of a keyboard."""
    printed = html.unescape(text).replace("’", "'").replace("\u202f", " ").replace("\xa0", " ")
    return " ".join(printed.split())


@cache
def parts() -> frozenset[str]:
    """What is said in French alone, cut at what is filled in: too long to be there by chance."""
    cut = {part.strip() for text in FRENCH.values() for part in PLACES.split(plain(text))}
    english = {part.strip() for text in SAID for part in PLACES.split(plain(text))}
    return frozenset(part for part in cut - english if len(part) > 14)


def whole() -> frozenset[str]:
    """Short texts, which stand alone: « Retour »."""
    return frozenset(map(plain, set(FRENCH.values()) - SAID))


def french(text: str) -> list[str]:
    """The French that is left in a page, an answer or a message."""
    words = plain(text)
    alone = {plain(each) for each in re.split(r"<[^>]*>|\"|\n", text)}
    return sorted({part for part in parts() if part in words} | (alone & whole()))


def texts(value: Any) -> Iterator[str]:
    """Every text in a JSON answer."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from texts(each)


@pytest.fixture
def served() -> Served:
    return Served(language="auto")


def test_what_is_looked_for_would_be_found(served: Served) -> None:
    """The page of who asks for nothing is full of it."""
    assert len(french(served.client.get("/creation").text)) > 10


@pytest.mark.parametrize(("flow", "state"), WALKS, ids=[".".join(it) for it in WALKS])
def test_a_screen_is_english_as_json_and_as_a_page_and_so_is_what_was_sent(
    served: Served, flow: str, state: str
) -> None:
    if flow != "creation":
        served.create_account()
        confirm(served)
    bearer = session(served) if flow == "settings" else None
    before = len(served.sandbox.messages)
    walker = Walker(served, flow, bearer)
    walker.client.headers.update(ENGLISH)
    walker.look()
    for step in WALKS[flow, state]:
        step(walker)
    cookies = {"journey_" + flow: walker.token, "session": bearer or ""}
    page = served.client.get(
        next(it.path for it in STANDARD if it.name == flow),
        headers={**ENGLISH, "Cookie": _cookies(cookies)},
    )

    assert french("\n".join(texts(walker.view))) == []
    assert french(page.text) == []
    assert page.headers.get("content-language", "en") == "en"
    sent = list(served.sandbox.messages)[before:]
    assert french("\n".join(f"{it.subject}\n{it.text}" for it in sent)) == []
    assert {it.language for it in sent} <= {"en"}


def _cookies(values: dict[str, str]) -> str:
    return "; ".join(f"__Host-monespace_{name}={value}" for name, value in values.items() if value)


@pytest.mark.parametrize(
    "path",
    [
        "/accessibilite", "/assistance", "/conditions", "/confidentialite", "/cookies",
        "/identifiants-oublies", "/lien/nothing-of-ours", "/mentions-legales", "/nowhere",
        "/ou-trouver-mon-rpps",
    ],
)  # fmt: skip
def test_a_page_around_the_journeys_is_english(served: Served, path: str) -> None:
    page = served.client.get(path, headers=ENGLISH)

    assert french(page.text) == []
    assert '<html lang="en">' in page.text


def test_a_refusal_is_english(served: Served) -> None:
    """Its notice, its field errors, the summary above them."""
    visitor = served.visitor()
    visitor.client.headers.update(ENGLISH)
    visitor.open("/creation")
    page = visitor.press("Continue", birth_date="31/02/1975", rpps="99")

    assert french(visitor.response.text) == []
    assert page.title == "Error – Create your space – Mon Espace – Ordre des médecins"
    assert page.by_id("error-birth_date").text == (
        "Error:This date does not exist. Check the day and the month."
    )


def test_a_whole_creation_by_its_pages(served: Served) -> None:
    """What a person reads and presses, up to MonEspace and out again."""
    visitor = served.visitor()
    visitor.client.headers.update(ENGLISH)
    visitor.open("/creation")
    visitor.press("Continue", **JOHN)
    channel = visitor.page.field("3361***78")["value"]
    visitor.press("Receive your code", channel=channel)
    told = visitor.page.text
    visitor.press("Continue", code=served.code)
    twice = {"email_confirmation": EMAIL, "password_confirmation": PASSWORD}
    visitor.press("Activate", email=EMAIL, password=PASSWORD, **twice)
    created = visitor.page.heading
    visitor.open("/connexion")
    visitor.press("Sign in", email=EMAIL, password=PASSWORD)
    home = visitor.response.text
    visitor.press("Sign out")

    assert "We sent a code of 6 digits by SMS to 3361***78, at 9:00, valid until 9:10." in told
    assert created == "Your space has been created"
    assert french(home) == []
    assert "Your session is closed." in visitor.page.text


def test_who_asks_for_the_confirmation_again_in_english_is_written_to_in_english(
    served: Served,
) -> None:
    """No journey's step sends it."""
    served.create_account()
    visitor = served.sign_in()
    visitor.client.headers.update(ENGLISH)
    visitor.open("/")
    visitor.press("Send the confirmation e-mail again")

    last = served.sandbox.messages[-1]
    assert last.subject == "Confirm your e-mail address"
    assert "An e-mail has just been sent to you." in visitor.page.text


def test_a_link_of_a_letter_opens_in_english(served: Served) -> None:
    """Its landing page, and the screen that it leads to."""
    served.create_account()
    confirm(served)
    walker = Walker(served, "reset")
    walker.request()
    visitor = served.visitor()
    visitor.client.headers.update(ENGLISH)
    visitor.open(f"/lien/{served.sandbox.messages[-1].link_token}")
    landing = visitor.response.text
    visitor.press("Continue")

    assert french(landing) == []
    assert french(visitor.response.text) == []
    assert visitor.page.heading == "Settings"


def test_the_strength_of_a_password_is_told_in_english(served: Served) -> None:
    """To the script, which knows the words of the page that it stands on."""
    visitor = served.at_credentials()
    visitor.client.headers.update(ENGLISH)
    visitor.open("/creation")
    token = visitor.filled("Activate")["form_token"]
    judged = visitor.client.post(
        "/securite?parcours=creation",
        data={"form_token": token, "password": "court"},
        headers={"Accept": "application/json"},
    ).json()

    assert judged == {
        "label": "Weak",
        "reason": "Choose a password of at least 15 characters.",
    }
    assert 'data-words="Weak|Fair|Strong"' in visitor.response.text


def test_a_throttled_person_is_told_in_english_how_long_to_wait() -> None:
    served = Served(language="en")
    walker = Walker(served, "creation")
    for _ in range(6):
        walker.send(
            "submit_identity", birth_date="18/06/1975", rpps=JOHN["rpps"], accept_terms=True
        )

    (notice,) = walker.view["notices"]
    assert notice["id"] == "identity.throttled"
    assert re.search(r"please wait \d+ (seconds|minutes|hours)", notice["text"])


# --- who is answered in which language -----------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "fr"),
        ("en", "en"),
        ("EN-us", "en"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("fr;q=0.3, en;q=0.4", "en"),
        ("en;q=0.5, fr;q=0.5", "fr"),
        ("de, es;q=0.9", "fr"),
        ("de, en;q=0.1", "en"),
        ("*", "fr"),
        ("fr;q=0, *", "en"),
        ("en;q=9, fr", "fr"),
        ("no language at all ;;;", "fr"),
        ("en" + "," * 5000, "en"),
    ],
)  # fmt: skip
def test_the_language_that_weighs_most_is_answered(
    served: Served, accepted: str, language: str
) -> None:
    """French where none of ours is asked for, or both alike."""
    page = served.client.get("/connexion", headers={"Accept-Language": accepted})

    assert page.headers["content-language"] == language
    assert page.headers["vary"] == "Accept-Language"
    assert f'<html lang="{language}">' in page.text


def test_json_is_answered_in_the_language_too(served: Served) -> None:
    answer = served.client.post("/api/journeys", json={"flow": "signin"}, headers=ENGLISH)

    assert answer.headers["content-language"] == "en"
    assert answer.headers["vary"] == "Accept-Language"
    assert answer.json()["screen"]["title"] == "Sign in to your space"


def test_what_is_no_text_names_no_language(served: Served) -> None:
    page = served.client.get("/connexion").text
    style = re.search(r'href="([^"]+\.css)"', page)

    assert style is not None
    assert "content-language" not in served.client.get(style[1]).headers


@pytest.mark.parametrize(
    ("language", "title"), [("fr", "Page introuvable"), ("en", "Page not found")]
)
def test_a_site_in_one_language_asks_nobody(language: str, title: str) -> None:
    served = Served(language=language)

    page = served.client.get("/nowhere", headers=ENGLISH)

    assert Page(page.text).heading == title
    assert page.headers["content-language"] == language
    assert "vary" not in page.headers


def test_a_language_that_is_none_of_ours_is_refused_at_the_start() -> None:
    with pytest.raises(ValueError, match="language"):
        Served(language="de")


def test_a_screen_expires_in_the_language_of_who_looks(served: Served) -> None:
    walker = Walker(served, "creation")
    walker.client.headers.update(ENGLISH)
    walker.identify()
    walker.wait(minutes=31)
    walker.look()

    assert [it["text"] for it in walker.view["notices"]] == [
        "Your request has expired. Nothing was changed; you can start it again."
    ]


# --- a host's own words on a page ----------------------------------------------------------------


def test_a_host_s_own_words_stand_on_the_page_as_text() -> None:
    """Of the layout, of a flow's name, of a screen; markup in them is none (IN-17)."""
    sandbox = Sandbox()
    own = {
        "page.skip": "Au <b>contenu</b>",
        "page.footer.cookies": "Traceurs",
        "page.title": "{title} | {site}",
        "flow.settings.label": "mes réglages",
        "flow.settings.about": "Tout changer.",
        "signin.enter_credentials.title": "Entrez",
    }
    app = create_app(Flows(sandbox.ports, texts=own, wake=sandbox.deliver), settings())
    served = Served()
    visitor = Visitor(app, served.base_url)
    guest = visitor.open("/connexion")
    account = Visitor(create_app(sandbox.flows, settings()), served.base_url)
    created(account, sandbox)
    visitor.press("Se connecter", email=EMAIL, password=PASSWORD)

    assert guest.title == "Entrez | Mon Espace"
    assert "Au <b>contenu</b>" in guest.text
    assert not list(guest.root.every("b"))
    assert guest.links["Traceurs"] == "/cookies"
    assert "Mes réglages" in visitor.page.links
    assert "Tout changer." in visitor.page.text


def created(visitor: Visitor, sandbox: Sandbox) -> None:
    visitor.open("/creation")
    visitor.press("Valider", **JOHN)
    visitor.press("Recevoir votre code", channel=visitor.page.field("3361***78")["value"])
    visitor.press("Valider", code=sandbox.messages[-1].code or "")
    twice = {"email_confirmation": EMAIL, "password_confirmation": PASSWORD}
    visitor.press("Activer", email=EMAIL, password=PASSWORD, **twice)

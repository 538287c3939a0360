"""Ten callers helped by an agent who has a browser only, and knows only the words that it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from attrs import define
from playwright.sync_api import Browser, Page, expect

from monespace_cli.access.place import Place
from monespace_cli.console import create_console, find_place
from monespace_flows.support.catalogue import CAUSES
from tests.browser.serving import running
from tests.cli.desk import as_typed
from tests.support.stories import Happened, folder_of_calls

pytestmark = pytest.mark.browser

HAVE_A_REFERENCE = (
    "SMS down",
    "SMS given up",
    "mail refused",
    "mail greylisted, then sent late",
    "dead link",
    "link used by a scanner",
    "lost answer",
)
ONLY_SAY_WHO_THEY_ARE = ("struck off", "unlocked", "frozen by an objection")


@define
class Agent:
    """Someone on the telephone, before one window all day; ``at`` whichever hour somebody rings."""

    page: Page
    callers: dict[str, Happened]

    def sits_down(self) -> None:
        """Open the console, and say why, if it asks."""
        self.page.goto("/")
        if self.page.get_by_role("heading", name="Pourquoi lisez-vous").is_visible():
            self.page.get_by_label("Motif").select_option(label="appel de la personne")
            self.page.get_by_label("Ticket").fill("SD-1423")
            self.page.get_by_role("button", name="Continuer").click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Rechercher un parcours")

    def opens(self, reference: str) -> None:
        """Type the reference that the caller reads aloud, as one hears it."""
        field = self.page.get_by_label("Référence lue à l’écran de la personne")
        field.fill(reference.lower().replace("-", " "))
        self.page.get_by_role("button", name="Ouvrir").click()

    def finds(self, rpps: str, words: str) -> None:
        """Type who it is, and follow the line of the list that speaks of what the caller says."""
        self.page.get_by_label("Numéro RPPS ou adresse e-mail").fill(rpps)
        self.page.get_by_role("button", name="Chercher").click()
        line = re.compile(re.escape(words).replace("'", "['’]"))
        found = self.page.get_by_role("row").filter(has_text=line)
        found.first.get_by_role("link").click()

    def reads(self, heading: str) -> str:
        """What stands below a heading, up to the next one."""
        headings = self.page.get_by_role("main").get_by_role("heading").all_inner_texts()
        after = headings[headings.index(heading) + 1]
        text = self.page.get_by_role("main").inner_text()
        return as_typed(text[text.index(heading) + len(heading) : text.index(f"\n{after}")])


@pytest.fixture(scope="module")
def agent(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """Give an agent one console and one window for all calls."""
    path = tmp_path_factory.mktemp("calls")
    callers = {it.call.name: it for it in folder_of_calls(path)}
    with running() as server:
        place = find_place(None, path)
        server.app = create_console(place, lambda _: "agent.neuf", secure=False)
        context = chromium.new_context(base_url=server.base_url, locale="fr-FR")
        yield Agent(context.new_page(), callers)
        context.close()


@pytest.fixture
def caller(name: str, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> Happened:
    """Make it the hour at which somebody rings."""
    caller = agent.callers[name]
    monkeypatch.setattr(Place, "now", lambda _: caller.at)
    agent.sits_down()
    return caller


def is_answered(agent: Agent, caller: Happened) -> bool:
    """Whether the agent reads what the caller must hear, and what is to be done."""
    heard, to_do = agent.reads("À lire à la personne"), agent.reads("Que faire")
    missing = [it for it in caller.call.heard if it not in heard]
    missing += [it for it in caller.call.to_do if it not in to_do]
    assert missing == [], f"{heard}\n{to_do}"
    return len(heard) > 40


@pytest.mark.parametrize("name", HAVE_A_REFERENCE)
def test_who_reads_a_reference_aloud_hears_why(agent: Agent, caller: Happened) -> None:
    agent.opens(caller.reference)

    assert is_answered(agent, caller)


@pytest.mark.parametrize("name", ONLY_SAY_WHO_THEY_ARE)
def test_who_says_only_who_they_are_hears_why(agent: Agent, caller: Happened) -> None:
    short = CAUSES[caller.call.cause].short
    agent.finds(caller.doctor.rpps, short.fr if short else caller.call.heard[0])

    assert is_answered(agent, caller)
    assert caller.doctor.rpps not in agent.page.content()


@pytest.mark.parametrize("name", ["SMS down"])
def test_an_outage_is_seen_at_a_glance(agent: Agent, caller: Happened) -> None:
    """Before the second caller says it: on the list, and narrowed to what does not leave."""
    agent.page.get_by_role("link", name="Parcours").click()
    expect(agent.page.get_by_role("alert")).to_contain_text("des messages ne partent pas (SMS)")

    causes = agent.page.get_by_label("Cause")
    late = causes.locator("option").filter(has_text="pas encore parti").all_inner_texts()
    causes.select_option(label=late)
    agent.page.get_by_role("button", name="Filtrer").click()
    expect(agent.page.get_by_role("link", name=caller.reference)).to_be_visible()

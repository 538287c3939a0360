"""Support reads a real service's database, whichever kind it is: the same words, and no trace."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from sqlalchemy import make_url, text
from sqlalchemy.exc import ProgrammingError

from tests.backends.storage.databases import by_hand
from tests.servers import storages

from .conftest import Call, checked, set_up
from .drivers import trying_to_write
from .questions import EVERYTHING, EXPORTS, IN_JSON, QUESTIONS, WHY, Ask, Question
from .running import run
from .service import Service, tables


def flat(page: str) -> str:
    """A page without the line breaks that its width asked for."""
    return " ".join(page.split())


def in_order(page: str, *words: str) -> bool:
    """Whether a page says all that, each after the one before."""
    return re.search(".*?".join(map(re.escape, words)), flat(page)) is not None


WHYS = {
    "AMEL-REFU": (
        "Création d'espace, parcours AMEL-REFU du 22/11/2026 à 10:00 : bloqué. Contrôle "
        "d'identité refusé 3 fois : RPPS connu, date de naissance différente. Que faire : Il "
        "suffit de corriger la date de naissance. Sinon : conseil départemental."
    ),
    "JOHN-CREE": (
        "Création d'espace, parcours JOHN-CREE du 22/11/2026 à 10:07 : terminé. L'espace "
        "a été créé. Que faire : Rien à faire : se connecter avec l'adresse e-mail choisie."
    ),
    "JOHN-LIEN": (
        "Mot de passe oublié, parcours JOHN-LIEN du 22/11/2026 à 10:10 : terminé. Le mot "
        "de passe a été changé. Que faire : Rien à faire : la session est ouverte."
    ),
    "JOHN-RECU": (
        "Récupération d'espace, parcours JOHN-RECU du 22/11/2026 à 10:13 : terminé. "
        "L'espace a été récupéré. Que faire : Rien à faire : se connecter avec la nouvelle "
        "adresse e-mail."
    ),
}


class TestWhatAnAgentReads:
    """The same on each store: every expectation here stands once and is asked of both."""

    @pytest.mark.parametrize("typed", ["990 0000 0002", "nouveau@exemple.example"])
    def test_find_names_the_journeys_of_who_is_typed_newest_first(
        self, typed: str, ask: Ask
    ) -> None:
        page = ask.page(Question("find", f"{typed}\n"))

        assert in_order(page, "JOHN-RECU", "JOHN-LIEN", "JOHN-CONN", "JOHN-CREE")
        assert in_order(page, "JOHN-RECU", "récupération", "TERMINÉ", "L'espace a été récupéré.")
        assert "AMEL" not in page
        assert typed not in page

    def test_list_names_every_journey_newest_first(self, ask: Ask) -> None:
        page = ask.page("list")

        assert in_order(page, "JOHN-RECU", "JOHN-LIEN", "JOHN-CONN", "JOHN-CREE", "AMEL-REFU")
        assert in_order(page, "JOHN-CREE", "création d'espace", "Votre espace est créé")

    def test_list_narrows_in_the_same_way(self, ask: Ask) -> None:
        page = ask.page("list --flow creation --state created")

        assert re.findall(r"[A-Z]{4}-[A-Z]{4}", page) == ["JOHN-CREE"]

    def test_show_tells_a_refused_creation(self, ask: Ask) -> None:
        page = ask.page("show AMEL-REFU")

        assert in_order(page, "AMEL-REFU", "création d'espace", "BLOQUÉ", "10:00 → 10:07")
        assert "Contrôle d'identité refusé 3 fois : RPPS connu, date de naissance" in flat(page)
        assert page.count("erreur : Les informations que vous avez saisies") == 3
        assert in_order(page, "Messages aucun", "Rejeu identique, 4 lignes")

    def test_show_tells_what_was_sent_and_when(self, ask: Ask) -> None:
        page = ask.page("show JOHN-LIEN")

        assert in_order(page, "TERMINÉ", "Le mot de passe a été changé.")
        assert in_order(page, "lien envoyé", "ouvre le lien reçu", "lien utilisé")
        assert in_order(
            page, "lien de réinitialisation remis à 10:12:57", "avertissement remis à 10:13:57"
        )

    @pytest.mark.parametrize(("name", "said"), WHYS.items())
    def test_why_is_a_paragraph_to_read_out(self, name: str, said: str, ask: Ask) -> None:
        assert flat(ask.page(f"why {name}")) == said

    def test_step_walks_by_keys_from_the_standard_input(self, ask: Ask) -> None:
        page = ask.page(Question("step AMEL-REFU", "n\nj\np\ng 3\nq\n"))

        assert re.findall(r"^Ligne (\d) sur 3", page, re.MULTILINE) == ["0", "1", "2", "1", "3"]
        assert in_order(page, "Ligne 3 sur 3 10:07:57 +2:39", "Geste « Valider »", "essai compté")

    def test_whatif_shows_where_another_answer_leads(self, ask: Ask) -> None:
        page = ask.page("whatif AMEL-REFU --at 3 identity=match")

        assert page.startswith("SIMULATION : rien n'est envoyé, rien n'est écrit.\n")
        assert in_order(
            page,
            "Fin simulée : « Sécuriser la création de votre espace ».",
            "Fin enregistrée : « Créer votre espace ».",
        )

    def test_diff_tells_where_two_journeys_part(self, ask: Ask) -> None:
        page = ask.page(Question("diff AMEL-REFU JOHN-CREE", code=1))

        assert page.startswith("Même chemin sur 1 ligne, puis :\n")
        assert "l'identité : RPPS connu, date de naissance différente ≠ identité reconnue" in page
        assert in_order(
            page, "AMEL-REFU, la suite :", "JOHN-CREE, la suite :", "→ « Votre espace est créé »"
        )

    def test_gate_and_verify_find_nothing_wrong(self, ask: Ask) -> None:
        assert ask.page("gate").startswith("5 parcours rejoués ; 0 touché, soit 0,00 %.\n")
        assert ask.page("verify") == (
            "Vérifié : 6 journaux, 24 lignes, 9 messages.\n"
            "Tout tient : chaînes entières, règles tenues.\n"
        )

    def test_shapes_count_paths_with_nobody_in_them(self, ask: Ask) -> None:
        page = ask.page("shapes")

        assert [checked(line)["count"] for line in page.splitlines()] == [1] * 6
        assert "AMEL" not in page
        assert "JOHN" not in page

    def test_stats_count_where_people_stop(self, ask: Ask) -> None:
        page = ask.page("stats")

        assert in_order(page, "création d'espace", "Créer votre espace", "<5", "créé")
        assert "mot de passe oublié : Le mot de passe a été changé." in flat(page)

    def test_the_access_log_names_what_was_read(self, ask: Ask) -> None:
        before = ask.page("access-log")
        ask("why JOHN-CREE")
        ask("list")

        added = ask.page("access-log").removeprefix("" if "Aucune" in before else before)
        assert re.fullmatch(r" +\d+  [/0-9]+ [:0-9]+  \S+ +why +JOHN-CREE +essai, SD-1423\n", added)


class TestExports:
    def test_of_one_journey_are_its_lines_as_they_were_stored(
        self, ask: Ask, service: Service
    ) -> None:
        with storages.opened(service.url) as storage, storage.reading() as unit:
            lines = unit.journal.lines(service.references["AMEL-REFU"])

        assert ask("export AMEL-REFU").stdout == "".join(f"{line}\n" for line in lines)

    def test_of_all_answer_as_the_database_does(self, ask: Ask, call: Call, tmp_path: Path) -> None:
        """Taken away as a file, they need neither the settings nor the database."""
        file = tmp_path / "all.jsonl"
        assert ask("export --all", "-o", str(file)).exit_code == 0

        words = ask.service.words("why JOHN-RECU")
        offline = call(*words, "--file", file, *WHY)
        assert ask.service.told(offline) == ask.page("why JOHN-RECU")
        assert call("verify", file).stdout == ask.page("verify")
        assert call("gate", file).stdout == ask.page("gate")
        assert call("shapes", file).stdout == ask("shapes").stdout

    def test_to_a_page_tell_the_journey(self, ask: Ask) -> None:
        page = ask.page("export JOHN-RECU --to html").replace("\u00a0", " ")

        assert in_order(page, "<h1>Parcours JOHN-RECU</h1>", "TERMINÉ", "Pas à pas")
        assert in_order(page, "« Récupérer votre espace »", "« Votre espace est récupéré »")

    def test_to_a_drawing_are_well_formed(self, ask: Ask) -> None:
        drawing = ET.fromstring(ask.page("export JOHN-RECU --to svg"))  # noqa: S314 - we wrote it

        titles = [it.text for it in drawing.iter("{http://www.w3.org/2000/svg}title")]
        assert titles == ["Parcours JOHN-RECU, récupération d'espace"]

    def test_to_a_diagram_lead_from_state_to_state(self, ask: Ask) -> None:
        page = ask.page("export JOHN-RECU --to mermaid")

        assert in_order(page, "stateDiagram-v2", "[*] --> enter_identity", "recovered --> [*]")


@pytest.mark.parametrize("question", IN_JSON)
def test_json_is_of_its_published_schema(question: Question, ask: Ask) -> None:
    ended = ask(question, "--json")

    name = question.words.split()[0]
    assert ended.exit_code == question.code
    assert checked(ended.stdout)["schema"] == f"monespace/{name}/1"


def test_the_json_of_the_access_log_is_of_its_schema(ask: Ask) -> None:
    ask("why JOHN-CREE")

    assert checked(ask("access-log", "--json").stdout)["records"][-1]["command"] == "why"


@pytest.mark.parametrize("question", EVERYTHING)
def test_nothing_is_written_and_nothing_could_be(
    question: Question, ask: Ask, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database itself refuses: a mistake in a command could do no harm."""
    before = tables(service.url)
    with monkeypatch.context() as meanwhile:
        answers = trying_to_write(meanwhile)
        ended = ask(question)

    assert ended.exit_code == question.code
    assert tables(service.url) == before
    assert answers
    assert [it for it in answers if not re.search("read-?only", it)] == []


MANUAL = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "support-access.md"


def granted(url: str) -> list[str]:
    """The statements that the manual tells an operator, for a database of another name."""
    (block,) = re.findall(r"```sql\n(.*?)```", MANUAL.read_text("utf-8"), re.DOTALL)
    own = f'DATABASE "{make_url(url).database}"'
    return [it.replace("DATABASE monespace", own) for it in block.split(";\n") if it]


@pytest.mark.postgres
@pytest.mark.parametrize("service", ["postgresql"], indirect=True)
def test_what_the_manual_grants_is_enough_and_nothing_more(
    service: Service, call: Call, tmp_path: Path
) -> None:
    with by_hand(service.url) as engine, engine.begin() as operator:
        for statement in granted(service.url):
            operator.execute(text(statement))
    try:
        url = make_url(service.url).set(username="monespace_support").render_as_string()
        config = tmp_path / "support.toml"
        config.write_text(f'database = "{url}"\nkeys_file = "{service.config.parent / "keys"}"\n')
        desk = Ask(call, evolve(service, config=config))

        ended = {question: desk(question) for question in (*QUESTIONS, *EXPORTS)}
        assert {it.words: end.stderr for it, end in ended.items() if end.exit_code != it.code} == {}
        with by_hand(url) as engine:
            for denied in ("SELECT sealed FROM outbox", "TABLE accounts", "DELETE FROM journal"):
                with engine.connect() as one, pytest.raises(ProgrammingError, match="denied"):
                    one.execute(text(denied))
    finally:
        with by_hand(service.url) as engine, engine.begin() as operator:
            operator.execute(text("DROP OWNED BY monespace_support"))
            operator.execute(text("DROP ROLE monespace_support"))


def test_a_process_of_its_own_answers_the_same(ask: Ask, service: Service) -> None:
    words = service.words("why AMEL-REFU")
    ended = run(*words, *WHY, "--config", service.config)

    assert (ended.code, ended.err) == (0, "")
    assert ended.out == ask("why AMEL-REFU").stdout


@pytest.mark.postgres
@pytest.mark.parametrize("question", EVERYTHING)
def test_both_stores_answer_word_for_word(
    question: Question, call: Call, both: tuple[Service, Service]
) -> None:
    """Only references, times of reading and what was drawn at random may differ."""
    one, other = (_comparable(Ask(call, service), question) for service in both)

    assert one == other


@pytest.fixture(scope="module")
def both(request: pytest.FixtureRequest) -> Iterator[tuple[Service, Service]]:
    """Set the same service up on each kind of database."""
    with set_up("sqlite", request) as one, set_up("postgresql", request) as other:
        yield one, other


_DRAWN = re.compile(
    r'"(previous|hash|seal|id)":"[^"]*"|[Aa]ccès n° \d+|le \d\d/\d\d/\d{4} à [\d:]+ par'
)
"""What was drawn at random, and when and as which access somebody read."""


def _comparable(ask: Ask, question: Question) -> list[str]:
    ended = ask(question)
    texts = [ask.service.told(ended), ended.stderr]
    return [_DRAWN.sub("", it) for it in texts]

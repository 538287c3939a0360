"""The support commands, from the command line: what they say, to whom, and how they end."""

from __future__ import annotations

import json
import re
import sqlite3
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import Result

from monespace_cli.errors import Exit
from monespace_cli.support.story_page import Walk
from monespace_flows import Policy
from monespace_flows.commands import Extend
from monespace_flows.flows import FLOWS
from monespace_flows.support.catalogue import CAUSES
from monespace_flows.support.seen import screens_seen
from monespace_flows.support.timeline import timeline
from tests.replaying import leave_alone
from tests.support.desk import WHY, Desk
from tests.support.people import JOHN, Person

WRONG = ("16/07/1975", JOHN[1])


def refused(desk: Desk, times: int = 3) -> Person:
    person = desk.person("creation")
    for _ in range(times):
        person.waits(minutes=2, seconds=39).identifies(WRONG)
    return person


def done(desk: Desk) -> Person:
    person = desk.person("creation").identifies().asks_code().types_wrong_code()
    return person.waits(minutes=1).types_code().activates()


def exported(desk: Desk) -> Path:
    path = desk.path / "all.jsonl"
    assert desk.ask("export", "--all", "-o", str(path)).exit_code == 0
    return path


def fine(result: Result, code: Exit = Exit.FINE) -> str:
    assert result.exit_code == code, result.output
    return result.stdout


def schema_of(data: dict[str, Any]) -> dict[str, Any]:
    name = data["schema"].split("/")[1]
    text = files("monespace_cli").joinpath("schemas", f"{name}.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    assert loaded["$id"] == data["schema"]
    return loaded


# --- why, find -----------------------------------------------------------------------------------


def test_why_is_one_paragraph_to_read(desk: Desk) -> None:
    person = refused(desk)

    assert fine(desk.ask("why", person.reference)) == (
        f"Création d'espace, parcours {person.reference} du 22/11/2026 à 10:00 : bloqué. Contrôle\n"
        "d'identité refusé 3 fois : RPPS connu, date de naissance différente. Que faire :\n"
        "Il suffit de corriger la date de naissance. Sinon : conseil départemental.\n"
    )


def test_why_speaks_english_too(desk: Desk) -> None:
    person = refused(desk)

    text = fine(desk.ask("why", person.reference, "--lang", "en"))
    assert "Identity check refused 3 times" in " ".join(text.split())


@pytest.mark.parametrize("typed", ["99000000002", " 990 0000 0002 "])
def test_find_takes_a_number_from_the_standard_input(desk: Desk, typed: str) -> None:
    person = refused(desk)
    other = desk.person("creation").identifies(("28/02/1982", "99000000010"))
    text = fine(desk.ask("find", typed=typed + "\n"))

    assert person.reference in text
    assert "BLOQUÉ" in text
    assert other.reference not in text


def test_find_takes_an_address_and_finds_the_doctor_s_journeys(desk: Desk) -> None:
    """An account's address leads to all that its doctor did, before and since."""
    before, created = refused(desk), done(desk)
    reset = desk.person("reset").asks_link()
    found = desk.data("find", typed="Cabinet@exemple.example\n")

    assert [row["reference"] for row in found["journeys"]] == [
        reset.reference,
        created.reference,
        before.reference,
    ]


def test_find_still_finds_once_the_journeys_are_purged(desk: Desk) -> None:
    """The journal outlives the journey: the pseudonym in its lines is enough."""
    person = refused(desk)
    now = desk.sandbox.clock.advance(hours=30)
    desk.storage.purge(now, now.replace(year=2020))

    assert person.reference in fine(desk.ask("find", typed="99000000002\n"))
    assert "RPPS connu" in fine(desk.ask("why", person.reference))


def test_find_knows_an_address_without_an_account(desk: Desk) -> None:
    person = desk.person("reset").asks_link("inconnue@exemple.example")

    assert person.reference in fine(desk.ask("find", typed="inconnue@exemple.example\n"))


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("99000000010\n", Exit.NO_JOURNEY),
        ("personne@exemple.example\n", Exit.NO_JOURNEY),
        ("Dr Martin\n", Exit.USAGE),
        ("pas@une@adresse\n", Exit.USAGE),
        ("", Exit.USAGE),
    ],
)
def test_find_never_repeats_what_was_typed(desk: Desk, typed: str, code: Exit) -> None:
    refused(desk)
    result = desk.ask("find", typed=typed)

    assert result.exit_code == code
    assert result.stdout == ""
    assert not typed.strip() or typed.strip() not in result.output


def test_find_takes_no_number_as_an_argument(desk: Desk) -> None:
    """The terminal's history would keep it."""
    result = desk.ask("find", JOHN[1])

    assert result.exit_code == Exit.USAGE
    assert JOHN[1] not in result.output


def test_find_stops_at_fifty(desk: Desk) -> None:
    oldest = desk.person("creation").identifies(WRONG).waits(minutes=1)
    for _ in range(50):
        desk.person("creation").identifies(("", JOHN[1]))
    asked = desk.ask("find", "--json", typed="99000000002\n")
    found = json.loads(asked.stdout)

    assert found["count"] == 50
    assert oldest.reference not in [row["reference"] for row in found["journeys"]]
    assert "Il y en a d'autres, plus anciens" in asked.stderr


def test_find_hides_and_repeats_nothing(desk: Desk) -> None:
    mine = [refused(desk).waits(minutes=1).reference for _ in range(3)]
    desk.person("creation").identifies(("28/02/1982", "99000000010"))
    found = desk.data("find", typed="99000000002\n")

    assert [row["reference"] for row in found["journeys"]] == mine[::-1]


def test_find_says_what_to_try_when_an_address_is_nobody_s_any_more(desk: Desk) -> None:
    """A journal never holds an address, so a former one leads nowhere."""
    done(desk).signs_in().saves(email="nouvelle@exemple.example")
    asked = desk.ask("find", typed="personne@exemple.example\n")

    assert asked.exit_code == Exit.NO_JOURNEY
    assert "cherchez par son numéro RPPS" in asked.stderr
    assert "RPPS" not in desk.ask("find", typed="99000000010\n").stderr


def test_find_wants_keys_and_says_so(desk: Desk, tmp_path: Path) -> None:
    """Settings of a support machine may leave them out: all else works without."""
    person = refused(desk)
    config = tmp_path / "support.toml"
    config.write_text(f'database = "{desk.folder.url}"', "utf-8")
    place = ("--config", str(config), *WHY)

    asked = desk.runner.invoke(cli(), ["find", *place], input="99000000002\n")
    shown = desk.runner.invoke(cli(), ["why", person.reference, *place])

    assert asked.exit_code == Exit.USAGE
    assert "keys_file" in asked.stderr
    assert "99000000002" not in asked.output
    assert shown.exit_code == Exit.FINE
    assert (tmp_path / "access.jsonl").exists()


# --- step ----------------------------------------------------------------------------------------


def test_step_walks_by_keys(desk: Desk) -> None:
    person = done(desk)
    text = fine(desk.ask("step", person.reference, typed="n\n\nj\np\ng 5\ng 99\nx\nq\n"))
    heads = [line.split("   ")[0] for line in text.splitlines() if line.startswith("Ligne")]

    assert [int(head.split()[1]) for head in heads] == [0, 1, 2, 3, 2, 5, 5, 5]


def test_j_stops_where_something_was_said_refused_or_sent(desk: Desk) -> None:
    """And nowhere between: from line to line, then at the last one, where it stays."""
    person = desk.person("creation").extends().extends().identifies(("16/07/1975", JOHN[1]))
    person.identifies().asks_code().extends().types_wrong_code().types_code().extends()
    text = fine(desk.ask("step", person.reference, typed="j\n" * 6))
    heads = [line.split("   ")[0] for line in text.splitlines() if line.startswith("Ligne")]
    stops = [int(head.split()[1]) for head in heads]
    pages = text.split("Ligne ")[1:]

    assert stops == [0, 3, 5, 7, 9, 9, 9]
    assert "! erreur" in pages[1]
    assert "Effectué  code envoyé" in pages[2]
    assert "! erreur" in pages[3]


@pytest.mark.parametrize(
    ("keys", "stops"),
    [
        ("n", [0, 1]),
        ("", [0, 1]),
        ("p", [0, 0]),
        ("g 2\np", [0, 2, 1]),
        ("g 99", [0, 5]),
        ("g x", [0, 0]),
        ("j", [0, 2]),
        ("q\nn", [0]),
        ("?", [0, 0]),
    ],
)
def test_each_key_of_step_goes_where_its_help_says(desk: Desk, keys: str, stops: list[int]) -> None:
    text = fine(desk.ask("step", done(desk).reference, typed=f"{keys}\n"))

    assert [int(it) for it in re.findall(r"^Ligne (\d) sur 5", text, re.MULTILINE)] == stops


def test_step_ends_with_its_input(desk: Desk) -> None:
    assert fine(desk.ask("step", refused(desk).reference)).startswith("Ligne 0 sur 3")


def test_step_shows_one_line(desk: Desk) -> None:
    person = refused(desk)
    text = fine(desk.ask("step", person.reference, "--at", "1"))

    assert "Geste     « Valider »" in text
    assert "RPPS connu, date de naissance différente" in text
    assert "Possible  « Valider », « Abandonner », « Prolonger »" in text
    assert desk.ask("step", person.reference, "--at", "9").exit_code == Exit.USAGE


def test_step_says_when_nothing_is_possible(desk: Desk) -> None:
    assert "rien : c'est la fin" in fine(desk.ask("step", done(desk).reference, "--at", "5"))


def test_a_wait_is_not_left_in_braces(desk: Desk) -> None:
    person = desk.person("creation").identifies().asks_code().asks_again()
    text = fine(desk.ask("step", person.reference, typed="n\nn\nn\n"))

    assert "{" not in text


# --- whatif, diff --------------------------------------------------------------------------------


def test_whatif_is_a_simulation_and_says_so(desk: Desk) -> None:
    person = refused(desk)
    before = person.recorded()
    sent = len(desk.sandbox.messages)
    text = fine(desk.ask("whatif", person.reference, "--at", "3", "identity=match"))

    assert text.startswith("SIMULATION : rien n'est envoyé, rien n'est écrit.\n")
    assert text.endswith(
        "Fin simulée : « Sécuriser la création de votre espace ».\n"
        "Fin enregistrée : « Créer votre espace ».\n"
    )
    assert person.recorded() == before
    assert len(desk.sandbox.messages) == sent


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--shift", "2=+11m"], "La saisie aurait été effacée"),
        (["--shift", "2=-10s"], "Fin simulée : « Créer votre espace »."),
        (["--shift", "2=+1h"], "La demande aurait expiré."),
        (["--at", "1", "identity=match"], "ne s'applique plus"),
        (["--all"], "1  identity=match"),
        (["--nearest"], "À corriger : la date de naissance."),
    ],
)
def test_whatif_answers(desk: Desk, options: list[str], said: str) -> None:
    assert said in fine(desk.ask("whatif", refused(desk).reference, *options))


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--all", "--nearest"],
        ["--shift", "demain"],
        ["--at", "1", "identity=99000000002"],
        ["--at", "99", "identity=match"],
    ],
)
def test_whatif_refuses_what_it_cannot_read(desk: Desk, options: list[str]) -> None:
    result = desk.ask("whatif", refused(desk).reference, *options)

    assert result.exit_code == Exit.USAGE
    assert "99000000002" not in result.output


def test_whatif_tells_gestures_screens_and_messages_in_words(desk: Desk) -> None:
    person = desk.person("creation").identifies().asks_code().asks_again()
    text = fine(desk.ask("whatif", person.reference, "--at", "3", "send=possible"))

    assert " 2  =  « Recevoir votre code » → « Veuillez saisir le code reçu »\n" in text
    assert (
        " 3  ≠  « Renvoyer le code » → « Veuillez saisir le code reçu »\n"
        "       verrait : succès « Un nouveau code vient de vous être envoyé. Le code… »\n"
        "       serait effectué : code envoyé\n"
    ) in text
    everything = fine(desk.ask("whatif", person.reference, "--all"))
    assert (
        " 3  send=exhausted (l'envoi du code : nombre d'envois atteint)\n"
        "      → même écran\n"
        "      erreur « Vous avez atteint le nombre maximal d'envois. Saisissez le… »\n"
    ) in everything
    assert "not_asked" not in everything


@pytest.mark.parametrize(
    ("at", "answer", "said"),
    [
        ("9", "code=matches", "il n'y a pas de ligne 9 : 1 à 2"),
        ("1", "colour=red", "la ligne 1 ne répond qu'à terms, identity, account, offer_recovery"),
        ("1", "identity=red", "identity : une réponse parmi not_asked, match,"),
        ("2", "identity=match", "la ligne 2 ne répond à rien qui puisse changer"),
    ],
)
def test_whatif_says_what_can_be_changed(desk: Desk, at: str, answer: str, said: str) -> None:
    person = desk.person("creation").identifies(WRONG).extends()

    refused_so = desk.ask("whatif", person.reference, "--at", at, answer).stderr
    assert said in " ".join(refused_so.split())


def test_the_two_screens_of_one_title_are_told_apart(desk: Desk) -> None:
    done(desk)
    person = desk.person("recovery").identifies()
    text = fine(desk.ask("whatif", person.reference, "--at", "1", "account=none"))

    assert "Fin enregistrée : « Récupérer votre espace » (suite)." in text


def test_nearest_says_when_nothing_was_refused(desk: Desk) -> None:
    person = desk.person("creation").press(Extend())

    assert "Rien à changer" in fine(desk.ask("whatif", person.reference, "--nearest"))


def test_diff_tells_the_first_difference_in_words(desk: Desk) -> None:
    one, other = refused(desk), done(desk)
    text = fine(desk.ask("diff", one.reference, other.reference), Exit.FOUND)

    assert "Même chemin sur 1 ligne, puis :" in text
    assert "l'identité : RPPS connu, date de naissance différente ≠ identité reconnue" in text
    assert "  étape suivante : « Créer votre espace » ≠ « Sécuriser la création de" in text
    assert "  messages affichés : erreur « Les informations que vous avez saisies ne… » ≠" in text
    assert "  effectué : essai compté ≠ rien\n" in text
    assert f"{other.reference}, la suite :" in text
    assert "  5  « Activer » : toujours au registre, pas de compte, adresse libre, mot de" in text


def test_diff_names_flows_and_gestures(desk: Desk) -> None:
    one = desk.person("creation").identifies().asks_code()
    other = desk.person("recovery").identifies()
    text = fine(desk.ask("diff", one.reference, other.reference), Exit.FOUND)
    assert "Aucune ligne commune :\n  démarche : création d'espace ≠ récupération" in text

    other = desk.person("creation").identifies().extends()
    text = fine(desk.ask("diff", one.reference, other.reference), Exit.FOUND)
    assert "  geste : « Recevoir votre code » ≠ « Prolonger »\n" in text


def test_diff_of_two_alike_is_fine(desk: Desk) -> None:
    one, other = refused(desk, 1), refused(desk, 1)
    longer = refused(desk, 2)

    assert "vont de même" in fine(desk.ask("diff", one.reference, other.reference))
    text = fine(desk.ask("diff", one.reference, longer.reference), Exit.FOUND)
    assert "nombre de lignes : 2 ≠ 3" in text
    assert "  rien" in text


# --- gate, verify, shapes, stats -----------------------------------------------------------------


def moved(path: Path) -> Path:
    """The export as a chart with another sentence would have written it (hashes aside)."""
    text = path.read_text("utf-8").replace('["code.wrong"]', '["code.odd"]')
    other = path.with_name("moved.jsonl")
    other.write_text(text, "utf-8")
    return other


def test_gate_is_fine_where_nothing_drifts(desk: Desk) -> None:
    refused(desk)
    done(desk)
    path = exported(desk)

    for corpus in ([], [str(path)]):
        text = fine(desk.run("gate", *corpus))
        assert text.startswith("2 parcours rejoués ; 0 touché, soit 0,00 %.")


def test_gate_shows_what_drifts_and_takes_waivers(desk: Desk, tmp_path: Path) -> None:
    done(desk)
    refused(desk)
    path, junit = moved(exported(desk)), tmp_path / "gate.xml"
    text = fine(desk.run("gate", str(path), "--junit", str(junit)), Exit.FOUND)
    pasted = text[text.index("[[waiver]]") :]
    waiver = "\n".join(line.strip() for line in pasted.splitlines())

    assert "1 touché, soit 50,00 %." in text
    assert "enregistré ──▶ code.odd" in text
    assert "aujourd'hui ─▶ code.wrong" in text
    suite = ET.parse(junit).getroot()  # noqa: S314 - we wrote it
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")

    waivers = tmp_path / "waivers.toml"
    accepted = waiver.replace('reason = ""', 'reason = "essai"')
    waivers.write_text(f"{accepted} 2999-01-01\n", "utf-8")
    waived = fine(desk.run("gate", str(path), "--waivers", str(waivers), "--junit", str(junit)))
    assert "Accepté par une dispense" in waived
    assert ET.parse(junit).getroot().get("skipped") == "1"  # noqa: S314 - we wrote it

    waivers.write_text(f"{accepted} 2020-01-01\n", "utf-8")
    text = fine(desk.run("gate", str(path), "--waivers", str(waivers)), Exit.FOUND)
    assert "Dispense échue : essai" in text
    waivers.write_text(f"{accepted} 2999-01-01\n", "utf-8")
    text = fine(desk.run("gate", "--waivers", str(waivers), "--junit", str(junit)))
    assert "Dispense qui ne sert plus : essai" in text
    waivers.write_text("[[waiver]]\n", "utf-8")
    assert desk.run("gate", "--waivers", str(waivers)).exit_code == Exit.USAGE


def test_gate_says_which_effects_it_could_compare_by_kind_only(desk: Desk) -> None:
    """Lines of before the contents of effects were kept tell no more."""
    done(desk)
    refused(desk)
    corpus = exported(desk)
    lines = [json.loads(line) for line in corpus.read_text("utf-8").splitlines()]
    journals = (line for line in lines if not str(line.get("format")).startswith("delivery/"))
    older = ({name: it for name, it in line.items() if name != "told"} for line in journals)
    corpus.write_text("".join(f"{json.dumps(line)}\n" for line in older), "utf-8")
    text = " ".join(fine(desk.run("gate", str(corpus))).split())

    assert "2 parcours écrits avant que le contenu des effets ne soit gardé" in text
    assert json.loads(fine(desk.run("gate", str(corpus), "--json")))["by_kind"] == 2
    assert "contenu des effets" not in fine(desk.run("gate"))


def test_gate_reads_shapes(desk: Desk, tmp_path: Path) -> None:
    refused(desk)
    done(desk)
    refused(desk)
    path = tmp_path / "shapes.jsonl"
    assert desk.run("shapes", "-o", str(path)).exit_code == 0

    assert fine(desk.run("gate", str(path))).startswith("3 parcours rejoués")
    assert len(path.read_text("utf-8").splitlines()) == 2
    path.write_text('{"schema":"monespace/shape/1"}\n', "utf-8")
    assert desk.run("gate", str(path)).exit_code == Exit.DAMAGED


def test_gate_leaves_hashes_to_verify(desk: Desk) -> None:
    """An edit that leads to the same place passes, as the help says; verify sees it."""
    refused(desk)
    path = exported(desk)
    text = path.read_text("utf-8")
    assert "birth_date_differs" in text
    path.write_text(text.replace("birth_date_differs", "rpps_unknown"), "utf-8")

    assert fine(desk.run("gate", str(path))).startswith("1 parcours rejoué ; 0 touché")
    assert desk.run("verify", str(path)).exit_code == Exit.DAMAGED
    told = " ".join(fine(desk.run("gate", "--help")).split())
    assert "Les empreintes ne sont pas vérifiées ici" in told


def test_gate_of_nothing_is_fine(desk: Desk, tmp_path: Path) -> None:
    empty, odd = tmp_path / "empty.jsonl", tmp_path / "odd.jsonl"
    empty.write_text("", "utf-8")
    odd.write_text("17/06/1975\n", "utf-8")

    assert fine(desk.run("gate", str(empty))).startswith("0 parcours")
    result = desk.run("gate", str(odd))
    assert result.exit_code == Exit.DAMAGED
    assert "17/06/1975" not in result.output


def test_verify_finds_an_edit_a_gap_and_a_cut(desk: Desk) -> None:
    leave_alone(desk.storage)
    people = [refused(desk) for _ in range(3)]
    assert "Tout tient" in fine(desk.run("verify"))
    edited, gapped, cut = (person.reference for person in people)
    with closing(sqlite3.connect(desk.folder.database)) as database, database:
        database.execute(
            "UPDATE journal SET line = replace(line, 'birth_date_differs', 'match') "
            "WHERE reference = ? AND seq = 2",
            (edited,),
        )
        database.execute("DELETE FROM journal WHERE reference = ? AND seq = 1", (gapped,))
        database.execute("DELETE FROM journal WHERE reference = ? AND seq = 3", (cut,))
    text = fine(desk.run("verify"), Exit.DAMAGED)

    for reference, why in (
        (edited, "la ligne 2 a été modifiée"),
        (gapped, "la ligne 1 manque"),
        (cut, "le journal est coupé après la ligne 2"),
    ):
        assert f"ABÎMÉ    {reference}   {why}" in text
    for reference in (edited, gapped, cut):
        for command in ("why", "step", "export"):
            result = desk.ask(command, reference)
            assert (result.exit_code, result.stdout) == (Exit.DAMAGED, "")
    assert desk.run("stats").exit_code == Exit.DAMAGED


def test_one_damaged_journal_stops_neither_stats_nor_gate(desk: Desk) -> None:
    """In the database as in a file: it is named and counted, the others are told as ever."""
    leave_alone(desk.storage)
    people = [refused(desk) for _ in range(6)]
    whole = exported(desk)
    cut, blank = people[1].reference, people[3].reference
    with closing(sqlite3.connect(desk.folder.database)) as database, database:
        database.execute("DELETE FROM journal WHERE reference = ? AND seq = 1", (cut,))
        statement = "UPDATE journal SET line = x'00' WHERE reference = ? AND seq = 1"
        database.execute(statement, (blank,))
    text = whole.read_text("utf-8").splitlines()
    spoilt = [it for it in text if not (f'"{cut}"' in it and '"seq":1,' in it)]
    spoilt = ["nothing" if f'"{blank}"' in it and '"seq":1,' in it else it for it in spoilt]
    whole.write_text("".join(f"{line}\n" for line in spoilt), "utf-8")

    for where in ([], [str(whole)]):
        for command in ("stats", "gate"):
            result = desk.run(command, *where)
            assert result.exit_code == Exit.DAMAGED
            assert "2 parcours illisibles, non comptés" in result.stderr
            assert f"ABÎMÉ    {cut}" in result.stderr
            assert f"ABÎMÉ    {blank}" in result.stderr
            data = json.loads(desk.run(command, *where, "--json").stdout)
            assert [it["reference"] for it in data["damaged"]] == [cut, blank]
        assert "4 parcours rejoués ; 0 touché" in desk.run("gate", *where).stdout


def test_a_newer_journal_ends_with_its_own_code(desk: Desk) -> None:
    person = refused(desk)
    path = exported(desk)
    path.write_text(path.read_text("utf-8").replace('{"format":1', '{"format":9'), "utf-8")

    for command in ("verify", "gate", "shapes", "stats"):
        assert desk.run(command, str(path)).exit_code == Exit.UNKNOWN_VERSION, command
    result = desk.ask("why", person.reference, "--file", str(path))
    assert result.exit_code == Exit.UNKNOWN_VERSION


def test_verify_finds_a_broken_rule(desk: Desk, tmp_path: Path) -> None:
    """A chain can be whole and still tell what must not be."""
    from attrs import evolve

    from monespace_flows.journal.entry import write_entry

    person = done(desk)
    first, *_, last = person.entries()
    texts, previous = [], ""
    for seq, entry in enumerate((first, evolve(last, before=first.after))):
        text, previous = write_entry(evolve(entry, seq=seq, previous=previous, hash=""))
        texts.append(text)
    path = tmp_path / "broken.jsonl"
    path.write_text("".join(f"{text}\n" for text in texts), "utf-8")
    text = fine(desk.run("verify", str(path)), Exit.FOUND)

    assert "un compte créé ou récupéré sans code juste" in text


def test_shapes_hold_nobody(desk: Desk) -> None:
    person = done(desk)
    text = fine(desk.run("shapes"))

    assert person.reference not in text
    assert "***" not in text
    jsonschema.validate(json.loads(text.splitlines()[0]), schema_of(json.loads(text)))


def test_stats_hide_small_counts(desk: Desk) -> None:
    for _ in range(4):
        desk.person("creation").identifies(("", ""))
    for _ in range(6):
        desk.person("creation").identifies()
    text = fine(desk.run("stats"))

    assert "Créer votre espace 6 0 0 <5 0 0" in " ".join(text.split())
    assert "    <5  création d'espace : Saisie refusée." in text
    assert "{" not in text
    assert "au moins" not in text


def test_stats_let_no_small_count_be_subtracted(desk: Desk) -> None:
    """Nine chose nothing yet or went on, six did not: that three went on is told nowhere."""
    for _ in range(6):
        desk.person("creation").identifies()
    for _ in range(3):
        desk.person("creation").identifies().asks_code()
    text = fine(desk.run("stats"))
    rows = {row["state"]: row for row in json.loads(fine(desk.run("stats", "--json")))["screens"]}

    assert "Créer votre espace                <10       0       0" in text
    assert "Sécuriser la création de…          <5       0       0" in text
    assert text.endswith("(au moins) cachent ce qui trahirait un « <5 ».\n")
    assert [rows[it]["went_on"] for it in ("enter_identity", "choose_channel")] == ["<10", "<5"]


def test_stats_tell_large_counts_by_the_ten(desk: Desk) -> None:
    for _ in range(11):
        desk.person("creation").identifies()
    desk.person("creation").identifies().asks_code()
    result = desk.run("stats", "--json")

    assert "Créer votre espace                ≥10       0" in fine(desk.run("stats"))
    assert json.loads(result.stdout)["screens"][0]["went_on"] == ">=10"


# --- export --------------------------------------------------------------------------------------


def test_what_is_exported_is_what_was_stored(desk: Desk) -> None:
    person, other = refused(desk), done(desk)
    text = fine(desk.ask("export", person.reference))

    assert text == "".join(f"{line}\n" for line in person.told())
    everything = exported(desk).read_text("utf-8")
    assert everything == text + "".join(f"{line}\n" for line in other.told())


def test_an_export_is_read_without_settings_and_its_readings_recorded(desk: Desk) -> None:
    person = refused(desk)
    path = exported(desk)
    live = desk.ask("why", person.reference)
    offline = desk.ask("why", person.reference, "--file", str(path))

    assert offline.stdout == live.stdout
    assert desk.ask("why", "ZZZZ-ZZZZ", "--file", str(path)).exit_code == Exit.NO_JOURNEY
    assert (path.parent / "access.jsonl").read_text("utf-8").count('"why"') == 3


@pytest.mark.parametrize("options", [[], ["--all", "--to", "html"], ["7K3Q-F9M2", "--all"]])
def test_export_says_what_it_wants(desk: Desk, options: list[str]) -> None:
    assert desk.ask("export", *options).exit_code == Exit.USAGE


def test_an_export_that_cannot_be_written_leaves_nothing(desk: Desk, tmp_path: Path) -> None:
    leave_alone(desk.storage)
    person = refused(desk)
    nowhere = tmp_path / "nowhere" / "all.jsonl"

    assert desk.ask("export", person.reference, "-o", str(nowhere)).exit_code == Exit.USAGE
    cut = desk.path / "cut.jsonl"
    with closing(sqlite3.connect(desk.folder.database)) as database, database:
        database.execute("UPDATE journal SET line = 'x' WHERE seq = 2")
    assert desk.ask("export", person.reference, "-o", str(cut)).exit_code == Exit.DAMAGED
    assert [it.name for it in desk.path.glob("cut*")] == []


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def test_the_page_is_one_file_without_script_or_network(desk: Desk) -> None:
    person = done(desk)
    text = fine(desk.ask("export", person.reference, "--to", "html"))
    page = Page(text)

    assert len(text.encode()) < 100_000
    assert {"script", "img", "link", "iframe", "a"}.isdisjoint(page.tags)
    assert {"src", "href"}.isdisjoint(name for name, _ in page.attributes)
    assert ("lang", "fr") in page.attributes
    assert ("scope", "col") in page.attributes
    assert {"main", "h1", "caption", "title"} <= set(page.tags)
    assert "//" not in text.replace("<!doctype", "")


def test_the_page_names_messages_ticket_and_who_exported_it(desk: Desk) -> None:
    person = done(desk)
    text = fine(desk.ask("export", person.reference, "--to", "html"))
    text = text.replace("\u00a0", " ")

    assert "<dt>Messages</dt><dd>" in text
    assert "SMS, code : remis à " in text
    assert re.search(
        r"<dt>Exporté</dt><dd>le \d.* par .+, ticket SD-1423, motif « .+ », accès n° 1</dd>", text
    )
    assert text.count('<figure class="screen">') == len(person.entries())
    file = exported(desk)
    lines = fine(desk.ask("export", person.reference, "--to", "html", "--file", str(file)))
    told = (
        "<dd>SMS, code : mis en attente d&#x27;envoi à 10:00:00, "
        "remis pour acheminement à 10:00:00<p>e-mail, confirmation : "
    )
    assert told in lines.replace("\u00a0", " ")


def test_a_demo_is_read_by_the_clock_that_it_was_started_with(desk: Desk) -> None:
    """A journey whose time is over by that clock is told as abandoned."""
    desk.keep_time()
    person = Person(desk.sandbox, "creation").identifies().asks_code()

    def status() -> str:
        return str(desk.data("why", person.reference)["status"])

    assert status() == "open"
    desk.run_ahead(minutes=31)
    assert status() == "abandoned"
    assert "ABANDONNÉ" in fine(desk.ask("show", person.reference))


def test_a_mail_that_was_put_off_and_left_late_is_told_with_both_hours(desk: Desk) -> None:
    """As a server that greylists has it; who waited is told nothing else by now."""
    desk.sandbox.messages.fail_next(1)
    person = Person(desk.sandbox, "creation").identifies().asks_code("email").waits(minutes=4)
    desk.sandbox.flows.wake()
    page = " ".join(fine(desk.ask("show", person.reference)).split())

    assert (
        "e-mail, code : mis en attente d'envoi à 10:00:00, refusé pour l'instant à 10:00:00 par "
        "messaging, remis pour acheminement à 10:04:00"
    ) in page
    assert not desk.data("why", person.reference)["cause_id"].startswith("message.")


def test_the_drawings_can_be_read(desk: Desk) -> None:
    person = done(desk)
    svg = ET.fromstring(fine(desk.ask("export", person.reference, "--to", "svg")))  # noqa: S314
    mermaid = fine(desk.ask("export", person.reference, "--to", "mermaid"))

    assert svg.get("role") == "img"
    assert svg.find("{http://www.w3.org/2000/svg}desc") is not None
    assert mermaid.startswith("stateDiagram-v2\n")
    assert "    created --> [*]" in mermaid
    assert "[*]" not in fine(desk.ask("export", refused(desk).reference, "--to", "mermaid"))[-20:]


def test_the_drawings_tell_what_became_of_messages(desk: Desk) -> None:
    desk.sandbox.messages.refuse_next()
    person = Person(desk.sandbox, "creation").identifies().asks_code()
    svg = fine(desk.ask("export", person.reference, "--to", "svg"))
    mermaid = fine(desk.ask("export", person.reference, "--to", "mermaid"))

    said = "mis en attente d'envoi à 10:00:00, refusé définitivement à 10:00:00 par messaging"
    assert f">SMS, code : {said}</text>" in svg.replace("&#x27;", "'")
    noted = said.replace(":", " -")
    assert f"    note right of enter_code : 2. SMS, code  - {noted}\n" in mermaid


def test_step_tells_what_became_of_messages_and_draws_the_screens_as_data(desk: Desk) -> None:
    desk.sandbox.messages.refuse_next()
    person = Person(desk.sandbox, "creation").identifies().asks_code()
    page = fine(desk.ask("step", person.reference, "--at", "2"))
    data = json.loads(fine(desk.ask("step", person.reference, "--at", "2", "--json")))
    (drawn,) = (it["drawn"] for it in data["moments"])

    flat = " ".join(page.split())
    assert "Message SMS, code : mis en attente d'envoi à 10:00:00, refusé définitivement" in flat
    assert "dès 10 h 00, erreur : Le code n'a pas pu vous être envoyé" in " ".join(
        drawn["later"]
    ).replace("\u00a0", " ")
    assert drawn["fields"] == [
        {
            "label": "Saisir le code",
            "kind": "code",
            "hint": drawn["fields"][0]["hint"],
            "choices": [],
        }
    ]
    assert "Choisir un autre moyen" in drawn["buttons"]
    assert [it["fate"] for it in data["deliveries"]] == ["queued", "refused_permanently"]


# --- access --------------------------------------------------------------------------------------

READERS = [
    ["why"],
    ["show"],
    ["step"],
    ["whatif", "--nearest"],
    ["export"],
    ["export", "--to", "html"],
]


@pytest.mark.parametrize("command", READERS, ids=" ".join)
def test_reading_someone_s_journey_needs_a_purpose_and_a_ticket(
    desk: Desk, command: list[str]
) -> None:
    person = refused(desk)
    name, *options = command
    for why in ([], ["--purpose", "test"], ["--ticket", "T-1"], ["--purpose=x", "--ticket=T-1"]):
        result = desk.run(name, person.reference, *options, *why)
        assert (result.exit_code, result.stdout) == (Exit.REFUSED, "")
    assert not desk.folder.access_log.exists()


def test_diff_find_and_export_all_need_them_too(desk: Desk) -> None:
    person = refused(desk)

    for command in (["find"], ["export", "--all"], ["diff", person.reference, person.reference]):
        result = desk.run(*command, typed="99000000002\n")
        assert (result.exit_code, result.stdout) == (Exit.REFUSED, "")


@pytest.mark.parametrize("command", [*READERS, ["find"]], ids=" ".join)
def test_without_an_access_record_nothing_is_shown(desk: Desk, command: list[str]) -> None:
    person = refused(desk)
    desk.folder.access_log.mkdir()
    name, *options = command
    which = [] if name == "find" else [person.reference]
    result = desk.ask(name, *which, *options, typed="99000000002\n")

    assert (result.exit_code, result.stdout) == (Exit.REFUSED, "")


def test_the_access_log_shows_who_read_what_and_why(desk: Desk) -> None:
    person, other = refused(desk), done(desk)
    desk.ask("why", person.reference)
    desk.run("why", other.reference, "--purpose", "legal", "--ticket", "L-1")
    text = fine(desk.run("access-log"))

    assert f"why    {person.reference}  essai, SD-1423" in text
    assert "demande légale, L-1" in text
    assert "L-1" not in fine(desk.run("access-log", "--ticket", "SD-1423"))
    assert fine(desk.run("access-log", "--actor", "nobody-at-all")) == "Aucune lecture.\n"
    assert person.reference not in fine(desk.run("access-log", "--reference", other.reference))


def test_no_such_journey_has_its_own_code(desk: Desk) -> None:
    desk.person("creation")
    for command in READERS:
        name, *options = command
        assert desk.ask(name, "ZZZZ-ZZZZ", *options).exit_code == Exit.NO_JOURNEY


def test_explain_tells_the_text_the_guide_and_the_causes(desk: Desk) -> None:
    text = fine(desk.runner.invoke(cli(), ["explain", "identity.unknown"]))

    assert "identity.unknown   erreur   guide C3, R2, D3" in text
    assert "  Écran : création d'espace, « Créer votre espace »\n" in text
    flat = " ".join(text.split())
    assert (
        "Cause : Contrôle d'identité refusé : RPPS connu, date de naissance différente. "
        "(identity.birth_date_differs) "
        f"Que faire : {CAUSES['identity.birth_date_differs'].way_out.fr}"
    ) in flat
    everything = fine(desk.runner.invoke(cli(), ["explain", "all"]))
    assert everything.count("« ") >= 22
    assert "{" not in everything
    assert desk.runner.invoke(cli(), ["explain", "nothing"]).exit_code == Exit.USAGE


def cli() -> Any:
    from monespace_cli.main import cli as program

    return program


# --- JSON and lines ------------------------------------------------------------------------------


def answers(desk: Desk) -> Iterator[tuple[str, Result]]:
    """Every command of ours with ``--json``, on people of several kinds."""
    person, other = refused(desk), done(desk)
    path = moved(exported(desk))
    yield "why", desk.ask("why", person.reference, "--json")
    yield "find", desk.ask("find", "--json", typed="99000000002\n")
    yield "step", desk.ask("step", person.reference, "--json")
    yield "step", desk.ask("step", other.reference, "--at", "2", "--json")
    for options in (
        ["--at", "1", "identity=match"],
        ["--shift", "2=+1h"],
        ["--all"],
        ["--nearest"],
    ):
        yield "whatif", desk.ask("whatif", person.reference, *options, "--json")
    yield "whatif", desk.ask("whatif", other.reference, "--nearest", "--json")
    yield "diff", desk.ask("diff", person.reference, other.reference, "--json")
    yield "diff", desk.ask("diff", person.reference, person.reference, "--json")
    yield "gate", desk.run("gate", "--json")
    yield "gate", desk.run("gate", str(path), "--json")
    yield "verify", desk.run("verify", "--json")
    yield "verify", desk.run("verify", str(path), "--json")
    yield "stats", desk.run("stats", "--json")
    yield "access-log", desk.run("access-log", "--json")
    yield "explain", desk.runner.invoke(cli(), ["explain", "all", "--json"])


def test_every_json_fits_its_published_schema(desk: Desk) -> None:
    met = set()
    for name, result in answers(desk):
        data = json.loads(result.stdout)
        assert data["schema"] == f"monespace/{name}/1"
        schema = schema_of(data)
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.validate(data, schema)
        met.add(name)

    published = {it.name.removesuffix(".json") for it in files("monespace_cli.schemas").iterdir()}
    assert met | {"shape"} <= published


def test_every_page_fits_eighty_columns_without_colour(desk: Desk) -> None:
    person, other = refused(desk), done(desk)
    path = moved(exported(desk))
    pages = [
        desk.ask("why", person.reference),
        desk.ask("find", typed="99000000002\n"),
        desk.ask("step", other.reference, typed="n\n" * 6),
        desk.ask("whatif", person.reference, "--all"),
        desk.ask("whatif", other.reference, "--at", "2", "send=exhausted"),
        desk.ask("whatif", person.reference, "--nearest"),
        desk.ask("diff", person.reference, other.reference),
        desk.run("gate", str(path)),
        desk.run("verify"),
        desk.run("stats"),
        desk.run("access-log"),
        desk.runner.invoke(cli(), ["explain", "all"]),
    ]
    for result in pages:
        assert result.stdout
        assert "\x1b" not in result.output
        for line in result.stdout.splitlines():
            assert len(line) <= 80, line


# --- the full screen -----------------------------------------------------------------------------


def walked(person: Person) -> Walk:
    """A journey to go through."""
    flow, entries = FLOWS[person.flow], person.entries()
    return Walk(
        reference=person.reference,
        moments=timeline(flow, entries),
        screens=screens_seen(flow, entries, Policy()),
        zone=UTC,
    )


def test_the_full_screen_moves_by_the_same_keys(desk: Desk) -> None:
    import asyncio

    from textual.widgets import ListView

    from monespace_cli.support.tui import StepApp

    walk_of = walked(done(desk))

    async def walk() -> list[int | None]:
        app = StepApp(walk_of)
        seen = []
        async with app.run_test(size=(100, 30)) as pilot:
            for key in ("n", "j", "p", "down"):
                await pilot.press(key)
                await pilot.pause()
                seen.append(app.query_one("#lines", ListView).index)
            await pilot.press("q")
        return seen

    assert asyncio.run(walk()) == [1, 2, 1, 2]


def test_the_full_screen_speaks_french(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    from monespace_cli.support.tui import StepApp

    walk = walked(refused(desk))
    told: list[str] = []
    monkeypatch.setattr(StepApp, "notify", lambda self, text, **_: told.append(text))

    async def shown() -> list[str]:
        app = StepApp(walk)
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.press("ctrl+c")
            await pilot.pause()
            keys = app.screen.active_bindings.values()
            return [it.binding.description for it in keys if it.binding.show]

    assert asyncio.run(shown()) == ["suivante", "précédente", "message ou refus", "fin"]
    assert told == ["Appuyez sur q pour finir."]


def test_without_the_extra_the_full_screen_says_what_to_install(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    person = refused(desk)
    monkeypatch.setitem(sys.modules, "monespace_cli.support.tui", None)
    result = desk.ask("step", person.reference, "--tui")

    assert result.exit_code == Exit.USAGE
    assert "monespace-flows[tui]" in result.output


def test_progress_is_shown_only_to_who_watches(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from monespace_cli.output import watched

    with watched([1, 2], 2, "Essai") as each:
        assert list(each) == [1, 2]
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    with watched([1, 2], 2, "Essai") as each:
        assert list(each) == [1, 2]
    assert "Essai" in capsys.readouterr().err


def test_the_prompt_of_find_does_not_show_what_is_typed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from monespace_cli.support import find

    asked: dict[str, object] = {}

    def prompt(text: str, **options: object) -> str:
        asked.update(options)
        return JOHN[1]

    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal)
    monkeypatch.setattr("click.prompt", prompt)

    assert find._typed() == JOHN[1]
    assert asked == {"hide_input": True, "err": True, "prompt_suffix": " : "}


def test_a_reading_of_an_export_is_recorded_where_the_environment_says(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = refused(desk)
    path = tmp_path / "elsewhere.jsonl"
    assert desk.ask("export", "--all", "-o", str(path)).exit_code == 0
    monkeypatch.setenv("MONESPACE_DIR", str(desk.path))
    fine(desk.ask("why", person.reference, "--file", str(path)))

    assert not (tmp_path / "access.jsonl").exists()
    assert desk.folder.access_log.read_text("utf-8").count('"why"') == 1

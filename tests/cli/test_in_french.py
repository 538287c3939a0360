"""What support staff read is French, fits eighty columns, and says what to do next."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from attrs import evolve
from click.testing import CliRunner

from monespace_backends.secrets import KeysFault
from monespace_backends.storage.database import SchemaFault
from monespace_cli.errors import in_french, say_fault
from monespace_cli.program import COMMANDS, Program
from monespace_cli.support.why import words_in
from monespace_flows.errors import JournalFault, Reasoned
from monespace_flows.journal.deliveries import is_delivery
from monespace_flows.journal.entry import read_entry, write_entry

from .conftest import Call
from .questions import WHY
from .stories import Told

SUPPORT = [name for name, entry in COMMANDS.items() if entry.is_french]
ENGLISH = re.compile(
    r"\b(the|is|are|of|not|usage|help|show|default|required|invalid|line|value|file|cannot)\b",
    re.IGNORECASE,
)
NUMBER = "99000000002"


def in_english(text: str) -> list[str]:
    """English words, but for names of options, commands and files, which are those typed."""
    spoken = re.sub(
        r"(?m)^  [a-z-]+  |--?[a-z-]+|monespace( [a-z-]+)+|<\S+>|\S*[./=_]\S+|« \S+ »", " ", text
    )
    return ENGLISH.findall(spoken)


@pytest.mark.parametrize("name", SUPPORT)
def test_the_help_is_french_and_fits_the_page(
    name: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    page = call(name, "--help").stdout

    assert page.startswith(f"Utilisation : monespace {name} [OPTIONS]")
    assert "\nOptions :" in page
    assert "\nExemple" in page
    assert in_english(page) == []
    assert max(len(line.rstrip()) for line in page.splitlines()) <= 80
    examples = [it for it in page.splitlines() if it.startswith("    monespace")]
    assert [it for it in examples if it.rstrip().endswith(("--ticket", "--purpose"))] == []


def every_command() -> Iterator[str]:
    """The words of each command, those that others hold included."""
    for name, entry in COMMANDS.items():
        yield name
        command = entry.load()
        if isinstance(command, click.Group):
            yield from (f"{name} {each}" for each in command.commands)


_FRAMES = re.compile(
    r"\b(Usage|Options:|Commands|Arguments:|Error|No such|Try|Missing|Invalid|Got|Show|default:|"
    r"required|env:|Aborted|Did you mean|unexpected)\b"
)
"""What click and rich-click say around a command."""


@pytest.mark.parametrize("words", list(every_command()))
def test_what_frames_a_command_is_french(words: str, call: Call) -> None:
    """Whoever it is for: its help, and each kind of mistake that click finds."""
    page = call(*words.split(), "--help").stdout
    wrong = [call(*words.split(), *more).stderr for more in (("--bogus",), ("x", "y", "z"))]

    assert page.startswith(f"Utilisation : monespace {words} [OPTIONS]")
    assert "Afficher cette aide." in page
    assert [told for told in (page, *wrong) if _FRAMES.search(told)] == []
    assert f"Aide : monespace {words} --help" in " ".join(wrong[0].split())


def test_the_first_page_and_its_mistakes_are_french(call: Call) -> None:
    page = call("--help").stdout

    assert page.startswith("Utilisation : monespace [OPTIONS] COMMANDE")
    assert "Assister :" in page
    assert in_english(page) == []
    assert _FRAMES.search(page) is None
    assert call("--bogus").stderr == (
        "monespace: l'option --bogus n'existe pas\nAide : monespace --help\n"
    )
    assert call("shwo").stderr == (
        "monespace: cette commande n'existe pas ; vouliez-vous dire show ?\n"
        "Aide : monespace --help\n"
    )
    assert "vouliez-vous dire unlock ?" in call("account", "unlok").stderr
    assert "vouliez-vous dire --purpose ?" in call("why", "x", "--purpse", "test").stderr


def test_an_option_that_may_be_a_number_is_not_repeated(call: Call) -> None:
    assert call("why", f"--{NUMBER}").stderr.startswith("monespace: cette option n'existe pas\n")


MISTAKES = [
    ("why",),
    ("why", "7K3Q-F9M2"),
    ("why", "7K3Q-F9M2", "--purpose", "x"),
    ("why", "7K3Q-F9M2", "--purpose", "test"),
    ("why", "7K3Q-F9M2", "--ticket"),
    ("why", "7K3Q-F9M2", "--lang", "de", *WHY),
    ("why", "7K3Q-F9M2", "--purpose", "test", "--ticket", "é"),
    ("why", "7K3Q-F9M2", "7K3Q-F9M2", *WHY),
    ("why", "bonjour", *WHY),
    ("why", "7K3Q-F9M2", "--file", "/nonexistent", *WHY),
    ("why", "7K3Q-F9M2", "--file", "/etc/passwd", *WHY),
    ("why", "7K3Q-F9M2", "--bogus", *WHY),
    ("show", "7K3Q-F9M2", "--width", "3", *WHY),
    ("step", "7K3Q-F9M2", "--at", "-1", *WHY),
    ("step", "7K3Q-F9M2", "--at", "x", *WHY),
    ("diff", "7K3Q-F9M2", *WHY),
    ("whatif", "7K3Q-F9M2", *WHY),
    ("whatif", "7K3Q-F9M2", "--at", NUMBER, *WHY),
    ("whatif", "7K3Q-F9M2", "--at", f"{NUMBER}x", "y", *WHY),
    ("whatif", "7K3Q-F9M2", "--shift", "x", *WHY),
    ("find", NUMBER, *WHY),
    ("find", *WHY),
    ("list", "--flow", "x"),
    ("list", "--state", "x"),
    ("list", "--cause", "x"),
    ("list", "--sort", "x"),
    ("list", "--since", "x"),
    ("list", "--limit", "0"),
    ("gate", "/nonexistent"),
    ("gate", "--waivers", "/etc/passwd"),
    ("gate", "--waivers", "/etc"),
    ("export", *WHY),
    ("export", "--all", "--to", "html", *WHY),
    ("export", "--all", "-o", "/nonexistent/x", *WHY),
    ("export", "7K3Q-F9M2", "--to", "x", *WHY),
    ("explain",),
    ("explain", "x"),
    ("access-log", "--reference", "x"),
]


@pytest.mark.parametrize("words", MISTAKES, ids=" ".join)
def test_a_mistake_is_told_in_french(
    words: tuple[str, ...], told: Told, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folded, and without what was typed: it may be a doctor's."""
    monkeypatch.chdir(told.path.parent)  # a path is not folded, and may be longer than a line
    monkeypatch.setenv("MONESPACE_DIR", told.path.name)
    ended = call(*words)

    assert ended.exit_code not in {0, 1, 70}
    assert ended.stdout == ""
    assert ended.stderr.startswith("monespace: ")
    assert in_english(ended.stderr) == []
    assert max(map(len, ended.stderr.splitlines())) <= 80
    assert NUMBER not in ended.stderr


def test_purpose_and_ticket_are_asked_for_together(told: Told, call: Call) -> None:
    ended = call("why", told.creation, "--dir", told.path)

    assert ended.stderr == (
        "monespace: il manque --purpose : dites pourquoi vous lisez\n"
        "  appel     appel de la personne\n"
        "  incident  incident\n"
        "  securite  contrôle de sécurité\n"
        "  legal     demande légale\n"
        "  essai     essai\n"
        "il manque --ticket : le ticket de la demande, comme SD-1423\n"
    )


def test_a_filter_that_is_not_known_lists_those_that_are(told: Told, call: Call) -> None:
    told_so = [
        call("list", option, "aide", "--dir", told.path).stderr
        for option in ("--flow", "--state", "--cause")
    ]

    assert "\n  reset     mot de passe oublié\n" in told_so[0]
    assert "\n  enter_code           Veuillez saisir le code reçu\n" in told_so[1]
    assert "\n  code.expired                 Code refusé : il est périmé.\n" in told_so[2]
    assert "{" not in told_so[2]


def test_what_breaks_inside_is_told_to_each_alike() -> None:
    broken = Program("monespace", entries=COMMANDS)

    def fall(*_: object) -> None:
        raise RuntimeError(NUMBER)

    broken.resolve_command = fall  # type: ignore[assignment]
    support = CliRunner().invoke(broken, ["show", "x"])
    operator = CliRunner().invoke(broken, ["doctor"])

    assert support.stderr.startswith(
        "monespace: erreur interne, à signaler à l'exploitation\n  RuntimeError, test_in_french.py:"
    )
    assert operator.stderr == support.stderr
    assert NUMBER not in support.stderr + operator.stderr


FAULTS = [*JournalFault, *KeysFault, *SchemaFault]
PLACE = {
    "line": 3, "before": 2, "reference": "7K3Q-F9M2", "command": "x", "found": 9, "known": 1,
    "mode": 0o644, "error": "x", "day": "2026-11-22", "covered": 9, "ids": "1a2b3c4d",
    "held": "5e6f7a8b",
}  # fmt: skip


def test_every_fault_has_its_words_in_both_languages() -> None:
    errors = [Reasoned(fault, **PLACE) for fault in FAULTS]
    french = [say_fault(error) for error in errors]

    assert len(FAULTS) > 25
    assert [told for told in map(str, errors) if told in french or "{" in told] == []
    assert [told for told in french if in_english(told) or "{" in told] == []
    assert len(set(french)) == len(FAULTS)


def test_a_fault_is_said_by_its_reason_and_not_by_its_english() -> None:
    error = Reasoned(KeysFault.NOT_BASE64, path="keys", line=3)
    error.args = ("a sentence that is written otherwise",)

    assert say_fault(error) == "keys : la ligne 3 n'est pas une clé en base64"


def test_keys_that_cannot_be_used_are_said_to_be(told: Told, call: Call) -> None:
    (told.path / "keys").write_text("x\n", "utf-8")
    (told.path / "keys").chmod(0o600)
    ended = call("find", "--dir", told.path, *WHY, typed=f"{NUMBER}\n")

    assert ended.exit_code == 2
    flat = " ".join(ended.stderr.split())
    assert flat.startswith("monespace: les clés ne peuvent pas servir : ")
    assert flat.endswith("la ligne 1 n'est pas une clé en base64")


def test_an_error_of_the_system_that_has_no_words_has_its_number() -> None:
    assert in_french(OSError(28, "No space left on device")) == (
        "il n'y a plus de place sur le disque"
    )
    assert in_french(OSError(999, "Odd")) == "erreur 999 du système"


def test_show_says_in_words_where_telling_it_again_differs(
    told: Told, call: Call, tmp_path: Path
) -> None:
    export = tmp_path / "export.jsonl"
    call("export", told.creation, "--dir", told.path, "-o", export, *WHY)
    lines = export.read_text("utf-8").splitlines()
    entries = [read_entry(line) for line in lines if not is_delivery(line)]
    refused = evolve(entries[1], notices=("code.expired",))
    lines, previous = [], ""
    for entry in (entries[0], refused, *entries[2:]):
        line, previous = write_entry(evolve(entry, previous=previous, hash=""))
        lines.append(f"{line}\n")
    export.write_text("".join(lines), "utf-8")
    page = " ".join(call("show", told.creation, "--file", export, *WHY).stdout.split())

    assert (
        "Rejeu différent à la ligne 1, messages affichés : enregistré erreur « Ce code n'est plus "
        "valable : il a plus de 10… », rejoué erreur « Les informations que vous avez saisies ne… »"
    ) in page


@pytest.mark.parametrize(
    ("typed", "recorded"),
    [("appel", "caller"), ("Sécurité", "security"), ("essai", "test"), ("legal", "legal")],
)
def test_a_purpose_may_be_french_or_come_from_a_variable(
    told: Told, call: Call, monkeypatch: pytest.MonkeyPatch, typed: str, recorded: str
) -> None:
    monkeypatch.setenv("MONESPACE_PURPOSE", typed)
    monkeypatch.setenv("MONESPACE_TICKET", "SD-77")
    assert call("why", told.creation, "--dir", told.path).exit_code == 0
    found = json.loads(call("access-log", "--dir", told.path, "--json").stdout)["records"][-1]

    assert (found["purpose"], found["ticket"]) == (recorded, "SD-77")


@pytest.mark.parametrize("day", ["22/11/2026", "2026-11-22"])
def test_a_day_may_be_written_as_in_france(told: Told, call: Call, day: str) -> None:
    listed = call("list", "--since", day, "--until", day, "--dir", told.path).stdout

    assert told.creation in listed


@pytest.mark.parametrize("day", ["hier", "aujourd'hui", "Aujourd’hui"])
def test_a_day_may_have_a_name(told: Told, call: Call, day: str) -> None:
    assert call("list", "--since", day, "--dir", told.path).exit_code == 0


def test_a_day_that_is_none_is_said_so(told: Told, call: Call) -> None:
    assert "22/11/2026, hier" in call("list", "--since", "demain", "--dir", told.path).stderr


@pytest.mark.parametrize(
    "typed",
    [
        "Les informations que vous avez saisies ne correspondent pas à celles connues de l’Ordre",
        "informations saisies ne correspondent pas a celles connues",
        "identity.unknown",
    ],
    ids=["as it is read", "without accents", "its id"],
)
def test_a_message_is_known_by_what_was_read(call: Call, typed: str) -> None:
    assert call("explain", typed).stdout.startswith("identity.unknown ")


@pytest.mark.parametrize(
    ("typed", "notice"),
    [
        ("votre code n'est pas le bon verifiez le", "code.wrong"),
        ("Ce code n’est plus valable : il a plus de 10 minutes", "code.expired"),
        ("nombre maximal d'essais pour ce code", "code.exhausted"),
        ("un compte est deja associe a ce numero rpps", "account.exists"),
        ("Veuillez saisir à nouveau, votre saisie a été effacée", "entry.erased"),
        ("ce lien n'est plus valable il a deja ete utilise", "link.invalid"),
        ("nombre maximal d'envois", "send.exhausted"),
        ("un code vient de vous etre envoye il peut mettre quelques instants", "code.too_soon"),
        ("adresse mail ou mot de passe incorrect", "credentials.refused"),
        ("les informations que vous avez saisies ne correspondent pas", "identity.unknown"),
    ],
)
def test_ten_sentences_are_known_as_callers_read_them_out(
    call: Call, typed: str, notice: str
) -> None:
    assert f"{notice} " in call("explain", typed).stdout


@pytest.mark.parametrize(
    ("typed", "same"),
    [("Sœur", "soeur"), ("cœur d’été", "coeur d'ete"), ("ÉTÉ", "ete"), ("« essai »", "essai")],
)
def test_words_are_the_same_however_they_are_typed(typed: str, same: str) -> None:
    assert words_in(typed) == words_in(same)


@pytest.mark.parametrize("typed", ["bonjour tout le monde", "…"])
def test_what_no_screen_says_is_not_explained(call: Call, typed: str) -> None:
    assert call("explain", typed).exit_code == 2

"""Support reads a host's journeys as it reads ours, once the program is told of the flow."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner, Result
from close_account.closing import AskClosing, for_support

from monespace_cli.main import cli
from monespace_flows import SendCode, SubmitCode
from monespace_flows.errors import PortUnavailable
from monespace_flows.flows import FLOWS, STANDARD
from monespace_flows.journal.entry import read_journal
from monespace_flows.notices import NOTICES
from monespace_flows.retelling import compiled
from monespace_flows.retelling.compiled import HOST_FLOWS, compiled_flow, listed_flows, retell
from monespace_flows.support.catalogue import CAUSES, OWN_CAUSES
from monespace_flows.support.explanation import explain
from monespace_flows.support.nearest import nearest
from monespace_flows.support.refusals import refusal
from monespace_flows.support.registration import register_flow
from monespace_flows.support.whatif import branches
from monespace_flows.support.words import EFFECTS, VERDICTS
from monespace_flows.testing import Sandbox
from monespace_flows.verify.compilation import describe
from monespace_flows.wording import Cause, Text
from tests.journeys import acting

WHERE = "close_account.closing:for_support"


@pytest.fixture
def told() -> Iterator[None]:
    """The flow is known for one test."""
    registers: tuple[dict[object, object], ...] = (
        FLOWS,
        HOST_FLOWS,
        NOTICES,
        VERDICTS,
        EFFECTS,
        CAUSES,
        OWN_CAUSES,
    )  # type: ignore[assignment]  # of any keys
    before = [dict(one) for one in registers]
    register_flow(for_support())
    yield
    for one, was in zip(registers, before, strict=True):
        one.clear()
        one.update(was)
    compiled_flow.cache_clear()


@pytest.fixture
def lines(sandbox: Sandbox) -> list[str]:
    """The journal of someone who forgot to say why, then mistyped the code."""
    flows = sandbox.flows
    view = flows.start("close_account", acting.member(sandbox))
    view = flows.submit(view.token, AskClosing(reason="", current_password=acting.PASSWORD))
    view = flows.submit(view.token, AskClosing(reason="Retraite", current_password=acting.PASSWORD))
    view = flows.submit(view.token, SendCode("sms"))
    view = flows.submit(view.token, SubmitCode(acting.wrong_code(sandbox)))
    with sandbox.storage.reading() as unit:
        return list(unit.journal.lines(view.reference))


@pytest.fixture
def export(lines: list[str], tmp_path: Path) -> Path:
    path = tmp_path / "export.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [*map(str, arguments)], prog_name="monespace")


def reading(command: str, lines: list[str], export: Path, *more: str) -> Result:
    reference = read_journal(lines)[0].reference
    ticket = ("--purpose", "test", "--ticket", "T-1")
    return run(command, reference, *ticket, "--file", export, *more)


@pytest.mark.usefixtures("told")
def test_show_and_why_tell_it_in_its_own_words(lines: list[str], export: Path) -> None:
    shown = reading("show", lines, export).stdout
    why = reading("why", lines, export).stdout

    assert "fermeture de compte" in shown
    for words in ("raison non donnée", "raison notée", "Dites-nous en quelques mots pourquoi"):
        assert words in shown
    assert "Rejeu     identique, 5 lignes" in shown
    assert "Retraite" not in shown
    assert why.startswith("Fermeture de compte, parcours")


@pytest.mark.usefixtures("told")
def test_why_knows_its_own_causes(lines: list[str], tmp_path: Path) -> None:
    """A notice of its own refused; the sentence and the way out are those of its declaration."""
    refused = tmp_path / "refused.jsonl"
    refused.write_text("".join(f"{line}\n" for line in lines[:2]), "utf-8")
    why = reading("why", lines, refused).stdout
    data = json.loads(reading("why", lines, refused, "--json").stdout)

    assert "Fermeture refusée 1 fois : la personne n'a pas dit pourquoi." in " ".join(why.split())
    assert "Que faire : Il suffit d'écrire quelques mots" in " ".join(why.split())
    assert (data["cause_id"], data["status"]) == ("closing.reason_missing", "open")
    assert data["count"] == 1


@pytest.mark.usefixtures("told")
def test_its_states_wait_and_end_in_its_own_words(lines: list[str], tmp_path: Path) -> None:
    begun = tmp_path / "begun.jsonl"
    begun.write_text(f"{lines[0]}\n", "utf-8")
    why = reading("why", lines, begun).stdout

    assert "La fermeture n'est pas encore demandée." in " ".join(why.split())


@pytest.mark.usefixtures("told")
def test_explain_gives_its_own_cause() -> None:
    told = explain("closing.reason_missing")

    assert [cause.id for cause in told.causes] == ["closing.reason_missing"]
    assert explain("settings.saved").causes == ()


@pytest.mark.usefixtures("told")
def test_a_host_replaces_no_cause_of_the_guide() -> None:
    common = CAUSES["code.differs"]
    own = Cause("code.differs", Text("autre", "other"), Text("rien", "nothing"))
    register_flow(evolve(for_support(), causes=(own,)))

    assert CAUSES["code.differs"] is common
    assert "code.differs" not in OWN_CAUSES


@pytest.mark.usefixtures("told")
def test_whatif_gate_and_list_take_it(lines: list[str], export: Path) -> None:
    other = reading("whatif", lines, export, "--all").stdout
    listed = run("list", "--file", export).stdout
    gated = run("gate", export)
    counted = run("stats", export).stdout

    assert "reason=given (reason : raison donnée)" in other
    assert "fermeture de compte" in listed
    assert "Veuillez saisir le code reçu" in listed
    assert gated.exit_code == 0
    assert "fermeture de compte : Code refusé" in counted


@pytest.mark.usefixtures("told")
def test_its_chart_tells_it_again_and_searches_it(lines: list[str]) -> None:
    entries = read_journal(lines)
    flow = compiled_flow("close_account")
    assert flow is not None

    assert retell(flow, entries) is None  # no answers are kept: the chart is asked
    assert retell(flow, entries[:1]) is not None
    assert refusal(entries[1]) == "closing.reason_missing"
    assert {it.change.name for it in branches(FLOWS["close_account"], entries)} >= {"reason"}
    assert nearest(FLOWS["close_account"], entries) is not None


@pytest.mark.usefixtures("told")
def test_an_answer_without_words_is_told_by_its_value(lines: list[str]) -> None:
    register_flow(evolve(for_support(), words={}))
    for verdict in [it for it in VERDICTS if type(it).__name__ == "ReasonVerdict"]:
        del VERDICTS[verdict]

    told = [it.change.words.fr for it in branches(FLOWS["close_account"], read_journal(lines))]
    assert "reason : given" in told


@pytest.mark.usefixtures("told")
def test_it_is_listed_after_those_of_the_guide() -> None:
    assert list(listed_flows()) == [*(flow.name for flow in STANDARD), "close_account"]
    assert "close_account" not in compiled._listed()


def test_who_was_not_told_of_it_says_so(lines: list[str], export: Path) -> None:
    assert listed_flows().get("close_account") is None
    listed = run("list", "--file", export).stdout

    assert "close_account" in listed


def test_the_flow_that_only_reads_takes_no_step() -> None:
    sandbox = Sandbox(flows=(*STANDARD, for_support()))
    view = sandbox.flows.start("close_account", acting.member(sandbox))
    with pytest.raises(PortUnavailable):
        sandbox.flows.submit(
            view.token, AskClosing(reason="Retraite", current_password=acting.PASSWORD)
        )


@pytest.mark.slow
def test_a_variable_names_the_flows(export: Path) -> None:
    """In a process of its own, as a support agent's machine has it."""
    examples = Path(__file__).resolve().parents[2] / "docs" / "examples"

    def listing(flows: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "monespace_cli", "list", "--file", str(export)],
            env={"PYTHONPATH": str(examples), "MONESPACE_FLOWS": flows},
            capture_output=True,
            text=True,
            check=False,
        )

    assert "fermeture de compte" in listing(WHERE).stdout
    for wrong, why in {
        "nowhere:FLOW": "nowhere:FLOW : ne peut pas être importé : écrivez paquet.module:NOM",
        "close_account.closing:nothing": "ne peut pas être importé",
        "close_account": "ne peut pas être importé",
        "close_account.closing:SCREENS": "ni une démarche, ni une fonction qui en fait une",
    }.items():
        found = listing(wrong)
        assert found.returncode == 2
        assert why in " ".join(found.stderr.split())


def test_a_life_of_a_host_s_state_is_described() -> None:
    flow = evolve(for_support(), lives={"say_why": lambda policy: policy.links.life})

    assert describe(flow)["lives"] == {"say_why": "links.life"}

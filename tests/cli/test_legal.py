"""What an operator fills in for the legal pages: read, served, and told while it is empty."""

import json
from pathlib import Path

from attrs import fields

from monespace_backends.serving import legal_of
from monespace_backends.settings.service import LegalSettings, read_settings
from monespace_http import Legal

from .conftest import Call
from .stories import write_settings

_FILLED = """
legal.publisher = "Conseil de l'Ordre, exemple"
legal.address = "4 rue de l'Exemple, 00000 Exemple"
legal.contact = "contact@ordre.example"
legal.director = "Camille Exemple"
legal.hosting = "Hébergeur, 1 rue du Nuage"
legal.dpo = "dpo@ordre.example"
legal.recipients = ["Conseils départementaux"]
legal.accessibility = "partial"
legal.audit = "Audit du 2 mars 2026"
legal.gaps = ["Une liste n'est pas annoncée."]
"""


def _told(call: Call, config: Path) -> str:
    checks = json.loads(call("doctor", "--config", config, "--json").stdout)["checks"]
    return str(next(check["told"] for check in checks if check["name"] == "legal pages"))


def test_the_table_says_all_that_the_pages_name() -> None:
    """A new block must be on both sides."""
    assert [one.name for one in fields(LegalSettings)] == [one.name for one in fields(Legal)]


def test_what_is_filled_in_reaches_the_pages(tmp_path: Path) -> None:
    legal = legal_of(read_settings(write_settings(tmp_path, more=_FILLED), {}).legal)

    assert legal.publisher == "Conseil de l'Ordre, exemple"
    assert legal.accessibility == "partial"
    assert legal.recipients == ("Conseils départementaux",)
    assert legal.empty == ()


def test_the_doctor_names_what_is_still_empty(tmp_path: Path, call: Call) -> None:
    config = write_settings(
        tmp_path, more='legal.publisher = "Ordre"\nlegal.accessibility = "full"'
    )

    assert _told(call, config) == (
        "encore à remplir, et montrées ainsi : legal.address, legal.contact, legal.director, "
        "legal.hosting, legal.dpo, legal.audit"
    )


def test_the_doctor_says_when_nothing_is(tmp_path: Path, call: Call) -> None:
    assert _told(call, write_settings(tmp_path, more=_FILLED)) == "complètes"


def test_a_state_that_the_law_does_not_know_is_refused(tmp_path: Path, call: Call) -> None:
    ended = call("serve", "--config", write_settings(tmp_path, more='legal.accessibility = "good"'))

    assert ended.exit_code == 2
    assert "legal.accessibility must be one of none, partial, full" in ended.stderr

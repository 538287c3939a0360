"""`monespace access-log`: who read what, asked as one says a reference on the telephone."""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from .conftest import Call, checked
from .questions import WHY
from .stories import Told


@pytest.mark.parametrize(
    "spelt", [str.lower, lambda it: it.replace("-", "")], ids=["small", "without its dash"]
)
def test_knows_a_reference_in_any_spelling(spelt: object, told: Told, call: Call) -> None:
    """As the commands that read do: else it would say that nobody read the journey."""
    assert callable(spelt)
    call("why", told.creation, "--dir", told.path, *WHY)
    call("why", told.reset, "--dir", told.path, *WHY)

    listed = call("access-log", "--dir", told.path, "--reference", spelt(told.creation)).stdout
    assert told.creation in listed
    assert told.reset not in listed


def test_refuses_what_is_no_reference(told: Told, call: Call) -> None:
    ended = call("access-log", "--dir", told.path, "--reference", "99000000002")

    assert (ended.exit_code, ended.stdout) == (3, "")
    assert "99000000002" not in ended.stderr


def test_lists_readings_of_many_at_once(told: Told, call: Call) -> None:
    call("export", "--all", "--dir", told.path, *WHY)
    call("why", told.reset, "--dir", told.path, *WHY)

    listed = call("access-log", "--dir", told.path, "--reference", "*").stdout
    assert "export tous les parcours  essai, SD-1423" in listed
    assert told.reset not in listed


def test_who_looked_at_my_journey_names_those_who_read_all(told: Told, call: Call) -> None:
    """Their readings held it as well."""
    call("export", "--all", "--dir", told.path, *WHY)
    call("find", "--dir", told.path, "--purpose", "caller", "--ticket", "SD-1424", typed="x\n")
    call("why", told.creation, "--dir", told.path, *WHY)
    call("why", told.reset, "--dir", told.path, *WHY)
    asked = ("access-log", "--dir", told.path, "--reference", told.creation)

    listed = call(*asked).stdout.splitlines()
    assert "export tous les parcours  essai, SD-1423" in listed[0]
    assert "find   tous les parcours  appel" in listed[1]
    assert f"why    {told.creation}  essai" in "".join(listed)
    assert told.reset not in "".join(listed)
    records = checked(call(*asked, "--json").stdout)["records"]
    assert [it["reference"] for it in records] == ["*", "*", told.creation]
    told_before = " ".join(call("access-log", "--help").stdout.split())
    assert "sous le nom « tous les parcours » (en JSON : *)" in told_before


def test_says_the_hour_of_the_zone_and_fits_eighty_columns(
    told: Told, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "monespace_cli.access.log.account_of_process", lambda: "une-personne-de-l-assistance"
    )
    call("export", "--all", "--dir", told.path, "--purpose", "caller", "--ticket", "T" * 64)
    listed = call("access-log", "--dir", told.path).stdout
    (record,) = json.loads(call("access-log", "--dir", told.path, "--json").stdout)["records"]

    at = datetime.fromisoformat(record["at"]).astimezone(ZoneInfo("Europe/Paris"))
    assert listed.startswith(f"   1  {at:%d/%m/%Y %H:%M}  une-personne-de-l-assistance  export ")
    assert max(map(len, listed.splitlines())) <= 80
    assert "T" * 64 in listed

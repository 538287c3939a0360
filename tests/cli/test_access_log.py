"""`monespace access-log`: who read what, asked as one says a reference on the telephone."""

from __future__ import annotations

import pytest

from .conftest import Call
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
    assert "export *" in listed
    assert told.reset not in listed

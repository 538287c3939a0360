"""Whatever small thing is wrong in a flow, a test of what people see fails.

Each test that notices is one of those that run for themselves, on the flows as they are; none reads
the compiled flows, which are written anew when a table changes, or the text of a table.
"""

from __future__ import annotations

import inspect

import pytest

from monespace_flows.retelling.compiled import compiled_flow

from .code import CALLED
from .deciding import ROWS
from .forgetting import FORGOTTEN
from .mutant import Mutant
from .saying import OTHERS

MUTANTS = (*ROWS, *FORGOTTEN, *OTHERS, *CALLED)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda it: it.name)
def test_a_small_mistake_is_noticed(mutant: Mutant) -> None:
    """The test that is named beside it fails, and asks the compiled flows nothing."""
    asked = compiled_flow.cache_info()
    with pytest.MonkeyPatch.context() as patch:
        mutant.made.put(patch)

        with pytest.raises((Exception, pytest.fail.Exception)):
            mutant.notice()

    assert compiled_flow.cache_info() == asked


def test_who_notices_is_a_test_of_what_people_see() -> None:
    """Of the journeys or of their races, which run for themselves too."""
    homes = {inspect.getmodule(mutant.noticed_by) for mutant in MUTANTS}

    assert {getattr(home, "__package__", None) for home in homes} <= {
        "tests.journeys",
        "tests.races",
    }


def test_no_mistake_is_made_twice() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 60

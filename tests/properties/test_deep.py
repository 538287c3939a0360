"""Each screen of each flow, and there what is seldom done: the library does what the model says."""

from collections import Counter

import pytest

from monespace_flows.retelling.table import RowId

from .deep import DEPTHS, deep_walk
from .rows_taken import BEHIND_A_HIDDEN_BUTTON, all_places

pytestmark = pytest.mark.slow

SEED = 0
MORE_SEEDS = range(1, 24)
"""For ``--hypothesis-profile=search``."""

ONLY_TOLD = {
    "creation.choose_channel.send_code[2]",
    "creation.choose_credentials.activate[8]",
    "creation.choose_credentials.activate[9]",
    "creation.choose_password.choose_email[0]",
    "creation.choose_password.create[5]",
    "creation.enter_code.resend_code[1]",
    "recovery.choose_channel.send_code[2]",
    "recovery.choose_credentials.activate[10]",
    "recovery.choose_credentials.activate[12]",
    "recovery.choose_credentials.activate[9]",
    "recovery.choose_credentials.send_reset_link[0]",
    "recovery.choose_credentials.send_reset_link[1]",
    "recovery.choose_credentials.send_reset_link[2]",
    "recovery.enter_code.resend_code[1]",
    "reset.link_sent.use_link[1]",
    "settings.edit_settings.close_sessions[0]",
    "settings.edit_settings.close_sessions[1]",
    "signin.enter_credentials.sign_in[2]",
    "signin.enter_credentials.sign_in[4]",
}
"""The rows that stories alone take: the model knows no breaker of SMS, no browser that is known and
no press that ends other sessions, and some need two people in a certain order."""


def test_where_few_go_the_library_does_what_the_model_says(pytestconfig: pytest.Config) -> None:
    """S1 to S25, after each recipe; L3: no row is left out but those that only stories take."""
    searches = pytestconfig.getoption("--hypothesis-profile") == "search"
    taken: Counter[RowId] = Counter()
    for seed in (SEED, *(MORE_SEEDS if searches else ())):
        for depth in DEPTHS:
            taken += deep_walk(*depth, seed)
    left = {str(place) for place in all_places() if place not in taken}

    assert left - {str(it) for it in BEHIND_A_HIDDEN_BUTTON} <= ONLY_TOLD

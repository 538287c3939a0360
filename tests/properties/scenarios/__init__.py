"""Short stories, each one told on a stage, that together take every row of every table.

They are how the rare rows are reached for certain, and what the faults and the markers are tried
on.  What each step must answer is judged by the model and by the journeys' own tests; here only
the way is checked.
"""

from ..stage import Scenario
from . import codes, credentials, deadlines, identity, links, sessions, ways_out

__all__ = ["SCENARIOS"]

SCENARIOS: dict[str, Scenario] = {
    **identity.SCENARIOS,
    **codes.SCENARIOS,
    **credentials.SCENARIOS,
    **links.SCENARIOS,
    **sessions.SCENARIOS,
    **deadlines.SCENARIOS,
    **ways_out.SCENARIOS,
}
"""Every story by its name."""

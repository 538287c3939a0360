"""« Et si » in the console: another answer at a line, and where it would have led."""

from __future__ import annotations

import re

from starlette.responses import Response

from ..access.reading import read_reference
from ..errors import Exit, Stop
from ..support.source import open_journals
from ..support.trials import (
    SIMULATION,
    read_changes,
    refuse_accounts,
    tell_trial,
    try_out,
)
from .journey import answers_of, nearest_of
from .pages import Asked

__all__ = ["try_answer"]

_ANSWER = re.compile(r"([0-9]{1,4}):([a-z_]+=[a-z_]+)", re.ASCII)


def try_answer(asked: Asked) -> Response:
    """Tell a journey again with the answer that was chosen; nothing is sent or written."""
    place, policy = asked.place, asked.place.policy
    reference = read_reference(asked.request.path_params["reference"])
    chosen = _ANSWER.fullmatch(asked.request.query_params.get("reponse", ""))
    if chosen is None:
        raise Stop(
            Exit.USAGE, "choisissez une réponse parmi celles qui existent", "choose an answer"
        )
    asked.visit.record(place, "whatif", reference)
    with open_journals(place) as journals:
        tale = refuse_accounts(journals.tale(reference))
        cause = journals.diagnose(tale).cause_id
    changes = read_changes(tale, [(int(chosen[1]), chosen[2])])
    return asked.page(
        "trial",
        reference=reference,
        banner=SIMULATION,
        change=changes[0],
        trial=tell_trial(tale, try_out(tale, changes, {}, policy), policy),
        nearest=nearest_of(tale, cause),
        answers=answers_of(tale),
        chosen=chosen[0],
    )

"""What a person pressed, and how what came of it is told in HTTP."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from datetime import datetime

from attrs import define, field

from monespace_flows.chart import Flow
from monespace_flows.commands import Command
from monespace_flows.driver import SessionView
from monespace_flows.errors import CommandNotOffered, JourneyOver
from monespace_flows.screens import Outcome, View

__all__ = ["Press", "log_refusal", "outcome_status", "refusal_code"]

_log = logging.getLogger("monespace_http")


@define(kw_only=True)
class Press:
    """What a person pressed, how it came, and what became known on the way.

    ``token`` opens its journey; where it is empty, one of the flow is started first, under
    ``start_key`` and for ``session``: it is ``started`` from then on.  Where a page ``looks`` who
    is signed in, that is ``signed_in`` once it has looked; a flow for members goes no further
    without.  The rest is told by :meth:`Flows.submit`.
    """

    flow: Flow | None = None
    command: Command = field(repr=False)
    client: str = field(repr=False)
    token: str = field(default="", repr=False)
    reference: str | None = None
    session: str | None = field(default=None, repr=False)
    start_key: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    shown_at: datetime | None = None
    browser: str | None = field(default=None, repr=False)
    looks: bool = False
    has_looked: bool = field(default=False, init=False)
    started: View | None = field(default=None, init=False, repr=False)
    signed_in: SessionView | None = field(default=None, init=False, repr=False)


_STATUS: Mapping[Outcome, int] = {
    Outcome.ACCEPTED: 200,
    Outcome.REFUSED: 422,
    Outcome.THROTTLED: 429,
}


def outcome_status(view: View) -> tuple[int, dict[str, str]]:
    """The status of a command that was judged, and how long a throttled client must wait."""
    headers = {}
    if view.outcome is Outcome.THROTTLED:
        seconds = view.retry_after.total_seconds() if view.retry_after else 1
        headers["Retry-After"] = str(max(1, math.ceil(seconds)))
    return _STATUS[view.outcome], headers


def refusal_code(refusal: CommandNotOffered | JourneyOver) -> str:
    """The stable code of a command that was not judged at all."""
    if isinstance(refusal, CommandNotOffered):
        return "command.not_offered"
    return "journey.expired" if refusal.view.status == "expired" else "journey.over"


def log_refusal(code: str, view: View, event: str) -> None:
    """Tell why a press did nothing, since a status alone has several causes.

    Nothing of what was typed: ``event`` must be the name of one of our commands.
    """
    _log.info(
        "%s: %s in %s.%s",
        code,
        event or "nothing",
        view.flow,
        view.state,
        extra={"journey": view.reference},
    )

"""`monespace breaker`: what everybody does together, and the budget of SMS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from attrs import asdict

from ..access.log import AccessLog, AccessRecord
from ..access.place import Place, place_options
from ..access.reading import Grounds, grounds_options
from ..command import OperatorGroup
from ..errors import Exit, Stop
from ..output import print_json, print_lines, say

if TYPE_CHECKING:
    from monespace_flows.driver import Totals, Watch
    from monespace_flows.policy import TotalsPolicy

__all__ = ["breaker"]


@click.group("breaker", cls=OperatorGroup)
def breaker() -> None:
    """See what everybody does together, and let SMS leave again.

    Next: monespace breaker show --config monespace.toml
    """


@breaker.command("show")
@place_options("en")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/breaker/1).")
def show(place: Place, as_json: bool) -> None:
    """Show the counts over all journeys beside their limits, and what is in force.

    Failures are those of the last minutes (totals.failures_span of the policy), messages those
    since midnight where the site is. In slow mode every answer to a check of identity takes
    longer, and numbers lock sooner. With the breaker open, codes leave by e-mail only. Nothing
    personal is shown, so nothing is recorded.

    Examples:
        monespace breaker show --config monespace.toml
        monespace breaker show --json --dir .monespace-demo

    Next: monespace breaker close --purpose incident --ticket SD-7, if SMS are needed today.
    """
    with _watching(place) as watch:
        totals = watch.totals()
    if as_json:
        print_json("monespace/breaker/1", **asdict(totals))
    else:
        print_lines(_lines(totals, place.policy.totals))


def _lines(totals: Totals, limits: TotalsPolicy) -> list[str]:
    minutes = int(limits.failures_span.total_seconds()) // 60
    slow = f"alarm at {limits.failures_alert}, slow mode at {limits.failures_slow}"
    told = [
        ("wrong identities", totals.identity_failures, f"in {minutes} min; {slow}"),
        (
            "wrong passwords",
            totals.sign_in_failures,
            f"in {minutes} min; alarm at {limits.failures_alert}",
        ),
        ("SMS", totals.sms, f"today, of {totals.sms_per_day}"),
        ("e-mails", totals.emails, f"today; alarm at {limits.emails_per_day}"),
    ]
    return [
        *(f"{name:<18}{count:>8}  {limit}" for name, count, limit in told),
        f"{'slow mode':<18}{'on' if totals.slow_mode else 'off':>8}",
        f"{'SMS breaker':<18}{'open' if totals.sms_is_closed else 'closed':>8}",
    ]


@breaker.command("close")
@place_options("en")
@grounds_options("en")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/breaker-close/1).")
def close(place: Place, grounds: Grounds, as_json: bool) -> Exit:
    """Let codes leave by SMS again today, within a whole new budget.

    Look first why the budget was used up: monespace breaker show, and the alarms of the log. To
    allow more every day, raise totals.sms_budget of the policy instead. Purpose and ticket are
    added to the log of accesses first: where that cannot be done, nothing is changed.

    Ends with 0 when the breaker was open, 3 when SMS leave already, 4 when purpose, ticket or the
    log of accesses is refused.

    Examples:
        monespace breaker close --purpose incident --ticket SD-7 --config monespace.toml

    Next: monespace breaker show --config monespace.toml
    """
    purpose, ticket = grounds.checked("en", "close it")
    with _watching(place) as watch:
        access = _recorded(place, purpose, ticket)
        closed = watch.close_breaker()
    if as_json:
        print_json("monespace/breaker-close/1", closed=closed, access=access.seq)
    elif closed:
        print_lines(["SMS leave again, within a new budget for today."])
    if closed:
        return Exit.FINE
    say("monespace: SMS leave already")
    return Exit.NO_JOURNEY


@contextmanager
def _watching(place: Place) -> Iterator[Watch]:
    from monespace_backends.clock import SystemClock
    from monespace_backends.keyring import open_keys
    from monespace_backends.storage import open_storage
    from monespace_flows.driver import Watch

    keys, clock = place.keys(), SystemClock()
    storage = open_storage(place.database.url, **place.database.naming, pool_size=1)
    try:
        yield Watch(
            storage=storage,
            secrets=open_keys(storage, keys, clock),
            clock=clock,
            policy=place.policy,
            zone=place.zone,
        )
    finally:
        storage.close()


def _recorded(place: Place, purpose: str, ticket: str) -> AccessRecord:
    try:
        return AccessLog(place.access_log).append(
            command="breaker-close",
            reference=AccessRecord.MESSAGES,
            purpose=purpose,
            ticket=ticket,
        )
    except Stop:
        told = f"this cannot be recorded in {place.access_log}, so nothing is changed"
        raise Stop(Exit.REFUSED, f"{told}; see: monespace doctor") from None

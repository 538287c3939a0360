"""`monespace outbox listeners` and `forget`: who is told of events, and who is no more."""

from __future__ import annotations

import click

from monespace_flows.driver.queueing import forget_listener

from ..access.place import Place, place_options
from ..access.reading import Grounds, grounds_options
from ..errors import Exit
from ..output import print_json, print_lines, say
from .outbox import make_sure, opened, outbox, recorded

__all__ = ["outbox"]


@outbox.command("listeners")
@place_options("en")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/outbox-listeners/1).")
def listeners(place: Place, as_json: bool) -> None:
    """List who listens to events, and what has not reached them.

    A handler of the host or a webhook is a listener from its first start on: each event of its
    kind waits for it, even while nobody runs it, until the event is given up.

    Examples:
        monespace outbox listeners --config monespace.toml

    Next: monespace outbox forget NAME, when one is gone for good.
    """
    with opened(place) as (storage, _), storage.reading() as unit:
        everyone = unit.listeners.everyone()
        unsent = [(it.listener, it.status) for it in unit.outbox.unsent()]
    found = [
        {
            "name": it.name,
            "kind": it.kind,
            "since": it.since.isoformat(),
            "waiting": unsent.count((it.address, "waiting")),
            "failed": unsent.count((it.address, "failed")),
        }
        for it in everyone
    ]
    if as_json:
        print_json("monespace/outbox-listeners/1", listeners=found)
    elif found:
        lines = [f"{'kind':<20}{'waiting':>8}{'failed':>8}  name"]
        lines += [
            f"{it['kind']:<20}{it['waiting']:>8}{it['failed']:>8}  {it['name']}" for it in found
        ]
        print_lines(lines)
    else:
        print_lines(["Nobody listens to events."])


@outbox.command("forget")
@click.argument("name", metavar="NAME")
@place_options("en")
@grounds_options("en")
@click.option("--kind", metavar="EVENT", help="Only as a listener to this kind of event.")
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask whether you are sure.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON (monespace/outbox-forgotten/1).")
def forget(
    name: str, place: Place, grounds: Grounds, *, kind: str | None, is_sure: bool, as_json: bool
) -> Exit:
    """Forget a listener that is gone for good, and drop what waits for it.

    Where its process runs again, it is a new listener and hears of what happens from then on.
    Purpose and ticket are added to the log of accesses first: where that cannot be done, nothing
    is forgotten.

    Ends with 0 when it is forgotten, 3 when nobody listens under that name, 4 when purpose, ticket
    or the log of accesses is refused.

    Examples:
        monespace outbox forget crm --purpose incident --ticket SD-7 --config monespace.toml
        monespace outbox forget crm --kind SignedIn --yes --purpose incident --ticket SD-7

    Next: monespace outbox listeners --config monespace.toml
    """
    purpose, ticket = grounds.checked("en", "forget")
    make_sure("Forget this listener for good?", "nothing was forgotten", is_sure=is_sure)
    with opened(place) as (storage, now):
        access = recorded(place, "outbox-forget", purpose, ticket)
        with storage.writing() as unit:
            done = forget_listener(unit, name, kind, now)
    if done is None:
        say("monespace: nobody listens under that name; see: monespace outbox listeners")
        return Exit.NO_JOURNEY
    if as_json:
        print_json("monespace/outbox-forgotten/1", dropped=done, access=access.seq)
    else:
        print_lines([f"forgotten; {done} events dropped"])
    return Exit.FINE

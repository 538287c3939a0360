"""Who one is: birth date and number (C1-C5, R1-R4, D1, D3)."""

from datetime import datetime

from .times import DAY, MINUTE, locked, too_many
from .world import Held, Notices, Run, World


def submit_identity(
    world: World, run: Run, at: datetime, *, rpps: str, birth_date: str, accepted: bool
) -> Notices:
    if not accepted:
        return ("terms.required",)
    if len(rpps) != 11 or birth_date.count("/") != 2:
        return ()
    if _is_locked(world, rpps, at):
        return ("identity.throttled",)
    held, has_account = world.held.get(rpps), rpps in world.accounts
    matches = held is not None and held.admitted and held.person.birth_date == birth_date
    if matches and has_account and run.flow == "creation":
        return ("account.exists",)
    if held is None or not matches or not (held.mobile or held.email):
        world.warn(rpps, world.times("identity", rpps), at, 5)
        world.count("identity", rpps, at)
        return ("identity.unknown",)
    _remember(run, held)
    run.epoch = world.accounts[rpps].epoch if has_account else 0
    run.state = "account_found" if has_account else "choose_channel"
    return ("account.exists",) if has_account else ()


def _is_locked(world: World, rpps: str, at: datetime) -> bool:
    failures = world.times("identity", rpps)
    return locked(failures, at, 5, 15 * MINUTE, DAY) or too_many(failures, at, 10, DAY)


def _remember(run: Run, held: Held) -> None:
    reached = {channel: held.reach(channel) for channel in ("sms", "email")}
    run.contacts = {channel: to for channel, to in reached.items() if to}
    run.who, run.channel = held.person.rpps, None


def continue_recovery(_: World, run: Run, __: datetime) -> Notices:
    run.state = "choose_channel"
    return ()

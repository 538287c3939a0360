"""Codes: sent, sent again, tried (C6, C7, R4, R5, D4)."""

from datetime import datetime
from typing import Literal

from .times import CODE_LIFE, DAY, HOUR, MINUTE, RESENDS, TRIES, too_many
from .world import Notices, Run, World


def send_code(world: World, run: Run, at: datetime, *, channel: str) -> Notices:
    if channel not in run.contacts:
        return ()
    verdict = _may_send(world, run, at, channel)
    live = run.code_at is not None and run.channel == channel and at < run.code_at + CODE_LIFE
    if verdict is None or (verdict == "code.too_soon" and live):
        run.state = "enter_code"
    if verdict is None:
        _send(world, run, at, channel)
    return (verdict,) if verdict else ()


def resend_code(world: World, run: Run, at: datetime) -> Notices:
    assert run.channel is not None
    verdict = _may_send(world, run, at, run.channel)
    if verdict is None:
        _send(world, run, at, run.channel)
    return (verdict or "code.resent",)


def submit_code(
    world: World, run: Run, at: datetime, *, worth: Literal["right", "wrong", "ill-formed"]
) -> Notices:
    assert run.who is not None
    assert run.code_at is not None
    if worth == "ill-formed":
        return ()
    # A code's age is told by the clock alone, which may have been put back (FT-01).
    if not run.code_at - MINUTE <= world.now < run.code_at + CODE_LIFE:
        return ("code.expired",)
    if run.tries >= TRIES or too_many(world.times("code", run.who), world.now, 10, DAY):
        return ("code.exhausted",)
    if worth == "wrong":
        run.tries += 1
        world.count("code", run.who, at)
        return ("code.wrong", "code.exhausted") if run.tries == TRIES else ("code.wrong",)
    fixed = run.flow == "creation" and run.channel == "email"
    run.state = "choose_password" if fixed else "choose_credentials"
    run.code_at = None
    return ()


def _may_send(world: World, run: Run, at: datetime, channel: str) -> str | None:
    assert run.who is not None
    held = world.held[run.who]
    if not held.admitted or held.reach(channel) != run.contacts[channel]:
        return "identity.unknown"
    sends = world.times("send", run.who)
    used_up = len(run.sent) > len(RESENDS)
    if used_up or too_many(sends, at, 5, HOUR) or too_many(sends, at, 10, DAY):
        return "send.exhausted"
    by_channel = [time for by, time in run.sent if by == channel]
    if by_channel and at < max(by_channel) + RESENDS[len(run.sent) - 1]:
        return "code.too_soon"
    return None


def _send(world: World, run: Run, at: datetime, channel: str) -> None:
    assert run.who is not None
    run.channel, run.code_at, run.tries = channel, at, 0
    run.sent.append((channel, at))
    run.login = run.contacts["email"] if channel == "email" else None
    world.count("send", run.who, at)
    world.mail["code", run.contacts[channel]] += 1

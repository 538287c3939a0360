"""What everybody together does: counted in the store, so that all processes share one count.

An attack that spares each doctor and each address shows only here (BF-04, SD-03, SD-08).  Each
count is a line of its own: no step waits for another one's.  What is asked of a count is whether
its n-th newest line lies in a span: never more lines are read than a limit has.
"""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from typing import Any

from attrs import frozen

from ...effects import Budget
from ...events import Alarm, AlarmKind
from ...facts import Channel
from ...policy import Policy
from ...ports import Unit
from ...rules.waits import DAY
from ..case import Case
from .base import EffectContext

__all__ = ()

_FAILURES = {
    Budget.IDENTITY: ("identity", AlarmKind.IDENTITY_FAILURES),
    Budget.PASSWORD: ("password", AlarmKind.SIGN_IN_FAILURES),
}
_CODES, _VERIFIED = "code", "verified"
_SMS, _EMAIL = Channel.SMS.value, Channel.EMAIL.value
_NEARLY = 50
"""So many places before the end of the day's budget sends take turns: none slips through."""
_CLOCKS = timedelta(minutes=1)
"""What the clocks of several machines may differ by; what is later was counted by a wrong one."""


@frozen(kw_only=True)
class Totals:
    """What everybody did: failures in ``TotalsPolicy.failures_span``, messages since midnight."""

    identity_failures: int
    sign_in_failures: int
    slow_mode: bool
    sms: int
    sms_per_day: int
    sms_is_closed: bool
    emails: int


def read_totals(unit: Unit, policy: Policy, zone: tzinfo, now: datetime) -> Totals:
    """Read all counts, for who watches over the service."""
    span, day = now - policy.totals.failures_span, _midnight(zone, now)

    def count(name: str, since: datetime) -> int:
        return unit.budgets.count(Budget.TOTAL, name, since, now + _CLOCKS)

    return Totals(
        identity_failures=count("identity", span),
        sign_in_failures=count("password", span),
        slow_mode=is_slow(unit, policy, now),
        sms=count(_SMS, day),
        sms_per_day=policy.totals.sms_per_day,
        sms_is_closed=bool(closed_channels(unit, zone, now)),
        emails=count(_EMAIL, day),
    )


# --- what is judged by them ----------------------------------------------------------------------


def is_slow(unit: Unit, policy: Policy, now: datetime) -> bool:
    """Whether so many wrong pairs came lately that checks of identity are slowed for everybody."""
    return _is_on(unit, AlarmKind.SLOW_MODE, now - DAY, now) and _reached(
        unit, "identity", now, now - policy.totals.failures_span, policy.totals.failures_slow
    )


def closed_channels(unit: Unit, zone: tzinfo, now: datetime) -> frozenset[Channel]:
    """By which channels no code leaves today."""
    is_closed = _is_on(unit, AlarmKind.SMS_BUDGET, _midnight(zone, now), now)
    return frozenset({Channel.SMS} if is_closed else ())


def may_send_sms(case: Case[Any], unit: Unit) -> bool:
    """Whether one more SMS is within the day's budget; asked in the transaction that counts it."""
    most, day = case.policy.totals.sms_per_day, _midnight(case.site.zone, case.at)
    if closed_channels(unit, case.site.zone, case.at):
        return False
    if not _reached(unit, _SMS, case.at, day, most - _NEARLY):
        return True
    unit.lock("total:sms")
    return not _reached(unit, _SMS, case.at, day, most)


def _reached(unit: Unit, name: str, now: datetime, since: datetime, most: int) -> bool:
    until = now + _CLOCKS
    return most <= 0 or unit.budgets.nth(Budget.TOTAL, name, since, until, most) is not None


def _midnight(zone: tzinfo, now: datetime) -> datetime:
    """When the day began where the site is; never longer ago than counts are kept."""
    local = now.astimezone(zone)
    return max(local.replace(hour=0, minute=0, second=0, microsecond=0), now - DAY)


# --- what is counted, and what is told of it -----------------------------------------------------


def count_failure(context: EffectContext[Any], budget: Budget) -> None:
    """Count a failure of somebody as one of everybody."""
    if budget not in _FAILURES:
        return
    name, kind = _FAILURES[budget]
    case, policy = context.case, context.case.policy.totals
    context.unit.budgets.add(Budget.TOTAL, name, case.at)
    limits = {kind: policy.failures_alert}
    if budget is Budget.IDENTITY:
        limits[AlarmKind.SLOW_MODE] = policy.failures_slow
    for each, most in limits.items():
        since = case.at - policy.failures_span
        _judge(context, each, is_high=_reached(context.unit, name, case.at, since, most))


def count_message(context: EffectContext[Any], channel: str) -> None:
    """Count a message that was queued; one that goes nowhere costs the same work as an e-mail."""
    case, policy = context.case, context.case.policy.totals
    is_sms = channel == _SMS
    name, kind, most = (
        (_SMS, AlarmKind.SMS_BUDGET, policy.sms_per_day)
        if is_sms
        else (_EMAIL, AlarmKind.EMAIL_VOLUME, policy.emails_per_day)
    )
    context.unit.budgets.add(Budget.TOTAL, name, case.at)
    day = _midnight(case.site.zone, case.at)
    _judge(context, kind, is_high=_reached(context.unit, name, case.at, day, most))


def count_code(context: EffectContext[Any]) -> None:
    """Count a code that was sent, and see how many of the older ones came back."""
    case, policy, unit = context.case, context.case.policy.totals, context.unit
    unit.budgets.add(Budget.TOTAL, _CODES, case.at)
    until = case.at - case.policy.codes.life  # those after it may still be typed
    oldest = unit.budgets.nth(
        Budget.TOTAL, _CODES, case.at - DAY, until, policy.conversion_sends
    )  # fmt: skip
    least = -(-policy.conversion_sends * policy.conversion_percent // 100)
    is_low = oldest is not None and not _reached(unit, _VERIFIED, case.at, oldest, least)
    _judge(context, AlarmKind.CONVERSION, is_high=is_low)


def count_verified(unit: Unit, now: datetime) -> None:
    """Count a code that was typed rightly."""
    unit.budgets.add(Budget.TOTAL, _VERIFIED, now)


def _since(kind: AlarmKind, zone: tzinfo, now: datetime) -> datetime:
    """Since when an alarm counts as one of the same episode."""
    daily = kind in (AlarmKind.SMS_BUDGET, AlarmKind.EMAIL_VOLUME)
    return _midnight(zone, now) if daily else now - DAY


def _raised(unit: Unit, kind: AlarmKind, now: datetime) -> datetime | None:
    long_ago = now - 3 * DAY
    return unit.budgets.nth(Budget.ALARM, kind.value, long_ago, now + _CLOCKS, 1)


def _is_on(unit: Unit, kind: AlarmKind, since: datetime, now: datetime) -> bool:
    raised = _raised(unit, kind, now)
    return raised is not None and raised >= since


def _judge(context: EffectContext[Any], kind: AlarmKind, *, is_high: bool) -> None:
    """Tell that an episode begins or is over, once; only its edges take a lock."""
    case, unit = context.case, context.unit
    since, raised = _since(kind, case.site.zone, case.at), _raised(unit, kind, case.at)
    is_on = raised is not None and raised >= since
    if is_high is is_on and (is_on or raised is None):
        return
    unit.lock(f"alarm:{kind.value}")
    if _raised(unit, kind, case.at) != raised:
        return  # another step was first to tell
    unit.budgets.clear(Budget.ALARM, (kind.value,))
    if is_high:
        unit.budgets.add(Budget.ALARM, kind.value, case.at)
    told = Alarm(
        id=f"{context.key}-{kind.value}", at=case.at, kind=kind, is_over=not is_high
    )  # fmt: skip
    context.events.append(told)


def close_breaker(unit: Unit, now: datetime) -> Alarm | None:
    """Let codes leave by SMS again, with a whole budget; ``None`` when they do already."""
    unit.lock("total:sms")
    unit.lock(f"alarm:{AlarmKind.SMS_BUDGET.value}")
    if _raised(unit, AlarmKind.SMS_BUDGET, now) is None:
        return None
    unit.budgets.clear(Budget.ALARM, (AlarmKind.SMS_BUDGET.value,))
    unit.budgets.clear(Budget.TOTAL, (_SMS,))
    return Alarm(
        id=f"closed-{now:%Y%m%dT%H%M%S%f}", at=now, kind=AlarmKind.SMS_BUDGET, is_over=True
    )

"""Rules that a host does not keep yet, and says so: why, and until when."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

from attrs import frozen

from .rules import RULES

__all__ = ()


@frozen(kw_only=True)
class Waiver:
    """One rule that is not kept; it counts up to ``until``, that day included."""

    rule: str
    reason: str
    until: date


class WaiversInvalid(ValueError):
    """A file of waivers cannot be used; the message says which of them, and what to write."""


def read_waivers(text: str) -> tuple[Waiver, ...]:
    """Read waivers: tables ``[[waiver]]`` with ``rule``, ``reason`` and ``until``, a date.

    Raises:
        WaiversInvalid: one lacks something, or names no rule, or a rule that another names.
        ValueError: it is not TOML.
    """
    found: dict[str, Waiver] = {}
    for place, table in enumerate(tomllib.loads(text).get("waiver", ()), start=1):
        waiver = _read(table, f"waiver {place}")
        if waiver.rule in found:
            raise WaiversInvalid(f"waiver {place}: {waiver.rule} has one already")
        found[waiver.rule] = waiver
    return tuple(found.values())


def _read(table: dict[str, Any], where: str) -> Waiver:
    if not set(table) <= {"rule", "reason", "until"}:
        raise WaiversInvalid(f"{where}: it has rule, reason and until, and nothing else")
    rule, reason, until = (table.get(name) for name in ("rule", "reason", "until"))
    if rule not in RULES:
        raise WaiversInvalid(f"{where}: rule must be a number of a rule, as PORT-STORAGE-01")
    if not isinstance(reason, str) or not reason.strip():
        raise WaiversInvalid(f"{where}: reason must say why {rule} is not kept")
    if type(until) is not date:
        raise WaiversInvalid(f"{where}: until must be a date, as 2027-01-31")
    return Waiver(rule=rule, reason=reason, until=until)

"""The rules as classes for pytest, a test a rule; nothing of pytest is needed to make them.

A host derives from one of them, and gives a fixture ``make``, which returns what makes fresh ports.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import ClassVar
from unittest import SkipTest

from .asking import End, ask, describe, rules_of
from .candidate import Make
from .rules import Rule
from .waivers import Waiver

__all__ = ()


class Contract:
    """What the classes of all ports have in common.

    Attributes:
        waivers: the rules that are not kept yet.
    """

    waivers: ClassVar[Sequence[Waiver]] = ()
    _rules: ClassVar[Sequence[Rule]] = ()

    def __init_subclass__(cls, *, port: str | None = None) -> None:
        """Give a class a test for each rule of its port."""
        if port is None:
            return
        cls._rules = rules_of([port])
        for rule in cls._rules:
            setattr(cls, _named(rule), _test(rule))

    def test_no_rule_is_left_out(self, make: Make) -> None:
        """A test that was taken out or written over needs a waiver that has not ended."""
        del make  # asked for as by all others, so that a class can be parametrized as a whole
        today = _today()
        ours = {rule.number for rule in self._rules}
        waived = {waiver.rule for waiver in self.waivers if today <= waiver.until}
        left_out = [
            rule.number
            for rule in self._rules
            if getattr(getattr(type(self), _named(rule), None), "rule", None) is not rule
            and rule.number not in waived
        ]

        if left_out:
            raise AssertionError(f"taken out or written over: {', '.join(left_out)}")
        if waived - ours:
            raise AssertionError(f"waived, and no rule of this port: {', '.join(waived - ours)}")


def _named(rule: Rule) -> str:
    return f"test_{rule.number.lower().replace('-', '_')}"


def _test(rule: Rule) -> Callable[[Contract, Make], None]:
    def test(self: Contract, make: Make) -> None:
        outcome = ask(make, rule, self.waivers, _today())
        if outcome.end is End.BROKEN:
            raise AssertionError("\n".join(describe(outcome)))
        if outcome.end is not End.KEPT:
            raise SkipTest(f"{rule.number} {outcome.end.value}: {outcome.told}")

    test.__doc__ = rule.sentence
    test.rule = rule  # type: ignore[attr-defined]  # read by the test that none was written over
    return test


def _today() -> date:
    return datetime.now(UTC).date()  # noqa: TID251 - a waiver ends on a day of those who test


class StorageContract(Contract, port="storage"):
    """The rules of :class:`~monespace_flows.ports.Storage`."""


class RegistryContract(Contract, port="registry"):
    """The rules of :class:`~monespace_flows.ports.Registry`."""


class SecretsContract(Contract, port="secrets"):
    """The rules of :class:`~monespace_flows.ports.Secrets`."""


class PasswordsContract(Contract, port="passwords"):
    """The rules of :class:`~monespace_flows.ports.Passwords`."""


class EmailsContract(Contract, port="emails"):
    """The rules of :class:`~monespace_flows.ports.Emails`."""


class MessagingContract(Contract, port="messaging"):
    """The rules of :class:`~monespace_flows.ports.Messaging`."""


class ClockContract(Contract, port="clock"):
    """The rules of :class:`~monespace_flows.ports.Clock`."""

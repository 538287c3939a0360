"""Failures counted against a person, and forgotten when the work is done (``D4``)."""

from __future__ import annotations

from ...effects import Budget, ClearFailures, CountFailure
from .base import EffectContext, Executors, Findings

__all__ = ["EXECUTORS"]


def _count_failure(context: EffectContext[Findings], effect: CountFailure) -> None:
    found = context.found
    digests = found.email_digests if effect.budget is Budget.PASSWORD else found.subjects
    context.unit.budgets.add(effect.budget, digests[0], context.case.at)


def _clear_failures(context: EffectContext[Findings], _: ClearFailures) -> None:
    for budget in (Budget.IDENTITY, Budget.CODE, Budget.EMAIL):
        context.unit.budgets.clear(budget, context.found.subjects)


EXECUTORS: Executors = {CountFailure: _count_failure, ClearFailures: _clear_failures}

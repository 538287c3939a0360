"""What somebody outside sees: the rows of each commit, the messages, and what people are answered.

It remembers what people did and were told, and knows nothing of how the library decides.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from attrs import define, field, frozen

from monespace_flows import Flows
from monespace_flows.ports import Account, Message
from monespace_flows.serialization import from_json
from monespace_flows.testing import MemoryPasswords, MemorySecrets

from .ports import Change
from .scheduler import Scheduler

__all__ = ["CHANGED", "Commit", "Op", "Sent", "Violation", "Witness"]


@define(eq=False)
class Op:
    """One thing that somebody does, from the call to its answer."""

    who: str
    what: str
    reference: str = ""
    key: str | None = None
    password: str = ""
    since: timedelta = timedelta(0)


@frozen
class Sent:
    """A message that was queued, as it may be read by who has the keys."""

    message: Message
    reference: str | None
    since: timedelta
    until: timedelta


@frozen
class Violation:
    """What should never be, and where: the same seed and world come to it again."""

    world: int
    step: int
    rule: str
    told: str


@frozen
class Commit:
    """The rows that one commit changed, by table, and for whom."""

    changes: dict[str, list[Change]]
    op: Op

    def of(self, table: str) -> list[Change]:
        return self.changes.get(table, [])


CHANGED = {"created", "recovered", "password_changed"}

Rule = Callable[["Witness", Commit], Iterator[str]]


@define(eq=False)
class Witness:
    """Looks at everything from outside."""

    world: int
    scheduler: Scheduler
    secrets: MemorySecrets
    passwords: MemoryPasswords
    rules: dict[str, Rule]
    flows: Flows = field(init=False)
    elapsed: timedelta = timedelta(0)
    checked: Counter[str] = field(factory=Counter)
    violations: list[Violation] = field(factory=list)
    ops: dict[str, Op] = field(factory=dict)
    renewed: set[str | None] = field(factory=set)
    typed: dict[str, set[str]] = field(factory=lambda: defaultdict(set))
    named: dict[str, set[str]] = field(factory=lambda: defaultdict(set))
    held: dict[str, set[str]] = field(factory=lambda: defaultdict(set))
    sent: list[Sent] = field(factory=list)
    codes: dict[str, list[Sent]] = field(factory=lambda: defaultdict(list))
    proved: dict[str, Sent] = field(factory=dict)
    states: dict[str, set[str]] = field(factory=lambda: defaultdict(set))
    accounts: dict[str, Account] = field(factory=dict)
    gone: set[str] = field(factory=set)
    rows: dict[str, dict[str, Any]] = field(
        factory=lambda: {"sessions": {}, "links": {}, "journeys": {}}
    )
    put_back: timedelta | None = None
    rpps_of: dict[str, str] = field(factory=dict)
    lines: dict[str, list[str]] = field(factory=lambda: defaultdict(list))
    pressed: dict[str, str | None] = field(factory=dict)
    used: dict[str, set[str | None]] = field(factory=lambda: defaultdict(set))
    delivered: dict[str, Message] = field(factory=dict)
    missed: dict[str, set[str | None]] = field(factory=lambda: defaultdict(set))
    private: set[str] = field(factory=set)

    @property
    def op(self) -> Op:
        """What is being done now."""
        return self.ops.setdefault(self.scheduler.actor, Op(self.scheduler.actor, "nothing"))

    @contextmanager
    def doing(self, op: Op) -> Iterator[Op]:
        """Note what is done, and since when."""
        op.since = self.elapsed
        self.ops[op.who] = op
        self.private.update({op.password} if len(op.password) > 14 else ())
        try:
            yield op
        finally:
            self.ops.pop(op.who, None)

    def expect(self, rule: str, holds: object, told: str) -> None:
        """Check one thing."""
        self.checked[rule] += 1
        if not holds:
            self.violations.append(Violation(self.world, self.scheduler.step, rule, told))
            self.scheduler.is_over = True

    def see(self, changes: list[Change]) -> None:
        """Look at a commit: first by what was known before it, then remember it."""
        by_table: dict[str, list[Change]] = defaultdict(list)
        for change in changes:
            by_table[change.table].append(change)
        commit = Commit(dict(by_table), self.op)
        self.remember(commit)
        for name, rule in self.rules.items():
            self.checked[name] += 1
            for told in rule(self, commit):
                self.expect(name, False, told)

    def remember(self, commit: Commit) -> None:
        for it in commit.of("accounts"):
            self._remember_account(it)
        for table, rows in self.rows.items():
            for it in commit.of(table):
                rows.pop(it.key, None)
                rows.update({it.key: it.after} if it.after is not None else {})
        for it in commit.of("outbox"):
            if it.before is None and it.after.channel in ("sms", "email"):
                self._remember_message(it.after, commit.op)
        for it in commit.of("journal"):
            if it.after is not None:
                self.lines[it.key[0]].append(it.after.text)
        for it in commit.of("journeys"):
            if it.after is not None:
                self.states[it.key].add(it.after.journey.state)

    def _remember_account(self, it: Change) -> None:
        if it.after is None:
            del self.accounts[it.key]
            self.gone.add(it.key)
            return
        self.accounts[it.key] = it.after
        self.rpps_of[it.key] = self.secrets.unseal(it.after.sealed_rpps)

    def _remember_message(self, queued: Any, op: Op) -> None:
        message = from_json(self.secrets.unseal(queued.sealed), Message)
        sent = Sent(message, queued.journey, op.since, self.elapsed)
        self.sent.append(sent)
        if message.purpose == "code":
            self.codes[queued.journey].append(sent)

    # --- what is seen elsewhere ------------------------------------------------------------------

    def leaves(self, message: Message) -> None:
        """A message is handed over; again perhaps, and then the very same."""
        before = self.delivered.setdefault(message.id, message)
        self.expect("a message that leaves twice is the same", before == message, message.id)

    def answered(self, op: Op, view: Any) -> None:
        """A press was answered: what is told is kept."""
        kept, told = self.states[view.reference], [it.id for it in view.notices]
        self.expect(
            "what is answered is kept",
            view.state in kept,
            f"{view.reference} answers {view.state}, was in {sorted(kept)}",
        )
        if op.password and (view.state in CHANGED or "settings.saved" in told):
            self.expect(
                "a password that is confirmed is kept", op.key in self.renewed, f"{op.what} is lost"
            )
        if "code.wrong" in told:
            self.missed[view.reference].add(op.key)
            tries = self.flows.policy.codes.tries * len(self.codes[view.reference])
            misses = len(self.missed[view.reference])
            self.expect(
                "a code is tried so often and no more",
                misses <= tries,
                f"{view.reference}: {misses} wrong codes told, {tries} allowed",
            )

    def opened(self, token: str, key: str | None) -> None:
        """A link was used."""
        self.used[token].add(key)
        self.expect(
            "a link is used once", len(self.used[token]) == 1, f"{self.used[token]} by one link"
        )

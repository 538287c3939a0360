"""One act beside all that the witness knows of before."""

from __future__ import annotations

from collections.abc import Callable

from attrs import field, frozen

from ..policy import Policy
from ..rules.waits import DAY
from .book import Book, Order, Run, Seen, Sent

__all__ = ()

Strong = Callable[[str], bool]


@frozen(kw_only=True)
class Case:
    """One act beside what is known of before."""

    order: Order = field(repr=False)
    policy: Policy = field(repr=False)
    is_strong: Strong = field(repr=False)
    answers: dict[tuple[str, str], object] = field(repr=False)
    book: Book
    seen: Seen
    run: Run

    @property
    def newest(self) -> Sent | None:
        """The newest code of the journey."""
        return self.run.codes[-1] if self.run.codes else None

    @property
    def is_right_code(self) -> bool:
        """Whether the code typed is the newest, unused, in time, and may still be tried."""
        sent, seen, codes = self.newest, self.seen, self.policy.codes
        return (
            sent is not None
            and sent.letter.value == seen.typed("code")
            and not sent.used
            and seen.at < sent.letter.at + codes.life
            and not self.is_missed_out
        )

    @property
    def is_missed_out(self) -> bool:
        """Whether the newest code, or its reader, missed too often."""
        codes, at = self.policy.codes, self.seen.at
        today = [time for who, time in self.book.misses if who == self.run.who and time > at - DAY]
        spent = self.newest is not None and self.newest.misses >= codes.tries
        return spent or len(today) >= codes.failures_per_day

    @property
    def is_late(self) -> bool:
        """Whether the page, or what is typed on it, was over."""
        page, at = self.seen.page, self.seen.at
        ends = (page.expires_at, page.erase_after) if page is not None else ()
        return any(end is not None and at >= end for end in ends)

    @property
    def is_over(self) -> bool:
        """Whether the journey was over."""
        page = self.seen.page
        return page is not None and self.seen.at >= page.expires_at

    @property
    def is_locked(self) -> bool:
        """Whether the number that is typed was mistyped so often that it waits."""
        identity, seen = self.policy.identity, self.seen
        who = seen.typed("rpps")
        times = [at for rpps, at in self.book.wrong_pairs if rpps == who and at > seen.at - DAY]
        growth = 2 ** max(0, len(times) - identity.failures)
        wait = min(identity.lock * growth, identity.lock_ceiling)
        return len(times) >= identity.failures and seen.at < times[-1] + wait

    @property
    def who(self) -> str | None:
        """Whose journey it is: who typed the pair, or whose session it is."""
        account = dict(self.book.sessions).get(self.seen.session or "", "")
        holder = self.seen.before.get(account)
        return self.run.who or (holder.owner if holder is not None else None)

    def reaches(self, to: str, who: str | None) -> bool:
        """Whether the Order knows this number or address as somebody's."""
        known = self.order.get(who or "")
        return known is not None and to in (known[1].mobile, known[1].email)

    def same_answer(self, kind: tuple[str, str], answer: object) -> bool:
        """Whether all that may not be told apart was answered alike so far."""
        return self.answers.setdefault(kind, answer) == answer


def confirmed(seen: Seen) -> bool:
    """Whether all that is typed twice was typed the same."""
    return all(
        seen.typed(name).lower() == seen.typed(f"{name}_confirmation").lower()
        for name in ("email", "password")
        if hasattr(seen.command, f"{name}_confirmation")
    )

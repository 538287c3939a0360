"""The witness's own book: what was typed, sent, opened and shown, and so what each person proved.

Nothing in it comes from a journey, its chart or its facts: a book that copied those would be wrong
wherever they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import evolve, field, frozen

from ..commands import Command
from ..ports import Doctor
from ..screens import View

__all__ = ()

CRASHED = "crashed: "
"""How the name of an error begins that is nobody's refusal."""

ERASED = "entry.erased"
"""The notice that says of what was typed that it was not looked at."""


@frozen(kw_only=True)
class AccountSeen:
    """An account as an operator finds it; ``address`` is in small letters, empty if it has none."""

    id: str
    owner: str = field(repr=False)
    address: str = field(repr=False)
    password: str = field(repr=False)
    is_open: bool
    terms_version: str
    terms_at: datetime


Accounts = Mapping[str, AccountSeen]


@frozen(kw_only=True)
class Letter:
    """What somebody received; ``value`` is the code or the link's token in it."""

    value: str = field(repr=False)
    to: str = field(repr=False)
    channel: str
    purpose: str
    at: datetime


@frozen(kw_only=True)
class Sent:
    """A code that a journey sent: how often it was missed, and whether it was taken."""

    letter: Letter
    misses: int = 0
    used: bool = False


@frozen(kw_only=True)
class SentLink:
    """A reset link, and the account as it was when the link was written."""

    letter: Letter
    account: AccountSeen
    used: bool = False


@frozen(kw_only=True)
class Run:
    """What one browser's journey has shown of its person.

    ``who`` typed the number and the birth date that belong together, with the box ticked; ``had``
    is the account that they had then.  ``proved`` is the code that they read.  ``link`` is one
    they opened.
    """

    who: str | None = field(default=None, repr=False)
    had: AccountSeen | None = None
    codes: tuple[Sent, ...] = ()
    proved: Letter | None = None
    link: SentLink | None = None


@frozen(kw_only=True)
class Book:
    """Everything written down so far.

    ``wrong_pairs`` and ``misses`` are by RPPS number, ``sends`` by destination; ``passwords`` are
    those that open accounts, as they were typed; ``sessions`` are tokens and their account.
    """

    runs: Mapping[str, Run] = field(factory=dict)
    links: tuple[SentLink, ...] = ()
    wrong_pairs: tuple[tuple[str, datetime], ...] = ()
    misses: tuple[tuple[str, datetime], ...] = ()
    sends: tuple[tuple[str, datetime], ...] = ()
    passwords: Mapping[str, str] = field(factory=dict, repr=False)
    sessions: tuple[tuple[str, str], ...] = field(default=(), repr=False)


@frozen(kw_only=True)
class Seen:
    """One act, and all that an onlooker saw of it.

    ``browser`` did it; ``act`` is the command's event, or what was done beside journeys.  ``page``
    was on the screen before and ``view`` is now; ``refused`` names the error, if it was one.
    ``rest`` stands for all that is stored beside accounts and journeys.  ``dead`` are those of the
    book's sessions that open nothing any more, ``asked`` how often the registry was asked.
    """

    browser: str
    act: str
    at: datetime
    command: Command | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    page: View | None = None
    view: View | None = None
    refused: str = ""
    session: str | None = field(default=None, repr=False)
    letters: tuple[Letter, ...] = ()
    before: Accounts = field(factory=dict, repr=False)
    after: Accounts = field(factory=dict, repr=False)
    rest: tuple[object, object] = (None, None)
    dead: frozenset[str] = field(default=frozenset(), repr=False)
    asked: int = 0

    @property
    def is_judged(self) -> bool:
        """Whether what was typed was looked at at all."""
        return self.view is not None and not self.refused and ERASED not in self.said

    @property
    def said(self) -> frozenset[str]:
        """The ids of the notices that the answer shows."""
        return frozenset(it.id for it in self.view.notices) if self.view else frozenset()

    @property
    def took_code(self) -> bool:
        """Whether a code was typed, and its screen is behind the person now."""
        return (
            self.act == "submit_code"
            and self.is_judged
            and shows_code(self.page)
            and not shows_code(self.view)
            and self.view is not None
            and self.view.status != "expired"
        )

    @property
    def fresh(self) -> tuple[AccountSeen, ...]:
        """The accounts that there were not."""
        return tuple(it for it in self.after.values() if it.id not in self.before)

    @property
    def changed(self) -> tuple[tuple[AccountSeen, AccountSeen], ...]:
        """The accounts that are not as they were: before, and after."""
        pairs = ((self.before.get(it.id, it), it) for it in self.after.values())
        return tuple((was, now) for was, now in pairs if was != now)

    @property
    def new_passwords(self) -> tuple[AccountSeen, ...]:
        """The accounts that another password opens."""
        changed = tuple(now for was, now in self.changed if was.password != now.password)
        return (*self.fresh, *changed)

    def typed(self, name: str) -> str:
        """What was typed into a field, if the act has one."""
        return str(getattr(self.command, name, ""))


def shows_code(view: View | None) -> bool:
    """Whether a page asks for a code."""
    return view is not None and any(it.kind == "code" for it in view.screen.fields)


Order = Mapping[str, tuple[str, Doctor]]
"""Whom the Order knows: by RPPS number, the birth date as it is typed, and the record."""


def right_pair(order: Order, seen: Seen) -> bool:
    """Whether the number and the birth date that were typed are one doctor's."""
    known = order.get(seen.typed("rpps"))
    return known is not None and known[0] == seen.typed("birth_date")


def note(book: Book, seen: Seen, order: Order) -> Book:
    """Write down what an act showed."""
    run = book.runs.get(seen.browser, Run())
    if seen.is_judged and seen.act == "submit_identity":
        book, run = _note_pair(book, run, seen, order)
    elif seen.is_judged and seen.act == "submit_code":
        book, run = _note_code(book, run, seen)
    elif seen.is_judged and seen.act == "back":
        run = evolve(run, proved=None)
    elif seen.is_judged and seen.act == "use_link":
        run = evolve(run, link=link_of(book, seen.token))
    book, run = _note_letters(book, run, seen)
    if run.who in {it.owner for it in seen.new_passwords}:
        book = evolve(
            book,
            wrong_pairs=tuple(it for it in book.wrong_pairs if it[0] != run.who),
            misses=tuple(it for it in book.misses if it[0] != run.who),
        )
    passwords = {key: it for key, it in book.passwords.items() if key in seen.after}
    passwords |= {it.id: seen.typed("password") for it in seen.new_passwords}
    sessions = tuple(it for it in book.sessions if it[0] not in seen.dead)
    opened = seen.view.session if seen.view and not seen.refused else None
    if opened is not None and opened not in dict(sessions):
        sessions = (*sessions, (opened, whose_session(book, run, seen)))
    return evolve(
        book,
        runs={**book.runs, seen.browser: run},
        passwords=passwords,
        sessions=sessions,
    )


def link_of(book: Book, token: str | None) -> SentLink | None:
    """The reset link of a token, if it was ever sent."""
    return next((it for it in book.links if it.letter.value == token), None)


def whose_session(book: Book, run: Run, seen: Seen) -> str:
    """The account that whoever is handed a session has shown to be theirs, or nothing."""
    if seen.act == "sign_in":
        typed = seen.typed("email").lower()
        found = (it for it in seen.after.values() if it.address == typed)
        return next((it.id for it in found if right_password(book, seen, it.id)), "")
    if run.link is not None:
        return run.link.account.id
    return dict(book.sessions).get(seen.session or "", "")


def right_password(book: Book, seen: Seen, account: str) -> bool:
    """Whether the present password was typed."""
    typed = seen.typed("current_password") or seen.typed("password")
    return book.passwords.get(account) == typed


def _note_pair(book: Book, run: Run, seen: Seen, order: Order) -> tuple[Book, Run]:
    rpps = seen.typed("rpps")
    agreed = bool(getattr(seen.command, "accept_terms", False))
    if not agreed or seen.view is None or seen.view.retry_after is not None:
        return book, run
    if right_pair(order, seen):
        had = next((it for it in seen.before.values() if it.owner == rpps), None)
        return book, Run(who=rpps, had=had)
    if "identity.unknown" in seen.said:
        book = evolve(book, wrong_pairs=(*book.wrong_pairs, (rpps, seen.at)))
    return book, Run()


def _note_code(book: Book, run: Run, seen: Seen) -> tuple[Book, Run]:
    told = seen.took_code or "code.wrong" in seen.said
    if not (told and run.codes):
        return book, run
    newest = run.codes[-1]
    if seen.took_code:
        used = (*run.codes[:-1], evolve(newest, used=True))
        return book, evolve(run, proved=newest.letter, codes=used)
    missed = evolve(newest, misses=newest.misses + 1)
    misses = (*book.misses, (run.who or "", seen.at))
    return evolve(book, misses=misses), evolve(run, codes=(*run.codes[:-1], missed))


def _note_letters(book: Book, run: Run, seen: Seen) -> tuple[Book, Run]:
    for letter in seen.letters:
        if letter.purpose == "code":
            run = evolve(run, codes=(*run.codes, Sent(letter=letter)))
            book = evolve(book, sends=(*book.sends, (letter.to, letter.at)))
        elif letter.purpose == "reset_link":
            owner = next(it for it in seen.before.values() if it.address == letter.to.lower())
            book = evolve(book, links=(*book.links, SentLink(letter=letter, account=owner)))
    if seen.act == "use_link" and seen.is_judged:
        used = tuple(
            evolve(it, used=True) if it.letter.value == seen.token else it for it in book.links
        )
        book = evolve(book, links=used)
    return book, run

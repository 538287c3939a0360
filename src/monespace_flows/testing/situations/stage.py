"""Where a walk takes place: a sandbox that can go back to any moment, and a seat for the witness.

Every act is a call of the public :class:`~monespace_flows.Flows` on memory ports: what is explored
is what is served.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from attrs import evolve, field, frozen

from ...chart import Flow
from ...commands import Command, UseLink
from ...driver import Flows
from ...errors import CommandNotOffered, JourneyOver, MonespaceError
from ...journal.export import StoredJournal
from ...policy import Policy
from ...ports import Account, RegistryAnswer
from ...screens import View
from ...verify.book import CRASHED, AccountSeen, Book, Letter, Order, Seen
from ..memory import MemoryStorage
from ..registry import MemoryRegistry
from ..sandbox import Sandbox
from ..tables import Mark
from .worlds import PASSWORDS, World

__all__ = ()


@frozen(kw_only=True)
class Hand:
    """What a browser holds: the page on its screen, its tokens, and the journeys still to begin."""

    page: View | None = None
    token: str = field(default="", repr=False)
    session: str | None = field(default=None, repr=False)
    flows: tuple[str, ...] = ()


Marks = Mapping[str, Mark[Any, Any]]


@frozen(kw_only=True)
class Moment:
    """A situation: all that is stored, when, what each browser holds, and the witness's book."""

    marks: Marks = field(repr=False)
    at: datetime
    hands: Mapping[str, Hand]
    book: Book = field(repr=False)
    waits: int


@frozen
class Act:
    """One thing that somebody does; ``what`` says how, for who reads a finding."""

    browser: str
    event: str
    what: str = ""
    command: Command | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    at: datetime | None = None

    def __str__(self) -> str:
        return f"{self.browser}: {self.event}" + (f" ({self.what})" if self.what else "")


class _Asked(MemoryRegistry):
    """A registry that counts how often a pair was asked about."""

    def __init__(self, registry: MemoryRegistry) -> None:
        super().__init__()
        self._entries = registry._entries  # noqa: SLF001 - the same doctors
        self.asked = 0

    def verify(self, rpps: str, birth_date: date) -> RegistryAnswer:
        """Say whether a pair is known, and count."""
        self.asked += 1
        return super().verify(rpps, birth_date)


class Stage:
    """Does acts, and tells what an onlooker saw of them."""

    def __init__(self, flows: Iterable[Flow], policy: Policy) -> None:
        flows = tuple(flows)
        self.box = Sandbox(policy, flows=flows)
        self.registry = _Asked(self.box.registry)
        ports = evolve(self.box.ports, registry=self.registry)
        self.flows = Flows(ports, policy, wake=self.box.deliver, flows=flows)
        self.policy = policy
        storage = self.box.storage
        if not isinstance(storage, MemoryStorage):  # pragma: no cover - a sandbox's own is
            raise TypeError("a walk goes back in memory only")
        self.storage = storage
        self._opened: dict[str, str] = {}

    def order(self, world: World) -> Order:
        """Whom the Order knows of the people of a world."""
        people = {actor.person.rpps: actor.person for actor in world.actors}
        people |= {person.rpps: person for person in (*world.accounts, *world.erases)}
        found = {rpps: self.box.registry.doctor(rpps) for rpps in people}
        return {
            rpps: (people[rpps].birth_date, doctor)
            for rpps, doctor in found.items()
            if doctor is not None
        }

    def open(self, world: World) -> Moment:
        """Set a world up: its accounts, its sessions, nothing pressed yet."""
        secrets, now = self.box.secrets, self.box.clock.now()
        passwords: dict[str, str] = {}
        for person in world.accounts:
            doctor = self.box.registry.doctor(person.rpps)
            if doctor is None:
                raise ValueError(f"{world.name}: nobody in the registry has this number")
            account = Account(
                id=secrets.token()[:22],
                rpps_digest=secrets.digests("subject", person.rpps)[0],
                email_digest=secrets.digests("email", person.address)[0],
                sealed_rpps=secrets.seal(person.rpps),
                sealed_email=secrets.seal(person.address),
                password_hash=self.box.passwords.hash(PASSWORDS[0]),
                role=doctor.role,
                created_at=now,
                terms_version=self.policy.identity.terms_version,
                terms_accepted_at=now,
                email_confirmed_at=now,
            )
            with self.storage.writing() as unit:
                unit.accounts.add(account)
            passwords[account.id] = PASSWORDS[0]
        sessions = {
            actor.browser: self.flows.open_session(rpps=actor.person.rpps)
            for actor in world.actors
            if actor.signed_in
        }
        owners = {it.owner: it.id for it in self.accounts(self.storage.mark()).values()}
        told = {actor.browser: owners.get(actor.person.rpps, "") for actor in world.actors}
        book = Book(
            passwords=passwords,
            sessions=tuple((token, told[browser]) for browser, token in sessions.items()),
        )
        hands = {
            actor.browser: Hand(session=sessions.get(actor.browser), flows=actor.flows)
            for actor in world.actors
        }
        return Moment(marks=self.storage.mark(), at=now, hands=hands, book=book, waits=world.waits)

    # --- acts ------------------------------------------------------------------------------------

    def do(self, moment: Moment, act: Act) -> tuple[Moment, Seen]:
        """Go back to a moment, act, and give the moment after it, its book not yet written."""
        box, hand = self.box, moment.hands.get(act.browser, Hand())
        self.storage.go_back(moment.marks)
        at = act.at or moment.at
        box.clock.advance(seconds=(at - box.clock.now()).total_seconds())
        sent, asked = len(box.messages), self.registry.asked
        view, refused = self._answer(hand, act)
        marks = self.storage.mark()
        before, after = self.accounts(moment.marks), self.accounts(marks)
        seen = Seen(
            browser=act.browser,
            act=act.event,
            at=at,
            command=act.command,
            token=act.token,
            page=hand.page,
            view=view,
            refused=refused,
            session=hand.session,
            letters=tuple(
                Letter(
                    value=it.code or it.link_token,
                    to=it.to,
                    channel=it.channel,
                    purpose=it.purpose,
                    at=it.at,
                )
                for it in map(box.messages.__getitem__, range(sent, len(box.messages)))
            ),
            before=before,
            after=after,
            rest=(_rest(moment.marks), _rest(marks)),
            dead=self._dead(moment, marks),
            asked=self.registry.asked - asked,
        )
        hands = {**moment.hands, act.browser: _after(hand, act, view)}
        waits = moment.waits - (act.event == "wait")
        return evolve(moment, marks=marks, at=at, hands=hands, waits=waits), seen

    def _answer(self, hand: Hand, act: Act) -> tuple[View | None, str]:
        try:
            return self._asked(hand, act), ""
        except (JourneyOver, CommandNotOffered) as error:
            return error.view, type(error).__name__
        except MonespaceError as error:
            return None, type(error).__name__
        except Exception as error:  # noqa: BLE001 - whatever it is, the witness calls it a hole
            return None, f"{CRASHED}{type(error).__name__}"

    def _asked(self, hand: Hand, act: Act) -> View | None:
        if act.event == "start":
            return self.flows.start(hand.flows[0], hand.session)
        if act.event == "look":
            return self.flows.view(hand.token)
        if isinstance(act.command, UseLink):
            return self.flows.open_link(act.command.token)
        if act.command is not None:
            return self.flows.submit(hand.token, act.command)
        beside = _BESIDE.get(act.event)
        if beside is not None:
            beside(self.flows, hand, act.token or "")
        return None

    # --- what is stored, for an onlooker ---------------------------------------------------------

    def accounts(self, marks: Marks) -> dict[str, AccountSeen]:
        """Read the accounts as an operator does."""
        return {it.id: self._seen(it) for it in marks["accounts"].rows.values()}

    def _seen(self, account: Account) -> AccountSeen:
        return AccountSeen(
            id=account.id,
            owner=self.open_sealed(account.sealed_rpps),
            address=self.open_sealed(account.sealed_email).lower(),
            password=account.password_hash,
            is_open=account.disabled_at is None and account.frozen_at is None,
            terms_version=account.terms_version,
            terms_at=account.terms_accepted_at,
        )

    def open_sealed(self, sealed: str) -> str:
        """Unseal, once for each sealed text."""
        if sealed not in self._opened:
            self._opened[sealed] = self.box.secrets.unseal(sealed)
        return self._opened[sealed]

    def _dead(self, moment: Moment, marks: Marks) -> frozenset[str]:
        if all(moment.marks[it].rows == marks[it].rows for it in ("accounts", "sessions")):
            return frozenset()
        tokens = (token for token, _ in moment.book.sessions)
        return frozenset(token for token in tokens if self.flows.session(token) is None)

    def journals(self, marks: Marks) -> tuple[StoredJournal, ...]:
        """The journals that there were at a moment, as an export has them."""
        lines: dict[str, dict[int, str]] = {}
        for line in marks["journal"].rows.values():
            lines.setdefault(line.reference, {})[line.seq] = line.text
        return tuple(
            StoredJournal(reference, tuple(it[seq] for seq in sorted(it)))
            for reference, it in lines.items()
            if _is_journey(marks, reference)
        )


def _is_journey(marks: Marks, reference: str) -> bool:
    return reference in marks["journeys"].rows


def _rest(marks: Marks) -> tuple[object, ...]:
    return tuple(marks[it].rows for it in ("links", "sessions", "budgets"))


def _after(hand: Hand, act: Act, view: View | None) -> Hand:
    """What the browser holds after an answer."""
    flows = hand.flows[1:] if act.event == "start" else hand.flows
    if view is None:
        return evolve(hand, flows=flows)
    return evolve(
        hand,
        page=view,
        token=view.token or hand.token,
        session=view.session or hand.session,
        flows=flows,
    )


_BESIDE: Mapping[str, Callable[[Flows, Hand, str], object]] = {
    "erase": lambda flows, _, rpps: flows.erase_account(rpps=rpps),
    "visit": lambda flows, _, token: flows.link_purpose(token),
    "confirm_email": lambda flows, hand, token: flows.confirm_email(token, hand.session),
    "object_link": lambda flows, _, token: flows.object_link(token),
}

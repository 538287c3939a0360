"""The walk: breadth first over situations, so that what is found is found by the fewest acts."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from attrs import define, evolve, field, frozen

from ...chart import Flow
from ...commands import UseLink
from ...flows import STANDARD
from ...journal.export import StoredJournal, write_journeys
from ...policy import Policy
from ...rules.waits import HOUR
from ...screens import View
from ...verify.book import Run
from ...verify.witness import Witness
from .keys import Keys, Part
from .stage import Act, Moment, Stage
from .worlds import JUST, Actor, Typing, World, gestures, small

__all__ = ["Hole", "Walked", "walk"]


@frozen(kw_only=True)
class Hole:
    """A broken invariant: its id, the world, and the fewest acts that lead to it.

    ``journals`` are those of the journeys on the way.
    """

    invariant: str
    world: str
    path: tuple[str, ...]
    journals: tuple[StoredJournal, ...] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.invariant} in « {self.world} »: " + "; ".join(self.path)

    def write_counterexample(self, path: Path) -> None:
        """Write the journals on the way: a file that ``monespace show --file`` opens."""
        path.write_text("".join(write_journeys(self.journals)), encoding="utf-8")


@frozen(kw_only=True)
class Walked:
    """All that a walk through one world found.

    ``pages`` are the flow and the state of every page that was shown.
    """

    world: str
    situations: int
    acts: int
    holes: tuple[Hole, ...]
    pages: frozenset[tuple[str, str]] = field(repr=False)


@frozen
class _Step:
    before: _Step | None
    act: Act

    def path(self) -> tuple[str, ...]:
        earlier = self.before.path() if self.before is not None else ()
        return (*earlier, str(self.act))


def walk(
    world: World,
    flows: Iterable[Flow] = STANDARD,
    policy: Policy | None = None,
    *,
    first_only: bool = False,
) -> Walked:
    """Walk through every situation of a world, and have each act judged by the witness.

    Args:
        world: who is there.
        flows: the journeys; a host adds its own: ``(*STANDARD, MINE)``.
        policy: its numbers; by default ours, with counts made :func:`small`.
        first_only: stop at the first broken invariant, which no shorter way breaks.

    Returns:
        How much there was, and every invariant that an act broke, each by a shortest way.

    Raises:
        ValueError: somebody of the world is not in the registry.
    """
    walker = Walker.of(world, tuple(flows), policy or small())
    walker.walk(first_only=first_only)
    return Walked(
        world=world.name,
        situations=len(walker.known),
        acts=walker.acts_done,
        holes=tuple(walker.holes.values()),
        pages=frozenset(walker.pages),
    )


@define
class Walker:
    """Keeps what a walk has found so far."""

    stage: Stage
    acts: _Acts
    keys: Keys
    witness: Witness
    known: set[Part] = field(factory=set)
    holes: dict[str, Hole] = field(factory=dict)
    pages: set[tuple[str, str]] = field(factory=set)
    acts_done: int = 0

    @classmethod
    def of(cls, world: World, flows: tuple[Flow, ...], policy: Policy) -> Walker:
        stage = Stage(flows, policy)
        acts = _Acts(stage, world, {flow.name: flow for flow in flows})
        return cls(
            stage=stage,
            acts=acts,
            keys=Keys(stage, {flow.name: flow.finals for flow in flows}),
            witness=Witness(order=stage.order(world), policy=policy, is_strong=acts.is_strong),
        )

    def walk(self, *, first_only: bool) -> None:
        first = self.stage.open(self.acts.world)
        self.known.add(self.keys.of(first))
        waiting: deque[tuple[Moment, _Step | None]] = deque([(first, None)])
        while waiting and not (first_only and self.holes):
            moment, before = waiting.popleft()
            for act in self.acts.of(moment):
                step = _Step(before, act)
                after = self._taken(moment, step)
                if after is not None:
                    waiting.append((after, step))

    def _taken(self, moment: Moment, step: _Step) -> Moment | None:
        """Do an act; the moment after it, if it is sound and none like it was seen before."""
        self.acts_done += 1
        after, seen = self.stage.do(moment, step.act)
        broken = self.witness.judge(moment.book, seen)
        for name in (it for it in broken if it not in self.holes):
            self.holes[name] = Hole(
                invariant=name,
                world=self.acts.world.name,
                path=step.path(),
                journals=self.stage.journals(after.marks),
            )
        if broken:
            return None  # what follows a hole is no news
        after = evolve(after, book=self.witness.note(moment.book, seen))
        if seen.view is not None:
            self.pages.add((seen.view.flow, seen.view.state))
        key = self.keys.of(after)
        if key in self.known:
            return None
        self.known.add(key)
        return after


@frozen
class _Acts:
    """Says what may be done at a moment."""

    stage: Stage
    world: World
    flows: Mapping[str, Flow]

    def is_strong(self, password: str) -> bool:
        policy = self.stage.policy.passwords
        score = self.stage.box.passwords.score(password, ())
        return len(password) >= policy.minimum_length and score >= policy.minimum_score

    def of(self, moment: Moment) -> Iterator[Act]:
        for actor in self.world.actors:
            yield from self._of_actor(moment, actor)
        for person in self.world.erases:
            accounts = self.stage.accounts(moment.marks).values()
            if any(it.owner == person.rpps for it in accounts):
                yield Act("operator", "erase", "", token=person.rpps)
        if moment.waits:
            yield from (Act("clock", "wait", what, at=at) for what, at in self._instants(moment))

    def _of_actor(self, moment: Moment, actor: Actor) -> Iterator[Act]:
        hand, name = moment.hands[actor.browser], actor.browser
        page = hand.page
        if (page is None or page.status != "open") and hand.flows:
            yield Act(name, "start", hand.flows[0])
        if page is not None and page.status == "open":
            shown = {it.command: None for it in page.screen.buttons}
            yield from self._presses(moment, actor, page, shown)
            if self.world.thorough:
                yield Act(name, "look")
                hidden = set(self.flows[page.flow].commands_by_event) & _DECISIVE - shown.keys()
                yield from self._presses(moment, actor, page, sorted(hidden), most=1)
        if page is not None:
            yield from self._links(moment, actor)

    def _presses(
        self, moment: Moment, actor: Actor, page: View, events: Iterable[str], most: int = 99
    ) -> Iterator[Act]:
        typing = Typing(
            person=actor.person,
            run=moment.book.runs.get(actor.browser, Run()),
            book=moment.book,
            channels=tuple(
                dict.fromkeys(it.kind for each in page.screen.fields for it in each.options)
            ),
            all=self.world.thorough,
        )
        kinds = self.flows[page.flow].commands_by_event
        wanted = self.world.events
        for event in (it for it in events if wanted is None or it in wanted):
            for made in [*gestures(self.world, event, typing, kinds[event])][:most]:
                yield Act(actor.browser, event, made.what, made.command)

    def _links(self, moment: Moment, actor: Actor) -> Iterator[Act]:
        mine = [it for it in moment.book.links if it.account.owner == actor.person.rpps]
        for what, link in zip(("newest", "earlier"), reversed(mine), strict=False):
            token = link.letter.value
            yield Act(actor.browser, "use_link", what, UseLink(token), token)
            if self.world.thorough:
                yield Act(actor.browser, "visit", what, None, token)

    def _instants(self, moment: Moment) -> Iterator[tuple[str, datetime]]:
        """Just before, at and just after each deadline that is still to come."""
        found: dict[datetime, str] = {}
        for what, end in sorted(self._deadlines(moment), key=lambda it: it[1]):
            for told, at in (("before", end - JUST), ("at", end), ("after", end + JUST)):
                if at > moment.at:
                    found.setdefault(at, f"{told} the end of {what}")
        return ((what, at) for at, what in found.items())

    def _deadlines(self, moment: Moment) -> Iterator[tuple[str, datetime]]:
        policy = self.stage.policy
        for hand in moment.hands.values():
            page = hand.page
            if page is None or page.status != "open":
                continue
            yield "the journey", page.expires_at
            if page.erase_after is not None:
                yield "what is typed", page.erase_after
            if page.resend_at is not None and page.resend_at > moment.at:
                yield "the wait for a code", page.resend_at
        for run in moment.book.runs.values():
            for sent in run.codes[-1:]:
                yield "a code's life", sent.letter.at + policy.codes.life
        for link in moment.book.links[-1:]:
            yield "a link's life", link.letter.at + policy.links.life
        for _, at in moment.book.wrong_pairs[-1:]:
            yield "a number's lock", at + policy.identity.lock
        for _, at in moment.book.sends[-1:]:
            yield "an hour's sends", at + HOUR


_DECISIVE = {"activate", "create", "save_password", "send_code", "submit_code"}
"""What somebody may try to press where it is not shown: what would make, change or send."""

"""Deep walks: to each screen of each flow, and there what is seldom done, beside the model.

Each recipe is some presses and waits in a row, on the library and on the model as any others: at
random the fifth wrong code, or the fourth resend at its time, would not come in a thousand walks.
What came before is drawn from a seed.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from monespace_flows.retelling.table import RowId

from . import gestures
from .gestures import DATES, EMAILS, NUMBERS, Gesture, leading_on, press
from .invariants import INVARIANTS
from .machine import Walk
from .model import Run
from .model.times import RESENDS
from .people import EVE, OTHER_PASSWORD, PASSWORD, WEAK_PASSWORD

__all__ = ["DEPTHS", "deep_walk"]

Recipe = Callable[["DeepWalk", Run], None]


class DeepWalk(Walk):
    """The same people; one of them insists."""

    def go(self, flow: str, state: str, pick: int) -> Run | None:
        """Begin a journey and lead it to a screen, if one comes there."""
        if flow == "settings":
            for session in sorted(self.world.sessions):
                self.world.start(flow, self.flows.start(flow, session).token, session)
                break
            else:
                return None
        else:
            self.start(flow)
        run = self.world.runs[-1]
        for step in range(8):
            if run.state == state:
                return run
            self.lead_on(run, 1, pick + step % 2 * 4)
        return None

    def member(self, pick: int) -> None:
        """Make an account, and sign in to it."""
        self.go("creation", "created", pick)
        self.go("signin", "signed_in", 0)

    def do(self, run: Run, gesture: Gesture) -> None:
        """Press, as long as the journey is where it can be pressed."""
        if run.token and not run.gone and not run.is_over:
            self.press(run, gesture)

    def wait(self, span: timedelta) -> None:
        self.world.now = self.box.clock.advance(seconds=span.total_seconds())

    def code(self, run: Run) -> str:
        return self.codes.get(run, ["000000"])[-1]

    def change(self, run: Run, **changes: Any) -> None:
        """Have the Order hold something else of who this is about; put back by :meth:`restore`."""
        if run.who is None:
            return
        held = self.world.held[run.who]
        if "admitted" in changes:
            held.admitted = changes["admitted"]
            self.box.registry.change(run.who, status="inscrit" if held.admitted else "radie")
        else:
            held.mobile, held.email = changes["mobile"], changes["email"]
            self.box.registry.change(run.who, mobile=held.mobile, email=held.email)

    def restore(self, run: Run) -> None:
        """Have the Order hold what it held at first."""
        if run.who is not None:
            person = self.world.held[run.who].person
            self.change(run, admitted=True)
            self.change(run, mobile=person.mobile, email=person.email)


def after(seconds: float) -> Recipe:
    """Press « Prolonger » after a while: most screens have something to say of it."""

    def recipe(walk: DeepWalk, run: Run) -> None:
        walk.wait(timedelta(seconds=seconds))
        walk.do(run, press("extend"))

    return recipe


def pressing(*events: str) -> Recipe:
    """Press buttons beside which nothing is typed."""

    def recipe(walk: DeepWalk, run: Run) -> None:
        for event in events:
            walk.do(run, press(event))

    return recipe


def struck_off(walk: DeepWalk, run: Run) -> None:
    """What leads on, while the Order does not admit the person, and once it does again."""
    walk.change(run, admitted=False)
    lead_on(walk, run)
    walk.restore(run)


def unreachable(walk: DeepWalk, run: Run) -> None:
    """Ask for a code where the Order knows no contact any more."""
    walk.change(run, mobile=None, email=None)
    lead_on(walk, run)
    walk.restore(run)


def lead_on(walk: DeepWalk, run: Run) -> None:
    gesture = leading_on(walk.world, run, walk.code(run), 0)
    if gesture is not None:
        walk.do(run, gesture)


def ill_named(walk: DeepWalk, run: Run) -> None:
    """Without the terms, without a shape, and somebody whom the Order cannot reach."""
    walk.do(run, gestures.submit_identity(NUMBERS[0], DATES[NUMBERS[0]], accepted=False))
    walk.do(run, gestures.submit_identity("123", "hier"))
    walk.do(run, gestures.submit_identity(EVE.rpps, EVE.birth_date))


def resend_unreachable(walk: DeepWalk, run: Run) -> None:
    walk.wait(RESENDS[0])
    walk.change(run, mobile=None, email=None)
    walk.do(run, press("resend_code"))
    walk.restore(run)


def send_until_no_more(walk: DeepWalk, run: Run) -> None:
    """Back and forth, each time after the longest wait."""
    for _ in range(6):
        walk.do(run, gestures.send_code(next(iter(run.contacts), "sms")))
        walk.wait(RESENDS[-1])
        walk.do(run, press("back"))


def wrong_pairs(walk: DeepWalk, run: Run) -> None:
    for _ in range(6):
        walk.do(run, gestures.submit_identity(NUMBERS[0], DATES[NUMBERS[1]]))


def ask_again_too_soon(walk: DeepWalk, run: Run) -> None:
    """By the same contact while its code is good, and once it is not."""
    channel = next(iter(run.contacts), "sms")
    for _ in range(2):
        walk.do(run, gestures.send_code(channel))
        walk.do(run, press("back"))
    walk.do(run, gestures.send_code(""))


def resend_until_no_more(walk: DeepWalk, run: Run) -> None:
    """Each as soon as it may be, and once too soon."""
    for wait in (*RESENDS, timedelta(0)):
        walk.do(run, press("resend_code"))
        walk.wait(wait)
        walk.do(run, press("resend_code"))


def wrong_codes(walk: DeepWalk, run: Run) -> None:
    wrong = str((int(walk.code(run)) + 1) % 10**6).zfill(6)
    for _ in range(6):
        walk.do(run, gestures.submit_code(wrong, walk.code(run)))
    walk.do(run, gestures.submit_code("12", walk.code(run)))


def late_code(walk: DeepWalk, run: Run) -> None:
    walk.wait(timedelta(minutes=10))
    walk.do(run, gestures.submit_code(walk.code(run), walk.code(run)))


def everybodys_address(walk: DeepWalk, run: Run) -> None:
    for email in (*(it.login for it in walk.world.accounts.values()), *EMAILS):
        walk.do(run, gestures.activate(email, email, PASSWORD, PASSWORD))


def ill_typed(walk: DeepWalk, run: Run) -> None:
    """Each thing that may be wrong of new credentials, alone."""
    for password, again in ((PASSWORD, OTHER_PASSWORD), (WEAK_PASSWORD, WEAK_PASSWORD), ("", "")):
        walk.do(run, gestures.activate("un@la.example", "un@la.example", password, again))
        walk.do(run, gestures.create(password, again))
        walk.do(run, gestures.save_password(password, again))
    walk.do(run, gestures.activate("un@la.example", "deux@la.example", PASSWORD, PASSWORD))
    walk.do(run, gestures.activate("bob@@", "bob@@", PASSWORD, PASSWORD))


def proven_address(walk: DeepWalk, run: Run) -> None:
    """The address where the code came."""
    login = run.login or EMAILS[2]
    walk.do(run, gestures.activate(login, login, PASSWORD, PASSWORD))
    walk.do(run, gestures.create(PASSWORD, PASSWORD))
    walk.do(run, press("choose_email"))


def ill_saved(walk: DeepWalk, run: Run) -> None:
    """Each thing that may be wrong of settings, alone."""
    own = walk.world.accounts[run.who or ""]
    for current, email, password, again in (
        (own.password, own.login, PASSWORD, OTHER_PASSWORD),
        (own.password, own.login, WEAK_PASSWORD, WEAK_PASSWORD),
        (own.password, "bob@@", "", ""),
        ("", own.login, "", ""),
        *(("autre-chose-42-lune", own.login, "", ""),) * 5,
    ):
        walk.do(run, gestures.save(current, email, password, again))


def others_addresses(walk: DeepWalk, run: Run) -> None:
    """So many that no more may be tried."""
    own = walk.world.accounts[run.who or ""]
    others = [it.login for it in walk.world.accounts.values() if it is not own]
    for email in others[:1] * 7:
        walk.do(run, gestures.save(own.password, email, "", ""))


def taken_addresses(walk: DeepWalk, run: Run) -> None:
    """The same of who chooses a first one."""
    others = [it.login for it in walk.world.accounts.values() if it.rpps != run.who]
    for email in others[:1] * 7:
        walk.do(run, gestures.activate(email, email, PASSWORD, PASSWORD))


def new_password(walk: DeepWalk, run: Run) -> None:
    own = walk.world.accounts[run.who or ""]
    walk.do(run, gestures.save(own.password, own.login, OTHER_PASSWORD, OTHER_PASSWORD))


def left_the_order(walk: DeepWalk, run: Run) -> None:
    """Sign in while the Order does not admit the holder."""
    for account in [*walk.world.accounts.values()][:1]:
        run.who = account.rpps
        walk.change(run, admitted=False)
        walk.do(run, gestures.sign_in(account.login, account.password))
        walk.restore(run)
        run.who = None


def own_link(walk: DeepWalk, run: Run) -> None:
    """In a recovery, ask for a link to the account's own address: too often, and too late."""
    account = walk.world.accounts.get(run.who or "")
    if account is None:
        return
    for _ in range(5):
        walk.do(run, gestures.activate(account.login, account.login, PASSWORD, PASSWORD))
        if run.more is not None:
            walk.do(run, press(run.more))


def other_password_first(walk: DeepWalk, run: Run) -> None:
    """The account has another password since its link was used."""
    session = walk.go("signin", "signed_in", 0)
    settings = walk.go("settings", "edit_settings", 0) if session is not None else None
    if settings is not None:
        own = walk.world.accounts[settings.who or ""]
        walk.do(settings, gestures.save(own.password, own.login, PASSWORD, PASSWORD))
    walk.do(run, gestures.save_password(OTHER_PASSWORD, OTHER_PASSWORD))


def late_with_a_session(walk: DeepWalk, run: Run) -> None:
    """The journey ends before its session does."""
    for _ in range(4):
        walk.wait(timedelta(minutes=9))
        if run.session is not None:
            walk.look_at_session(run.session)
    walk.do(run, press("extend"))


def wrong_passwords(walk: DeepWalk, run: Run) -> None:
    """So often that the holder is warned, each after its wait."""
    for account in [*walk.world.accounts.values()][:1]:
        for _ in range(12):
            walk.do(run, gestures.sign_in(account.login, "autre-chose-42-lune"))
            walk.wait(timedelta(minutes=9))
            walk.do(run, press("extend"))


def spend_changes(walk: DeepWalk, run: Run) -> None:
    """Ask for another address again and again."""
    for email in ("un@la.example", "deux@la.example", "trois@la.example", "quatre@la.example"):
        own = walk.world.accounts[run.who or ""]
        walk.do(run, gestures.save(own.password, email, "", ""))


def ask_for_links(walk: DeepWalk, run: Run) -> None:
    """For what is no address, then more than an hour allows, each in a journey of its own."""
    walk.do(run, gestures.request_link("b@@"))
    lead_on(walk, run)
    for _ in range(4):
        walk.go("reset", "link_sent", 0)


def use_late(walk: DeepWalk, run: Run) -> None:
    """A link once the account has other credentials, or its day is over."""
    other = walk.go("reset", "choose_new_password", 0)
    if other is not None:
        walk.do(other, gestures.save_password(OTHER_PASSWORD, OTHER_PASSWORD))
    walk.wait(timedelta(hours=24))
    walk.do(run, press("restart"))


def again_elsewhere(walk: DeepWalk, run: Run) -> None:
    """Begin the same once more and go on to its end, so that the first comes too late."""
    if run.who in NUMBERS:
        walk.go(run.flow, "created", NUMBERS.index(run.who or ""))
    lead_on(walk, run)


_ANYWHERE = (after(600), after(1800), pressing("extend"), pressing("back"), pressing("restart"))

RECIPES: dict[str, tuple[Recipe, ...]] = {
    "enter_identity": (wrong_pairs, ill_named, *_ANYWHERE),
    "account_found": (pressing("extend", "back"), *_ANYWHERE),
    "choose_channel": (
        ask_again_too_soon,
        send_until_no_more,
        unreachable,
        struck_off,
        *_ANYWHERE,
    ),
    "enter_code": (
        resend_until_no_more,
        wrong_codes,
        late_code,
        resend_unreachable,
        again_elsewhere,
        *_ANYWHERE,
    ),
    "choose_credentials": (
        own_link,
        everybodys_address,
        proven_address,
        taken_addresses,
        ill_typed,
        struck_off,
        again_elsewhere,
        *_ANYWHERE,
    ),
    "choose_password": (ill_typed, proven_address, struck_off, again_elsewhere, *_ANYWHERE),
    "enter_email": (ask_for_links, *_ANYWHERE),
    "link_sent": (use_late, *_ANYWHERE),
    "choose_new_password": (ill_typed, other_password_first, struck_off, *_ANYWHERE),
    "enter_credentials": (wrong_passwords, left_the_order, *_ANYWHERE),
    "edit_settings": (
        spend_changes,
        ill_saved,
        others_addresses,
        new_password,
        late_with_a_session,
        struck_off,
        *_ANYWHERE,
    ),
}
"""What may be done on each screen; what leads nowhere is refused, and the model says so too."""

_PROOF = ("choose_channel", "enter_code")
FLOW_STATES = {
    "creation": ("enter_identity", *_PROOF, "choose_credentials", "choose_password"),
    "recovery": ("enter_identity", "account_found", *_PROOF, "choose_credentials"),
    "reset": ("enter_email", "link_sent", "choose_new_password"),
    "signin": ("enter_credentials",),
    "settings": ("edit_settings",),
}
DEPTHS = tuple(
    (flow, state, number)
    for flow, states in FLOW_STATES.items()
    for state in states
    for number, _ in enumerate(RECIPES[state])
)
"""Each screen of each flow, with each of its recipes."""


def deep_walk(flow: str, state: str, number: int, seed: int) -> Counter[RowId]:
    """Go there, do that, go on to the end; give the rows that were taken."""
    random = Random(f"{seed} {flow} {state} {number}")  # noqa: S311 - the same each time
    walk = DeepWalk()
    walk.rows = Counter()  # type: ignore[misc]  # this walk's own
    # By e-mail, as even numbers choose: only an address that is proven receives reset links.
    picks = range(0, 12, 2 if flow == "reset" else 1)
    for pick in random.sample(picks, random.choice((0, 1, 2)) + (flow != "creation")):
        walk.member(pick)
    first = random.randrange(12)
    found = (walk.go(flow, state, first + more) for more in range(6))
    run = next((it for it in found if it is not None), None)
    if run is not None:
        RECIPES[state][number](walk, run)
        for holds in INVARIANTS:
            holds(walk.box, walk.world)
        walk.restore(run)
        lead_on(walk, run)
    walk.teardown()
    return walk.rows

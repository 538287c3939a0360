"""Every number and every switch, in one frozen place.

Durations are :class:`datetime.timedelta`: the unit is in the type.  The defaults are those the
guide fixes (``D1``, ``D4``, ``D5``, ``D7``, ``P2``) or, where it is silent, those of NIST
SP 800-63B-4 and OWASP ASVS 5.0.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from attrs import evolve, field, frozen
from attrs.validators import ge, gt, le

__all__ = [
    "CodePolicy",
    "DeliveryPolicy",
    "IdentityPolicy",
    "JourneyPolicy",
    "LinkPolicy",
    "PasswordPolicy",
    "Policy",
    "RecoveryPolicy",
    "SessionPolicy",
    "TotalsPolicy",
]

_ZERO = timedelta(0)


@frozen(kw_only=True)
class IdentityPolicy:
    """The check of birth date and RPPS number against the registry (``C1``, ``C3``).

    ``luhn``: whether a number with a wrong check digit is refused before the registry is asked;
    the examples that public bodies print do not pass, so the default only lets it through.
    ``failures`` wrong pairs lock the number for ``lock``, doubled at each further failure up to
    ``lock_ceiling``; ``failures_per_day`` is the most in 24 hours.  ``taken_addresses_per_day`` is
    how many addresses of others one person may try as a login: nobody searches for accounts (G7).
    """

    minimum_age_years: int = field(default=18, validator=ge(0))
    luhn: Literal["observe", "enforce"] = "observe"
    failures: int = field(default=5, validator=ge(1))
    lock: timedelta = field(default=timedelta(minutes=15), validator=gt(_ZERO))
    lock_ceiling: timedelta = field(default=timedelta(hours=24), validator=gt(_ZERO))
    failures_per_day: int = field(default=10, validator=ge(1))
    taken_addresses_per_day: int = field(default=5, validator=ge(1))
    terms_version: str = "2026-01"


@frozen(kw_only=True)
class CodePolicy:
    """One-time codes (``D4``; NIST SP 800-63B-4 §3.1.3).

    ``resend_waits`` are the waits before the first, second and further resends; its length is
    the number of resends in one journey.  The last five bound what one doctor can be sent or
    can get wrong over all journeys, and what one number or address can be sent, whosever it is:
    raise the latter where many doctors share a secretariat's number.
    """

    digits: int = field(default=6, validator=[ge(6), le(8)])
    life: timedelta = field(
        default=timedelta(minutes=10), validator=[gt(_ZERO), le(timedelta(minutes=10))]
    )
    tries: int = field(default=5, validator=[ge(1), le(10)])
    resend_waits: tuple[timedelta, ...] = (
        timedelta(seconds=60),
        timedelta(seconds=120),
        timedelta(seconds=300),
    )
    sends_per_hour: int = field(default=5, validator=ge(1))
    sends_per_day: int = field(default=10, validator=ge(1))
    destination_sends_per_hour: int = field(default=5, validator=ge(1))
    destination_sends_per_day: int = field(default=10, validator=ge(1))
    failures_per_day: int = field(default=10, validator=ge(1))


@frozen(kw_only=True)
class RecoveryPolicy:
    """Recovery of a forgotten login e-mail (``D1``).

    ``existing_account``: ``"offer"`` shows the information of ``R3`` and a button that goes on,
    ``"block"`` is the letter of ``R3``: no button.
    """

    existing_account: Literal["offer", "block"] = "offer"


@frozen(kw_only=True)
class PasswordPolicy:
    """What a password must be (NIST SP 800-63B-4 §3.1.1.2): length in code points after NFKC.

    ``minimum_length`` is what it asks of a password that is the only factor (decision 0015).
    ``minimum_score`` is on zxcvbn's scale of 0 to 4, for the whole and for what is left once
    dates and the words of the person, the site and the profession are taken out; below it the
    password is « Faible ».
    The last six bound wrong passwords of one account: delays from the third on, doubled from
    ``delay`` to ``delay_ceiling``; its holder is told of the ``failures_before_warning``-th in a
    day.  A browser where the account was signed in to is known for ``known_browser``: it is spared
    what others count up, and counts its own tries by the same numbers.
    """

    minimum_length: int = field(default=15, validator=ge(8))
    maximum_length: int = field(default=256, validator=[ge(64), le(1024)])
    maximum_bytes: int = field(default=1024, validator=[ge(256), le(4096)])
    minimum_score: int = field(default=3, validator=[ge(1), le(4)])
    failures_before_delay: int = field(default=3, validator=ge(1))
    delay: timedelta = field(default=timedelta(seconds=1), validator=gt(_ZERO))
    delay_ceiling: timedelta = field(default=timedelta(minutes=15), validator=gt(_ZERO))
    failures_per_day: int = field(default=25, validator=[ge(1), le(100)])
    failures_before_warning: int = field(default=10, validator=ge(1))
    known_browser: timedelta = field(default=timedelta(days=90), validator=gt(_ZERO))


@frozen(kw_only=True)
class LinkPolicy:
    """Links sent by e-mail (``P2``, ``P3``, ``D7``), and what they protect.

    ``require_confirmed_email``: an address that its holder has not confirmed receives no reset
    link.  ``restricted_session`` is how long the person may choose a password once the link is
    used.  A new login address waits for ``confirmation_life`` to be confirmed by the link sent
    there; one account may ask for ``changes_per_day``, which bounds the letters to strangers, too.
    For ``objection_life`` whoever had the earlier address, or is written to of a recovery, may say
    that it was not them (decision 0017).
    """

    life: timedelta = field(
        default=timedelta(hours=24), validator=[gt(_ZERO), le(timedelta(hours=24))]
    )
    confirmation_life: timedelta = field(default=timedelta(days=7), validator=gt(_ZERO))
    require_confirmed_email: bool = True
    restricted_session: timedelta = field(default=timedelta(minutes=15), validator=gt(_ZERO))
    requests_per_hour: int = field(default=3, validator=ge(1))
    requests_per_day: int = field(default=5, validator=ge(1))
    changes_per_day: int = field(default=3, validator=ge(1))
    objection_life: timedelta = field(
        default=timedelta(days=7), validator=[gt(_ZERO), le(timedelta(days=30))]
    )


@frozen(kw_only=True)
class SessionPolicy:
    """How long a signed-in session lasts without use, and at the most; who may sign in.

    ``without_registry``: the registry is asked at each sign-in whether it still admits the person.
    While it does not answer, ``"admit"`` lets who has the right password in, on what was known
    when the account was made, and logs it: an outage would else keep every doctor out, while being
    struck off is rare and the next sign-in ends it.  ``"refuse"`` answers 503 to everyone.
    """

    idle: timedelta = field(default=timedelta(minutes=30), validator=gt(_ZERO))
    absolute: timedelta = field(default=timedelta(hours=12), validator=gt(_ZERO))
    without_registry: Literal["admit", "refuse"] = "admit"


@frozen(kw_only=True)
class JourneyPolicy:
    """How long a journey and what is typed in it last (``C2``, ``D5``; WCAG 2.2.1).

    ``life`` runs from the start.  « Prolonger » gives ``entry_life`` more, for the entry and, if
    need be, for the journey, up to ``longest_life``.  After ``steps`` it has expired as by the
    clock: nobody fills the journal from one journey, by « Prolonger » or by what is wrong each
    time; the longest honest one takes a fraction of it, and who presses « Renvoyer » each second
    for the ten minutes of a code stays below it.  ``retention`` is how long the journal is
    kept after its last line: no shorter than a journey may live without another one.
    """

    life: timedelta = field(default=timedelta(minutes=30), validator=gt(_ZERO))
    entry_life: timedelta = field(default=timedelta(minutes=10), validator=gt(_ZERO))
    entry_warning: timedelta = field(default=timedelta(minutes=8), validator=gt(_ZERO))
    longest_life: timedelta = field(default=timedelta(hours=3), validator=gt(_ZERO))
    steps: int = field(default=700, validator=ge(20))
    retention: timedelta = field(
        default=timedelta(days=183), validator=[gt(_ZERO), le(timedelta(days=366))]
    )


@frozen(kw_only=True)
class DeliveryPolicy:
    """How messages and events leave (``FT-04``): at least once, again and again for a while.

    Whoever takes a message has it for ``lease``, which is renewed while the delivery goes on; after
    ``deadline`` the delivery is broken off, however slowly the other side talks.  A handler of the
    host has ``event_lease`` for an event.  What failed is due again after ``first_wait``, doubled
    each time up to ``longest_wait``.  A code or a link is given up when it is worth nothing any
    more, a message without such an end ``patience`` after it was written, an event when journals of
    its day are.

    An SMS that left perhaps, since the provider did not answer, is not sent again for
    ``unknown_wait``, or the longest of ``resend_waits`` of the codes: the doctor may ask for
    another code first (``FT-10``).  A channel by which nothing has left for ``alarm`` while
    messages waited is told in the log and by ``/readyz``.
    """

    lease: timedelta = field(default=timedelta(seconds=10), validator=gt(_ZERO))
    deadline: timedelta = field(default=timedelta(seconds=30), validator=gt(_ZERO))
    event_lease: timedelta = field(default=timedelta(seconds=60), validator=gt(_ZERO))
    first_wait: timedelta = field(default=timedelta(seconds=5), validator=gt(_ZERO))
    longest_wait: timedelta = field(default=timedelta(minutes=5), validator=gt(_ZERO))
    unknown_wait: timedelta = field(default=timedelta(minutes=5), validator=gt(_ZERO))
    patience: timedelta = field(default=timedelta(days=3), validator=gt(_ZERO))
    alarm: timedelta = field(default=timedelta(minutes=2), validator=gt(_ZERO))


@frozen(kw_only=True)
class EventPolicy:
    """What the host is told in events beside ids.

    ``addresses``: an account's new address in ``CredentialsChanged``, for hosts that keep it too.
    """

    addresses: bool = False


@frozen(kw_only=True)
class TotalsPolicy:
    """What everybody together may do, before somebody looks and the service defends itself.

    Of wrong pairs of birth date and RPPS number in ``failures_span``, the ``failures_alert``-th
    raises an alarm, and so does as many wrong passwords; the ``failures_slow``-th begins slow mode
    (BF-04), which lasts until fewer lie in the span: every number locks from its
    ``slow_failures``-th wrong pair on instead of ``identity.failures``, and every answer to a check
    of identity, right or wrong, takes at least ``slow_answer``.  So it tells nobody anything.

    An SMS costs ``sms_price`` cents; once a day's ``sms_budget`` (in cents, from midnight where the
    site is) is used up, codes leave by e-mail only until the next day or until an operator says
    ``monespace breaker close`` (SD-03).  The ``emails_per_day``-th e-mail raises an alarm, and
    nothing else: without e-mail nobody could do anything.

    Of the last ``conversion_sends`` codes whose life is over, ``conversion_percent`` in a hundred
    must have been typed, or an alarm says that somebody has codes sent that nobody wants (SD-08).
    """

    failures_span: timedelta = field(
        default=timedelta(minutes=10), validator=[gt(_ZERO), le(timedelta(hours=24))]
    )
    failures_alert: int = field(default=100, validator=ge(1))
    failures_slow: int = field(default=300, validator=ge(1))
    slow_failures: int = field(default=2, validator=ge(1))
    slow_answer: timedelta = field(
        default=timedelta(seconds=3), validator=[ge(_ZERO), le(timedelta(seconds=30))]
    )
    sms_price: int = field(default=10, validator=ge(1))
    sms_budget: int = field(default=20_000, validator=ge(0))
    emails_per_day: int = field(default=20_000, validator=ge(1))
    conversion_sends: int = field(default=50, validator=ge(1))
    conversion_percent: int = field(default=30, validator=[ge(1), le(100)])

    @property
    def sms_per_day(self) -> int:
        """How many SMS the day's budget pays."""
        return self.sms_budget // self.sms_price


@frozen(kw_only=True)
class Policy:
    """All policies together; each part has its own defaults, so ``Policy()`` is complete.

    Raises:
        ValueError: two numbers contradict each other; the message begins with the one to change.
    """

    identity: IdentityPolicy = IdentityPolicy()
    codes: CodePolicy = CodePolicy()
    recovery: RecoveryPolicy = RecoveryPolicy()
    passwords: PasswordPolicy = PasswordPolicy()
    links: LinkPolicy = LinkPolicy()
    sessions: SessionPolicy = SessionPolicy()
    journeys: JourneyPolicy = JourneyPolicy()
    deliveries: DeliveryPolicy = DeliveryPolicy()
    events: EventPolicy = EventPolicy()
    totals: TotalsPolicy = TotalsPolicy()

    def __attrs_post_init__(self) -> None:
        lives = {
            "journeys.longest_life": self.journeys.longest_life,
            "links.life": self.links.life,
            "links.restricted_session": self.links.restricted_session,
        }
        longest = max(lives, key=lives.__getitem__)
        if self.journeys.retention < lives[longest]:
            raise ValueError(
                f"journeys.retention must be no shorter than {longest}, "
                "or a purge would cut the journal of a journey on its way"
            )

    @property
    def relaying(self) -> DeliveryPolicy:
        """``deliveries``, as a relay must take them.

        An SMS that left perhaps is not sent again in any cooldown of the code, however long a host
        makes it (``FT-10``).
        """
        wait = max((self.deliveries.unknown_wait, *self.codes.resend_waits))
        return evolve(self.deliveries, unknown_wait=wait)

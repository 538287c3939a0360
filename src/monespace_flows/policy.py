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

    Attributes:
        minimum_age_years: how old a person must be at least.
        luhn: whether a number with a wrong check digit is refused before the registry is asked;
            the examples that public bodies print do not pass, so the default lets it through.
        failures: so many wrong pairs lock the number.
        lock: for how long at first; doubled at each further failure.
        lock_ceiling: the longest that a number is locked.
        failures_per_day: the most wrong pairs of one number in 24 hours.
        taken_addresses_per_day: how many addresses of others one person may try as a login, so that
            nobody searches for accounts (G7).
        terms_version: the version of the terms that people accept; kept with their account.
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

    Attributes:
        digits: how long a code is.
        life: how long it is good for.
        tries: how often one code may be typed wrong.
        resend_waits: the waits before the first, second and further resends; as many as there are
            resends in one journey.
        sends_per_hour: how many codes one doctor is sent in an hour, over all journeys.
        sends_per_day: the same in 24 hours.
        destination_sends_per_hour: how many codes one number or address is sent in an hour,
            whosever it is: raise it where many doctors share a secretariat's number.
        destination_sends_per_day: the same in 24 hours.
        failures_per_day: how many codes one doctor may get wrong in 24 hours, over all journeys.
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

    Attributes:
        existing_account: ``"offer"`` shows the information of ``R3`` and a button that goes on,
            ``"block"`` is the letter of ``R3``: no button.
    """

    existing_account: Literal["offer", "block"] = "offer"


@frozen(kw_only=True)
class PasswordPolicy:
    """What a password must be (NIST SP 800-63B-4 §3.1.1.2), and what wrong ones cost.

    Attributes:
        minimum_length: in code points after NFKC; by default what NIST asks of a password that is
            the only factor (decision 0015).
        maximum_length: the same at the most.
        maximum_bytes: how long it may be in UTF-8.
        minimum_score: on zxcvbn's scale of 0 to 4, for the whole and for what is left once dates
            and the words of the person, the site and the profession are taken out; below it the
            password is « Faible ».
        failures_before_delay: from this wrong password on, each makes the next try wait.
        delay: for how long at first; doubled at each further failure.
        delay_ceiling: the longest such wait.
        failures_per_day: the most wrong passwords of one account in 24 hours.
        failures_before_warning: the account's holder is told of this one in a day.
        known_browser: how long a browser where the account was signed in to is known: it is spared
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

    Attributes:
        life: how long a reset link is good for.
        confirmation_life: how long a new login address waits to be confirmed by the link sent
            there.
        require_confirmed_email: an address that its holder has not confirmed receives no
            reset link.
        restricted_session: how long the person may choose a password once the link is used.
        requests_per_hour: how many reset links one account is sent in an hour.
        requests_per_day: the same in 24 hours.
        changes_per_day: how many changes of address one account may ask for, which bounds the
            letters to strangers, too.
        objection_life: for how long whoever had the earlier address, or is written to of a
            recovery, may say that it was not them (decision 0017).
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
    """How long a signed-in session lasts, and who may sign in.

    Attributes:
        idle: how long it lasts without use.
        absolute: how long it lasts at the most.
        without_registry: the registry is asked at each sign-in whether it still admits the person.
            While it does not answer, ``"admit"`` lets who has the right password in, on what was
            known when the account was made, and logs it: an outage would else keep every doctor
            out, while being struck off is rare and the next sign-in ends it.  ``"refuse"`` answers
            503 to everyone.
    """

    idle: timedelta = field(default=timedelta(minutes=30), validator=gt(_ZERO))
    absolute: timedelta = field(default=timedelta(hours=12), validator=gt(_ZERO))
    without_registry: Literal["admit", "refuse"] = "admit"


@frozen(kw_only=True)
class JourneyPolicy:
    """How long a journey and what is typed in it last (``C2``, ``D5``; WCAG 2.2.1).

    Attributes:
        life: how long a journey lasts from its start.
        entry_life: how long an entry lasts; « Prolonger » gives as much more to it and, if need be,
            to the journey.
        entry_warning: when the person is warned that the entry is about to end.
        longest_life: how far « Prolonger » goes.
        steps: after so many it has expired as by the clock: nobody fills the journal from one
            journey, by « Prolonger » or by what is wrong each time; the longest honest one takes a
            fraction of it, and who presses « Renvoyer » each second for the ten minutes of a code
            stays below it.
        retention: how long the journal is kept after its last line: no shorter than a journey may
            live without another one.
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

    A code or a link is given up when it is worth nothing any more, an event when journals of its
    day are.

    Attributes:
        lease: for how long whoever takes a message has it; renewed while the delivery goes on.
        deadline: when a delivery is broken off, however slowly the other side talks.
        event_lease: for how long a handler of the host has an event.
        first_wait: when what failed is due again; doubled each time.
        longest_wait: the longest such wait.
        unknown_wait: how long an SMS that left perhaps, since the provider did not answer, is not
            sent again; at least the longest of ``resend_waits`` of the codes, so that the doctor
            may ask for another code first (``FT-10``).
        patience: when a message that has no end of its own is given up, after it was written.
        alarm: a channel by which nothing has left for so long while messages waited is told in the
            log and by ``/readyz``.
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

    Attributes:
        addresses: whether ``CredentialsChanged`` holds the account's new address, for hosts that
            keep it too.
    """

    addresses: bool = False


@frozen(kw_only=True)
class TotalsPolicy:
    """What everybody together may do, before somebody looks and the service defends itself.

    Attributes:
        failures_span: the time over which wrong pairs of birth date and RPPS number, and wrong
            passwords, are counted together.
        failures_alert: this wrong pair, or wrong password, in the span raises an alarm.
        failures_slow: this wrong pair begins slow mode (BF-04), which lasts until fewer lie in the
            span.
        slow_failures: in slow mode every number locks from this wrong pair on, instead of
            ``identity.failures``.
        slow_answer: how long every answer to a check of identity takes in slow mode at least, right
            or wrong, so that it tells nobody anything.
        sms_price: what an SMS costs, in cents.
        sms_budget: once a day's (in cents, from midnight where the site is) is used up, codes leave
            by e-mail only until the next day or until an operator says ``monespace breaker close``
            (SD-03).
        emails_per_day: this e-mail raises an alarm, and nothing else: without e-mail nobody could
            do anything.
        conversion_sends: how many of the last codes whose life is over are looked at.
        conversion_percent: so many in a hundred of them must have been typed, or an alarm says
            that somebody has codes sent that nobody wants (SD-08).
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

"""Rules of the way out, and of the clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from ...errors import PortUnavailable
from ...facts import Channel
from ...ports import Clock, Message, Messaging
from .examples import NOW
from .rules import holds, refuses, rule, same
from .storage_races import together

__all__ = ()

Received = Callable[[], Sequence[str]]


def _message(name: str, channel: Channel = Channel.EMAIL) -> Message:
    is_mail = channel is Channel.EMAIL
    return Message(
        id=name,
        at=NOW,
        channel=channel,
        purpose="code",
        to="medecin@x.example" if is_mail else "+33600000000",
        subject="Votre code" if is_mail else None,
        paragraphs=("Bonjour,", "Votre code est 123456 — à très bientôt."),
        code="123456",
    )


@rule(
    "PORT-MESSAGING-01",
    danger="The relay notes as sent what nobody received.",
    hint="Return only when the server has taken the message; keep nothing back in a queue.",
    capability="received",
)
def is_delivered(messaging: Messaging, received: Received) -> None:
    """What was handed over has been delivered, by e-mail and by SMS, with or without a link."""
    messaging.deliver(_message("e-mail"))
    messaging.deliver(_message("sms", Channel.SMS))

    same(["e-mail", "sms"], sorted(received()), "the ids of what was delivered")


@rule(
    "PORT-MESSAGING-02",
    danger="A message whose answer was lost is never sent again.",
    hint="The same id again is no error; deliver it once more, or know it and pass it over.",
    capability="received",
)
def is_repeated(messaging: Messaging, received: Received) -> None:
    """A message handed over twice is taken twice, and has been delivered at least once."""
    messaging.deliver(_message("e-mail"))
    messaging.deliver(_message("e-mail"))

    same({"e-mail"}, set(received()), "the ids of what was delivered")


@rule(
    "PORT-MESSAGING-03",
    danger="The relay stops at the first message that fails, or notes it as sent.",
    hint="Turn whatever the client raises into PortUnavailable, after a wait that ends.",
    capability="away",
)
def says_that_it_is_away(away: Messaging) -> None:
    """While the server does not answer, PortUnavailable is raised and nothing else."""
    with refuses(PortUnavailable, "delivering while the server is away"):
        away.deliver(_message("e-mail"))


@rule(
    "PORT-MESSAGING-04",
    danger="Two relays at work lose or mix messages.",
    hint="One connection a thread, or a lock around it.",
    capability="received",
)
def delivers_at_once(messaging: Messaging, received: Received) -> None:
    """Sixteen messages handed over at once are all delivered."""
    names = [f"m{number:02}" for number in range(16)]
    together(16, lambda number: messaging.deliver(_message(names[number])))

    same(names, sorted(received()), "the ids of what was delivered")


@rule(
    "PORT-CLOCK-01",
    danger="Codes live an hour longer, or not at all, beside another time zone.",
    hint="datetime.now(UTC).",
)
def is_utc(clock: Clock) -> None:
    """The present instant is aware, and in UTC."""
    same(timedelta(0), clock.now().utcoffset(), "its distance from UTC")


@rule(
    "PORT-CLOCK-02",
    danger="A step seems to come before the one that it follows.",
    hint="Read the machine's clock each time; keep nothing.",
)
def goes_on(clock: Clock) -> None:
    """It does not go back from one reading to the next."""
    read = [clock.now() for _ in range(200)]

    holds(read == sorted(read), "a reading is earlier than the one before")

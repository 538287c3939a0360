"""What a host hands over to have its ports looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from attrs import Attribute, field, frozen

from ...ports import Clock, Emails, Messaging, Passwords, Ports, Registry, Secrets, Storage
from .rules import CAPABILITIES

__all__ = ()


def _known(_: object, __: Attribute[Any], absent: Mapping[str, str]) -> None:
    for name, why in absent.items():
        if name not in CAPABILITIES:
            raise ValueError(f"absent: {name} is no capability: {', '.join(CAPABILITIES)} are")
        if not why.strip():
            raise ValueError(f"absent: say why {name} is")


@frozen(kw_only=True)
class People:
    """Invented people whom the registry under test knows.

    Attributes:
        admitted: number and birth date of somebody who is admitted.
        refused: of somebody who is known and not admitted.
        unknown: a number that nobody has.
    """

    admitted: tuple[str, date] = field(repr=False)
    refused: tuple[str, date] = field(repr=False)
    unknown: str = field(default="99000000994", repr=False)


def _nothing() -> None:
    """Leave nothing to close."""


@frozen(kw_only=True)
class Candidate:
    """Ports to look at, fresh: nothing is stored in them yet.  What is not given is not asked.

    Attributes:
        storage: the storage.
        twin: the same store, opened a second time.
        reopen: opens the same store in another process: a function of a module, or a
            :func:`functools.partial` of one.
        registry: the registry, which knows ``people``.
        people: whom it knows.
        secrets: secrets of one key.
        rotated: the same with a newer key before it.
        retired: the same when only the newer key is left.
        passwords: the passwords; at a low cost, if that can be chosen.
        emails: the reader of addresses.
        messaging: the way out.
        received: reads the ids of what the way out has delivered so far.
        away: a way out whose server does not answer.
        clock: the clock.
        absent: what these ports lack, by capability, and why.
        unsaid: why nothing is said of what is not given, if nothing is: rules that need it are not
            asked then, and else broken.
        close: is called when a rule was asked.
    """

    storage: Storage | None = None
    twin: Storage | None = None
    reopen: Callable[[], Storage] | None = None
    registry: Registry | None = None
    people: People | None = None
    secrets: Secrets | None = None
    rotated: Secrets | None = None
    retired: Secrets | None = None
    passwords: Passwords | None = None
    emails: Emails | None = None
    messaging: Messaging | None = None
    received: Callable[[], Sequence[str]] | None = None
    away: Messaging | None = None
    clock: Clock | None = None
    absent: Mapping[str, str] = field(factory=dict, validator=_known)
    unsaid: str | None = None
    close: Callable[[], object] = _nothing

    @classmethod
    def of(cls, made: object) -> Candidate:
        """Take what a factory made: this, or all the ports of an application.

        Raises:
            TypeError: it is neither.
        """
        if isinstance(made, cls):
            return made
        if isinstance(made, Ports):
            return cls(
                storage=made.storage,
                registry=made.registry,
                secrets=made.secrets,
                passwords=made.passwords,
                emails=made.emails,
                messaging=made.messaging,
                clock=made.clock,
                unsaid="an application's ports do not say; a Candidate does",
            )
        raise TypeError(f"the factory makes {type(made).__name__}, and neither Candidate nor Ports")


Make = Callable[[], Candidate]
"""Makes fresh ports; each rule is asked of its own."""

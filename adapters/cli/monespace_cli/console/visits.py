"""Who is at the console, and why they read: kept in memory, named by a cookie, soon forgotten."""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable

from attrs import define, field, frozen

from monespace_flows.wording import Text

from ..access.log import AccessLog, AccessRecord
from ..access.place import Place
from ..access.reading import Grounds
from .rows import JourneyRow

__all__ = ["Clock", "Search", "Visit", "Visits"]

Clock = Callable[[], float]
"""Seconds that only grow, as ``time.monotonic`` counts them."""

_GROUNDS = 30 * 60  # seconds that purpose and ticket are remembered
_NAMED = 5 * 60  # seconds that an act waits to be confirmed
_LIFE = 8 * 60 * 60  # seconds: a working day
_MOST = 1_000


@frozen
class Search:
    """What was found of a person, and what else to try; not who that is."""

    rows: tuple[JourneyRow, ...]
    what_else: Text
    more: bool


@define
class Visit:
    """One agent's browser; ``form_token`` proves that a form is of a page shown to it.

    ``wanted`` is the page that was asked for before purpose and ticket were given, ``search`` what
    was found on these grounds.
    """

    agent: str
    clock: Clock = field(repr=False)
    form_token: str = field(factory=lambda: secrets.token_urlsafe(24), repr=False)
    wanted: str = "/"
    search: Search | None = None
    _grounds: tuple[str, str] | None = None
    _until: float = 0.0
    _named: dict[str, str] = field(factory=dict, repr=False)
    _named_until: float = 0.0

    @property
    def grounds(self) -> tuple[str, str] | None:
        """Purpose and ticket; ``None`` once half an hour has passed since they were given."""
        return self._grounds if self.clock() < self._until else None

    def give(self, grounds: Grounds) -> None:
        """Remember on what grounds is read; what was found on others is forgotten.

        Raises:
            Stop: purpose or ticket is missing or refused.
        """
        self._grounds = grounds.checked()
        self._until = self.clock() + _GROUNDS
        self.search = None

    def name(self, person: dict[str, str]) -> None:
        """Remember whom an act is about until it is confirmed: in memory, and not for long."""
        self._named, self._named_until = person, self.clock() + _NAMED

    @property
    def has_named(self) -> bool:
        """Whether somebody is named of whom an act waits to be confirmed."""
        return bool(self._named) and self.clock() < self._named_until

    def take_named(self) -> dict[str, str] | None:
        """Whom the act is about, once: then that is forgotten; ``None`` where nobody is named."""
        named, has_named = self._named, self.has_named
        self._named = {}
        return named if has_named else None

    def proves(self, form_token: str) -> bool:
        """Whether a form came from a page that was shown to this browser."""
        return hmac.compare_digest(form_token.encode(), self.form_token.encode())

    def record(self, place: Place, command: str, reference: str) -> AccessRecord:
        """Record a reading; whoever calls shows nothing before this returns.

        Raises:
            Stop: it cannot be written, or the grounds were forgotten meanwhile.
        """
        purpose, ticket = self.grounds or Grounds(None, None).checked()
        return AccessLog(place.access_log).append(
            command=command,
            reference=reference,
            purpose=purpose,
            ticket=ticket,
            actor=self.agent,
        )


class Visits:
    """The visits under way; a process that ends forgets them all."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._begun: dict[str, tuple[float, Visit]] = {}

    def find(self, name: str | None, agent: str) -> Visit | None:
        """The visit that a cookie names, if it is this agent's and still young."""
        begun, visit = self._begun.get(name or "", (0.0, None))
        if visit is None or visit.agent != agent or self._clock() - begun > _LIFE:
            return None
        return visit

    def begin(self, agent: str) -> tuple[str, Visit]:
        """Begin one; the oldest goes where there are too many."""
        if len(self._begun) >= _MOST:
            del self._begun[next(iter(self._begun))]
        name, visit = secrets.token_urlsafe(24), Visit(agent=agent, clock=self._clock)
        self._begun[name] = (self._clock(), visit)
        return name, visit

"""Starting a journey: nothing is kept of it until its first press.

A look at a first screen, and a flood of them, costs no row: until then the token carries what the
journey is, under the site's own seal.
"""

from __future__ import annotations

import hmac
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from threading import Lock

from attrs import evolve, field, frozen

from ..chart import Flow
from ..journey import Journey, StoredJourney
from ..ports import Secrets, Unit
from ..serialization import to_json
from ..step import begin
from .case import Application, Dossier, close_dossier, digest_token
from .views import end_of

__all__ = ()

_SIGN = "."
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PARTS = 5
_LONGEST = 512
"""Signs of a token of ours at the most: what is longer is not read at all."""
_REMEMBERED = 4096


def bare(token: str) -> str:
    """The secret part of a journey's token: all that is left of it once the journey is kept."""
    return token.partition(_SIGN)[0]


def write_reference(digits: str) -> str:
    """Write sixteen digits as a public reference: eight signs that nobody mistakes for others."""
    letters = [_ALPHABET[int(digits[i : i + 2]) % len(_ALPHABET)] for i in range(0, 16, 2)]
    return f"{''.join(letters[:4])}-{''.join(letters[4:])}"


def draw_reference(secrets: Secrets) -> str:
    """Draw a journey's public reference."""
    return write_reference(secrets.digits(16))


@frozen(kw_only=True)
class _Ticket:
    """What a token says of a journey that has not begun; ``session`` is the digest of one."""

    secret: str = field(repr=False)
    reference: str
    flow: str
    at: datetime
    session: str = field(default="", repr=False)

    def told(self) -> str:
        since = (self.at - _EPOCH) // _MICROSECOND
        return _SIGN.join((self.secret, self.reference, self.flow, str(since), self.session))


class Starter:
    """Makes tokens of journeys that begin with their first press, and reads them."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._secrets = app.ports.secrets
        self._lock = Lock()
        self._started: OrderedDict[str, datetime] = OrderedDict()

    def start(
        self, flow: Flow, session: str | None, key: str | None, now: datetime
    ) -> tuple[str, Journey]:
        """Make a new journey and its token, or those of this key: the same all the while.

        ``session`` is the token of the session that the journey is bound to, if its flow needs one.
        """
        secret, digits = self._drawn() if key is None else self._derived(flow, session, key)
        ticket = _Ticket(
            secret=secret,
            reference=write_reference(digits),
            flow=flow.name,
            at=now if key is None else self._first(secret, now),
            session=digest_token(session) if session and flow.needs_session else "",
        )
        told = ticket.told()
        token = f"{told}{_SIGN}{self._seals(told)[0]}"
        return token, begin(flow, ticket.reference, ticket.at)

    def find(self, unit: Unit, token: str, *, lock: bool = False) -> StoredJourney | None:
        """Find a journey by its token: as it is kept, or as it is before its first press."""
        digest = digest_token(bare(token))
        kept = unit.journeys.by_token(digest, lock=lock)
        ticket = self._read(token) if kept is None else None
        if ticket is None:
            return kept
        if unit.journal.lines(ticket.reference):
            # It began between the two looks, or before them and was forgotten since.
            return unit.journeys.by_token(digest, lock=lock)
        return self._unkept(unit, ticket)

    def _drawn(self) -> tuple[str, str]:
        return self._secrets.token(), self._secrets.digits(16)

    def _derived(self, flow: Flow, session: str | None, key: str) -> tuple[str, str]:
        """One key, one journey: whoever asks again must come to the same one."""
        made = self._secrets.digests("start", to_json([flow.name, session, key]))[0]
        secret = digest_token(made)
        return secret, str(int(digest_token(secret), 16))[-16:]

    def _first(self, secret: str, now: datetime) -> datetime:
        """When the journey of a key was started first, as far as this process remembers.

        Another one gives it a later time and so another token, which opens the same journey.
        """
        with self._lock:
            at = self._started.setdefault(digest_token(secret), now)
            if len(self._started) > _REMEMBERED:
                self._started.popitem(last=False)
        return at

    def _seals(self, told: str) -> tuple[str, ...]:
        made = self._secrets.digests("start", f"token {told}")
        return tuple(each.replace(":", "~") for each in made)

    def _read(self, token: str) -> _Ticket | None:
        told, _, seal = token.rpartition(_SIGN)
        parts = told.split(_SIGN)
        if len(token) > _LONGEST or len(parts) != _PARTS:
            return None
        given = seal.encode("utf-8", "surrogatepass")
        # All of them are compared, and nothing is read before: only we can have written it.
        sound = [hmac.compare_digest(given, it.encode()) for it in self._seals(told)]
        if not any(sound):
            return None
        secret, reference, flow, since, session = parts
        at = _EPOCH + int(since) * _MICROSECOND
        return _Ticket(secret=secret, reference=reference, flow=flow, at=at, session=session)

    def _unkept(self, unit: Unit, ticket: _Ticket) -> StoredJourney | None:
        flow = self._app.flows.get(ticket.flow)
        if flow is None:
            return None
        journey = begin(flow, ticket.reference, ticket.at)
        stored = StoredJourney(
            journey=journey,
            token_digest=digest_token(ticket.secret),
            expires_at=end_of(flow, journey, self._app.policy),
            session_digest=ticket.session or None,
        )
        return self._bound(unit, stored) if ticket.session else stored

    def _bound(self, unit: Unit, stored: StoredJourney) -> StoredJourney:
        """Bind a member's journey to the account; whether the session is alive is asked later."""
        session = unit.sessions.get(stored.session_digest or "")
        account = unit.accounts.get(session.account_id) if session else None
        if account is None:
            return stored
        dossier = Dossier(email=self._secrets.unseal(account.sealed_email))
        return evolve(
            stored,
            journey=evolve(stored.journey, subject=account.rpps_digest),
            dossier=close_dossier(self._app.ports, dossier),
            account_id=account.id,
        )

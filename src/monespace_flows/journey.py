"""One person's run through a flow: everything that can be told again from the journal.

A :class:`Journey` holds verdicts, times and masked contacts only; what must stay secret or can
be typed (tokens, digests, the sealed dossier) stands beside it in :class:`StoredJourney`, which
storage keeps and no command line shows.
"""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from .facts import Channel, Contact, Problem, Role

__all__ = ["Journey", "SentCode", "StoredJourney"]


@frozen(kw_only=True)
class SentCode:
    """The newest code of a journey: when it was sent (UTC) and how often it was missed."""

    sent_at: datetime
    tries: int = 0


@frozen(kw_only=True)
class Journey:
    """Where a person stands.

    All times are UTC.  ``seq`` is the number of steps taken, and the version that storage
    compares.  ``subject`` is a keyed pseudonym of the doctor, once known.  ``sent`` are the codes
    sent so far, by channel.  ``wait`` is in seconds, for the notices that name a wait.
    ``offer_recovery``, ``offer_reset_link`` and ``login_is_taken`` say which buttons are shown.
    """

    reference: str
    flow: str
    state: str
    started_at: datetime
    entered_at: datetime
    shown_at: datetime
    seq: int = 0
    extended_at: datetime | None = None
    subject: str | None = None
    role: Role | None = None
    terms_version: str | None = None
    contacts: tuple[Contact, ...] = ()
    contact: Contact | None = None
    code: SentCode | None = None
    sent: tuple[tuple[Channel, datetime], ...] = ()
    offer_recovery: bool = False
    offer_reset_link: bool = False
    login_is_taken: bool = False
    notices: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    wait: int = 0

    @property
    def has_other_contact(self) -> bool:
        """Whether the Order holds a contact beside the one that was chosen."""
        return len(self.contacts) > 1


@frozen(kw_only=True)
class StoredJourney:
    """A journey as storage keeps it.

    ``token_digest`` is the SHA-256 of the token that opens it.  ``dossier`` is sealed: the RPPS
    number and the address that is, or may become, the login.  ``code_digest`` is a keyed digest of
    the newest code.  ``account_id`` and ``session_digest`` bind a journey to an account, where it
    has one.  ``journal_hash`` is that of the journal's last line, which the next one
    follows.  ``answer`` is sealed: what only the answer to the last press said.
    """

    journey: Journey
    token_digest: str = field(repr=False)
    expires_at: datetime
    dossier: str | None = field(default=None, repr=False)
    code_digest: str | None = field(default=None, repr=False)
    account_id: str | None = None
    session_digest: str | None = field(default=None, repr=False)
    journal_hash: str = ""
    answer: str | None = field(default=None, repr=False)

    @property
    def is_kept(self) -> bool:
        """Whether it is in the store: until its first press only its token knows of it."""
        return bool(self.journal_hash)

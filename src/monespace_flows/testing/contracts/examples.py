"""Records to store: every field is set, with accents and microseconds wherever they may be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import evolve

from ...facts import Channel, Contact, Problem, Role
from ...journey import Journey, SentCode, StoredJourney
from ...ports import Account, LinkPurpose, Listener, OutboxMessage, Session, StoredLink

__all__ = ()

NOW = datetime(2026, 11, 22, 14, 5, 3, 123456, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

_CONTACT = Contact("c1", Channel.SMS, "3378***22")
_JOURNEY = Journey(
    reference="7K3Q-F9M2",
    flow="entrée",
    state="écran",
    started_at=NOW,
    entered_at=NOW + MICROSECOND,
    shown_at=NOW + MINUTE,
    extended_at=NOW + MINUTE,
    subject="k1.sujet",
    role=Role.JUNIOR_DOCTOR,
    terms_version="2026-01",
    contacts=(_CONTACT, Contact("c2", Channel.EMAIL, "é***@médecin.example")),
    contact=_CONTACT,
    code=SentCode(sent_at=NOW + 3 * MICROSECOND, tries=2),
    sent=((Channel.SMS, NOW), (Channel.EMAIL, NOW + MICROSECOND)),
    offer_recovery=True,
    offer_reset_link=True,
    login_is_taken=True,
    notices=("code.wrong",),
    problems=(Problem.CODE_SHAPE,),
    wait=60,
)
_ACCOUNT = Account(
    id="a1",
    rpps_digest="k1.rpps",
    email_digest="k1.email",
    sealed_rpps="k1.scellé",
    sealed_email="k1.scellé aussi",
    password_hash="$argon2id$",
    role=Role.INTERN,
    created_at=NOW,
    terms_version="2026-01",
    terms_accepted_at=NOW - MICROSECOND,
    email_confirmed_at=NOW + MICROSECOND,
    disabled_at=NOW + MINUTE,
    frozen_at=NOW + 2 * MINUTE,
    credential_epoch=3,
    version=7,
)
_LINK = StoredLink(
    digest="l1",
    purpose=LinkPurpose.RESET,
    account_id="a1",
    epoch=3,
    journey="7K3Q-F9M2",
    created_at=NOW,
    expires_at=NOW + DAY,
)
_MESSAGE = OutboxMessage(
    id="m1",
    journey="7K3Q-F9M2",
    channel="sms",
    purpose="code",
    sealed="k1.message scellé",
    created_at=NOW,
    due_at=NOW,
    expires_at=NOW + 10 * MINUTE,
)


def stored(reference: str = "7K3Q-F9M2", **changes: Any) -> StoredJourney:
    """Make a journey, with a token of its own; ``changes`` are of the journey itself."""
    journey = evolve(_JOURNEY, reference=reference, **changes)
    return StoredJourney(
        journey=journey,
        token_digest=f"token of {reference}",
        expires_at=journey.started_at + 30 * MINUTE,
        dossier="k1.dossier scellé",
        code_digest="k1.code",
        account_id="a1",
        session_digest="s1",
        journal_hash="0123abc",
        answer="k1.réponse scellée",
    )


def account(name: str = "a1", **changes: Any) -> Account:
    """Make an account, with digests of its own."""
    own = {"id": name, "rpps_digest": f"rpps of {name}", "email_digest": f"email of {name}"}
    return evolve(_ACCOUNT, **own | changes)


def session(digest: str = "s1", account_id: str = "a1", created_at: datetime = NOW) -> Session:
    """Make a session."""
    return Session(
        digest=digest,
        account_id=account_id,
        epoch=3,
        created_at=created_at,
        seen_at=created_at + MICROSECOND,
    )


def link(digest: str = "l1", **changes: Any) -> StoredLink:
    """Make a link that was not used."""
    return evolve(_LINK, digest=digest, **changes)


def message(name: str = "m1", **changes: Any) -> OutboxMessage:
    """Make a message that waits."""
    return evolve(_MESSAGE, id=name, **changes)


def listener(name: str = "crm", kind: str = "AccountErased", since: datetime = NOW) -> Listener:
    """Make who listens to a kind of event."""
    return Listener(kind=kind, name=name, since=since)

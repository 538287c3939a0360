"""What a journey wished, done: one function for each effect, inside the step's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from attrs import evolve

from ...chart import Flow
from ...commands import Command, RequestLink
from ...effects import (
    BeginReset,
    Budget,
    CancelCode,
    ChangeCredentials,
    ClearFailures,
    ConsumeLink,
    CountFailure,
    CreateAccount,
    Effect,
    OpenSession,
    RecoverAccount,
    ReleaseAddress,
    SendCode,
    SendLetter,
    SendNothing,
    SendResetLink,
)
from ...errors import LostSwap, PortUnavailable
from ...events import AccountCreated, AccountRecovered, CredentialsChanged, SignedIn
from ...facts import Channel, LinkRequestFacts, LinkRequestVerdict
from ...ports import Account, Doctor, LinkPurpose, Session, StoredLink, Unit
from ...screens import Letter
from ..case import Beginning, Case, Dossier, digest_token, email_digests
from .code import code_message
from .letters import Recipient, post, post_nothing

__all__ = ["begun_by", "execute", "executors_of", "post_confirmation"]


_NOBODY = ""
"""The account of a link that nobody received."""


def execute(case: Case, unit: Unit, effect: Effect, key: str) -> None:
    """Do one effect of the step that the case has just taken.

    Args:
        case: what the submission works with; ``case.after`` is the journey as the step left it.
        unit: the step's transaction.
        effect: what is wished.
        key: its idempotency key.
    """
    case.key = key
    executors_of(case.flow)[type(effect)](case, unit, effect)


def executors_of(flow: Flow) -> Mapping[type[Effect], Executor]:
    """Who does the effects of a flow, by their type: its own, and these."""
    return {**_EXECUTORS, **flow.executors}


Executor = Callable[[Case, Unit, Any], None]


def _send_code(case: Case, unit: Unit, _: SendCode) -> None:
    contact, destination = case.after.contact, case.destination
    if contact is None or destination is None:
        raise PortUnavailable("registry")
    code = case.ports.secrets.digits(case.policy.codes.digits)
    message = code_message(case.after.reference, len(case.after.sent), code)
    case.keep(code_digest=case.ports.secrets.digests("code", message)[0])
    case.remember(email=destination if contact.channel is Channel.EMAIL else None)
    unit.outbox.cancel(case.after.reference, "code", case.at)
    unit.budgets.add(Budget.SEND, case.subject(), case.at)
    post(
        case,
        unit,
        case.key,
        _letter(case.flow, f"code.{contact.channel.value}"),
        Recipient(contact.channel, destination),
        code=code,
        expires_at=case.at + case.policy.codes.life,
    )


def _cancel_code(case: Case, unit: Unit, _: CancelCode) -> None:
    case.keep(code_digest=None)
    unit.outbox.cancel(case.after.reference, "code", case.at)


def _count_failure(case: Case, unit: Unit, effect: CountFailure) -> None:
    digests = case.email_digests if effect.budget is Budget.PASSWORD else case.subjects
    unit.budgets.add(effect.budget, digests[0], case.at)


def _clear_failures(case: Case, unit: Unit, _: ClearFailures) -> None:
    for budget in (Budget.IDENTITY, Budget.CODE, Budget.EMAIL):
        unit.budgets.clear(budget, case.subjects)


def _create_account(case: Case, unit: Unit, effect: CreateAccount) -> None:
    doctor, email, password_hash = case.doctor, case.email, case.password_hash
    if doctor is None or email is None or password_hash is None or case.after.terms_version is None:
        raise PortUnavailable("registry")
    account = Account(
        id=case.ports.secrets.token()[:22],
        rpps_digest=case.subject(),
        email_digest=case.email_digests[0],
        sealed_rpps=case.ports.secrets.seal(doctor.rpps),
        sealed_email=case.ports.secrets.seal(email.address),
        password_hash=password_hash,
        role=doctor.role,
        created_at=case.at,
        terms_version=case.after.terms_version,
        terms_accepted_at=case.at,
        email_confirmed_at=case.at if effect.address_is_proven else None,
    )
    unit.accounts.add(account)
    _forget_wrong_passwords(case, unit, account)
    case.account = account
    case.keep(account_id=account.id)
    case.remember(email=email.address)
    case.events.append(
        AccountCreated(id=case.key, at=case.at, account_id=account.id, role=account.role)
    )


def _recover_account(case: Case, unit: Unit, effect: RecoverAccount) -> None:
    before = _account(case)
    case.previous_email = case.ports.secrets.unseal(before.sealed_email)
    _change(case, unit, email_confirmed_at=case.at if effect.address_is_proven else None)
    case.remember(email=case.ports.secrets.unseal(_account(case).sealed_email))
    case.events.append(AccountRecovered(id=case.key, at=case.at, account_id=before.id))


def _change_credentials(case: Case, unit: Unit, effect: ChangeCredentials) -> None:
    before = _account(case)
    previous = case.ports.secrets.unseal(before.sealed_email)
    if effect.address_is_proven:
        _change(case, unit, email_confirmed_at=before.email_confirmed_at or case.at)
    elif case.email is not None:
        case.previous_email = previous
        _change(case, unit, email_confirmed_at=None)
    else:
        _change(case, unit)
    case.remember(
        email=case.ports.secrets.unseal(_account(case).sealed_email),
        epoch=_account(case).credential_epoch,
    )
    case.events.append(CredentialsChanged(id=case.key, at=case.at, account_id=before.id))


def _change(case: Case, unit: Unit, **changes: Any) -> None:
    """Write new credentials; every session and link of the account dies with the old ones.

    So does the lock on its password: whoever has just chosen one must not be refused with it.
    """
    before = _account(case)
    if case.email is not None:
        changes["email_digest"] = case.email_digests[0]
        changes["sealed_email"] = case.ports.secrets.seal(case.email.address)
    if case.password_hash is not None:
        changes["password_hash"] = case.password_hash
    account = evolve(
        before,
        credential_epoch=before.credential_epoch + 1,
        version=before.version + 1,
        **changes,
    )
    unit.accounts.update(account, before.version)
    _end_access(unit, account)
    _forget_wrong_passwords(case, unit, before, account)
    case.account = account
    case.keep(account_id=account.id)


def _release_address(case: Case, unit: Unit, _: ReleaseAddress) -> None:
    """Leave the account that only claimed the address without any: proof beats claim.

    What stands for its address was drawn and is kept nowhere: nobody can type it to sign in.
    """
    claimant = case.claimant
    if claimant is None:
        raise PortUnavailable("storage")
    digest = case.ports.secrets.digests("email", case.ports.secrets.token())[0]
    released = evolve(
        claimant,
        email_digest=digest,
        sealed_email=case.ports.secrets.seal(""),
        credential_epoch=claimant.credential_epoch + 1,
        version=claimant.version + 1,
    )
    unit.accounts.update(released, claimant.version)
    _end_access(unit, claimant)
    case.events.append(CredentialsChanged(id=case.key, at=case.at, account_id=claimant.id))


def _end_access(unit: Unit, account: Account) -> None:
    """End every session and void every link that the account had under its old credentials."""
    unit.sessions.end_all(account.id)
    for purpose in LinkPurpose:
        unit.links.void(account.id, purpose)


def _begin_reset(case: Case, unit: Unit, _: BeginReset) -> None:  # noqa: ARG001 - one shape for all
    """Have the step followed by a reset's own first one, in the same transaction."""
    address = case.ports.secrets.unseal(_account(case).sealed_email)
    case.beginning = Beginning(
        flow=next(begun_by(case.flows.values(), RequestLink)),
        command=RequestLink(address),
        facts=LinkRequestFacts(request=LinkRequestVerdict.SEND, subject=case.subject()),
        dossier=Dossier(email=address),
    )


def begun_by(flows: Iterable[Flow], command: type[Command]) -> Iterator[Flow]:
    """The flows whose first screen takes a command."""
    return (it for it in flows if command.event in it.offered[it.initial])


def _forget_wrong_passwords(case: Case, unit: Unit, *accounts: Account) -> None:
    for account in accounts:
        unit.budgets.clear(
            Budget.PASSWORD, email_digests(case.ports.secrets, case.ports.emails, account)
        )


def _send_letter(case: Case, unit: Unit, effect: SendLetter) -> None:
    letter = _letter(case.flow, effect.letter)
    for place, recipient in enumerate(_recipients(case, letter)):
        unique = f"{case.key}.{place}" if place else case.key
        if letter.link is None:
            post(case, unit, unique, letter, recipient)
        else:
            post_confirmation(case, unit, unique, letter, recipient)


def post_confirmation(
    case: Case, unit: Unit, key: str, letter: Letter, recipient: Recipient
) -> None:
    """Queue a letter that carries a link to confirm the account's address (``D7``)."""
    expires_at = case.at + case.policy.links.confirmation_life
    token = _add_link(case, unit, LinkPurpose.CONFIRM, expires_at, None)
    post(case, unit, key, letter, recipient, link=token, expires_at=expires_at)


def _recipients(case: Case, letter: Letter) -> Iterator[Recipient]:
    if letter.to == "login":
        address = case.ports.secrets.unseal(_account(case).sealed_email)
        yield Recipient(Channel.EMAIL, address)
    elif letter.to == "previous_login" and case.previous_email:
        yield Recipient(Channel.EMAIL, case.previous_email)
    elif letter.to == "order":
        yield from _contacts(case.doctor)
    elif letter.to == "claimant":
        yield from _contacts(case.claimants_doctor)


def _contacts(doctor: Doctor | None) -> Iterator[Recipient]:
    for channel in Channel:
        destination = doctor.destination(channel) if doctor else None
        if destination is not None:
            yield Recipient(channel, destination)


def _send_reset_link(case: Case, unit: Unit, _: SendResetLink) -> None:
    account = _account(case)
    expires_at = case.at + case.policy.links.life
    unit.budgets.add(Budget.LINK, case.email_digests[0], case.at)
    unit.links.void(account.id, LinkPurpose.RESET)
    token = _add_link(case, unit, LinkPurpose.RESET, expires_at, case.after.reference)
    address = case.ports.secrets.unseal(account.sealed_email)
    post(
        case,
        unit,
        case.key,
        _letter(case.flow, "reset.link"),
        Recipient(Channel.EMAIL, address),
        link=token,
        expires_at=expires_at,
    )


def _send_nothing(case: Case, unit: Unit, _: SendNothing) -> None:
    """Write what a link would, row for row: the two take the same time (``P2``, TM-03)."""
    expires_at = case.at + case.policy.links.life
    # What is asked for in vain is not counted: whoever goes on asking keeps nobody out (SD-06).
    if not case.link_must_wait:
        unit.budgets.add(Budget.LINK, case.email_digests[0], case.at)
    unit.links.void(_NOBODY, LinkPurpose.RESET)
    unit.links.add(
        StoredLink(
            digest=digest_token(case.ports.secrets.token()),
            purpose=LinkPurpose.RESET,
            account_id=_NOBODY,
            epoch=0,
            journey=case.after.reference,
            created_at=case.at,
            expires_at=expires_at,
        )
    )
    post_nothing(case, unit, case.key, _letter(case.flow, "reset.link"), expires_at)


def _consume_link(case: Case, unit: Unit, _: ConsumeLink) -> None:
    link, account = case.link, _account(case)
    if link is None or not unit.links.consume(link.digest, case.at):
        raise LostSwap
    case.token = case.ports.secrets.token()
    case.keep(token_digest=digest_token(case.token), account_id=account.id)
    case.remember(
        email=case.ports.secrets.unseal(account.sealed_email), epoch=account.credential_epoch
    )


def _open_session(case: Case, unit: Unit, effect: OpenSession) -> None:
    account = _rehashed(case, unit) if effect.by_password else _account(case)
    case.session_token = case.ports.secrets.token()
    digest = digest_token(case.session_token)
    unit.sessions.add(
        Session(
            digest=digest,
            account_id=account.id,
            epoch=account.credential_epoch,
            created_at=case.at,
            seen_at=case.at,
        )
    )
    case.keep(account_id=account.id, session_digest=digest)
    if effect.by_password:
        unit.budgets.clear(Budget.PASSWORD, case.email_digests)
        case.events.append(SignedIn(id=case.key, at=case.at, account_id=account.id))


def _rehashed(case: Case, unit: Unit) -> Account:
    """Write a hash made under newer parameters, when signing in found the old one outdated."""
    account = _account(case)
    if case.password_hash is None:
        return account
    renewed = evolve(account, password_hash=case.password_hash, version=account.version + 1)
    unit.accounts.update(renewed, account.version)
    return renewed


def _add_link(
    case: Case, unit: Unit, purpose: LinkPurpose, expires_at: datetime, journey: str | None
) -> str:
    account = _account(case)
    token = case.ports.secrets.token()
    unit.links.add(
        StoredLink(
            digest=digest_token(token),
            purpose=purpose,
            account_id=account.id,
            epoch=account.credential_epoch,
            journey=journey,
            created_at=case.at,
            expires_at=expires_at,
        )
    )
    return token


def _account(case: Case) -> Account:
    if case.account is None:
        raise PortUnavailable("storage")
    return case.account


def _letter(flow: Flow, letter: str) -> Letter:
    return flow.letters[letter]


_EXECUTORS: dict[type[Effect], Executor] = {
    SendCode: _send_code,
    CancelCode: _cancel_code,
    CountFailure: _count_failure,
    ClearFailures: _clear_failures,
    CreateAccount: _create_account,
    RecoverAccount: _recover_account,
    ReleaseAddress: _release_address,
    BeginReset: _begin_reset,
    ChangeCredentials: _change_credentials,
    SendLetter: _send_letter,
    SendResetLink: _send_reset_link,
    SendNothing: _send_nothing,
    ConsumeLink: _consume_link,
    OpenSession: _open_session,
}

"""What becomes of an account: created, recovered, changed, or left without its claimed address."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from attrs import evolve

from ...effects import (
    Budget,
    ChangeCredentials,
    CreateAccount,
    DisableAccount,
    RecoverAccount,
    ReleaseAddress,
)
from ...events import AccountCreated, AccountDisabled, AccountRecovered, CredentialsChanged
from ...ports import Account, EmailAddress, LinkPurpose, Unit
from ..case import email_digests
from .base import EffectContext, Executors, Findings, pending_change, required
from .credentials import FoundCredentials

__all__ = ()

Context = EffectContext[FoundCredentials]


def _create_account(context: Context, effect: CreateAccount) -> None:
    case, found, secrets = context.case, context.found, context.case.ports.secrets
    doctor = required(found.doctor, "a doctor")
    email = required(found.email, "an address")
    account = Account(
        id=secrets.token()[:22],
        rpps_digest=found.subject,
        email_digest=found.email_digests[0],
        sealed_rpps=secrets.seal(doctor.rpps),
        sealed_email=secrets.seal(email.address),
        password_hash=required(found.password_hash, "a password"),
        role=doctor.role,
        created_at=case.at,
        terms_version=required(context.after.terms_version, "a version of the terms"),
        terms_accepted_at=case.at,
        email_confirmed_at=case.at if effect.address_is_proven else None,
    )
    context.unit.accounts.add(account)
    _forget_wrong_passwords(context, account)
    context.account = account
    case.keep(account_id=account.id)
    case.remember(email=email.address)
    context.events.append(
        AccountCreated(id=context.key, at=case.at, account_id=account.id, role=account.role)
    )


def _recover_account(context: Context, effect: RecoverAccount) -> None:
    case, before = context.case, context.own_account
    _note_previous(context)
    confirmed_at = case.at if effect.address_is_proven else None
    _change(context, context.found.email, email_confirmed_at=confirmed_at)
    # The code has said whose it is: who had an earlier address has no more say in it.
    context.unit.links.void(before.id, LinkPurpose.OBJECT)
    case.remember(email=_address(context))
    context.events.append(
        AccountRecovered(id=context.key, at=case.at, account_id=context.own_account.id)
    )


def _change_credentials(context: Context, effect: ChangeCredentials) -> None:
    case, before, asked = context.case, context.own_account, context.found.email
    if effect.address_is_proven:
        _change(context, email_confirmed_at=before.email_confirmed_at or case.at)
    elif asked is not None:
        _note_previous(context)
        context.next_email = asked.address
        context.unit.budgets.add(Budget.CHANGE, context.found.subject, case.at)
        _change(context)
    else:
        _change_password(context)
    shown = context.next_email or _address(context)
    case.remember(email=shown, epoch=context.own_account.credential_epoch)
    told = _address(context) if case.policy.events.addresses else None
    context.events.append(
        CredentialsChanged(id=context.key, at=case.at, account_id=before.id, email=told)
    )


def _change_password(context: Context) -> None:
    """Write a new password; another address that is awaited still is.

    Only who signs in with the new one can confirm it.
    """
    unit, before = context.unit, context.own_account
    awaited = pending_change(unit, before, context.case.at)
    _change(context)
    if awaited is not None:
        unit.links.add(evolve(awaited, epoch=context.own_account.credential_epoch))


def _note_previous(context: Context) -> None:
    context.previous_email = _address(context)
    context.previous_is_proven = context.own_account.email_confirmed_at is not None


def _address(context: Context) -> str:
    return context.case.ports.secrets.unseal(context.own_account.sealed_email)


def _change(context: Context, email: EmailAddress | None = None, **changes: Any) -> None:
    """Write new credentials; every session and link of the account dies with the old ones.

    So does the lock on its password: whoever has just chosen one must not be refused with it.
    """
    before, found = context.own_account, context.found
    if email is not None:
        changes["email_digest"] = found.email_digests[0]
        changes["sealed_email"] = context.case.ports.secrets.seal(email.address)
    if found.password_hash is not None:
        changes["password_hash"] = found.password_hash
    account = evolve(
        before,
        credential_epoch=before.credential_epoch + 1,
        version=before.version + 1,
        **changes,
    )
    context.unit.accounts.update(account, before.version)
    end_access(context.unit, account)
    _forget_wrong_passwords(context, before, account)
    context.account = account
    context.case.keep(account_id=account.id)


def _release_address(context: Context, _: ReleaseAddress) -> None:
    """Leave the account that only claimed the address without any: proof beats claim.

    What stands for its address was drawn and is kept nowhere: nobody can type it to sign in.
    """
    claimant = required(context.found.claimant, "an account that claims the address")
    secrets = context.case.ports.secrets
    released = evolve(
        claimant,
        email_digest=secrets.digests("email", secrets.token())[0],
        sealed_email=secrets.seal(""),
        credential_epoch=claimant.credential_epoch + 1,
        version=claimant.version + 1,
    )
    context.unit.accounts.update(released, claimant.version)
    end_access(context.unit, claimant)
    context.events.append(
        CredentialsChanged(id=context.key, at=context.case.at, account_id=claimant.id)
    )


def _disable_account(context: EffectContext[Findings], _: DisableAccount) -> None:
    case, account = context.case, context.own_account
    context.account = disabled(context.unit, account, case.at)
    context.events.append(
        AccountDisabled(id=context.key, at=case.at, account_id=account.id, by="registry")
    )


def disabled(unit: Unit, account: Account, at: datetime, *, frozen: bool = False) -> Account:
    """Disable an account with its date; what was open under it is over, and stays so."""
    changed = evolve(
        account,
        disabled_at=at,
        frozen_at=at if frozen else None,
        credential_epoch=account.credential_epoch + 1,
        version=account.version + 1,
    )
    unit.accounts.update(changed, account.version)
    end_access(unit, changed)
    for purpose in LinkPurpose:
        unit.links.void(account.id, purpose)
    return changed


def end_access(unit: Unit, account: Account) -> None:
    """End every session and void every link that the account had under its old credentials.

    Those that object to the new ones stay.
    """
    unit.sessions.end_all(account.id)
    for purpose in LinkPurpose:
        if not purpose.objects:
            unit.links.void(account.id, purpose)


def _forget_wrong_passwords(context: Context, *accounts: Account) -> None:
    ports = context.case.ports
    for account in accounts:
        digests = email_digests(ports.secrets, ports.emails, account)
        context.unit.budgets.clear(Budget.PASSWORD, digests)


EXECUTORS: Executors = {
    CreateAccount: _create_account,
    RecoverAccount: _recover_account,
    ChangeCredentials: _change_credentials,
    ReleaseAddress: _release_address,
    DisableAccount: _disable_account,
}

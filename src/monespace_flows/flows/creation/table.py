"""Creating one's space (guide ``C1``-``C10``): who you are, a code, credentials, done.

Everything that can move a person through this journey is in this table.  Rows are tried from the
top; the last of each event has no guard, so every command is decided in every state that offers
it.
"""

from __future__ import annotations

from statemachine import Event, State

from ...chart import Chart, say, stay, wish
from ...effects import (
    Budget,
    CountFailure,
    CreateAccount,
    ReleaseAddress,
    SendLetter,
    WarnHolder,
)
from ...notices import (
    ACCOUNT_EXISTS,
    CODE_EXHAUSTED,
    CODE_EXPIRED,
    CODE_RESENT,
    CODE_TOO_SOON,
    CODE_WRONG,
    CONFIRMATION_MISMATCH,
    EMAIL_TAKEN,
    EMAIL_TO_CONFIRM,
    ENTRY_ERASED,
    IDENTITY_THROTTLED,
    IDENTITY_UNKNOWN,
    JOURNEY_ABANDONED,
    JOURNEY_EXPIRED,
    PASSWORD_WEAK,
    SEND_EXHAUSTED,
    SMS_CLOSED,
    TERMS_REQUIRED,
)
from ..shared.table import (
    accept_code,
    account_exists,
    address_is_claimed,
    address_is_proven,
    channel_is_closed,
    code_is_expired,
    code_matches,
    code_matches_by_email,
    code_still_waits,
    contact_is_gone,
    count_try,
    doctor_is_gone,
    email_confirmation_differs,
    email_is_taken,
    emails_are_throttled,
    finish,
    forget_choice,
    forget_contacts,
    forget_person,
    has_account,
    holder_is_warned,
    is_known,
    is_malformed,
    is_throttled,
    is_too_soon,
    journey_is_over,
    note_taken_login,
    password_confirmation_differs,
    password_is_weak,
    prolong,
    remember_doctor,
    send_new_code,
    sends_are_exhausted,
    show_problems,
    terms_are_missing,
    tries_are_exhausted,
    was_last_try,
)

__all__ = ["Creation"]


class Creation(Chart):
    """Creating one's space."""

    enter_identity = State("Créer votre espace", initial=True)
    choose_channel = State("Sécuriser la création de votre espace")
    enter_code = State("Veuillez saisir le code reçu")
    choose_credentials = State("Finaliser la création de votre espace")
    choose_password = State("Créer mon compte")
    created = State("Votre espace est créé", final=True)
    expired = State("Votre demande a expiré", final=True)

    submit_identity = Event(
        stay(enter_identity, cond=terms_are_missing, on=[show_problems, say(TERMS_REQUIRED)])  # C1
        | stay(enter_identity, cond=is_malformed, on=show_problems)  # C1
        | stay(
            enter_identity,
            cond=is_throttled,
            on=say(IDENTITY_THROTTLED),
        )
        | stay(enter_identity, cond=has_account, on=say(ACCOUNT_EXISTS))  # C4
        | enter_identity.to(choose_channel, cond=is_known, on=remember_doctor)  # C5
        | stay(
            enter_identity,
            cond=holder_is_warned,
            on=[wish(CountFailure(Budget.IDENTITY), WarnHolder()), say(IDENTITY_UNKNOWN)],
        )  # C3
        | stay(
            enter_identity,
            on=[wish(CountFailure(Budget.IDENTITY)), say(IDENTITY_UNKNOWN)],
        ),  # C3, D3
        name="Valider",
    )
    send_code = Event(
        stay(choose_channel, cond=is_malformed, on=show_problems)
        | stay(choose_channel, cond=contact_is_gone, on=say(IDENTITY_UNKNOWN))
        | stay(choose_channel, cond=channel_is_closed, on=say(SMS_CLOSED))
        | choose_channel.to(enter_code, cond=code_still_waits, on=say(CODE_TOO_SOON))
        | stay(choose_channel, cond=is_too_soon, on=say(CODE_TOO_SOON))
        | stay(choose_channel, cond=sends_are_exhausted, on=say(SEND_EXHAUSTED))
        | choose_channel.to(enter_code, on=send_new_code),  # C6
        name="Recevoir votre code",
    )
    resend_code = Event(
        stay(enter_code, cond=contact_is_gone, on=say(IDENTITY_UNKNOWN))
        | stay(enter_code, cond=channel_is_closed, on=say(SMS_CLOSED))
        | stay(enter_code, cond=is_too_soon, on=say(CODE_TOO_SOON))  # D4
        | stay(enter_code, cond=sends_are_exhausted, on=say(SEND_EXHAUSTED))  # D4
        | stay(enter_code, on=[send_new_code, say(CODE_RESENT)]),  # C7
        name="Renvoyer le code",
    )
    submit_code = Event(
        stay(enter_code, cond=is_malformed, on=show_problems)
        | stay(enter_code, cond=code_is_expired, on=say(CODE_EXPIRED))  # D4
        | stay(enter_code, cond=tries_are_exhausted, on=say(CODE_EXHAUSTED))  # D4
        | enter_code.to(choose_password, cond=code_matches_by_email, on=accept_code)  # C9
        | enter_code.to(choose_credentials, cond=code_matches, on=accept_code)  # C8
        | stay(enter_code, cond=was_last_try, on=[count_try, say(CODE_WRONG, CODE_EXHAUSTED)])  # D4
        | stay(enter_code, on=[count_try, say(CODE_WRONG)]),  # C7
        name="Valider",
    )
    activate = Event(
        stay(choose_credentials, cond=doctor_is_gone, on=say(IDENTITY_UNKNOWN))
        | stay(choose_credentials, cond=account_exists, on=say(ACCOUNT_EXISTS))  # C4
        | stay(
            choose_credentials,
            cond=email_confirmation_differs,
            on=[show_problems, say(CONFIRMATION_MISMATCH)],
        )
        | stay(
            choose_credentials,
            cond=password_confirmation_differs,
            on=[show_problems, say(CONFIRMATION_MISMATCH)],
        )
        | stay(choose_credentials, cond=password_is_weak, on=[show_problems, say(PASSWORD_WEAK)])
        | stay(choose_credentials, cond=is_malformed, on=show_problems)
        | stay(
            choose_credentials,
            cond=emails_are_throttled,
            on=say(IDENTITY_THROTTLED),
        )
        | stay(
            choose_credentials,
            cond=email_is_taken,
            on=[wish(CountFailure(Budget.EMAIL)), say(EMAIL_TAKEN)],
        )
        | choose_credentials.to(
            created,
            cond=address_is_claimed,
            on=[
                wish(
                    ReleaseAddress(),
                    CreateAccount(address_is_proven=True),
                    SendLetter("account.created.proven"),
                    SendLetter("address.released"),
                ),
                finish,
            ],
        )
        | choose_credentials.to(
            created,
            cond=address_is_proven,
            on=[
                wish(CreateAccount(address_is_proven=True), SendLetter("account.created.proven")),
                finish,
            ],
        )
        | choose_credentials.to(
            created,
            on=[
                wish(CreateAccount(), SendLetter("account.created")),
                finish,
                say(EMAIL_TO_CONFIRM),
            ],
        ),  # C8, C10
        name="Activer",
    )
    create = Event(
        stay(choose_password, cond=doctor_is_gone, on=say(IDENTITY_UNKNOWN))
        | stay(choose_password, cond=account_exists, on=say(ACCOUNT_EXISTS))  # C4
        | stay(
            choose_password,
            cond=password_confirmation_differs,
            on=[show_problems, say(CONFIRMATION_MISMATCH)],
        )
        | stay(choose_password, cond=password_is_weak, on=[show_problems, say(PASSWORD_WEAK)])
        | stay(choose_password, cond=is_malformed, on=show_problems)
        | stay(choose_password, cond=email_is_taken, on=[note_taken_login, say(EMAIL_TAKEN)])
        | choose_password.to(
            created,
            cond=address_is_claimed,
            on=[
                wish(
                    ReleaseAddress(),
                    CreateAccount(address_is_proven=True),
                    SendLetter("account.created.proven"),
                    SendLetter("address.released"),
                ),
                finish,
            ],
        )
        | choose_password.to(
            created,
            on=[
                wish(CreateAccount(address_is_proven=True), SendLetter("account.created.proven")),
                finish,
            ],
        ),  # C9, C10
        name="Créer",
    )
    back = Event(
        choose_channel.to(enter_identity, on=forget_person)  # C6
        | enter_code.to(choose_channel)  # C7
        | choose_credentials.to(choose_channel, on=forget_choice)
        | choose_password.to(choose_channel, on=forget_choice),
        name="Retour",
    )
    choose_email = Event(
        choose_password.to(choose_credentials, on=forget_choice),
        name="Choisir une autre adresse e-mail",
    )
    restart = Event(
        enter_identity.to(expired, on=say(JOURNEY_ABANDONED))
        | choose_channel.to(expired, on=[forget_contacts, say(JOURNEY_ABANDONED)])
        | enter_code.to(expired, on=[forget_contacts, say(JOURNEY_ABANDONED)])
        | choose_credentials.to(expired, on=[forget_contacts, say(JOURNEY_ABANDONED)])
        | choose_password.to(expired, on=[forget_contacts, say(JOURNEY_ABANDONED)]),
        name="Recommencer",
    )
    extend = Event(
        stay(enter_identity, on=prolong)
        | stay(choose_channel, on=prolong)
        | stay(enter_code, on=prolong)
        | stay(choose_credentials, on=prolong)
        | stay(choose_password, on=prolong),  # D5
        name="Prolonger",
    )
    tick = Event(
        enter_identity.to(expired, cond=journey_is_over, on=say(JOURNEY_EXPIRED))
        | stay(enter_identity, on=say(ENTRY_ERASED))  # C2
        | choose_channel.to(expired, on=[forget_contacts, say(JOURNEY_EXPIRED)])
        | enter_code.to(expired, cond=journey_is_over, on=[forget_contacts, say(JOURNEY_EXPIRED)])
        | stay(enter_code, on=say(ENTRY_ERASED))  # C2
        | choose_credentials.to(
            expired, cond=journey_is_over, on=[forget_contacts, say(JOURNEY_EXPIRED)]
        )
        | stay(choose_credentials, on=say(ENTRY_ERASED))  # C2
        | choose_password.to(
            expired, cond=journey_is_over, on=[forget_contacts, say(JOURNEY_EXPIRED)]
        )
        | stay(choose_password, on=say(ENTRY_ERASED)),  # C2
        name="Le temps passe",
    )

"""Recovering one's space when the login e-mail is forgotten (guide ``R1``-``R7``, ``D1``, ``D2``).

Everything that can move a person through this journey is in this table.  Rows are tried from the
top; the last of each event has no guard, so every command is decided in every state that offers
it.
"""

from __future__ import annotations

from statemachine import Event, State

from ...chart import Chart, say, stay, wish
from ...effects import (
    BeginReset,
    Budget,
    CountFailure,
    CreateAccount,
    RecoverAccount,
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
    LINK_SENT,
    PASSWORD_WEAK,
    SEND_EXHAUSTED,
    SMS_CLOSED,
    TERMS_REQUIRED,
)
from ..shared.table import (
    accept_code,
    account_exists,
    account_was_changed,
    address_is_claimed,
    address_is_proven,
    channel_is_closed,
    code_is_expired,
    code_matches,
    code_still_waits,
    contact_is_gone,
    count_try,
    doctor_is_gone,
    email_confirmation_differs,
    email_is_own,
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
    is_unreachable,
    journey_is_over,
    link_may_leave,
    link_must_wait,
    note_own_address,
    password_confirmation_differs,
    password_is_weak,
    prolong,
    recovery_is_offered,
    remember_doctor,
    send_new_code,
    sends_are_exhausted,
    show_problems,
    terms_are_missing,
    tries_are_exhausted,
    was_last_try,
)

__all__ = ["Recovery"]


class Recovery(Chart):
    """Recovering one's space."""

    enter_identity = State("Récupérer votre espace", initial=True)
    account_found = State("Un compte existe déjà")
    choose_channel = State("Sécuriser la récupération de votre espace")
    enter_code = State("Veuillez saisir le code reçu")
    choose_credentials = State("Finaliser la récupération de votre espace")
    recovered = State("Votre espace est récupéré", final=True)
    expired = State("Votre demande a expiré", final=True)

    submit_identity = Event(
        stay(enter_identity, cond=terms_are_missing, on=[show_problems, say(TERMS_REQUIRED)])  # R1
        | stay(enter_identity, cond=is_malformed, on=show_problems)  # R1
        | stay(
            enter_identity,
            cond=is_throttled,
            on=say(IDENTITY_THROTTLED),
        )
        | stay(
            enter_identity,
            cond=holder_is_warned,
            on=[wish(CountFailure(Budget.IDENTITY), WarnHolder()), say(IDENTITY_UNKNOWN)],
        )  # R2, D3
        | stay(
            enter_identity,
            cond=is_unreachable,
            on=[wish(CountFailure(Budget.IDENTITY)), say(IDENTITY_UNKNOWN)],
        )  # D3
        | enter_identity.to(
            account_found, cond=has_account, on=[remember_doctor, say(ACCOUNT_EXISTS)]
        )  # R3, D1
        | enter_identity.to(choose_channel, cond=is_known, on=remember_doctor)  # R4
        | stay(
            enter_identity,
            on=[wish(CountFailure(Budget.IDENTITY)), say(IDENTITY_UNKNOWN)],
        ),  # R2
        name="Valider",
    )
    send_code = Event(
        stay(choose_channel, cond=is_malformed, on=show_problems)
        | stay(choose_channel, cond=contact_is_gone, on=say(IDENTITY_UNKNOWN))
        | stay(choose_channel, cond=channel_is_closed, on=say(SMS_CLOSED))
        | choose_channel.to(enter_code, cond=code_still_waits, on=say(CODE_TOO_SOON))
        | stay(choose_channel, cond=is_too_soon, on=say(CODE_TOO_SOON))
        | stay(choose_channel, cond=sends_are_exhausted, on=say(SEND_EXHAUSTED))
        | choose_channel.to(enter_code, on=send_new_code),  # R4
        name="Recevoir votre code",
    )
    resend_code = Event(
        stay(enter_code, cond=contact_is_gone, on=say(IDENTITY_UNKNOWN))
        | stay(enter_code, cond=channel_is_closed, on=say(SMS_CLOSED))
        | stay(enter_code, cond=is_too_soon, on=say(CODE_TOO_SOON))  # D4
        | stay(enter_code, cond=sends_are_exhausted, on=say(SEND_EXHAUSTED))  # D4
        | stay(enter_code, on=[send_new_code, say(CODE_RESENT)]),  # R5
        name="Renvoyer le code",
    )
    submit_code = Event(
        stay(enter_code, cond=is_malformed, on=show_problems)
        | stay(enter_code, cond=code_is_expired, on=say(CODE_EXPIRED))  # D4
        | stay(enter_code, cond=tries_are_exhausted, on=say(CODE_EXHAUSTED))  # D4
        | enter_code.to(choose_credentials, cond=code_matches, on=accept_code)  # R6
        | stay(enter_code, cond=was_last_try, on=[count_try, say(CODE_WRONG, CODE_EXHAUSTED)])  # D4
        | stay(enter_code, on=[count_try, say(CODE_WRONG)]),  # R5
        name="Valider",
    )
    continue_recovery = Event(
        account_found.to(choose_channel, cond=recovery_is_offered)  # D1
        | stay(account_found, on=say(ACCOUNT_EXISTS)),  # R3 to the letter
        name="Je ne connais plus l'adresse mail de mon compte",
    )
    activate = Event(
        stay(choose_credentials, cond=doctor_is_gone, on=say(IDENTITY_UNKNOWN))
        | choose_credentials.to(
            expired, cond=account_was_changed, on=[forget_contacts, say(JOURNEY_EXPIRED)]
        )  # whatever is typed: a change elsewhere voids a recovery on its way
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
            cond=email_is_own,
            on=[note_own_address, say(EMAIL_TAKEN)],
        )  # R7: its holder needs no recovery, only a password
        | stay(
            choose_credentials,
            cond=email_is_taken,
            on=[wish(CountFailure(Budget.EMAIL)), say(EMAIL_TAKEN)],
        )  # R7
        | choose_credentials.to(
            recovered,
            cond=[account_exists, address_is_claimed],
            on=[
                wish(
                    ReleaseAddress(),
                    RecoverAccount(address_is_proven=True),
                    SendLetter("account.recovered.proven"),
                    SendLetter("account.recovered.previous"),
                    SendLetter("account.recovered.order"),
                    SendLetter("address.released"),
                ),
                finish,
            ],
        )
        | choose_credentials.to(
            recovered,
            cond=[account_exists, address_is_proven],
            on=[
                wish(
                    RecoverAccount(address_is_proven=True),
                    SendLetter("account.recovered.proven"),
                    SendLetter("account.recovered.previous"),
                    SendLetter("account.recovered.order"),
                ),
                finish,
            ],
        )
        | choose_credentials.to(
            recovered,
            cond=account_exists,
            on=[
                wish(
                    RecoverAccount(),
                    SendLetter("account.recovered"),
                    SendLetter("account.recovered.previous"),
                    SendLetter("account.recovered.order"),
                ),
                finish,
                say(EMAIL_TO_CONFIRM),
            ],
        )  # R6
        | choose_credentials.to(
            recovered,
            cond=address_is_claimed,
            on=[
                wish(
                    ReleaseAddress(),
                    CreateAccount(address_is_proven=True),
                    SendLetter("account.recovered.proven"),
                    SendLetter("account.recovered.order"),
                    SendLetter("address.released"),
                ),
                finish,
            ],
        )
        | choose_credentials.to(
            recovered,
            cond=address_is_proven,
            on=[
                wish(
                    CreateAccount(address_is_proven=True),
                    SendLetter("account.recovered.proven"),
                    SendLetter("account.recovered.order"),
                ),
                finish,
            ],
        )
        | choose_credentials.to(
            recovered,
            on=[
                wish(
                    CreateAccount(),
                    SendLetter("account.recovered"),
                    SendLetter("account.recovered.order"),
                ),
                finish,
                say(EMAIL_TO_CONFIRM),
            ],
        ),  # D2
        name="Activer",
    )
    send_reset_link = Event(
        stay(
            choose_credentials,
            cond=link_may_leave,
            on=[forget_choice, wish(BeginReset()), say(LINK_SENT)],
        )  # once for each time that the address is typed: a press sent twice sends one link
        | stay(choose_credentials, cond=link_must_wait, on=say(IDENTITY_THROTTLED))
        | choose_credentials.to(expired, on=[forget_contacts, say(JOURNEY_EXPIRED)]),
        name="Recevoir un lien à cette adresse",
    )
    back = Event(
        account_found.to(enter_identity, on=forget_person)
        | choose_channel.to(enter_identity, on=forget_person)  # R4
        | enter_code.to(choose_channel)  # R5
        | choose_credentials.to(choose_channel, on=forget_choice),
        name="Retour",
    )
    restart = Event(
        enter_identity.to(expired, on=say(JOURNEY_ABANDONED))
        | account_found.to(expired, on=[forget_contacts, say(JOURNEY_ABANDONED)])
        | choose_channel.to(expired, on=[forget_contacts, say(JOURNEY_ABANDONED)])
        | enter_code.to(expired, on=[forget_contacts, say(JOURNEY_ABANDONED)])
        | choose_credentials.to(expired, on=[forget_contacts, say(JOURNEY_ABANDONED)]),
        name="Recommencer",
    )
    extend = Event(
        stay(enter_identity, on=prolong)
        | stay(account_found, on=[prolong, say(ACCOUNT_EXISTS)])
        | stay(choose_channel, on=prolong)
        | stay(enter_code, on=prolong)
        | stay(choose_credentials, on=prolong),  # D5
        name="Prolonger",
    )
    tick = Event(
        enter_identity.to(expired, cond=journey_is_over, on=say(JOURNEY_EXPIRED))
        | stay(enter_identity, on=say(ENTRY_ERASED))  # C2
        | account_found.to(expired, on=[forget_contacts, say(JOURNEY_EXPIRED)])
        | choose_channel.to(expired, on=[forget_contacts, say(JOURNEY_EXPIRED)])
        | enter_code.to(expired, cond=journey_is_over, on=[forget_contacts, say(JOURNEY_EXPIRED)])
        | stay(enter_code, on=say(ENTRY_ERASED))  # C2
        | choose_credentials.to(
            expired, cond=journey_is_over, on=[forget_contacts, say(JOURNEY_EXPIRED)]
        )
        | stay(choose_credentials, on=say(ENTRY_ERASED)),  # C2
        name="Le temps passe",
    )

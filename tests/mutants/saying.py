"""Something that a row does twice, or otherwise, or does not say."""

from __future__ import annotations

from monespace_flows.effects import (
    Budget,
    ChangeCredentials,
    CountFailure,
    CreateAccount,
    OpenSession,
    RecoverAccount,
    SendLetter,
)
from monespace_flows.flows.shared import table as shared
from monespace_flows.notices import (
    ACCOUNT_EXISTS,
    CODE_EXHAUSTED,
    CODE_EXPIRED,
    CODE_RESENT,
    CODE_WRONG,
    CREDENTIALS_REFUSED,
    EMAIL_TAKEN,
    EMAIL_TO_CONFIRM,
    ENTRY_ERASED,
    IDENTITY_UNKNOWN,
    JOURNEY_ABANDONED,
    JOURNEY_EXPIRED,
    LINK_USED,
    SETTINGS_SAVED,
    SETTINGS_UNCHANGED,
)
from tests.journeys import (
    test_alike,
    test_confirmation,
    test_creation,
    test_deadlines,
    test_guessing,
    test_last_rows,
    test_proof_and_claim,
    test_recovery,
    test_reset,
    test_settings,
    test_signin,
)
from tests.journeys.acting import NOBODY

from .breaking import (
    Table,
    saying,
    wishing,
    without,
)
from .mutant import (
    ACTIVATE,
    CODE,
    CREATE,
    IDENTIFY,
    NEW_PASSWORD,
    RESEND,
    SAVE,
    SIGN_IN,
    Mutant,
)

__all__ = ["OTHERS"]

OTHERS = [
    # an effect twice
    Mutant(
        "a letter leaves twice",
        Table(
            "creation",
            wishing(
                CREATE,
                "",
                SendLetter("account.created.proven"),
                SendLetter("account.created.proven"),
                SendLetter("account.created.proven"),
            ),
        ),
        test_last_rows.test_c10_each_creation_writes_one_letter_and_says_what_it_is_for,
    ),
    Mutant(
        "a wrong pair counts twice",
        Table(
            "creation",
            wishing(
                IDENTIFY,
                "",
                CountFailure(Budget.IDENTITY),
                CountFailure(Budget.IDENTITY),
                CountFailure(Budget.IDENTITY),
            ),
        ),
        test_guessing.test_bf_01_five_wrong_birth_dates_lock_the_number,
    ),
    Mutant(
        "a reset link pressed twice leaves twice",
        Table(
            "recovery",
            without("choose_credentials.send_reset_link", "link_may_leave", shared.forget_choice),
        ),
        test_proof_and_claim.test_a_press_that_is_sent_twice_sends_one_link,
    ),
    # other content
    Mutant(
        "an address that is only typed is confirmed",
        Table(
            "creation",
            wishing(ACTIVATE, "", CreateAccount(), CreateAccount(address_is_proven=True)),
        ),
        test_confirmation.test_d7_the_login_typed_after_an_sms_code_is_not_proven,
    ),
    Mutant(
        "the Order's own address is not confirmed",
        Table(
            "creation", wishing(CREATE, "", CreateAccount(address_is_proven=True), CreateAccount())
        ),
        test_confirmation.test_d7_the_order_s_own_address_is_proven_by_the_code,
    ),
    Mutant(
        "a recovery confirms what is only typed",
        Table(
            "recovery",
            wishing(
                ACTIVATE, "account_exists", RecoverAccount(), RecoverAccount(address_is_proven=True)
            ),
        ),
        test_confirmation.test_d7_a_recovered_login_must_be_confirmed,
    ),
    Mutant(
        "a used link proves no address",
        Table(
            "reset",
            wishing(
                NEW_PASSWORD, "", ChangeCredentials(address_is_proven=True), ChangeCredentials()
            ),
        ),
        test_reset.test_p4_a_used_link_proves_the_address,
    ),
    Mutant(
        "a wrong pair counts as a wrong code",
        Table(
            "creation",
            wishing(IDENTIFY, "", CountFailure(Budget.IDENTITY), CountFailure(Budget.CODE)),
        ),
        test_guessing.test_bf_01_five_wrong_birth_dates_lock_the_number,
    ),
    Mutant(
        "a sign-in forgets no failure",
        Table(
            "signin",
            wishing(SIGN_IN, "credentials_are_right", OpenSession(by_password=True), OpenSession()),
        ),
        test_guessing.test_bf_15_a_right_password_forgets_the_wrong_ones,
    ),
    Mutant(
        "the letter of another case leaves",
        Table(
            "creation",
            wishing(
                ACTIVATE, "", SendLetter("account.created"), SendLetter("account.created.proven")
            ),
        ),
        test_creation.test_c10_a_confirmation_is_sent_to_the_login_typed,
    ),
    # a notice lost or swapped
    Mutant(
        "nobody says that the address is to be confirmed",
        Table("creation", saying(ACTIVATE, "", EMAIL_TO_CONFIRM)),
        test_last_rows.test_c10_each_creation_writes_one_letter_and_says_what_it_is_for,
    ),
    Mutant(
        "nobody says so after a recovery",
        Table("recovery", saying(ACTIVATE, "account_exists", EMAIL_TO_CONFIRM)),
        test_last_rows.test_r6_a_recovery_says_that_the_address_is_to_be_confirmed,
    ),
    Mutant(
        "nobody says so to who had no account",
        Table("recovery", saying(ACTIVATE, "", EMAIL_TO_CONFIRM)),
        test_alike.test_d7_whoever_had_no_account_is_told_that_the_address_is_to_be_confirmed,
    ),
    Mutant(
        "nobody says that another code left",
        Table("recovery", saying(RESEND, "", CODE_RESENT)),
        test_alike.test_sd_01_another_code_leaves_after_a_minute_and_is_told,
        ("recovery",),
    ),
    Mutant(
        "nobody says that the last try was the last",
        Table("recovery", saying(CODE, "was_last_try", CODE_EXHAUSTED)),
        test_alike.test_bf_07_the_last_try_says_so_and_the_right_code_comes_too_late,
        ("recovery",),
    ),
    Mutant(
        "a prolonged reset loses its sentence",
        Table("reset", saying("choose_new_password.extend", "", LINK_USED)),
        test_alike.test_p3_who_prolongs_the_choice_of_a_password_still_reads_that_the_link_was_used,
    ),
    Mutant(
        "a prolonged recovery loses its sentence",
        Table("recovery", saying("account_found.extend", "", ACCOUNT_EXISTS)),
        test_alike.test_d1_who_prolongs_the_information_still_reads_it,
    ),
    Mutant(
        "what is erased is not told",
        Table("settings", saying("edit_settings.tick", "", ENTRY_ERASED)),
        test_deadlines.test_c2_d5_an_entry_is_erased_at_ten_minutes,
        (
            "settings",
            "edit_settings",
            0,
            True,
        ),
    ),
    Mutant(
        "who gives up is told that time has passed",
        Table("creation", saying("enter_code.restart", "", JOURNEY_ABANDONED, JOURNEY_EXPIRED)),
        test_alike.test_pr_05_nor_whoever_gives_it_up,
        (
            "creation",
            "enter_code",
        ),
    ),
    Mutant(
        "a wrong code is called too old",
        Table("recovery", saying(CODE, "", CODE_WRONG, CODE_EXPIRED)),
        test_alike.test_bf_07_the_last_try_says_so_and_the_right_code_comes_too_late,
        ("recovery",),
    ),
    Mutant(
        "a wrong password tells that there is an account",
        Table("signin", saying(SIGN_IN, "", CREDENTIALS_REFUSED, EMAIL_TAKEN)),
        test_signin.test_s4_every_refusal_has_one_neutral_text,
    ),
    Mutant(
        "a wrong pair tells that there is an account",
        Table("recovery", saying(IDENTIFY, "", IDENTITY_UNKNOWN, ACCOUNT_EXISTS)),
        test_recovery.test_r2_an_unknown_pair_gets_the_blocking_error,
        (NOBODY,),
    ),
    Mutant(
        "a saved password is called unchanged",
        Table("settings", saying(SAVE, "", SETTINGS_SAVED, SETTINGS_UNCHANGED)),
        test_settings.test_t1_the_password_may_be_changed,
    ),
]

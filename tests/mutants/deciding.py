"""A row that is taken when it should not be, or not when it should."""

from __future__ import annotations

from tests.journeys import (
    test_alike,
    test_creation,
    test_deadlines,
    test_guessing,
    test_integrity,
    test_last_rows,
    test_links,
    test_objections,
    test_recovery,
    test_settings,
    test_signin,
)

from .breaking import (
    Table,
    always,
    leading,
    negated,
    never,
    removed,
    swapped,
)
from .mutant import (
    ACTIVATE,
    CODE,
    CREATE,
    IDENTIFY,
    NEW_PASSWORD,
    RESEND,
    SAVE,
    SEND,
    SIGN_IN,
    Mutant,
)

__all__ = ["ROWS"]

ROWS = [
    # a guard that says yes, no, or the contrary
    Mutant(
        "any code leads on",
        Table("creation", always(CODE, "code_matches")),
        test_creation.test_c7_a_wrong_code_is_refused,
    ),
    Mutant(
        "the box of the terms is not looked at",
        Table("creation", never(IDENTIFY, "terms_are_missing")),
        test_creation.test_c1_nobody_goes_on_without_the_box,
    ),
    Mutant(
        "an account that exists is not seen",
        Table("creation", never(IDENTIFY, "has_account")),
        test_creation.test_c4_a_doctor_who_has_an_account_is_told_so_with_a_live_link,
    ),
    Mutant(
        "who is unknown goes on",
        Table("creation", negated(IDENTIFY, "is_known")),
        test_creation.test_c5_a_known_doctor_without_account_goes_on,
    ),
    Mutant(
        "a locked number is not",
        Table("recovery", never(IDENTIFY, "is_throttled")),
        test_guessing.test_bf_02_creation_and_recovery_share_one_count,
    ),
    Mutant(
        "a dead code is judged",
        Table("creation", never(CODE, "code_is_expired")),
        test_integrity.test_fl_10_an_expired_code_is_not_a_guess,
    ),
    Mutant(
        "tries have no end",
        Table("recovery", never(CODE, "tries_are_exhausted")),
        test_alike.test_bf_07_the_last_try_says_so_and_the_right_code_comes_too_late,
        ("recovery",),
    ),
    Mutant(
        "the last try is any other",
        Table("creation", never(CODE, "was_last_try")),
        test_alike.test_bf_07_the_last_try_says_so_and_the_right_code_comes_too_late,
        ("creation",),
    ),
    Mutant(
        "a code by e-mail proves nothing",
        Table("creation", never(CODE, "code_matches_by_email")),
        test_creation.test_c9_after_a_code_by_email_the_login_is_the_order_s_address,
    ),
    Mutant(
        "a contact that is gone is written to",
        Table("creation", negated(SEND, "contact_is_gone")),
        test_alike.test_fl_15_a_contact_that_is_gone_is_not_written_to,
        ("creation",),
    ),
    Mutant(
        "who comes back too soon may not type the code that waits",
        Table("creation", never(SEND, "code_still_waits")),
        test_integrity.test_fl_23_sending_the_code_again_by_a_refresh_sends_no_other,
    ),
    Mutant(
        "another code leaves at once",
        Table("recovery", never(RESEND, "is_too_soon")),
        test_alike.test_sd_01_another_code_leaves_after_a_minute_and_is_told,
        ("recovery",),
    ),
    Mutant(
        "codes leave without end",
        Table("creation", never(RESEND, "sends_are_exhausted")),
        test_alike.test_sd_01_a_journey_sends_four_codes,
        ("creation",),
    ),
    Mutant(
        "a closed channel is used",
        Table("recovery", never(SEND, "channel_is_closed")),
        test_alike.test_sd_03_no_code_leaves_by_a_channel_that_is_closed,
        ("recovery",),
    ),
    Mutant(
        "a second account is made",
        Table("creation", never(ACTIVATE, "account_exists")),
        test_creation.test_c4_an_account_made_and_changed_meanwhile_is_said_as_well,
    ),
    Mutant(
        "who left the Order gets an account",
        Table("creation", never(CREATE, "doctor_is_gone")),
        test_integrity.test_fl_16_nor_by_email,
    ),
    Mutant(
        "a taken address is given",
        Table("creation", never(ACTIVATE, "email_is_taken")),
        test_guessing.test_bf_07_nobody_searches_for_accounts_by_their_address,
        ("creation",),
    ),
    Mutant(
        "addresses may be searched for",
        Table("recovery", never(ACTIVATE, "emails_are_throttled")),
        test_guessing.test_bf_07_nobody_searches_for_accounts_by_their_address,
        ("recovery",),
    ),
    Mutant(
        "a weak password will do",
        Table("recovery", never(ACTIVATE, "password_is_weak")),
        test_alike.test_in_05_a_weak_password_is_refused,
        ("recovery",),
    ),
    Mutant(
        "two passwords that differ will do",
        Table("creation", never(CREATE, "password_confirmation_differs")),
        test_integrity.test_fl_19_on_the_email_path_the_passwords_are_compared_too,
    ),
    Mutant(
        "nobody may go on whose account was found",
        Table("recovery", never("account_found.continue_recovery", "recovery_is_offered")),
        test_recovery.test_d1_the_information_comes_with_a_button_that_goes_on,
    ),
    Mutant(
        "a change elsewhere voids no recovery",
        Table("recovery", never(ACTIVATE, "account_was_changed")),
        test_recovery.test_a_recovery_that_is_void_says_that_nothing_changed_and_may_be_begun_again,
    ),
    Mutant(
        "one's own address is any other",
        Table("recovery", never(ACTIVATE, "email_is_own")),
        test_integrity.test_fl_21_fl_22_recovery_refuses_an_email_that_is_an_account_s,
    ),
    Mutant(
        "any link opens",
        Table("reset", always("link_sent.use_link", "link_is_valid")),
        test_links.test_lk_07_a_disabled_account_has_no_links,
    ),
    Mutant(
        "a change elsewhere voids no reset",
        Table("reset", never(NEW_PASSWORD, "account_has_changed")),
        test_links.test_lk_07_a_link_in_use_is_worth_nothing_once_the_account_changed,
        ("password",),
    ),
    Mutant(
        "who left the Order chooses a password",
        Table("reset", never(NEW_PASSWORD, "doctor_is_gone")),
        test_last_rows.test_p4_who_left_the_order_chooses_no_password,
    ),
    Mutant(
        "any password signs in",
        Table("signin", always(SIGN_IN, "credentials_are_right")),
        test_signin.test_s4_every_refusal_has_one_neutral_text,
    ),
    Mutant(
        "what is tried while locked is counted",
        Table("signin", never(SIGN_IN, "attempts_are_not_counted")),
        test_guessing.test_bf_11_the_right_password_is_refused_during_the_delay,
    ),
    Mutant(
        "a known browser is any other",
        Table("signin", never(SIGN_IN, "browser_is_known")),
        test_last_rows.test_bf_10_what_a_known_browser_mistypes_is_its_own_affair,
    ),
    Mutant(
        "a wrong present password will do",
        Table("settings", negated(SAVE, "present_password_is_wrong")),
        test_settings.test_t2_nothing_changes_without_the_right_present_password,
    ),
    Mutant(
        "nothing is a change",
        Table("settings", never(SAVE, "nothing_changes")),
        test_settings.test_t1_saving_the_same_values_changes_nothing,
    ),
    Mutant(
        "addresses are changed without end",
        Table("settings", never(SAVE, "changes_are_spent")),
        test_objections.test_ss_06_one_account_asks_for_three_addresses_a_day,
    ),
    # a row removed, two rows in the other order, a row that leads elsewhere
    Mutant(
        "the end of a journey only erases what is typed",
        Table("creation", removed("enter_code.tick", "journey_is_over")),
        test_integrity.test_fl_11_an_expired_journey_keeps_no_dossier_and_no_contact,
    ),
    Mutant(
        "what is typed too late ends the journey",
        Table("recovery", always("choose_credentials.tick", "journey_is_over")),
        test_deadlines.test_c2_d5_an_entry_is_erased_at_ten_minutes,
        (
            "recovery",
            "choose_credentials",
            0,
            True,
        ),
    ),
    Mutant(
        "the code is read before the tries are",
        Table("creation", swapped(CODE, "tries_are_exhausted", "")),
        test_alike.test_bf_07_the_last_try_says_so_and_the_right_code_comes_too_late,
        ("creation",),
    ),
    Mutant(
        "the doctor is known before the account is",
        Table("creation", swapped(IDENTIFY, "has_account", "is_known")),
        test_creation.test_c4_a_doctor_who_has_an_account_is_told_so_with_a_live_link,
    ),
    Mutant(
        "an account is seen before its doctor cannot be reached",
        Table("recovery", swapped(IDENTIFY, "is_unreachable", "has_account")),
        test_recovery.test_d3_a_doctor_whom_the_order_cannot_reach_gets_the_answer_of_c3,
        (True,),
    ),
    Mutant(
        "an old link leads on",
        Table("reset", leading("link_sent.use_link", "", "choose_new_password")),
        test_links.test_lk_07_whoever_waits_for_a_dead_link_is_told_to_ask_for_another,
    ),
    Mutant(
        "back from the code leads to the beginning",
        Table("creation", leading("enter_code.back", "", "enter_identity")),
        test_creation.test_c7_back_leads_to_the_choice_of_a_contact,
    ),
]

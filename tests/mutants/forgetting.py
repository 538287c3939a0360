"""Something that a row should do, and forgets."""

from __future__ import annotations

from monespace_flows.effects import (
    BeginReset,
    Budget,
    ConsumeLink,
    CountFailure,
    DisableAccount,
    EndOtherSessions,
    ReleaseAddress,
    SendLetter,
    SendNothing,
    WarnHolder,
)
from monespace_flows.flows.shared import table as shared
from tests.journeys import (
    test_alike,
    test_guessing,
    test_last_rows,
    test_proof_and_claim,
    test_recovery,
    test_reset,
    test_sending,
)

from .breaking import (
    Table,
    wishing,
    without,
)
from .mutant import (
    ACTIVATE,
    CODE,
    CREATE,
    IDENTIFY,
    SAVE,
    SIGN_IN,
    Mutant,
)

__all__ = ["FORGOTTEN"]

FORGOTTEN = [
    # an effect or an action dropped
    Mutant(
        "a creation by SMS forgets no failure",
        Table("creation", without(ACTIVATE, "", shared.finish)),
        test_alike.test_bf_15_the_end_of_the_work_forgets_every_failure,
        ("creation",),
    ),
    Mutant(
        "a creation by e-mail forgets no failure",
        Table("creation", without(CREATE, "", shared.finish)),
        test_alike.test_bf_15_so_does_a_creation_by_e_mail,
    ),
    Mutant(
        "a recovery forgets no failure",
        Table("recovery", without(ACTIVATE, "account_exists", shared.finish)),
        test_alike.test_bf_15_the_end_of_the_work_forgets_every_failure,
        ("recovery",),
    ),
    Mutant(
        "a recovery of a proven address forgets no failure",
        Table("recovery", without(ACTIVATE, "account_exists and address_is_proven", shared.finish)),
        test_alike.test_bf_15_the_end_of_the_work_forgets_every_failure,
        ("recovery to the Order's address",),
    ),
    Mutant(
        "contacts outlive the end of a creation",
        Table("creation", without("choose_channel.tick", "", shared.forget_contacts)),
        test_alike.test_pr_05_contacts_do_not_outlive_the_end_of_a_journey,
        (
            "creation",
            "choose_channel",
        ),
    ),
    Mutant(
        "contacts outlive the end of a recovery",
        Table(
            "recovery",
            without("choose_credentials.tick", "journey_is_over", shared.forget_contacts),
        ),
        test_alike.test_pr_05_contacts_do_not_outlive_the_end_of_a_journey,
        (
            "recovery",
            "choose_credentials",
        ),
    ),
    Mutant(
        "contacts outlive who gives up",
        Table("creation", without("choose_credentials.restart", "", shared.forget_contacts)),
        test_alike.test_pr_05_nor_whoever_gives_it_up,
        (
            "creation",
            "choose_credentials",
        ),
    ),
    Mutant(
        "a code that was used is not cancelled",
        Table("creation", without(CODE, "code_matches", shared.accept_code)),
        test_alike.test_fl_02_a_code_that_was_used_is_not_asked_for_again,
        (
            "creation",
            "sms",
        ),
    ),
    Mutant(
        "a code by e-mail that was used is not cancelled",
        Table("creation", without(CODE, "code_matches_by_email", shared.accept_code)),
        test_alike.test_fl_02_a_code_that_was_used_is_not_asked_for_again,
        (
            "creation",
            "email",
        ),
    ),
    Mutant(
        "a recovery's code that was used is not cancelled",
        Table("recovery", without(CODE, "code_matches", shared.accept_code)),
        test_alike.test_fl_02_a_code_that_was_used_is_not_asked_for_again,
        (
            "recovery",
            "sms",
        ),
    ),
    Mutant(
        "« Retour » keeps the doctor of a creation",
        Table("creation", without("choose_channel.back", "", shared.forget_person)),
        test_alike.test_fl_12_back_at_the_beginning_nobody_is_known,
        (
            "creation",
            "choose_channel",
        ),
    ),
    Mutant(
        "« Retour » keeps the doctor of a recovery",
        Table("recovery", without("choose_channel.back", "", shared.forget_person)),
        test_alike.test_fl_12_back_at_the_beginning_nobody_is_known,
        (
            "recovery",
            "choose_channel",
        ),
    ),
    Mutant(
        "« Retour » keeps the doctor whose account was found",
        Table("recovery", without("account_found.back", "", shared.forget_person)),
        test_alike.test_fl_12_back_at_the_beginning_nobody_is_known,
        (
            "recovery",
            "account_found",
        ),
    ),
    Mutant(
        "« Prolonger » prolongs nothing",
        Table("creation", without("enter_code.extend", "", shared.prolong)),
        test_last_rows.test_d5_prolonging_gives_ten_minutes_from_then_on,
    ),
    Mutant(
        "a wrong pair is not counted",
        Table("creation", wishing(IDENTIFY, "", CountFailure(Budget.IDENTITY))),
        test_guessing.test_bf_01_five_wrong_birth_dates_lock_the_number,
    ),
    Mutant(
        "an unreachable doctor is not counted",
        Table("recovery", wishing(IDENTIFY, "is_unreachable", CountFailure(Budget.IDENTITY))),
        test_recovery.test_d3_an_unreachable_doctor_is_counted_like_an_unknown_one,
        ("recovery",),
    ),
    Mutant(
        "a wrong code is not counted",
        Table("creation", without(CODE, "", shared.count_try)),
        test_guessing.test_bf_07_the_fifth_wrong_code_kills_the_code,
    ),
    Mutant(
        "a wrong password is not counted",
        Table("signin", wishing(SIGN_IN, "", CountFailure(Budget.PASSWORD))),
        test_guessing.test_bf_11_the_right_password_is_refused_during_the_delay,
    ),
    Mutant(
        "a known browser's wrong password is not counted",
        Table("signin", wishing(SIGN_IN, "browser_is_known", CountFailure(Budget.BROWSER))),
        test_last_rows.test_bf_10_what_a_known_browser_mistypes_is_its_own_affair,
    ),
    Mutant(
        "a wrong present password is not counted",
        Table(
            "settings", wishing(SAVE, "present_password_is_wrong", CountFailure(Budget.PASSWORD))
        ),
        test_guessing.test_bf_15_the_present_password_and_sign_in_share_one_count,
    ),
    Mutant(
        "a taken address is not counted",
        Table("recovery", wishing(ACTIVATE, "email_is_taken", CountFailure(Budget.EMAIL))),
        test_guessing.test_bf_07_nobody_searches_for_accounts_by_their_address,
        ("recovery",),
    ),
    Mutant(
        "nobody is warned of wrong pairs",
        Table("recovery", wishing(IDENTIFY, "holder_is_warned", WarnHolder())),
        test_last_rows.test_bf_16_a_recovery_tells_the_holder_of_wrong_pairs,
    ),
    Mutant(
        "an address is claimed and stays another's",
        Table("creation", wishing(CREATE, "address_is_claimed", ReleaseAddress())),
        test_proof_and_claim.test_c9_who_proves_an_address_takes_it_from_an_unconfirmed_claim,
    ),
    Mutant(
        "the Order's contacts are not told of a recovery",
        Table(
            "recovery", wishing(ACTIVATE, "account_exists", SendLetter("account.recovered.order"))
        ),
        test_recovery.test_r6_everyone_concerned_is_told,
    ),
    Mutant(
        "a link works twice",
        Table("reset", wishing("link_sent.use_link", "link_is_valid", ConsumeLink())),
        test_reset.test_p3_the_link_works_once,
    ),
    Mutant(
        "an unknown address costs nothing",
        Table("reset", wishing("enter_email.request_link", "", SendNothing())),
        test_sending.test_sd_07_an_unknown_address_costs_the_same_writes,
    ),
    Mutant(
        "who left the Order keeps the account",
        Table("signin", wishing(SIGN_IN, "holder_has_left", DisableAccount())),
        test_last_rows.test_s4_who_left_the_order_does_not_come_in_and_has_no_account_any_more,
    ),
    Mutant(
        "other sessions go on",
        Table("settings", wishing("edit_settings.close_sessions", "", EndOtherSessions())),
        test_last_rows.test_ss_08_the_other_sessions_are_over_once_they_are_closed,
    ),
    Mutant(
        "a reset link does not leave",
        Table(
            "recovery",
            wishing("choose_credentials.send_reset_link", "link_may_leave", BeginReset()),
        ),
        test_last_rows.test_r7_the_link_that_is_offered_leaves,
    ),
]

"""What may be wrong in what rows call: a deadline, a count, an epoch, a lock."""

from __future__ import annotations

from monespace_flows.commands import Extend
from monespace_flows.driver import deadlines, sessions
from monespace_flows.driver.acts import (
    accounts,
    base,
    code,
    credentials,
    identity,
    letters,
    link,
    signin,
    totals,
)
from monespace_flows.rules import codes, passwords, waits
from tests.journeys import (
    test_alike,
    test_creation,
    test_deadlines,
    test_guessing,
    test_input,
    test_last_rows,
    test_links,
    test_objections,
    test_proof_and_claim,
    test_recovery,
    test_sending,
    test_sessions,
)
from tests.races import test_taking_turns

from .breaking import Code
from .mutant import Mutant

__all__ = ["CALLED"]

CALLED = [
    # a deadline, off by one
    Mutant(
        "a code lives one instant longer",
        Code(codes.judge_code, ">= policy.life", "> policy.life"),
        test_deadlines.test_d4_a_code_ends_at_ten_minutes,
        (
            0,
            "enter_code",
        ),
    ),
    Mutant(
        "a sixth try is free",
        Code(codes.judge_code, "if tries >= policy.tries", "if tries > policy.tries"),
        test_guessing.test_bf_07_the_fifth_wrong_code_kills_the_code,
    ),
    Mutant(
        "the fourth try is called the last",
        Code(codes.judge_code, "tries + 1 >= policy.tries", "tries + 2 >= policy.tries"),
        test_creation.test_d4_five_tries_then_the_code_is_dead,
    ),
    Mutant(
        "a journey sends one code more",
        Code(codes.next_send, "len(sent) > len(", "len(sent) > 1 + len("),
        test_alike.test_sd_01_a_journey_sends_four_codes,
        ("creation",),
    ),
    Mutant(
        "what is typed lives one instant longer",
        Code(deadlines.due, "typed and now >= entry", "typed and now > entry"),
        test_deadlines.test_c2_d5_an_entry_is_erased_at_ten_minutes,
        (
            "creation",
            "enter_identity",
            0,
            True,
        ),
    ),
    Mutant(
        "a journey lives one instant longer",
        Code(deadlines.due, "now >= end_of", "now > end_of"),
        test_deadlines.test_c2_a_journey_ends_at_thirty_minutes,
        (
            0,
            True,
        ),
    ),
    Mutant(
        "a journey takes one step more",
        Code(deadlines.due, "journey.seq >= policy", "journey.seq > policy"),
        test_deadlines.test_a_journey_of_too_many_steps_expires_as_by_the_clock,
        (Extend(),),
    ),
    Mutant(
        "a journey is prolonged for ever",
        Code(waits.journey_end, "min(end, started_at + policy.longest_life)", "end"),
        test_deadlines.test_d5_a_journey_is_not_prolonged_for_ever,
    ),
    Mutant(
        "a link lives one instant longer",
        Code(base.judge_link, "now < link.expires_at", "now <= link.expires_at"),
        test_last_rows.test_d7_a_confirmation_is_worth_nothing_from_the_end_of_its_week_on,
    ),
    Mutant(
        "one event more is free",
        Code(waits.window_wait, "len(recent) < limit", "len(recent) <= limit"),
        test_last_rows.test_sd_02_an_hour_after_a_code_another_may_leave,
    ),
    Mutant(
        "a delay begins one failure later",
        Code(waits.growing_wait, "len(recent) < free", "len(recent) <= free"),
        test_guessing.test_bf_01_five_wrong_birth_dates_lock_the_number,
    ),
    Mutant(
        "a session idles one instant longer",
        Code(
            sessions._alive,
            "now < session.seen_at + policy.idle",
            "now <= session.seen_at + policy.idle",
        ),
        test_sessions.test_ss_05_a_session_ends_after_half_an_hour_without_use,
        (
            0,
            False,
        ),
    ),
    Mutant(
        "a password of the shortest length is too short",
        Code(
            passwords.judge_password,
            "len(password) < policy.minimum_length",
            "len(password) <= policy.minimum_length",
        ),
        test_input.test_in_05_a_password_has_at_least_fifteen_characters,
        (
            15,
            "created",
        ),
    ),
    Mutant(
        "a password of the greatest length is too long",
        Code(
            passwords.judge_password,
            "len(password) > policy.maximum_length",
            "len(password) >= policy.maximum_length",
        ),
        test_input.test_in_05_a_password_has_at_most_256_characters,
        (
            256,
            "created",
        ),
    ),
    Mutant(
        "a password of the most bytes is too long",
        Code(
            passwords.judge_password, "size > policy.maximum_bytes", "size >= policy.maximum_bytes"
        ),
        test_last_rows.test_in_05_a_password_of_exactly_so_many_bytes_is_accepted,
    ),
    Mutant(
        "the longest password is verified cut",
        Code(signin._is_right, "len(password) <= limit", "len(password) < limit"),
        test_input.test_in_05_no_password_is_cut,
    ),
    # a budget uncounted
    Mutant(
        "a code sent is not counted against the doctor",
        Code(
            code._send_code,
            "context.unit.budgets.add(Budget.SEND, context.found.subject, case.at)",
            "pass",
        ),
        test_taking_turns.test_sd_02_of_two_codes_asked_for_at_once_one_leaves,
    ),
    Mutant(
        "a code sent is not counted where it goes",
        Code(
            code._send_code,
            "context.unit.budgets.add(Budget.DESTINATION, context.found.destinations[0], case.at)",
            "pass",
        ),
        test_taking_turns.test_of_two_codes_to_one_number_at_once_one_leaves,
    ),
    Mutant(
        "a link is not counted",
        Code(
            link._send_reset_link,
            "context.unit.budgets.add(Budget.LINK, context.found.email_digests[0], case.at)",
            "pass",
        ),
        test_sending.test_sd_06_fifty_requests_send_three_links_an_hour,
    ),
    Mutant(
        "a link to nobody is not counted",
        Code(
            link._send_nothing,
            "unit.budgets.add(Budget.LINK, context.found.email_digests[0], case.at)",
            "pass",
        ),
        test_last_rows.test_sd_06_links_to_nobody_are_counted_as_any_others,
    ),
    Mutant(
        "a change of address is not counted",
        Code(
            accounts._change_credentials,
            "context.unit.budgets.add(Budget.CHANGE, context.found.subject, case.at)",
            "pass",
        ),
        test_objections.test_ss_06_one_account_asks_for_three_addresses_a_day,
    ),
    Mutant(
        "a warning is not counted",
        Code(
            letters._warn_holder,
            "context.unit.budgets.add(Budget.WARNING, found.subject, case.at)",
            "pass",
        ),
        test_taking_turns.test_bf_16_of_a_wrong_pair_and_a_wrong_password_at_once_one_is_told,
    ),
    Mutant(
        "what everybody fails is not counted",
        Code(totals.count_failure, "context.unit.budgets.add(Budget.TOTAL, name, case.at)", "pass"),
        test_taking_turns.test_bf_04_of_two_failures_at_once_that_are_many_one_alarm_is_told,
    ),
    Mutant(
        "a success forgets no wrong code",
        Code(code._clear_failures, "Budget.CODE, ", ""),
        test_alike.test_bf_15_the_end_of_the_work_forgets_every_failure,
        ("creation",),
    ),
    Mutant(
        "a success forgets no taken address",
        Code(code._clear_failures, ", Budget.EMAIL)", ",)"),
        test_alike.test_bf_15_the_end_of_the_work_forgets_every_failure,
        ("recovery",),
    ),
    Mutant(
        "a new password leaves the lock of the old one",
        Code(accounts._change, "_forget_wrong_passwords(context, before, account)", "pass"),
        test_guessing.test_bf_10_a_change_in_the_settings_forgets_wrong_passwords_too,
    ),
    # an epoch unchecked
    Mutant(
        "a link outlives the credentials",
        Code(base.judge_link, "account.credential_epoch == link.epoch", "True"),
        test_taking_turns.test_rc_10_a_link_that_leaves_while_the_password_changes_is_dead,
    ),
    Mutant(
        "a session outlives the credentials",
        Code(sessions._alive, "account.credential_epoch == session.epoch", "True"),
        test_taking_turns.test_rc_11_a_session_that_opens_while_the_account_is_recovered_is_dead,
    ),
    Mutant(
        "a recovery outlives the credentials",
        Code(credentials._account, "bound != account.credential_epoch", "False"),
        test_recovery.test_a_recovery_that_is_void_stays_so,
    ),
    Mutant(
        "a reset on its way outlives the credentials",
        Code(
            credentials._NewPassword.inside,
            "account.credential_epoch != case.dossier.epoch",
            "False",
        ),
        test_links.test_lk_07_a_link_in_use_is_worth_nothing_once_the_account_changed,
        ("password",),
    ),
    Mutant(
        "a link to one's own address outlives the credentials",
        Code(link._to_own_address, "account.credential_epoch != case.dossier.epoch", "False"),
        test_proof_and_claim.test_r7_a_link_for_an_account_that_changed_meanwhile_is_not_sent,
    ),
    Mutant(
        "an older link still works",
        Code(
            link._send_reset_link, "context.unit.links.void(account.id, LinkPurpose.RESET)", "pass"
        ),
        test_sending.test_sd_06_only_the_newest_link_is_alive,
    ),
    # a lock dropped
    Mutant(
        "wrong pairs do not take turns",
        Code(identity._Identity.inside, 'lock_digests(unit, "identity", found.subjects)', "pass"),
        test_taking_turns.test_bf_01_of_two_wrong_pairs_at_once_the_second_is_locked_out,
    ),
    Mutant(
        "wrong codes do not take turns",
        Code(code._Code.inside, 'lock_digests(unit, "code", found.subjects)', "pass"),
        test_taking_turns.test_bf_09_of_two_wrong_codes_at_once_the_second_is_one_too_many,
    ),
    Mutant(
        "taken addresses do not take turns",
        Code(
            credentials._Credentials.inside, 'lock_digests(unit, "email", found.subjects)', "pass"
        ),
        test_taking_turns.test_bf_07_of_two_taken_addresses_at_once_the_second_is_one_too_many,
    ),
    Mutant(
        "wrong passwords do not take turns",
        Code(signin._SignIn.inside, 'lock_digests(unit, "password", found.email_digests)', "pass"),
        test_taking_turns.test_bf_11_of_two_wrong_passwords_at_once_the_second_is_not_judged,
    ),
    Mutant(
        "wrong present passwords do not take turns",
        Code(
            signin.PresentPassword.judge,
            'lock_digests(unit, "password", found.email_digests)',
            "pass",
        ),
        test_taking_turns.test_bf_15_nor_is_a_wrong_present_password_beside_it,
    ),
    Mutant(
        "codes to one doctor do not take turns",
        Code(code._Send.inside, 'lock_digests(unit, "send", found.subjects)', "pass"),
        test_taking_turns.test_sd_02_of_two_codes_asked_for_at_once_one_leaves,
    ),
    Mutant(
        "codes to one contact do not take turns",
        Code(code._Send.inside, 'lock_digests(unit, "destination", found.destinations)', "pass"),
        test_taking_turns.test_of_two_codes_to_one_number_at_once_one_leaves,
    ),
    Mutant(
        "links to one address do not take turns",
        Code(link._LinkRequest.inside, 'lock_digests(unit, "link", digests)', "pass"),
        test_taking_turns.test_sd_06_of_two_links_asked_for_at_once_one_leaves,
    ),
    Mutant(
        "the last SMS of the day do not take turns",
        Code(totals.may_send_sms, 'unit.lock("total:sms")', "pass"),
        test_taking_turns.test_sd_03_of_two_codes_at_once_the_last_sms_of_the_day_is_one,
    ),
    Mutant(
        "who tells an alarm does not take a turn",
        Code(totals._judge, 'unit.lock(f"alarm:{kind.value}")', "pass"),
        test_taking_turns.test_bf_04_of_two_failures_at_once_that_are_many_one_alarm_is_told,
    ),
    Mutant(
        "warnings do not take turns",
        Code(signin._was_told, 'unit.lock(f"warning:{found.subject}")', "pass"),
        test_taking_turns.test_bf_16_of_a_wrong_pair_and_a_wrong_password_at_once_one_is_told,
    ),
    Mutant(
        "warnings of wrong pairs do not take turns",
        Code(identity._is_news, 'unit.lock(f"warning:{found.subject}")', "pass"),
        test_taking_turns.test_bf_16_of_a_wrong_pair_and_a_wrong_password_at_once_one_is_told,
    ),
    # asked too early
    Mutant(
        "the Order is asked before the terms are accepted",
        Code(identity._Identity._read, "None if problems or isinstance", "None if isinstance"),
        test_last_rows.test_c1_the_order_is_asked_about_nobody_before_the_terms_are_accepted,
    ),
    Mutant(
        "the Order is asked about a locked number",
        Code(
            identity._Identity.outside,
            "if found.pair is None or found.is_locked",
            "if found.pair is None",
        ),
        test_guessing.test_bf_01_the_registry_is_not_asked_while_the_number_is_locked,
    ),
]

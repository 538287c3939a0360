"""The rows of the invariants: what each says, how it is proved, by which tests, and why so."""

from __future__ import annotations

from attrs import frozen

__all__ = ["COUNTS", "EXPLORED", "INVARIANTS", "KINDS", "SITUATIONS", "Invariant"]

COUNTS = {"S": 27, "L": 10, "P": 13, "T": 7, "C": 4}
"""How many there are of safety, of liveness, of privacy, of time, and of two at once."""

SITUATIONS = "tests/properties/test_situations.py::test_no_situation_breaks_an_invariant"
_TABLES = "tests/properties/test_exploration.py"
_CHECKED = f"{_TABLES}::test_nothing_is_wrong_with_the_table"
_MODEL = "tests/properties/test_machine.py::test_the_library_does_what_the_model_says"

KINDS = {
    "explored": "in every situation of small worlds, or on every journey that a table allows",
    "modelled": "on random walks beside a model that imports nothing of the library",
    "by example": "by tests that were each written for it",
}


@frozen
class Invariant:
    """An invariant; ``proofs`` are tests, ``why`` says what its kind does not."""

    id: str
    says: str
    kind: str
    proofs: tuple[str, ...]
    why: str = ""


def _row(name: str, says: str, kind: str, *proofs: str, why: str = "") -> Invariant:
    return Invariant(f"I-{name}", says, kind, proofs, why)


EXPLORED, _MODELLED, _EXAMPLE = KINDS

INVARIANTS = (
    _row(
        "S1",
        "an account comes after the pair that matches and a code read where the Order knows",
        EXPLORED,
        SITUATIONS,
    ),
    _row(
        "S2",
        "nobody has two accounts",
        EXPLORED,
        SITUATIONS,
        "tests/races/test_interleavings.py::test_two_acts_at_once_are_one_after_the_other",
    ),
    _row(
        "S3",
        "no address opens two accounts",
        EXPLORED,
        SITUATIONS,
        "tests/journeys/test_races.py::test_rc_03_two_doctors_who_choose_one_address_do_not_share_it",
    ),
    _row(
        "S4",
        "a code that is taken is this journey's newest, in time and unused",
        EXPLORED,
        SITUATIONS,
    ),
    _row(
        "S5",
        "a code is taken once",
        EXPLORED,
        SITUATIONS,
        "tests/journeys/test_races.py::test_rc_04_the_right_code_twice_is_used_once",
    ),
    _row("S6", "a code that was missed too often is dead, even typed right", EXPLORED, SITUATIONS),
    _row(
        "S7",
        "no more codes leave than promised, none too soon, and no try comes back",
        EXPLORED,
        SITUATIONS,
    ),
    _row("S8", "a code goes where the Order knows its reader", EXPLORED, SITUATIONS),
    _row(
        "S9",
        "a link opens while newest, unused, younger than a day, its account unchanged",
        EXPLORED,
        SITUATIONS,
    ),
    _row("S10", "looking at a link uses nothing up", EXPLORED, SITUATIONS),
    _row(
        "S11",
        "a password changes for who typed the present one, opened a link, or recovered",
        EXPLORED,
        SITUATIONS,
    ),
    _row(
        "S12",
        "a login changes for who recovered, or used the link that was sent to it",
        EXPLORED,
        SITUATIONS,
    ),
    _row(
        "S13",
        "new credentials end all other sessions, links and codes",
        EXPLORED,
        SITUATIONS,
        _MODEL,
        why="sessions are explored, links and codes are modelled",
    ),
    _row(
        "S14",
        "the login is the address that the code reached, or was typed twice",
        EXPLORED,
        SITUATIONS,
    ),
    _row("S15", "what is typed twice and differs changes nothing", EXPLORED, SITUATIONS),
    _row(
        "S16",
        "the Order is asked after the terms are accepted; version and time are kept",
        EXPLORED,
        SITUATIONS,
        "tests/properties/test_asking.py::test_the_order_is_not_asked_while_the_terms_are_not_accepted",
        "tests/properties/test_asking.py::test_what_was_accepted_is_on_record_where_the_order_is_asked",
    ),
    _row(
        "S17",
        "one key of an effect, one act outside",
        _MODELLED,
        _MODEL,
        "tests/races/test_processes.py::test_rc_13_two_relays_send_each_message_once",
        why="keys are inside: an onlooker sees letters only",
    ),
    _row(
        "S18",
        "a session is handed to who typed the password, or chose one by a link",
        EXPLORED,
        SITUATIONS,
    ),
    _row(
        "S19",
        "a journey that ends without its work leaves every account as it was",
        EXPLORED,
        SITUATIONS,
    ),
    _row("S20", "whoever has a new account is told once", EXPLORED, SITUATIONS),
    _row("S21", "an account stays its owner's; who had its address is told", EXPLORED, SITUATIONS),
    _row(
        "S22",
        "a recovery under the address that the account has changes nothing",
        EXPLORED,
        SITUATIONS,
    ),
    _row(
        "S23",
        "whatever the entry, only a password that may be chosen is kept",
        EXPLORED,
        SITUATIONS,
        f"{_TABLES}::test_only_a_password_that_was_accepted_is_kept",
    ),
    _row(
        "S24",
        "lines of a journal follow each other, number by number and hash by hash",
        _MODELLED,
        _MODEL,
        "tests/flows/test_journal.py::test_a_missing_line_is_found",
        why="every journey that the tests make is told again, too",
    ),
    _row(
        "S25",
        "a journal told again is the journey that is stored",
        _MODELLED,
        _MODEL,
        why="every journey that the tests make is told again, too",
    ),
    _row(
        "S26",
        "every command is decided or refused, and no error is ours",
        EXPLORED,
        _CHECKED,
        SITUATIONS,
        f"{_TABLES}::test_an_event_without_a_row_is_refused",
    ),
    _row("S27", "an end has no exit", EXPLORED, _CHECKED),
    _row(
        "L1",
        "every open screen leads to success or to someone to turn to",
        EXPLORED,
        _CHECKED,
        why="a link to « Assistance » counts as a way, on the screen that has it",
    ),
    _row("L2", "every open screen has something to press", EXPLORED, _CHECKED),
    _row(
        "L3",
        "every screen is reached and every row decides",
        EXPLORED,
        _CHECKED,
        "tests/properties/test_situations.py::test_every_page_of_the_guide_is_seen",
    ),
    _row("L4", "time alone ends every journey", EXPLORED, _CHECKED),
    _row("L5", "« Retour » repeats no effect", EXPLORED, f"{_TABLES}::test_back_repeats_no_effect"),
    _row(
        "L6",
        "every lock holds while it lasts, ends, and says when",
        EXPLORED,
        SITUATIONS,
        "tests/properties/test_situations.py::test_a_locked_number_is_waited_for",
    ),
    _row("L7", "who proves who they are gets on", EXPLORED, SITUATIONS),
    _row(
        "L8",
        "a port that fails costs no try",
        _EXAMPLE,
        "tests/races/test_every_row_fails.py::test_ft_05_a_story_told_on_a_failing_disk_goes_as_told",
        why="no port fails in a walk",
    ),
    _row(
        "L9",
        "every link in a notice leads to a page or a journey",
        EXPLORED,
        f"{_TABLES}::test_a_link_in_a_notice_leads_to_a_journey_or_a_page",
    ),
    _row(
        "L10",
        "what ended can be begun afresh",
        _EXAMPLE,
        "tests/journeys/test_guessing.py::test_bf_09_a_new_journey_does_not_either",
        why="each browser of a world begins one journey of a kind",
    ),
    _row(
        "P1",
        "no typed value or secret is in a journal, a log, an error or a number",
        _EXAMPLE,
        "tests/privacy/test_places.py::test_pr_01_no_line_of_a_journal_holds_a_marker",
        "tests/privacy/test_places.py::test_pr_01_no_log_record_holds_a_marker",
        why="markers are looked for in what whole runs leave behind",
    ),
    _row(
        "P2",
        "a copy of the store gives no usable secret",
        _EXAMPLE,
        "tests/privacy/test_pseudonyms.py::test_pr_03_no_plain_hash_of_what_can_be_guessed_is_stored",
        why="about bytes, which no walk looks at",
    ),
    _row(
        "P3",
        "masks show what the guide shows, and no length",
        _EXAMPLE,
        "tests/flows/rules/test_masking.py::test_a_masked_address_tells_nothing_of_the_length",
        why="about values of one function",
    ),
    _row(
        "P4",
        "a known and an unknown address are answered alike",
        EXPLORED,
        SITUATIONS,
        f"{_TABLES}::test_an_unknown_address_steps_like_a_known_one",
    ),
    _row("P5", "that there is an account is told to who typed both proofs", EXPLORED, SITUATIONS),
    _row(
        "P6",
        "which half of a pair differs never shows",
        EXPLORED,
        SITUATIONS,
        f"{_TABLES}::test_which_half_of_a_pair_differs_never_shows",
    ),
    _row(
        "P7",
        "what was typed and left ten minutes is nowhere",
        _EXAMPLE,
        "tests/privacy/test_forgotten.py::test_pr_04_what_was_refused_or_left_ten_minutes_is_nowhere",
        why="about bytes, which no walk looks at",
    ),
    _row(
        "P8",
        "each reading by support is on record before it is shown",
        _EXAMPLE,
        "tests/cli/test_show.py::test_is_recorded_before_anything_is_shown",
        "tests/privacy/test_command_line.py::test_what_was_read_is_recorded_without_a_value",
        why="about the program, which no walk starts",
    ),
    _row(
        "P9",
        "support writes nothing but that record",
        _EXAMPLE,
        "tests/backends/test_reading.py::test_a_connection_cannot_write",
        why="about the program, which no walk starts",
    ),
    _row(
        "P10",
        "who was erased is found by nothing, and the journal still tells",
        _EXAMPLE,
        "tests/journeys/test_erasure.py::test_pr_07_journals_stay_and_tell_the_same_story",
        why="erasures are walked, what they leave is looked at by example",
    ),
    _row(
        "P11",
        "nothing is older than it may be",
        _EXAMPLE,
        "tests/privacy/test_lives.py::test_pr_05_after_half_a_year_only_accounts_are_left",
        why="months are out of reach of a walk",
    ),
    _row(
        "P12",
        "no token stays in an address, a referrer or a history",
        _EXAMPLE,
        "tests/http/test_headers.py::test_wb_07_wb_10_the_headers_are_on_every_response",
        why="about HTTP, which no walk speaks",
    ),
    _row(
        "P13",
        "what others do changes no answer, but whether a value is free",
        _EXAMPLE,
        "tests/properties/test_asking.py::test_what_others_do_changes_no_answer",
        "tests/properties/test_asking.py::test_only_whether_a_value_is_free_depends_on_others",
        why="it compares two worlds, where a walk judges one",
    ),
    _row(
        "T1",
        "the core reads no clock, and a journey's time never goes back",
        _EXAMPLE,
        "tests/journeys/test_deadlines.py::test_ft_01_a_journey_s_own_time_never_goes_back",
        _MODEL,
        why="a walk's clock goes forward only; the model's goes both ways",
    ),
    _row("T2", "in time before a deadline, late at it", EXPLORED, SITUATIONS, _MODEL),
    _row(
        "T3",
        "the ten minutes begin when a form is shown",
        _EXAMPLE,
        "tests/journeys/test_deadlines.py::test_c2_the_entry_counts_from_when_the_form_was_shown",
        why="what an adapter vouches for is no part of a walk",
    ),
    _row(
        "T4",
        "a day is 24 hours in UTC",
        _EXAMPLE,
        "tests/journeys/test_deadlines.py::test_ft_03_a_change_of_hour_does_not_change_a_day",
        why="a walk is on one day",
    ),
    _row("T5", "a new code gives an earlier one no more life", EXPLORED, SITUATIONS),
    _row(
        "T6",
        "late is the same as on time",
        _MODELLED,
        _MODEL,
        why="the model ends journeys at the deadline, the library when it is next asked",
    ),
    _row(
        "T7",
        "a clock that jumps frees nobody early, and locks nobody for ever",
        _MODELLED,
        _MODEL,
        "tests/journeys/test_deadlines.py::test_ft_02_what_ended_while_the_clock_was_ahead_stays_ended",
        why="a walk's clock goes forward only",
    ),
    _row(
        "C1",
        "what is not on the screen is refused, and nothing is done twice",
        EXPLORED,
        SITUATIONS,
        "tests/journeys/test_races.py::test_rc_01_the_last_step_twice_makes_one_account",
    ),
    _row(
        "C2",
        "of two journeys of one doctor the first wins",
        EXPLORED,
        SITUATIONS,
        "tests/journeys/test_races.py::test_rc_02_two_journeys_of_one_doctor_make_one_account",
        why="kept by I-S2 in worlds of two browsers",
    ),
    _row(
        "C3",
        "a link used twice at once works once",
        EXPLORED,
        SITUATIONS,
        "tests/journeys/test_races.py::test_rc_08_a_link_pressed_twice_opens_one_form",
    ),
    _row(
        "C4",
        "what crashes between a wish and its line is not lost",
        _EXAMPLE,
        "tests/races/test_every_row_fails.py::test_ft_05_a_story_told_on_a_failing_disk_goes_as_told",
        why="no port fails in a walk",
    ),
)

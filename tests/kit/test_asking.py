"""What a host is told of a rule: the calls, what is hidden, what is absent or waived."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from monespace_flows.ports import Ports
from monespace_flows.testing import MemoryStorage, Sandbox
from monespace_flows.testing.contracts import (
    Candidate,
    End,
    Outcome,
    Waiver,
    WaiversInvalid,
    ask,
    describe,
    given,
    read_waivers,
    rules_of,
)
from monespace_flows.testing.contracts.rules import RULES, rule
from monespace_flows.testing.contracts.trail import SHOWN, Trail

from .breaking import good, patched, with_store
from .every import BROKEN

TODAY = date(2026, 11, 22)
SWAP = "PORT-STORAGE-14"
WHOLE = f'rule = "{SWAP}"\nreason = "x"\nuntil = 2026-11-22'


def asked(number: str, make: Any = None, waivers: tuple[Waiver, ...] = ()) -> Outcome:
    return ask(make or BROKEN[number], RULES[number], waivers, TODAY)


def waiver(number: str = SWAP, until: date = TODAY) -> Waiver:
    return Waiver(rule=number, reason="our next release compares", until=until)


class TestWhatIsSaid:
    def test_the_very_calls_are_shown_that_led_there(self) -> None:
        told = describe(asked("PORT-STORAGE-51"))

        assert told[0].startswith("PORT-STORAGE-51: A link is used once, within one unit and")
        assert told[1:4] == [
            "  seen: the second use should be False, and is True",
            "  else: A link from a stolen mailbox works a second time.",
            "  hint: UPDATE … WHERE used_at IS NULL, and answer whether a row was changed.",
        ]
        assert [it.strip().partition("(")[0] for it in told[-3:]] == [
            "with storage.writing",
            "unit.links.consume",
            "unit.links.consume",
        ]
        assert told[-1].endswith(")  -> True")

    def test_only_the_calls_on_the_last_fresh_port_are(self) -> None:
        """What was done to the ones before is no part of what can be typed again."""
        calls = asked("PORT-STORAGE-33").calls

        assert sum("accounts.add" in call for call in calls) == 2

    def test_long_ones_are_cut_at_the_front(self) -> None:
        trail = Trail()
        for number in range(SHOWN + 2):
            trail.add(f"call {number}")

        assert trail.shown()[:2] == ("… 2 calls before", "call 2")

    def test_the_place_where_two_records_differ_is_named(self) -> None:
        assert asked("PORT-STORAGE-01").told.startswith(
            "what is kept[2][0], created_at should be datetime.datetime("
        )

    @pytest.mark.parametrize(
        "number", [it for it in BROKEN if it.split("-")[1] in {"REGISTRY", "SECRETS", "PASSWORDS"}]
    )
    def test_nothing_of_people_keys_or_passwords_is(self, number: str) -> None:
        text = "\n".join(describe(asked(number)))

        secrets = ("99000000002", "1975", "john", "girafe tournevis", "zwirn")
        assert not any(secret in text for secret in secrets)

    def test_hidden_values_are_said_by_their_kind(self) -> None:
        assert asked("PORT-REGISTRY-02").calls == (
            "registry.verify(<11 characters>, <date>)  -> <RegistryAnswer>",
        )
        assert asked("PORT-SECRETS-02").calls[0].endswith("-> <1 values>")
        assert asked("PORT-PASSWORDS-01").calls[1].endswith("-> True")

    def test_an_error_of_a_port_is_told_with_its_place(self) -> None:
        """Its words too, where they can be of nobody."""
        assert "ValueError was raised in broken_others.py:" in asked("PORT-REGISTRY-03").told
        assert asked("PORT-MESSAGING-02").told.endswith("'e-mail'\"")


class TestWhatIsGiven:
    def test_the_ports_of_an_application_will_do(self) -> None:
        ports: Ports = Sandbox().ports

        assert asked("PORT-EMAILS-01", lambda: ports).end is End.KEPT
        assert given(Candidate.of(ports)) == [
            "clock", "emails", "messaging", "passwords", "registry", "secrets", "storage",
        ]  # fmt: skip

    def test_of_them_nothing_more_is_asked_than_they_give(self) -> None:
        beyond = asked("PORT-STORAGE-05", lambda: Sandbox().ports)

        assert beyond.end is End.ABSENT
        assert beyond.told == "without twin: an application's ports do not say; a Candidate does"

    def test_anything_else_is_refused(self) -> None:
        with pytest.raises(TypeError, match="makes object, and neither Candidate nor Ports"):
            asked(SWAP, object)

    def test_what_a_rule_needs_must_be_given_or_be_said_to_be_absent(self) -> None:
        def alone(**absent: str) -> Candidate:
            return Candidate(storage=MemoryStorage(), absent=absent)

        silent = asked("PORT-STORAGE-05", alone)
        said = asked("PORT-STORAGE-05", lambda: alone(twin="a file that one process locks"))

        assert silent.end is End.BROKEN
        assert silent.told.startswith("the factory gives no twin: ")
        assert said.end is End.ABSENT
        assert said.told == "without twin: a file that one process locks"

    def test_threads_share_a_storage_that_is_opened_once(self) -> None:
        def alone() -> Candidate:
            return Candidate(storage=MemoryStorage())

        assert asked("PORT-STORAGE-26", alone).end is End.KEPT

    @pytest.mark.parametrize("absent", [{"thread": "why"}, {"threads": " "}])
    def test_what_is_absent_has_a_name_that_is_known_and_a_reason(
        self, absent: dict[str, str]
    ) -> None:
        with pytest.raises(ValueError, match="absent: "):
            good(absent=absent)

    def test_each_port_is_closed_when_its_rule_was_asked(self) -> None:
        made: list[MemoryStorage] = []
        closed: list[MemoryStorage] = []

        def make() -> Candidate:
            storage = MemoryStorage()
            made.append(storage)
            return good(storage=storage, close=lambda: closed.append(storage))

        asked("PORT-STORAGE-13", make)

        assert len(closed) > 1
        assert made == closed

    def test_a_part_of_a_port_may_be_anything_that_has_its_methods(self) -> None:
        assert asked("PORT-CLOCK-01", lambda: good(clock=patched(good().clock))).end is End.KEPT


class TestWaivers:
    def test_a_waived_rule_is_no_failure_until_its_end(self) -> None:
        outcome = asked(SWAP, waivers=(waiver("PORT-STORAGE-01"), waiver()))

        assert outcome.end is End.WAIVED
        assert outcome.end.is_good
        assert outcome.told == "until 2026-11-22: our next release compares"

    def test_one_that_ended_counts_for_nothing(self) -> None:
        outcome = asked(SWAP, waivers=(waiver(until=TODAY - timedelta(days=1)),))

        assert outcome.end is End.BROKEN
        assert outcome.told.endswith("; its waiver ended on 2026-11-21")

    def test_one_that_is_not_needed_is_a_failure(self) -> None:
        outcome = asked(SWAP, good, (waiver(),))

        assert outcome.end is End.BROKEN
        assert "not needed" in outcome.told

    def test_they_are_read_from_toml(self) -> None:
        text = f'[[waiver]]\nrule = "{SWAP}"\nreason = "our next release compares"\n'

        assert read_waivers(f"{text}until = 2026-11-22\n") == (waiver(),)
        assert read_waivers("") == ()

    @pytest.mark.parametrize(
        ("lines", "told"),
        [
            (f'rule = "{SWAP}"\nreason = "x"', "waiver 1: until must be a date"),
            (f'rule = "{SWAP}"\nreason = " "\nuntil = 2026-11-22', "waiver 1: reason must say why"),
            ('rule = "PORT-STORAGE-0"\nreason = "x"\nuntil = 2026-11-22', "waiver 1: rule must be"),
            ('number = "x"', "waiver 1: it has rule, reason and until"),
            (f"{WHOLE}\n[[waiver]]\n{WHOLE}", f"waiver 2: {SWAP} has one already"),
        ],
    )
    def test_one_that_lacks_something_is_refused(self, lines: str, told: str) -> None:
        with pytest.raises(WaiversInvalid, match=told):
            read_waivers(f"[[waiver]]\n{lines}\n")


class TestNumbers:
    def test_a_number_is_given_once(self) -> None:
        with pytest.raises(ValueError, match="two rules have the number PORT-STORAGE-01"):
            rule("PORT-STORAGE-01", danger="", hint="")(lambda: None)

    def test_rules_are_listed_by_number_of_some_ports_or_all(self) -> None:
        assert [it.number for it in rules_of(["clock"])] == ["PORT-CLOCK-01", "PORT-CLOCK-02"]
        assert len(rules_of()) == len(RULES)

    def test_what_is_patched_twice_is_still_caught(self) -> None:
        """A store that answers as ours does, through however many hands, keeps the rule."""
        assert asked(SWAP, lambda: with_store("journeys")).end is End.KEPT

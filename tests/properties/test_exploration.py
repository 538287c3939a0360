"""What must hold on every journey that the tables allow, found by walking all of them.

The names in docstrings (``S1``, ``L5``) are those of the invariants of the design.
"""

import itertools
from collections.abc import Iterator
from itertools import product

import pytest

from monespace_flows import effects as e
from monespace_flows import facts as f
from monespace_flows.chart import Flow
from monespace_flows.commands import COMMANDS
from monespace_flows.errors import ChartRefused
from monespace_flows.flows import FLOWS
from monespace_flows.notices import ACCOUNT_EXISTS, EMAIL_TAKEN, NOTICES
from monespace_flows.retelling.standing import EPOCH
from monespace_flows.retelling.table import numbered_rows
from monespace_flows.screens import Place
from monespace_flows.step import begin, step
from monespace_flows.verify import check
from monespace_flows.verify.answers import answers
from monespace_flows.verify.exploration import Edge

from .walks import BLOCKING, all_edges, blocked_recovery, reached_without, walk_of

every_flow = pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)

CREDENTIALS = (e.CreateAccount, e.RecoverAccount, e.ChangeCredentials)


THERE = (f.AccountVerdict.EXISTS, f.AccountVerdict.CHANGED, f.AccountVerdict.FROZEN)


def edges_with(*effects: type[e.Effect]) -> Iterator[Edge]:
    for edge in all_edges():
        if any(isinstance(effect, effects) for effect in edge.effects):
            yield edge


class TestEveryFlow:
    """What holds whatever the flow."""

    @every_flow
    def test_nothing_is_wrong_with_the_table(self, flow: Flow) -> None:
        """S26, S27, L1 to L4: no dead end, no dead row, nothing undecided."""
        assert check(flow) == []

    @every_flow
    def test_an_event_without_a_row_is_refused(self, flow: Flow) -> None:
        """S26: nothing moves by what a state does not offer."""
        one_of_each = {journey.state: journey for journey in walk_of(flow.name).journeys}
        for state, journey in one_of_each.items():
            for event in set(COMMANDS) - flow.offered[state]:
                with pytest.raises(ChartRefused):
                    step(flow, journey, event, f.NoFacts(), EPOCH)

    @every_flow
    def test_a_path_leads_where_it_says(self, flow: Flow) -> None:
        """A shortest path is a journey: its steps follow each other."""
        walk = walk_of(flow.name)

        for journey in walk.journeys[1:]:
            path = walk.path_to(journey)
            assert path[0].before == walk.journeys[0]
            assert path[-1].after == journey
            assert all(one.after == two.before for one, two in itertools.pairwise(path))

    def test_the_shortest_creation_has_four_steps(self) -> None:
        walk = walk_of("creation")
        created = next(journey for journey in walk.journeys if journey.state == "created")

        events = [edge.event for edge in walk.path_to(created)]

        assert events[:3] == ["submit_identity", "send_code", "submit_code"]
        assert events[3] in {"activate", "create"}
        assert len(events) == 4


class TestAccounts:
    """What stands between a person and an account."""

    @pytest.mark.parametrize("flow", ["creation", "recovery"])
    def test_an_account_comes_only_after_a_code_was_accepted(self, flow: str) -> None:
        """S1: without a right code, no credentials can be chosen."""
        walk = walk_of(flow)
        accepted = [
            edge
            for edge in walk.edges
            if isinstance(edge.facts, f.CodeFacts) and edge.facts.code is f.CodeVerdict.MATCHES
        ]

        states = reached_without(walk, accepted)

        assert accepted
        assert {"enter_identity", "choose_channel", "enter_code", "expired"} <= states
        assert not states & {"choose_credentials", "choose_password", "created", "recovered"}

    @pytest.mark.parametrize("flow", ["creation", "recovery"])
    def test_a_code_is_sent_only_to_who_is_known(self, flow: str) -> None:
        """S1: without a pair that matches, no contact is shown and nothing is sent."""
        walk = walk_of(flow)
        known = [edge for edge in walk.edges if _identity(edge) is f.IdentityVerdict.MATCH]

        assert {"enter_identity", "expired"} == reached_without(walk, known)

    def test_an_account_is_created_only_where_there_is_none(self) -> None:
        """S2, S3: neither for a doctor who has one, nor under an address that has one.

        An address that is only claimed is taken from the claim first, by who has proved it.
        """
        for edge in edges_with(e.CreateAccount, e.RecoverAccount):
            facts = edge.facts
            assert isinstance(facts, f.CredentialsFacts)
            claimed = facts.email is f.EmailVerdict.CLAIMED
            assert claimed or facts.email in (f.EmailVerdict.FREE, f.EmailVerdict.PROVEN)
            assert claimed is (e.ReleaseAddress() in edge.effects)
            proven = any(getattr(it, "address_is_proven", False) for it in edge.effects)
            assert proven is (facts.email is not f.EmailVerdict.FREE)
            exists = facts.account is f.AccountVerdict.EXISTS
            assert exists or facts.account is f.AccountVerdict.NONE
            assert exists is any(isinstance(effect, e.RecoverAccount) for effect in edge.effects)

    def test_only_a_password_that_was_accepted_is_kept(self) -> None:
        """S23: one policy guards every entry."""
        verdicts = {
            edge.facts.password
            for edge in edges_with(*CREDENTIALS)
            if isinstance(edge.facts, f.CredentialsFacts | f.NewPasswordFacts | f.SettingsFacts)
        }

        assert {f.PasswordVerdict.ACCEPTED, f.PasswordVerdict.UNCHANGED} == verdicts

    def test_credentials_changed_elsewhere_end_what_was_on_its_way(self) -> None:
        """S13: neither a recovery nor a reset gives new ones after that, whatever is typed."""
        overtaken = [
            edge
            for edge in all_edges()
            if getattr(edge.facts, "account", None) is f.AccountVerdict.CHANGED
        ]

        assert {edge.before.flow for edge in overtaken} == {"creation", "recovery", "reset"}
        for edge in overtaken:
            assert not [effect for effect in edge.effects if isinstance(effect, CREDENTIALS)]
            stays = edge.before.flow == "creation"
            assert edge.after.state == (edge.before.state if stays else "expired")

    def test_settings_change_only_with_the_present_password(self) -> None:
        """S11, S12, T2."""
        for edge in walk_of("settings").edges:
            facts = edge.facts
            if any(isinstance(effect, CREDENTIALS) for effect in edge.effects):
                assert isinstance(facts, f.SettingsFacts)
                assert facts.current is f.SignInVerdict.RIGHT

    def test_a_password_is_reset_only_after_a_valid_link(self) -> None:
        """S9, S11: nothing else leads to the screen where it is chosen."""
        walk = walk_of("reset")
        valid = [
            edge
            for edge in walk.edges
            if isinstance(edge.facts, f.LinkFacts) and edge.facts.link is f.LinkVerdict.VALID
        ]

        states = reached_without(walk, valid)

        assert not states & {"choose_new_password", "password_changed"}

    def test_a_session_opens_only_for_who_proved_it(self) -> None:
        """S18: a right password, or a link used and a new password."""
        for edge in edges_with(e.OpenSession):
            match edge.facts:
                case f.SignInFacts(sign_in=verdict) | f.SettingsFacts(current=verdict):
                    assert verdict is f.SignInVerdict.RIGHT
                case f.NewPasswordFacts(account=account):
                    assert account is f.AccountVerdict.EXISTS
                case _:
                    pytest.fail(f"nothing was proved: {edge}")

    def test_a_code_by_email_fixes_the_login(self) -> None:
        """S14, C9: by e-mail the address is the Order's, by SMS it is typed twice."""
        for edge in walk_of("creation").edges:
            if edge.event == "submit_code" and edge.after.state != edge.before.state:
                contact = edge.before.contact
                assert contact is not None
                by_email = contact.channel is f.Channel.EMAIL
                assert edge.after.state == ("choose_password" if by_email else "choose_credentials")


class TestRefusals:
    """What a refusal does: it speaks, and does no more."""

    def test_a_confirmation_that_differs_changes_nothing(self) -> None:
        """S15."""
        differs = (
            f.EmailVerdict.DIFFERS_FROM_CONFIRMATION,
            f.PasswordVerdict.DIFFERS_FROM_CONFIRMATION,
        )
        for edge in all_edges():
            if {getattr(edge.facts, name, None) for name in ("email", "password")} & {*differs}:
                assert not [effect for effect in edge.effects if isinstance(effect, CREDENTIALS)]
                assert edge.after == edge.before or _is_lost(edge)

    def test_what_is_ill_formed_never_leads_on(self) -> None:
        """S26: a field to correct keeps the person on the screen, and counts nothing."""
        for edge in all_edges():
            if edge.facts.problems and not _is_lost(edge):
                assert edge.after == edge.before
                assert edge.effects == ()

    def test_only_a_wrong_code_costs_a_try(self) -> None:
        """S6, L8: what is too old, exhausted or ill-formed is not counted."""
        for edge in all_edges():
            if isinstance(edge.facts, f.CodeFacts):
                counts = e.CountFailure(e.Budget.CODE) in edge.effects
                wrong = {f.CodeVerdict.DIFFERS, f.CodeVerdict.LAST_TRY_DIFFERS}
                assert counts is (edge.facts.code in wrong)

    def test_back_repeats_no_effect(self) -> None:
        """L5: at most, it makes the code worthless."""
        effects = {
            effect for edge in all_edges() if edge.event == "back" for effect in edge.effects
        }

        assert effects <= {e.CancelCode()}

    def test_an_account_is_told_only_to_who_gave_both_proofs(self) -> None:
        """P5: the number and the birth date matched, here or on the way here."""
        for edge in all_edges():
            if ACCOUNT_EXISTS.id in edge.notices:
                asked = isinstance(edge.facts, f.IdentityFacts | f.CredentialsFacts)
                exists = getattr(edge.facts, "account", None) in THERE
                assert (asked and exists) or edge.before.state == "account_found"
            if EMAIL_TAKEN.id in edge.notices:
                own = f.EmailVerdict.UNCHANGED if edge.before.flow == "recovery" else None
                assert getattr(edge.facts, "email", None) in (f.EmailVerdict.TAKEN, own)

    def test_an_unknown_address_steps_like_a_known_one(self) -> None:
        """P4: the same screen, the same notices, as many effects."""
        asked = [
            edge
            for edge in walk_of("reset").edges
            if isinstance(edge.facts, f.LinkRequestFacts) and not edge.facts.problems
        ]

        assert len(asked) == 5
        assert len({(edge.after.state, edge.notices, len(edge.effects)) for edge in asked}) == 1

    def test_which_half_of_a_pair_differs_never_shows(self) -> None:
        """P6: the three refusals of the registry are one to the person."""
        refusals = {
            f.IdentityVerdict.RPPS_UNKNOWN,
            f.IdentityVerdict.BIRTH_DATE_DIFFERS,
            f.IdentityVerdict.NOT_ADMITTED,
        }
        for flow, warns in product(("creation", "recovery"), (False, True)):
            refused = [
                edge
                for edge in walk_of(flow).edges
                if _identity(edge) in refusals and getattr(edge.facts, "warns", None) is warns
            ]
            assert len({(edge.after.state, edge.notices, edge.effects) for edge in refused}) == 1

    def test_a_link_in_a_notice_leads_to_a_journey_or_a_page(self) -> None:
        """L9: what it names can be started."""
        pages = {Place.HOME, Place.FORGOTTEN, Place.RPPS_HELP, Place.ASSISTANCE, Place.TERMS}
        for notice in NOTICES.values():
            for link in notice.links:
                assert link.place in FLOWS or link.to in pages | {Place.PRIVACY}


class TestRecovery:
    """The one switch that changes what a screen offers (D1)."""

    def test_it_goes_on_for_who_has_an_account(self) -> None:
        assert _leaves_account_found(walk_of("recovery").edges) == {"choose_channel"}

    def test_it_stops_there_when_the_policy_says_so(self) -> None:
        """R3 to the letter, even for who presses a button that is not shown."""
        edges = blocked_recovery().edges

        assert _leaves_account_found(edges) == {"account_found"}
        assert not any(edge.offered for edge in edges if edge.event == "continue_recovery")


class TestPlaces:
    """The numbers of the rows."""

    @every_flow
    def test_every_row_has_a_place(self, flow: Flow) -> None:
        numbers: dict[tuple[str, str], list[int]] = {}
        for place in numbered_rows(flow):
            numbers.setdefault((place.state, place.event), []).append(place.number)

        assert all(found == list(range(len(found))) for found in numbers.values())

    def test_a_place_says_where_it_is(self) -> None:
        first = min(numbered_rows(FLOWS["signin"]))

        assert str(first) == "signin.enter_credentials.extend[0]"

    def test_an_answer_needs_a_contact_to_resend_to(self) -> None:
        journey = begin(FLOWS["creation"], "2222-2222", EPOCH)

        assert list(answers(FLOWS["creation"], journey, "resend_code", BLOCKING)) == []


def _identity(edge: Edge) -> f.IdentityVerdict | None:
    return edge.facts.identity if isinstance(edge.facts, f.IdentityFacts) else None


def _is_lost(edge: Edge) -> bool:
    """Whether the account changed elsewhere, which ends a journey whatever is typed."""
    typed = isinstance(edge.facts, f.NewPasswordFacts | f.CredentialsFacts)
    return typed and edge.after.state == "expired"


def _leaves_account_found(edges: tuple[Edge, ...]) -> set[str]:
    return {edge.after.state for edge in edges if edge.event == "continue_recovery"}

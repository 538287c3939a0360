"""What a colleague, a neighbour or a program would try first is accepted nowhere (IN-07).

Judged as in production: the real estimate and the list that is shipped, on the journeys themselves.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from random import Random

import pytest
from attrs import evolve

from monespace_backends.blocklist import read_blocklist
from monespace_backends.passwords import strength
from monespace_flows import Flows
from monespace_flows.commands import Command
from monespace_flows.driver.acts import judge_new_password, known_to_guessers
from monespace_flows.facts import Problem
from monespace_flows.notices import PROBLEMS
from monespace_flows.policy import PasswordPolicy
from monespace_flows.screens import View
from monespace_flows.testing import MemoryBlocklist, Sandbox
from tests.replaying import leave_alone

from . import acting
from .acting import JOHN

MOBILE = "0612345678"
OF_NAMES = [
    "Beauregard17061975",
    "beauregard170675!!",
    "Beauregard.17.06.1975",
    "17/06/1975 Beauregard",
    "Beauregard-juin-1975",
    "1975beauregard1975",
    "BeauregardGauthier1975",
    "GauthierBeauregard!!",
    "gauthier.beauregard.paris",
    "B3aur3gard-G4uth13r-75",
    "DrBeauregardGauthier1",
    "docteurbeauregard2026",
    "Dr.Gauthier.Beauregard",
    "drager uaeb1975 drager",
    "Beauregard*Medecin*75",
    "beauregardbeauregard1",
    "gbeauregard-gbeauregard",
    "Beauregard75008Paris!",
]
OF_BIRTH_DATES = [
    "17juin1975medecin",
    "17 juin 1975 medecin",
    "17061975-17061975",
    "1706197517juin1975",
    "1975-06-17-medecin",
    "medecin-19750617!!",
    "17/06/75 17/06/75!",
    "juin1975juin1975!!",
    "le 17 juin 1975 !!",
    "ne le 17 juin 1975",
    "mardi17juin1975!!!",
    "naissance17061975!",
]
OF_NUMBERS = [
    f"{JOHN.rpps}aaaa",
    f"{JOHN.rpps}1975",
    f"RPPS-{JOHN.rpps}",
    f"rpps{JOHN.rpps}!!!",
    "99 000 000 002 rpps",
    "990.000.000.02-medecin",
    f"Tel{MOBILE}!!",
    f"medecin{MOBILE}!",
    "06.12.34.56.78-medecin",
    "+33 6 12 34 56 78 !!",
    f"{MOBILE}{MOBILE}",
    "12345678-Beauregard",
]
OF_ADDRESSES = [
    JOHN.email,
    "john.medecin.1975!!",
    "johnmedecin17061975",
    "cn.medecin.example1",
    "marguerite1975cabinet",
    "Marguerite@cabinet1",
    "marguerite-marguerite",
    "etireugram.elpmaxe1",
]
OF_THE_SITE = [
    "medecin1975medecin",
    "P@ssw0rd2026!!",
    "P@ssw0rd2026!!!",
    "Ordre2026Medecins!",
    "OrdreDesMedecins2026",
    "0rdr3-d3s-M3d3c1ns!",
    "MonEspaceMedecin75!",
    "MonEspace2026MonEspace",
    "monespace.example!1",
    "ConseilDeLOrdre2026",
    "Conseil-National-2026",
    "conseil departemental",
    "DocteurEnMedecine75!",
    "medecin generaliste 1",
    "Cardiologue2026!!!",
    "Orthopediste-1975-!",
    "Hippocrate2026!!!!",
    "SermentDHippocrate1",
    "stethoscope-2026-!!",
    "M.é.d.e.c.i.n.2.0.2.6",
    "m*e*d*e*c*i*n*1975*",
    "nicedem-nicedem-1975",
    "hopital-clinique-75!",
]
OF_EVERYBODY = [
    "motdepasse2026!!!",
    "MotDePasseSecurise1!",
    "monmotdepasse12345",
    "azertyuiopqsdfghjklm",
    "Azertyuiop123456789",
    "1a2z3e4r5t6y7u8i9o",
    "1aqw2zsx3edc4rfv5tgb",
    "qwertyuiopasdfghjkl",
    "a1b2c3d4e5f6g7h8i9",
    "aaaabbbbccccdddd",
    "abcabcabcabcabcabc",
    "123456789012345678",
    "111222333444555666",
    "0000000000000000000",
    "abcdefghijklmnopqrst",
    "Bonjour2026Bonjour!",
    "Soleil-Soleil-Soleil",
    "JeTAimeMonAmour2026",
    "Marseille13Marseille",
    "passwordpassword1",
    "Liverpool2026!!!!",
    "liverpool-l1verp00l",
    "administrateur2026!",
    "Printemps-Ete-2026",
    "Janvier2026Janvier!",
    "VivelaFrance2026!!",
]
OBVIOUS = OF_NAMES + OF_BIRTH_DATES + OF_NUMBERS + OF_ADDRESSES + OF_THE_SITE + OF_EVERYBODY

LOGIN = "marguerite@cabinet.example"


def judging(sandbox: Sandbox) -> Sandbox:
    """Judge as production does, for a doctor with a name that is nobody's trade."""
    sandbox.registry.change(JOHN.rpps, family_name="Beauregard", given_name="Gauthier")
    sandbox.passwords.score = strength  # type: ignore[method-assign]
    ports = evolve(sandbox.ports, blocklist=read_blocklist())
    sandbox.flows = Flows(ports, wake=sandbox.deliver)
    return sandbox


def _member(sandbox: Sandbox) -> View:
    """Someone whose login is one that they chose themselves."""
    acting.created_by_sms(sandbox, email=LOGIN)
    return sandbox.flows.start("settings", acting.session_of(sandbox, LOGIN))


def _link_used(sandbox: Sandbox) -> View:
    acting.created_by_sms(sandbox, email=LOGIN)
    session = acting.session_of(sandbox, LOGIN)
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)
    return acting.link_used(sandbox, LOGIN)


PLACES: dict[str, tuple[Callable[[Sandbox], View], Callable[[str], Command]]] = {
    "creation": (acting.code_accepted, lambda typed: acting.activation(LOGIN, typed)),
    "recovery": (
        lambda it: acting.code_accepted(it, flow="recovery"),
        lambda typed: acting.activation(LOGIN, typed),
    ),
    "reset": (_link_used, acting.new_password),
    "settings": (_member, lambda typed: acting.save(email=LOGIN, password=typed)),
}


def accepted_in(flow: str) -> list[str]:
    """Which are accepted; one that is ends its journey, so another begins."""
    arrive, fill = PLACES[flow]
    accepted, sandbox, view = [], Sandbox(), None
    for typed in OBVIOUS:
        if view is None:
            sandbox = judging(Sandbox())
            view = arrive(sandbox)
        if "password" not in acting.errors(sandbox.flows.submit(view.token, fill(typed))):
            accepted.append(typed)
            view = None
    return accepted


@pytest.mark.parametrize("flow", PLACES)
def test_in_07_no_obvious_password_is_accepted(flow: str) -> None:
    """Names, dates, numbers, addresses, the site, the trade, and what everybody takes."""
    assert accepted_in(flow) == []


def test_the_list_is_of_every_kind_and_length_is_not_the_point() -> None:
    short = [typed for typed in OBVIOUS if len(typed) < PasswordPolicy().minimum_length]

    assert len(set(OBVIOUS)) >= 69
    assert short == ["P@ssw0rd2026!!"]


OWN = "Beauregard tiède Gauthier"
"""Nothing but the doctor's names and one word: good enough for anybody else."""


def test_in_07_the_meter_says_the_same_as_the_submit() -> None:
    """Whoever is choosing a password is told before it is sent."""
    for arrive, _ in PLACES.values():
        sandbox = judging(Sandbox())
        view = arrive(sandbox)

        weak = {typed: sandbox.flows.judge_strength(typed, view.token).label for typed in OF_NAMES}
        assert set(weak.values()) == {"Faible"}
        assert sandbox.flows.judge_strength(OWN, view.token).label == "Faible"


def _signed_out(sandbox: Sandbox) -> View:
    acting.created_by_sms(sandbox, email=LOGIN)
    session = acting.session_of(sandbox, LOGIN)
    view = sandbox.flows.start("settings", session)
    sandbox.flows.sign_out(session)
    return view


def _expired(sandbox: Sandbox) -> View:
    view = acting.code_accepted(sandbox)
    sandbox.clock.advance(minutes=30)
    return view


def _unreadable(state: str, flow: str) -> Callable[[Sandbox], View]:
    def leave(sandbox: Sandbox) -> View:
        view = acting.code_accepted(sandbox)
        stored = acting.journey_of(sandbox, view)
        other = evolve(stored, journey=evolve(stored.journey, state=state, flow=flow))
        with sandbox.storage.writing() as unit:
            unit.journeys.swap(other, stored.journey.seq)
        leave_alone(sandbox.storage)
        return view

    return leave


@pytest.mark.parametrize(
    "arrive",
    [
        acting.identified,
        acting.awaiting_code,
        acting.created,
        _signed_out,
        _expired,
        pytest.param(_unreadable("nowhere", "creation"), id="no_such_state"),
        pytest.param(_unreadable("choose_credentials", "nowhere"), id="no_such_flow"),
    ],
)
def test_pr_08_the_meter_tells_nobody_else_what_the_order_knows(
    arrive: Callable[[Sandbox], View],
) -> None:
    """Else a name or a number could be found out by trying it as a password."""
    sandbox = judging(Sandbox())
    view = arrive(sandbox)

    for token in (view.token, "unknown", None):
        assert sandbox.flows.judge_strength(OWN, token).label == "Fort"
        assert sandbox.flows.judge_strength(f"{MOBILE} tiède girafe lustre", token).label == "Fort"


def test_a_password_may_be_changed_while_the_registry_is_away() -> None:
    """Names are worth less than a way out for who was robbed: what is here still counts."""
    sandbox = judging(Sandbox())
    view = _link_used(sandbox)
    sandbox.registry.fail_next(4)

    refused = sandbox.flows.submit(view.token, acting.new_password(f"{JOHN.rpps} tiède girafe"))
    changed = sandbox.flows.submit(view.token, acting.new_password(OWN))

    assert "password" in acting.errors(refused)
    assert changed.state == "password_changed"


def test_in_07_what_is_listed_is_refused_however_it_is_dressed() -> None:
    """A host's own list counts as ours does."""
    sandbox = Sandbox()
    listed = evolve(sandbox.ports, blocklist=MemoryBlocklist("zwirnklopp veit"))
    sandbox.flows = Flows(listed, wake=sandbox.deliver)
    view = acting.code_accepted(sandbox, channel="email")

    asis = Flows(sandbox.ports).judge_strength("zwirnklopp veit").label
    view = sandbox.flows.submit(view.token, acting.creation("zwirnklopp veit"))

    assert asis == "Moyen"
    assert acting.errors(view) == {"password": PROBLEMS[Problem.PASSWORD_GUESSABLE]}


@pytest.mark.parametrize(
    "good",
    [
        "cheval correct pile agrafe",
        "treize bougies sous la pluie",
        "sept girafes lisent le journal",
        "Beauregard boit trois cafés tièdes à Vézelay",
        "17 juin : neuf lanternes sur un quai mouillé",
        "un médecin range douze hermines givrées",
        "xK9#mQ2$vL7!pR4w",
    ],
)
def test_a_good_password_may_hold_a_name_a_date_or_a_trade(good: str) -> None:
    """They count for nothing, and forbid nothing: what is left must be enough."""
    sandbox = judging(Sandbox())
    view = acting.code_accepted(sandbox)

    view = sandbox.flows.submit(view.token, acting.activation(LOGIN, good))

    assert view.state == "created"


# --- what chance makes is never refused ----------------------------------------------------------

ALPHABETS = [
    string.ascii_letters + string.digits + string.punctuation,
    string.ascii_letters + string.digits,
    string.ascii_lowercase,
    string.digits,
]


def at_random(count: int) -> list[str]:
    dice = Random(1975)  # noqa: S311 - the same at each run
    return [
        "".join(dice.choices(ALPHABETS[number % 4], k=15 + number % 50)) for number in range(count)
    ]


def refused(count: int) -> list[tuple[str, Problem]]:
    sandbox = judging(Sandbox())
    ports, site = sandbox.flows.ports, sandbox.flows.site
    known = known_to_guessers(ports, site, JOHN.rpps, LOGIN, JOHN.email)
    judged = [
        (each, judge_new_password(ports, each, known, PasswordPolicy())[0])
        for each in at_random(count)
    ]
    return [(each, problem) for each, problem in judged if problem is not None]


def test_in_05_what_chance_makes_is_accepted() -> None:
    """Of any kind of signs, a few of each length."""
    assert refused(60) == []


@pytest.mark.slow
def test_in_05_what_chance_makes_is_accepted_two_thousand_times() -> None:
    """From 15 to 64 characters."""
    assert refused(2000) == []

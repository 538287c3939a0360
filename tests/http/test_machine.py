"""Three doctors, two browsers and a moving clock, at random, against a simple model.

Whatever is pressed in whatever order: no error of ours, the guide's screens in their order, at
most one account for a doctor, and one message for each code.
"""

from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.http.visiting import PASSWORD, Served, Visitor

DOCTORS = {
    "99000000002": "17/06/1975",
    "99000000010": "28/02/1982",
    "99000000036": "21/04/1996",
}
EMAILS = [f"doctor{number}@medecin.example" for number in range(3)]
NEXT = {
    "Créer votre espace": {"Sécuriser la création de votre espace"},
    "Sécuriser la création de votre espace": {"Veuillez saisir le code reçu", "Créer votre espace"},
    "Veuillez saisir le code reçu": {
        "Finaliser la création de votre espace",
        "Créer mon compte",
        "Sécuriser la création de votre espace",
    },
    "Finaliser la création de votre espace": {"Votre espace est créé"},
    "Créer mon compte": {"Votre espace est créé"},
    "Votre espace est créé": {"Créer votre espace"},
    "Votre demande a expiré": {"Créer votre espace"},
}
EXPECTED = {200, 409, 410, 422, 429}

browsers = st.integers(0, 1)


class TwoBrowsers(RuleBasedStateMachine):
    """Creation, over and over, by three doctors in two browsers."""

    reached: ClassVar[set[str]] = set()

    @initialize()
    def serve(self) -> None:
        self.served = Served()
        self.visitors: list[Visitor] = [self.served.visitor(), self.served.visitor()]
        for visitor in self.visitors:
            visitor.open("/creation")

    def act(self, browser: int, label: str, **typed: str) -> None:
        visitor = self.visitors[browser]
        before = visitor.page.heading
        if label not in visitor.page.buttons:
            return
        after = visitor.press(label, **typed).heading
        self.reached.add(after)
        assert visitor.status in EXPECTED
        allowed = NEXT.get(before, set()) | {before, "Votre demande a expiré"}
        assert after in allowed, f"{before} -> {after} by {label}"

    @rule(browser=browsers, rpps=st.sampled_from([*DOCTORS]), right=st.booleans())
    def identify(self, browser: int, rpps: str, right: bool) -> None:
        if self.visitors[browser].page.heading == "Créer votre espace":
            born = DOCTORS[rpps] if right else "01/01/1970"
            self.act(browser, "Valider", rpps=rpps, birth_date=born, accept_terms="on")

    @rule(browser=browsers, last=st.booleans())
    def choose(self, browser: int, last: bool) -> None:
        page = self.visitors[browser].page
        choices = [e["value"] for e in page.root.every("input") if e.get("type") == "radio"]
        if choices:
            self.act(browser, "Recevoir votre code", channel=choices[-1 if last else 0])

    @rule(browser=browsers, right=st.booleans())
    def enter(self, browser: int, right: bool) -> None:
        if self.visitors[browser].page.heading == "Veuillez saisir le code reçu":
            self.act(browser, "Valider", code=self.served.code if right else "000000")

    @rule(browser=browsers, email=st.sampled_from(EMAILS), same=st.booleans())
    def finish(self, browser: int, email: str, same: bool) -> None:
        typed = {"password": PASSWORD, "password_confirmation": PASSWORD if same else "other"}
        self.act(browser, "Créer", **typed)
        self.act(browser, "Activer", email=email, email_confirmation=email, **typed)

    @rule(browser=browsers, rpps=st.sampled_from([*DOCTORS]), email=st.sampled_from(EMAILS))
    def go_on(self, browser: int, rpps: str, email: str) -> None:
        """Do what is right on whatever screen, so that runs reach the end as well."""
        self.identify(browser, rpps, right=True)
        self.choose(browser, last=False)
        self.enter(browser, right=True)
        self.finish(browser, email, same=True)

    @rule(browser=browsers, label=st.sampled_from(["Retour", "Renvoyer le code", "Prolonger"]))
    def move(self, browser: int, label: str) -> None:
        self.act(browser, label)

    @precondition(lambda self: any("Recommencer" in v.page.buttons for v in self.visitors))
    @rule(browser=browsers)
    def start_again(self, browser: int) -> None:
        self.act(browser, "Recommencer")

    @rule(browser=browsers)
    def reload(self, browser: int) -> None:
        visitor = self.visitors[browser]
        before = visitor.page.heading
        assert visitor.open("/creation").heading in (before, "Votre demande a expiré")

    @rule(minutes=st.sampled_from([1, 2, 5, 10, 31]))
    def wait(self, minutes: int) -> None:
        self.served.sandbox.clock.advance(minutes=minutes)

    @invariant()
    def a_doctor_has_one_account(self) -> None:
        if hasattr(self, "served"):
            letters = [m.to for m in self.served.sandbox.messages if m.purpose == "confirmation"]
            assert len(letters) == len(set(letters)) <= len(DOCTORS)


TestTwoBrowsers = TwoBrowsers.TestCase
TestTwoBrowsers.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestTwoBrowsers = pytest.mark.slow(TestTwoBrowsers)

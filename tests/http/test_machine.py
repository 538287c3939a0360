"""Three doctors, two browsers and a moving clock, at random, against a simple model.

All five journeys in pages, and the same journeys over JSON.  Whatever is pressed in whatever
order: no error of ours, only the contract's statuses, the guide's screens in their order, no secret
in any page or address but a link's own, and the accounts, sessions and links of the model.
"""

from collections import Counter
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.http.model import Account, Link, Model
from tests.http.tabs import Browser, Tab
from tests.http.visiting import Served

DOCTORS = {
    "99000000002": "17/06/1975",
    "99000000010": "28/02/1982",
    "99000000036": "21/04/1996",
}
EMAILS = [f"doctor{number}@medecin.example" for number in range(4)]
PASSWORDS = ["sept girafes lisent le journal", "huit loutres comptent les nuages"]

HOME, SIGN_IN, SETTINGS = "MonEspace", "Connectez-vous à votre espace", "Paramètres"
CREATE, RECOVER = "Créer votre espace", "Récupérer votre espace"
CODE, NEW_LINK = "Veuillez saisir le code reçu", "Consultez votre messagerie"
LANDING, CONFIRM = "Choisir un nouveau mot de passe", "Confirmer votre adresse e-mail"
DEAD_LINK, CHANGED = "Lien non valable", "Votre mot de passe est modifié"
EXPIRED, RESET = "Votre demande a expiré", "Réinitialiser votre mot de passe"
NEXT = {
    CREATE: {"Sécuriser la création de votre espace"},
    "Sécuriser la création de votre espace": {CODE, CREATE},
    RECOVER: {"Sécuriser la récupération de votre espace"},
    "Sécuriser la récupération de votre espace": {CODE, RECOVER},
    CODE: {
        "Sécuriser la création de votre espace",
        "Sécuriser la récupération de votre espace",
        "Finaliser la création de votre espace",
        "Créer mon compte",
        "Finaliser la récupération de votre espace",
    },
    "Finaliser la création de votre espace": {
        "Votre espace est créé",
        "Sécuriser la création de votre espace",
    },
    "Créer mon compte": {"Votre espace est créé", "Sécuriser la création de votre espace"},
    "Finaliser la récupération de votre espace": {
        "Votre espace est récupéré",
        "Sécuriser la récupération de votre espace",
    },
    RESET: {NEW_LINK},
    NEW_LINK: {RESET},
    LANDING: {SETTINGS},
    SETTINGS: {CHANGED, SIGN_IN},
    CONFIRM: {HOME, SIGN_IN},
    SIGN_IN: {HOME, CONFIRM, SETTINGS},
    HOME: {HOME},
}
FIRST = {"/creation": CREATE, "/recuperation": RECOVER, "/mot-de-passe": RESET}
ENDS = {"Votre espace est créé", "Votre espace est récupéré", CHANGED, EXPIRED}
WAYS_OUT = ("Recommencer", "Abandonner")

browsers = st.integers(0, 1)
doctors = st.sampled_from([*DOCTORS])
emails = st.sampled_from(EMAILS)
passwords = st.sampled_from(PASSWORDS)
beginnings = st.sampled_from(["/creation", "/recuperation"])
mostly = st.sampled_from([True, True, True, False])


class TwoBrowsers(RuleBasedStateMachine):
    """All journeys, over and over, by three doctors in two browsers."""

    reached: ClassVar[Counter[str]] = Counter()
    statuses: ClassVar[Counter[int]] = Counter()

    @initialize(accounts=st.integers(0, 2))
    def serve(self, accounts: int) -> None:
        self.served = Served()
        self.model = Model()
        self.secrets = set(PASSWORDS)
        self.read = 0
        self.dead: list[str] = []
        self.awaited: dict[int, str] = {}  # the link that each browser's reset waits for
        self.browsers = [Browser(self.served, self.secrets) for _ in range(2)]
        for browser, rpps in zip(range(accounts), DOCTORS, strict=False):
            email = EMAILS[browser]
            self.go_on(browser, "/creation", rpps, email=email, last=False)
            self.sign_in(browser, browser, right=True)
            self.open_link(browser, newest=0, presses=True)

    # --- pressing ----------------------------------------------------------------------------

    def press(self, browser: int, tab: Tab, label: str, **typed: str) -> bool:
        """Press a button, if the tab shows it; whether it did what it says."""
        if label not in tab.page.buttons:
            return False
        before, session = tab.heading, self.browsers[browser].cookie("session")
        late, signed_in = tab.is_late, browser in self.model.signed_in
        after = tab.press(label, **typed).heading
        self.reached[after] += 1
        self.statuses[tab.status] += 1
        if session and session != self.browsers[browser].cookie("session"):
            self.dead.append(session)
        if tab.status in (403, 409):
            return False
        allowed = NEXT[before] | {before, EXPIRED, DEAD_LINK}
        if label in WAYS_OUT:
            leads, first = HOME if signed_in else SIGN_IN, FIRST.get(tab.path, SIGN_IN)
            allowed = {first if label == "Recommencer" else leads}
            allowed |= {first, EXPIRED} if late else set()  # a form that outlived its journey
            if before == NEW_LINK and browser in self.awaited:
                self.model.links[self.awaited.pop(browser)].is_dead = True  # given up with it
        assert after in allowed or label == "Se déconnecter", f"{before} -> {after} by {label}"
        return tab.status == 200

    def new_messages(self) -> None:
        """Note the codes and links that left; call it once the model knows what was done."""
        messages = list(self.served.sandbox.messages)
        for each in messages[self.read :]:
            self.secrets.update({each.code} if each.code else ())
            if each.link:
                self.secrets.add(each.link_token)
            if each.link and each.purpose != "notice":
                self.model.send(each.purpose, each.link_token, each.to, each.at)
        self.read = len(messages)

    # --- creation and recovery ---------------------------------------------------------------

    def identify(self, browser: int, path: str, rpps: str, right: bool) -> None:
        tab = self.browsers[browser].tab(path)
        if tab.heading not in (CREATE, RECOVER):
            return
        born = DOCTORS[rpps] if right else "01/01/1970"
        typed = {"rpps": rpps, "birth_date": born, "accept_terms": "on"}
        if self.press(browser, tab, "Valider", **typed):
            assert right
            assert path == "/recuperation" or rpps not in self.model.accounts
            tab.rpps = rpps
        if "déjà associé à ce numéro" in tab.page.text and tab.status in (200, 422):
            assert rpps in self.model.accounts
            self.press(browser, tab, "Je ne connais plus l'adresse mail de mon compte")

    def choose(self, browser: int, path: str, last: bool) -> None:
        tab = self.browsers[browser].tab(path)
        choices = [e["value"] for e in tab.page.root.every("input") if e.get("type") == "radio"]
        if choices:
            self.press(browser, tab, "Recevoir votre code", channel=choices[-1 if last else 0])
            self.new_messages()

    def enter(self, browser: int, path: str, right: bool) -> None:
        tab = self.browsers[browser].tab(path)
        if tab.heading == CODE:
            code = self.served.code if right else "000000"
            if self.press(browser, tab, "Valider", code=code):
                assert right

    def finish(self, browser: int, path: str, email: str, *, same: bool) -> None:
        tab = self.browsers[browser].tab(path)
        by_email, password = tab.heading == "Créer mon compte", PASSWORDS[len(self.secrets) % 2]
        typed = {"password": password, "password_confirmation": password if same else "other"}
        if by_email:
            email = tab.page.field("E-mail")["value"]
            done = self.press(browser, tab, "Créer", **typed)
        else:
            again = {"email": email, "email_confirmation": email}
            done = self.press(browser, tab, "Activer", **again, **typed)
        if "déjà associé à cette adresse" in tab.page.text:
            assert self.model.holder(email)
        if done:
            assert same
            self.finished(tab.rpps, email, password, by_email=by_email, path=path)
            self.new_messages()

    def finished(self, rpps: str, email: str, password: str, *, by_email: bool, path: str) -> None:
        if rpps in self.model.accounts:
            assert path == "/recuperation"
            assert self.model.holder(email) is None
            self.model.change(rpps, email=email, password=password)
        else:
            self.model.create(rpps, email, password, confirmed=by_email)

    @rule(browser=browsers, path=beginnings, rpps=doctors, email=emails, last=st.booleans())
    def go_on(self, browser: int, path: str, rpps: str, *, email: str, last: bool) -> None:
        """Do what is right on whatever screen, so that runs reach the end as well."""
        self.identify(browser, path, rpps, right=True)
        self.choose(browser, path, last=last)
        self.enter(browser, path, right=True)
        self.finish(browser, path, email, same=True)

    @rule(browser=browsers, path=beginnings, rpps=doctors, email=emails, right=mostly)
    def take_a_step(self, browser: int, path: str, rpps: str, *, email: str, right: bool) -> None:
        """Fill in the present screen, rightly or not, and press its button."""
        heading = self.browsers[browser].tab(path).heading
        if heading in (CREATE, RECOVER):
            self.identify(browser, path, rpps, right=right)
        elif heading.startswith("Sécuriser"):
            self.choose(browser, path, last=right)
        elif heading == CODE:
            self.enter(browser, path, right=right)
        elif heading.startswith(("Finaliser", "Créer mon compte")):
            self.finish(browser, path, email, same=right)
        else:
            self.reload(browser, path)

    # --- reset and links ---------------------------------------------------------------------

    @rule(browser=browsers, email=emails)
    def request_link(self, browser: int, email: str) -> None:
        tab = self.browsers[browser].tab("/mot-de-passe")
        tab.open("/mot-de-passe")
        if tab.heading in ENDS:
            tab.open("/mot-de-passe")
        if tab.heading == SETTINGS:
            self.press(browser, tab, "Recommencer")
        if tab.heading in (RESET, NEW_LINK):
            known = set(self.model.links)
            self.press(browser, tab, "Valider", email=email)
            self.new_messages()
            self.awaited.pop(browser, None)
            for token in self.model.links.keys() - known:
                self.awaited[browser] = token

    @rule(browser=browsers, newest=st.integers(0, 3), presses=mostly)
    def open_link(self, browser: int, newest: int, presses: bool) -> None:
        """Open one of the newest links, in any browser."""
        if newest >= len(self.model.links):
            return
        token = [*self.model.links][-1 - newest]
        link, tab = self.model.links[token], self.browsers[browser].tab("/mot-de-passe")
        good = self.model.is_good(token, self.served.sandbox.clock.now())
        confirms = link.purpose == "confirmation"
        heading = (CONFIRM if confirms else LANDING) if good else DEAD_LINK
        assert heading == tab.open("/lien/" + token).heading
        self.reached[heading] += 1
        if not (good and presses):
            return
        if confirms:
            self.confirm(browser, tab, link)
        else:
            assert self.press(browser, tab, "Continuer")
            tab.rpps = link.rpps
        link.is_dead = link.is_dead or not confirms

    def confirm(self, browser: int, tab: Tab, link: Link) -> None:
        who, rpps = self.model.signed_in.get(browser), link.rpps
        if who == rpps and link.about and self.model.holder(link.about) is not None:
            who = "nobody who could"  # the address has become another's
        done = self.press(browser, tab, "Confirmer mon adresse e-mail" if who else "Se connecter")
        assert (DEAD_LINK if who not in (rpps, None) else SIGN_IN if who is None else HOME) == (
            tab.heading
        )
        if done and who == rpps:
            assert self.model.take(link, browser)

    @rule(browser=browsers, password=passwords, weak=st.booleans())
    def choose_new_password(self, browser: int, password: str, weak: bool) -> None:
        tab = self.browsers[browser].tab("/mot-de-passe")
        if tab.heading != SETTINGS:
            return
        text = "court" if weak else password
        typed = {"password": text, "password_confirmation": text}
        if self.press(browser, tab, "Enregistrer", **typed):
            assert not weak
            self.model.change(tab.rpps, password=password)
            self.model.accounts[tab.rpps].confirmed = True
            self.model.signed_in[browser] = tab.rpps
            self.new_messages()

    @precondition(lambda self: self.model.accounts)
    @rule(browser=browsers, number=st.integers(0, 2), password=passwords, other=browsers)
    def forget_password(self, browser: int, number: int, password: str, other: int) -> None:
        """All of a reset; the link may be opened in the other browser."""
        self.request_link(browser, self.some_account(number).email)
        self.open_link(other, newest=0, presses=True)
        self.choose_new_password(other, password, weak=False)

    @precondition(lambda self: self.model.accounts)
    @rule(browser=browsers, number=st.integers(0, 2))
    def forget_address(self, browser: int, number: int) -> None:
        """All of a recovery, with an address that is nobody's."""
        free = next(it for it in EMAILS if self.model.holder(it) is None)
        rpps = [*self.model.accounts][number % len(self.model.accounts)]
        self.go_on(browser, "/recuperation", rpps, email=free, last=False)

    # --- sign-in and settings ----------------------------------------------------------------

    def some_account(self, number: int) -> Account:
        accounts = [*self.model.accounts.values()]
        return accounts[number % len(accounts)]

    @precondition(lambda self: self.model.accounts)
    @rule(browser=browsers, number=st.integers(0, 2), right=mostly)
    def sign_in(self, browser: int, number: int, right: bool) -> None:
        tab, account = self.browsers[browser].tab("/connexion"), self.some_account(number)
        tab.open("/connexion")
        if tab.heading != SIGN_IN:
            assert browser in self.model.signed_in
            return
        password = account.password if right else "not the password"
        self.press(browser, tab, "Se connecter", email=account.email, password=password)
        done = tab.heading in (HOME, CONFIRM, SETTINGS, DEAD_LINK)  # it leads on to what was wanted
        assert right if done else not right or account.email in self.model.mistrusted
        if done:
            self.model.signed_in[browser] = self.model.holder(account.email) or ""
        else:
            self.model.mistrusted.add(account.email)

    @precondition(lambda self: self.model.signed_in)
    @rule(browser=browsers, right=mostly, email=emails, password=passwords, both=st.booleans())
    def change_settings(
        self, browser: int, right: bool, email: str, *, password: str, both: bool
    ) -> None:
        tab = self.browsers[browser].tab("/parametres")
        tab.open("/parametres")
        who = self.model.signed_in.get(browser)
        assert (SIGN_IN if who is None else SETTINGS) == tab.heading
        if who is None:
            return
        account = self.model.accounts[who]
        awaited = self.model.awaited(who, self.served.sandbox.clock.now())
        current = account.password if right else "not the password"
        typed = {"current_password": current, "email": email}
        if both:
            typed |= {"password": password, "password_confirmation": password}
        if self.press(browser, tab, "Enregistrer", **typed):
            assert right
            if email != account.email and (awaited is None or awaited.about != email):
                self.model.ask(who, email, password=password if both else None)
                self.model.signed_in[browser] = who
            elif both:
                self.model.change(who, password=password)
                self.model.signed_in[browser] = who
                if awaited is not None:
                    awaited.is_dead = False
            self.new_messages()
        elif "trop de changements d'adresse" in tab.page.text:
            assert email != account.email
        elif "déjà associé à cette adresse" in tab.page.text:
            assert self.model.holder(email) not in (who, None)
        elif not right:
            self.model.mistrusted.add(account.email)

    @precondition(lambda self: self.model.signed_in)
    @rule(browser=browsers)
    def sign_out(self, browser: int) -> None:
        tab = self.browsers[browser].tab("/connexion")
        tab.open("/")
        if self.press(browser, tab, "Se déconnecter"):
            del self.model.signed_in[browser]
            opened = self.browsers[browser].reopened()
            assert opened <= {*FIRST.values(), SIGN_IN}

    @precondition(lambda self: self.model.signed_in)
    @rule(browser=browsers)
    def send_confirmation_again(self, browser: int) -> None:
        tab = self.browsers[browser].tab("/connexion")
        tab.open("/")
        self.press(browser, tab, "Renvoyer l'e-mail de confirmation")
        self.new_messages()

    # --- the rest ----------------------------------------------------------------------------

    @rule(
        browser=browsers,
        path=st.sampled_from(["/creation", "/recuperation", "/mot-de-passe"]),
        label=st.sampled_from(["Retour", "Renvoyer le code", "Prolonger", *WAYS_OUT]),
    )
    def move(self, browser: int, path: str, label: str) -> None:
        self.press(browser, self.browsers[browser].tab(path), label)
        self.new_messages()

    @rule(browser=browsers, path=beginnings)
    def reload(self, browser: int, path: str) -> None:
        tab = self.browsers[browser].tab(path)
        before = tab.heading
        self.reached[tab.open(path).heading] += 1
        assert tab.heading in (before, EXPIRED, FIRST[path])
        assert tab.heading == FIRST[path] or before not in ENDS

    @rule(browser=browsers, path=beginnings, rpps=doctors, reloads=st.booleans())
    def outlive(self, browser: int, path: str, rpps: str, *, reloads: bool) -> None:
        """Begin a journey, leave its tab alone until the journey has ended, and come back."""
        self.identify(browser, path, rpps, right=True)
        tab = self.browsers[browser].tab(path)
        if tab.heading in {FIRST[path], SIGN_IN, HOME, *ENDS}:
            return
        self.wait(24 * 60)
        if reloads:
            self.reload(browser, path)
        else:
            self.choose(browser, path, last=False)
            self.enter(browser, path, right=True)
            self.finish(browser, path, EMAILS[0], same=True)
        assert tab.heading == EXPIRED

    @rule(
        browser=browsers,
        flow=st.sampled_from(["creation", "recovery", "reset"]),
        command=st.sampled_from(["extend", "back", "resend_code", "submit_code", "use_link", "x"]),
    )
    def speak_json(self, browser: int, flow: str, command: str) -> None:
        """A program goes on with the journey that the tab shows."""
        paths = {"creation": "/creation", "recovery": "/recuperation", "reset": "/mot-de-passe"}
        tab = self.browsers[browser].tab(paths[flow])
        token = self.browsers[browser].cookie(f"journey_{flow}")
        if token is None or tab.reference is None:
            return
        headers = {"Authorization": f"Bearer {token}"}
        fields = {"code": "000000"} if command == "submit_code" else {}
        url = f"/api/journeys/{tab.reference}"
        answer = self.served.client.post(f"{url}/{command}", json=fields, headers=headers)
        assert answer.status_code in {200, 404, 409, 410, 422, 429}
        assert [secret for secret in self.secrets if secret in answer.text] == []
        self.new_messages()
        tab.open(tab.home)

    @rule(minutes=st.sampled_from([1, 2, 5, 10, 31, 24 * 60]))
    def wait(self, minutes: int) -> None:
        self.served.sandbox.clock.advance(minutes=minutes)
        if minutes > 30:
            self.model.signed_in.clear()

    # --- what always holds -------------------------------------------------------------------

    @invariant()
    def the_store_agrees_with_the_model(self) -> None:
        if hasattr(self, "served"):
            assert [*self.model.differences(self.served.sandbox)] == []

    @invariant()
    def sessions_live_and_die_as_they_should(self) -> None:
        for number, browser in enumerate(getattr(self, "browsers", ())):
            who = self.model.signed_in.get(number)
            session = self.served.sandbox.flows.session(browser.cookie("session") or "")
            assert (session and session.email) == (self.model.accounts[who].email if who else None)
        for token in getattr(self, "dead", ()):
            assert self.served.sandbox.flows.session(token) is None


def visit_everything() -> None:
    """What visits at random come to more or less often, once for certain."""
    visit = TwoBrowsers()
    visit.serve(accounts=1)
    visit.sign_in(1, 0, right=False)
    visit.reload(1, "/creation")
    visit.forget_password(1, 0, PASSWORDS[1], 1)
    visit.open_link(0, newest=0, presses=False)  # used, so dead
    visit.take_a_step(1, "/creation", "99000000036", email=EMAILS[1], right=True)  # a stale tab
    visit.forget_address(0, 0)
    visit.outlive(1, "/creation", "99000000036", reloads=False)
    visit.the_store_agrees_with_the_model()
    visit.sessions_live_and_die_as_they_should()


@pytest.mark.slow
def test_whatever_is_pressed_the_model_holds_and_every_journey_ends() -> None:
    """Nothing is left out for want of luck."""
    visit_everything()
    run_state_machine_as_test(
        TwoBrowsers,
        settings=settings(
            max_examples=30,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )

    ends = {"Votre espace est créé", "Votre espace est récupéré", CHANGED, HOME, SETTINGS}
    assert {*ends, CONFIRM, DEAD_LINK, EXPIRED} <= TwoBrowsers.reached.keys()
    assert {200, 403, 410, 422} <= TwoBrowsers.statuses.keys()

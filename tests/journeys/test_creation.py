"""Creating one's space, sentence by sentence of the guide (``C1``-``C10``)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monespace_flows import Back, Extend, ResendCode, SendCode, SignIn, SubmitCode
from monespace_flows.facts import Role
from monespace_flows.screens import Place
from monespace_flows.testing import Sandbox

from . import acting
from .acting import AMELIE, CLAIRE, JOHN, LOGIN, PASSWORD, Person

TERMS = (
    "J'ai lu et j'accepte les Conditions générales d'utilisation et la Politique de "
    "confidentialité."
)
ERASED = (
    "Pour votre sécurité, votre saisie a été effacée car elle n'a pas été validée dans les "
    "10 minutes. Veuillez la saisir à nouveau."
)
UNKNOWN = (
    "Les informations que vous avez saisies ne correspondent pas à celles connues de l'Ordre, "
    "veuillez les corriger ou vous rapprocher de votre conseil"
)
ALREADY = (
    "Un compte est déjà associé à ce numéro RPPS, en cas d'oubli de mot de passe, demandez une "
    "récupération de mot de passe."
)


# --- who one is ----------------------------------------------------------------------------------


def test_c1_the_screen_has_the_title_the_fields_and_the_buttons_of_the_guide() -> None:
    """« Créer votre espace » asks for a birth date, an RPPS number and the box, and no more."""
    view = Sandbox().flows.start("creation")

    assert view.screen.title == "Créer votre espace"
    assert acting.labels(view) == [
        "Date de naissance *",
        "Numéro RPPS",
        TERMS,
    ]
    assert acting.buttons(view) == ["Valider", "Abandonner", "Prolonger"]
    assert acting.links(view) == {
        "Se connecter": Place.SIGN_IN,
        "Identifiants oubliés ?": Place.FORGOTTEN,
    }


def test_c1_the_birth_date_shows_its_format() -> None:
    """« Format : 17/06/2021 » stands beside the birth date."""
    view = Sandbox().flows.start("creation")

    assert acting.field(view, "birth_date").hint == "Format : 17/06/2021"


def test_c1_the_rpps_has_its_help() -> None:
    """« Où trouver mon RPPS ? » stands beside the number."""
    view = Sandbox().flows.start("creation")

    (help_link,) = acting.field(view, "rpps").links
    assert (help_link.label, help_link.to) == ("Où trouver mon RPPS ?", Place.RPPS_HELP)


def test_c1_the_box_links_to_both_documents() -> None:
    """The terms and the privacy policy can be read before they are accepted."""
    view = Sandbox().flows.start("creation")

    box = acting.field(view, "accept_terms")
    assert (box.kind, box.required) == ("checkbox", True)
    assert {link.label: link.to for link in box.links} == {
        "Conditions générales d'utilisation": Place.TERMS,
        "Politique de confidentialité": Place.PRIVACY,
    }


def test_c1_nobody_goes_on_without_the_box() -> None:
    """A right pair without the box stays on the screen, and the box says so."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")

    view = sandbox.flows.submit(view.token, acting.identity(accept_terms=False))

    assert view.state == "enter_identity"
    assert acting.notices(view) == ["terms.required"]
    assert acting.errors(view) == {"accept_terms": "Cochez cette case pour continuer."}


def test_c1_the_preview_shows_the_same_screen_and_starts_nothing() -> None:
    """The page can be shown to anyone without a journey being kept."""
    sandbox = Sandbox()

    view = sandbox.flows.preview("creation")

    assert view.screen == sandbox.flows.start("creation").screen
    assert (view.reference, view.token) == ("", "")


def test_c2_what_is_typed_but_not_validated_is_erased_after_ten_minutes() -> None:
    """A form that is ten minutes old is refused and comes back empty, to be typed again."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")
    assert view.erase_after == acting.START + timedelta(minutes=10)

    sandbox.clock.advance(minutes=10)
    late = sandbox.flows.submit(view.token, acting.identity())
    assert late.state == "enter_identity"
    assert acting.said(late) == [ERASED]
    assert [field.value for field in late.screen.fields] == [None, None, None]

    again = sandbox.flows.submit(view.token, acting.identity())
    assert again.state == "choose_channel"


@pytest.mark.parametrize(
    "person",
    [
        Person(rpps=JOHN.rpps, birth_date="18/06/1975"),
        acting.NOBODY,
        acting.STRUCK_OFF,
        acting.SUSPENDED,
    ],
    ids=["another birth date", "unknown number", "struck off", "suspended"],
)
def test_c3_an_unknown_pair_gets_the_blocking_error(person: Person) -> None:
    """Whatever does not match, one text is shown and the person stays where they are."""
    sandbox = Sandbox()
    view = sandbox.flows.start("creation")

    view = sandbox.flows.submit(view.token, acting.identity(person))

    notice = acting.only_notice(view)
    assert (notice.kind, notice.text) == ("error", UNKNOWN)
    assert view.state == "enter_identity"
    assert not sandbox.messages


def test_c4_a_doctor_who_has_an_account_is_told_so_with_a_live_link() -> None:
    """The information is blocking, and its words « récupération de mot de passe » lead to reset."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = sandbox.flows.start("creation")

    view = sandbox.flows.submit(view.token, acting.identity())

    notice = acting.only_notice(view)
    (link,) = notice.links
    assert (notice.kind, notice.text) == ("info", ALREADY)
    assert (link.label, link.to) == ("récupération de mot de passe", Place.RESET)
    assert link.label in notice.text
    assert view.state == "enter_identity"


def test_c4_an_account_made_and_changed_meanwhile_is_said_as_well() -> None:
    """Whatever became of it since, the doctor has an account."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox)
    sandbox.clock.advance(minutes=5)
    session = acting.member(sandbox)
    settings = sandbox.flows.start("settings", session)
    sandbox.flows.submit(settings.token, acting.save(password=acting.OTHER_PASSWORD))

    view = sandbox.flows.submit(view.token, acting.activation("autre@cabinet.example"))

    assert (view.state, acting.notices(view)) == ("choose_credentials", ["account.exists"])


def test_c5_a_known_doctor_without_account_goes_on() -> None:
    """The next screen is « Sécuriser la création de votre espace »."""
    view = acting.identified(Sandbox())

    assert view.screen.title == "Sécuriser la création de votre espace"
    assert acting.said(view) == []


def test_d3_a_doctor_whom_the_order_cannot_reach_gets_the_answer_of_c3() -> None:
    """Without mobile number and e-mail address the pair passes for unknown; the journal knows."""
    sandbox = Sandbox()
    start = sandbox.flows.start("creation")

    view = sandbox.flows.submit(start.token, acting.identity(acting.UNREACHABLE))
    other = sandbox.flows.submit(start.token, acting.identity(acting.NOBODY))

    assert acting.said(view) == acting.said(other) == [UNKNOWN]
    assert (view.screen, view.outcome) == (other.screen, other.outcome)
    assert '"no_contact"' in acting.journal_lines(sandbox, view)[1]


# --- the code ------------------------------------------------------------------------------------


def test_c6_the_order_s_contacts_are_offered_masked() -> None:
    """The person chooses between the mobile number and the address that the Order holds."""
    view = acting.identified(Sandbox())

    assert acting.options(view) == {"sms": "3361***78", "email": "j***@cn.medecin.example"}
    assert acting.buttons(view) == ["Recevoir votre code", "Retour", "Recommencer", "Prolonger"]
    assert acting.links(view) == {"Assistance": Place.ASSISTANCE}


@pytest.mark.parametrize(
    ("person", "offered"),
    [
        (AMELIE, {"sms": "3369***32"}),
        (CLAIRE, {"email": "c***@medecin.example"}),
    ],
)
def test_c6_only_what_the_order_holds_is_offered(person: Person, offered: dict[str, str]) -> None:
    """A doctor with one contact is offered one."""
    view = acting.identified(Sandbox(), person)

    assert acting.options(view) == offered


@pytest.mark.parametrize("channel", ["+33612345678", "pirate@ailleurs.example", "voice", "SMS"])
def test_c6_nobody_can_type_a_destination(channel: str) -> None:
    """Anything but a contact offered is refused, and nothing is sent."""
    sandbox = Sandbox()
    view = acting.identified(sandbox)

    view = sandbox.flows.submit(view.token, SendCode(channel))

    assert view.state == "choose_channel"
    assert acting.errors(view) == {"channel": "Choisissez l'un des moyens proposés."}
    assert not sandbox.messages


def test_c6_a_choice_must_be_made() -> None:
    """« Recevoir votre code » without a choice asks for one."""
    sandbox = Sandbox()
    view = acting.identified(sandbox)

    view = sandbox.flows.submit(view.token, SendCode(""))

    assert acting.errors(view) == {"channel": "Choisissez où recevoir votre code."}


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_c6_the_code_goes_to_the_contact_chosen(channel: str) -> None:
    """One message leaves, by the channel chosen, to what the Order holds."""
    sandbox = Sandbox()

    acting.awaiting_code(sandbox, JOHN, channel)

    (message,) = sandbox.messages
    assert (message.channel, message.purpose) == (channel, "code")
    assert message.to == {"sms": JOHN.mobile, "email": JOHN.email}[channel]


def test_c6_a_contact_may_be_chosen_by_its_option() -> None:
    """The value of an option is as good as the name of its channel."""
    sandbox = Sandbox()
    view = acting.identified(sandbox)
    by_email = acting.field(view, "channel").options[1]

    sandbox.flows.submit(view.token, SendCode(by_email.value))

    assert acting.newest(sandbox, "code").to == JOHN.email


def test_c6_back_leads_to_the_identity_screen() -> None:
    """« Retour » forgets who it was."""
    sandbox = Sandbox()
    view = acting.identified(sandbox)

    view = sandbox.flows.submit(view.token, Back())

    assert view.screen.title == "Créer votre espace"


def test_c7_the_code_screen_has_what_the_guide_shows() -> None:
    """« Veuillez saisir le code reçu » has one field and three buttons."""
    view = acting.awaiting_code(Sandbox())

    assert view.screen.title == "Veuillez saisir le code reçu"
    assert acting.labels(view) == ["Saisir le code"]
    assert acting.field(view, "code").autocomplete == "one-time-code"
    assert acting.buttons(view) == [
        "Valider",
        "Renvoyer le code",
        "Retour",
        "Choisir un autre moyen",
        "Recommencer",
        "Prolonger",
    ]  # fmt: skip


def test_c7_a_wrong_code_is_refused() -> None:
    """The person stays on the screen and may try again."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)

    view = sandbox.flows.submit(view.token, SubmitCode(acting.wrong_code(sandbox)))

    assert view.state == "enter_code"
    assert acting.notices(view) == ["code.wrong"]


def test_c7_another_code_may_be_asked_for() -> None:
    """« Renvoyer le code » sends a new code to the same contact and says so."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    sandbox.clock.advance(seconds=60)

    view = sandbox.flows.submit(view.token, ResendCode())

    first, second = sandbox.messages
    assert (first.to, first.code != second.code) == (second.to, True)
    assert acting.notices(view) == ["code.resent"]


def test_c7_back_leads_to_the_choice_of_a_contact() -> None:
    """« Retour » lets the person choose another contact."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)

    view = sandbox.flows.submit(view.token, Back())

    assert view.screen.title == "Sécuriser la création de votre espace"
    assert set(acting.options(view)) == {"sms", "email"}


def test_d4_a_code_has_six_digits_and_says_how_long_it_lives() -> None:
    """The message names the code, its ten minutes, and that nobody will ask for it."""
    sandbox = Sandbox()

    view = acting.awaiting_code(sandbox)

    message = acting.newest(sandbox, "code")
    code = message.code or ""
    assert (len(code), code.isdecimal()) == (6, True)
    assert message.text == (
        f"Ordre des médecins : votre code est {code}, valable 10 minutes. "
        "Ne communiquez jamais ce code, y compris à l'Ordre.\n"
        f"@monespace.example #{code}"
    )
    assert acting.field(view, "code").hint == "6 chiffres, valables 10 minutes"


def test_d4_five_tries_then_the_code_is_dead() -> None:
    """The fifth wrong code is the last: the right one is refused afterwards."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    for number in range(1, 5):
        wrong = SubmitCode(acting.wrong_code(sandbox, number))
        assert acting.notices(sandbox.flows.submit(view.token, wrong)) == ["code.wrong"]

    last = sandbox.flows.submit(view.token, SubmitCode(acting.wrong_code(sandbox, 5)))
    dead = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))

    assert acting.notices(last) == ["code.wrong", "code.exhausted"]
    assert acting.notices(dead) == ["code.exhausted"]


def test_d4_only_the_newest_code_works() -> None:
    """A code is dead as soon as another was sent."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    first = acting.code_received(sandbox)
    sandbox.clock.advance(seconds=60)
    sandbox.flows.submit(view.token, ResendCode())

    assert sandbox.flows.submit(view.token, SubmitCode(first)).state == "enter_code"
    newest = SubmitCode(acting.code_received(sandbox))
    assert sandbox.flows.submit(view.token, newest).state == "choose_credentials"


def test_d4_a_journey_sends_one_code_and_three_more() -> None:
    """The fourth « Renvoyer le code » sends nothing and says why."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox)
    for wait in (60, 120, 300):
        sandbox.clock.advance(seconds=wait)
        sandbox.flows.submit(view.token, ResendCode())

    sandbox.clock.advance(seconds=300)
    view = sandbox.flows.submit(view.token, ResendCode())

    assert acting.notices(view) == ["send.exhausted"]
    assert len(sandbox.messages) == 4


# --- the account ---------------------------------------------------------------------------------


def test_c8_after_a_code_by_sms_the_person_chooses_login_and_password() -> None:
    """« Finaliser la création de votre espace » asks for the e-mail twice, the password twice."""
    view = acting.code_accepted(Sandbox(), channel="sms")

    assert view.screen.title == "Finaliser la création de votre espace"
    assert view.screen.intro == (
        "Afin de finaliser la création de votre compte et l'activer, veuillez saisir vos "
        "paramètres de connexion"
    )
    assert acting.labels(view) == [
        "Email",
        "Confirmation Email",
        "Mot de passe",
        "Confirmation du mot de passe",
    ]
    assert acting.buttons(view) == ["Activer", "Retour", "Recommencer", "Prolonger"]


def test_c8_the_new_password_asks_for_its_strength() -> None:
    """« Sécurité du mot de passe : » belongs to the new password, and to no other field."""
    view = acting.code_accepted(Sandbox(), channel="sms")

    asking = [field.name for field in view.screen.fields if field.new_secret]
    assert asking == ["password"]


def test_c8_activating_creates_the_account_with_the_login_typed() -> None:
    """« Activer » ends the journey; the e-mail and password typed then sign in."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, channel="sms")

    view = sandbox.flows.submit(view.token, acting.activation(LOGIN))

    assert (view.state, view.status) == ("created", "done")
    assert acting.sign_in(sandbox, LOGIN).state == "signed_in"


def test_c9_after_a_code_by_email_the_login_is_the_order_s_address() -> None:
    """« Créer mon compte » shows the address, which cannot be changed, and asks for a password."""
    view = acting.code_accepted(Sandbox(), channel="email")

    login = acting.field(view, "email")
    assert view.screen.title == "Créer mon compte"
    assert (login.value, login.kind) == ("john.medecin@cn.medecin.example", "fixed")
    assert acting.labels(view)[1:] == ["Mot de passe", "Confirmation mot de passe"]
    assert acting.field(view, "password").new_secret
    assert acting.buttons(view) == ["Créer", "Retour", "Recommencer", "Prolonger"]


@pytest.mark.parametrize(
    ("password", "strength"),
    [
        ("", "Faible"),
        ("court", "Faible"),
        ("motdepasse2026!!", "Faible"),
        ("gel fini au lac", "Moyen"),
        (PASSWORD, "Fort"),
    ],
)
def test_c9_the_strength_is_said_in_words(password: str, strength: str) -> None:
    """« Sécurité du mot de passe : » is followed by « Faible » and so on."""
    assert Sandbox().flows.strength(password) == strength


def test_c9_creating_makes_the_account_of_the_order_s_address() -> None:
    """« Créer » ends the journey; the Order's address and the password typed then sign in."""
    sandbox = Sandbox()

    view = acting.created(sandbox)

    assert (view.state, view.status) == ("created", "done")
    assert acting.sign_in(sandbox, JOHN.email).state == "signed_in"


def test_c10_a_confirmation_is_sent_to_the_login_typed() -> None:
    """After a code by SMS, the confirmation goes to the new login and carries a link (D7)."""
    sandbox = Sandbox()

    acting.created_by_sms(sandbox, email=LOGIN)

    message = acting.newest(sandbox, "confirmation")
    assert (message.to, message.subject) == (LOGIN, "Votre espace est créé")
    assert (message.link or "").startswith("https://monespace.example/lien/")


def test_c10_a_confirmation_is_sent_to_the_order_s_address() -> None:
    """After a code by e-mail the address is proven: the confirmation asks for nothing."""
    sandbox = Sandbox()

    acting.created(sandbox)

    message = acting.newest(sandbox, "confirmation")
    assert (message.to, message.subject) == (JOHN.email, "Votre espace est créé")
    assert message.link is None


def test_c10_the_last_screen_leads_back_to_sign_in() -> None:
    """« Retour à la connexion » leads to sign-in, and from there to all of MonEspace."""
    sandbox = Sandbox()

    view = acting.created(sandbox)

    assert acting.links(view) == {"Retour à la connexion": Place.SIGN_IN}
    assert acting.links(acting.sign_in(sandbox)) == {"MonEspace": Place.HOME}


# --- everyone, and the time they need ------------------------------------------------------------


@pytest.mark.parametrize(("role", "person"), acting.ROLES.items())
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_w1_every_role_may_create_a_space(role: str, person: Person, channel: str) -> None:
    """A doctor, an intern and a junior doctor all end with an account of their role."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, person, channel)

    command = acting.activation(LOGIN) if channel == "sms" else acting.creation()
    view = sandbox.flows.submit(view.token, command)

    assert view.state == "created"
    assert [account.role.value for account in acting.accounts(sandbox)] == [role]
    assert acting.journey_of(sandbox, view).journey.role is Role(role)


@pytest.mark.parametrize(
    "state",
    ["enter_identity", "choose_channel", "enter_code", "choose_credentials", "choose_password"],
)
def test_d5_every_screen_may_be_prolonged(state: str) -> None:
    """« Prolonger » gives ten more minutes from now, and the person stays where they are."""
    sandbox = Sandbox()
    view = acting.PLACES["creation", state](sandbox)
    sandbox.clock.advance(minutes=9)

    view = sandbox.flows.submit(view.token, Extend())

    assert view.state == state
    assert view.erase_after in (None, sandbox.clock.now() + timedelta(minutes=10))


def test_d5_the_server_keeps_nothing_that_was_not_validated() -> None:
    """What was typed and refused is nowhere: not on the screen, not in the store."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, channel="sms")
    before = acting.kept(sandbox)["journeys"][view.reference].dossier

    view = sandbox.flows.submit(view.token, acting.activation(LOGIN, again="autre@cabinet.example"))

    after = acting.kept(sandbox)["journeys"][view.reference].dossier
    assert [field.value for field in view.screen.fields] == [None] * 4
    assert sandbox.secrets.unseal(after) == sandbox.secrets.unseal(before)


def test_c10_the_last_screen_speaks_of_the_confirmation() -> None:
    """The last screen says that a mail was sent and that the person may sign in now."""
    sandbox = Sandbox()

    view = acting.created(sandbox)

    assert view.screen.intro == (
        "Un e-mail de confirmation vient d'être envoyé à john.medecin@cn.medecin.example. "
        "Vous pouvez dès maintenant vous "
        "connecter pour accéder à l'ensemble des services MonEspace."
    )
    token = sandbox.flows.start("signin").token
    signed_in = sandbox.flows.submit(token, SignIn(email=JOHN.email, password=PASSWORD))
    assert signed_in.session is not None

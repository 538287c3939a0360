"""Recovering one's space, sentence by sentence of the guide (``R1``-``R7``, ``D1``, ``D2``)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from attrs import evolve

from monespace_flows import (
    Activate,
    Back,
    ContinueRecovery,
    Policy,
    ResendCode,
    SendCode,
    SubmitCode,
)
from monespace_flows.effects import Budget
from monespace_flows.errors import CommandNotOffered
from monespace_flows.policy import RecoveryPolicy
from monespace_flows.screens import Place, View
from monespace_flows.testing import Sandbox

from . import acting
from .acting import JOHN, LOGIN, OTHER_LOGIN, OTHER_PASSWORD, PASSWORD, Person

TERMS = (
    "J'ai lu et j'accepte les Conditions générales d'utilisation et la Politique de "
    "confidentialité."
)
UNKNOWN = (
    "Les informations que vous avez saisies ne correspondent pas à celles connues de l'Ordre, "
    "veuillez les corriger ou vous rapprocher de votre conseil"
)
ALREADY = (
    "Un compte est déjà associé à ce numéro RPPS, en cas d'oubli de mot de passe, demandez une "
    "récupération de mot de passe."
)


def recognised(sandbox: Sandbox) -> View:
    """A doctor who has an account has just said who they are."""
    return acting.PLACES["recovery", "account_found"](sandbox)


# --- who one is ----------------------------------------------------------------------------------


def test_r1_the_screen_has_the_title_the_fields_and_the_links_of_the_guide() -> None:
    """« Récupérer votre espace » has the fields, the button and the links of C1."""
    view = Sandbox().flows.start("recovery")

    assert view.screen.title == "Récupérer votre espace"
    assert acting.labels(view) == ["Date de naissance *", "Numéro RPPS", TERMS]
    assert acting.field(view, "birth_date").hint == "Format : 21/06/2021"
    assert acting.buttons(view) == ["Valider", "Abandonner", "Prolonger"]
    assert acting.links(view) == {
        "Se connecter": Place.SIGN_IN,
        "Identifiants oubliés ?": Place.FORGOTTEN,
    }


def test_r1_the_rpps_has_its_help() -> None:
    """« Où trouver mon RPPS ? » stands beside the number."""
    view = Sandbox().flows.start("recovery")

    (help_link,) = acting.field(view, "rpps").links
    assert (help_link.label, help_link.to) == ("Où trouver mon RPPS ?", Place.RPPS_HELP)


def test_r1_nobody_goes_on_without_the_box() -> None:
    """A right pair without the box stays on the screen."""
    sandbox = Sandbox()
    view = sandbox.flows.start("recovery")

    view = sandbox.flows.submit(view.token, acting.identity(accept_terms=False))

    assert (view.state, acting.notices(view)) == ("enter_identity", ["terms.required"])


@pytest.mark.parametrize(
    "person", [acting.NOBODY, Person(rpps=JOHN.rpps, birth_date="18/06/1975"), acting.STRUCK_OFF]
)
def test_r2_an_unknown_pair_gets_the_blocking_error(person: Person) -> None:
    """The text is that of C3, and the person stays where they are."""
    sandbox = Sandbox()
    view = sandbox.flows.start("recovery")

    view = sandbox.flows.submit(view.token, acting.identity(person))

    notice = acting.only_notice(view)
    assert (notice.kind, notice.text) == ("error", UNKNOWN)
    assert view.state == "enter_identity"


def test_r3_a_doctor_who_has_an_account_is_told_so_with_a_live_link() -> None:
    """The text is that of C4, with its live link to the password reset."""
    view = recognised(Sandbox())

    notice = acting.only_notice(view)
    (link,) = notice.links
    assert (notice.kind, notice.text) == ("info", ALREADY)
    assert (link.label, link.to) == ("récupération de mot de passe", Place.RESET)


def test_r3_to_the_letter_the_information_blocks() -> None:
    """With the policy « block » there is no way on: no button, and the command is refused."""
    sandbox = Sandbox(Policy(recovery=RecoveryPolicy(existing_account="block")))

    view = recognised(sandbox)

    assert acting.said(view) == [ALREADY]
    assert acting.buttons(view) == ["Retour", "Recommencer", "Prolonger"]
    with pytest.raises(CommandNotOffered):
        sandbox.flows.submit(view.token, ContinueRecovery())


def test_d1_the_information_comes_with_a_button_that_goes_on() -> None:
    """« Je ne connais plus l'adresse mail de mon compte » leads to R4."""
    sandbox = Sandbox()
    view = recognised(sandbox)
    assert acting.buttons(view)[0] == "Je ne connais plus l'adresse mail de mon compte"

    view = sandbox.flows.submit(view.token, ContinueRecovery())

    assert view.screen.title == "Sécuriser la récupération de votre espace"


def test_d1_back_leads_to_the_identity_screen() -> None:
    """Whoever does not want to go on may say who they are again."""
    sandbox = Sandbox()
    view = recognised(sandbox)

    view = sandbox.flows.submit(view.token, Back())

    assert view.screen.title == "Récupérer votre espace"
    assert "Date de naissance *" in acting.labels(view)


@pytest.mark.parametrize("has_account", [False, True])
def test_d3_a_doctor_whom_the_order_cannot_reach_gets_the_answer_of_c3(has_account: bool) -> None:
    """With an account or without, nobody can be sent a code: the answer is that of R2."""
    sandbox = Sandbox()
    if has_account:
        acting.created(sandbox)
    sandbox.registry.change(JOHN.rpps, mobile=None, email=None)
    view = sandbox.flows.start("recovery")

    view = sandbox.flows.submit(view.token, acting.identity())

    assert (view.state, acting.said(view)) == ("enter_identity", [UNKNOWN])


@pytest.mark.parametrize("flow", ["creation", "recovery"])
def test_d3_an_unreachable_doctor_is_counted_like_an_unknown_one(flow: str) -> None:
    """The two are indistinguishable: the sixth try is refused in the same way."""
    sandbox = Sandbox()
    token = sandbox.flows.start(flow).token

    def answers(person: Person) -> list[tuple[list[str], object]]:
        views = [sandbox.flows.submit(token, acting.identity(person)) for _ in range(6)]
        return [(acting.said(view), view.outcome) for view in views]

    assert answers(acting.UNREACHABLE) == answers(acting.NOBODY)


# --- the code ------------------------------------------------------------------------------------


def test_r4_a_known_doctor_chooses_where_the_code_goes() -> None:
    """The screen #2 has the title and the sentence of the guide, and masked contacts."""
    view = acting.identified(Sandbox(), flow="recovery")

    assert view.screen.title == "Sécuriser la récupération de votre espace"
    assert view.screen.intro == (
        "Afin de finaliser la récupération de votre compte, vous allez recevoir un code "
        "permettant de vous authentifier. Veuillez cocher le moyen de transmission de ce code."
    )
    assert acting.options(view) == {"sms": "3361***78", "email": "j***@cn.medecin.example"}
    assert acting.buttons(view) == ["Recevoir votre code", "Retour", "Recommencer", "Prolonger"]
    assert acting.links(view) == {"Assistance": Place.ASSISTANCE}


def test_r4_a_phone_number_is_masked_as_in_the_guide() -> None:
    """« 3378***22 »: the first four digits with the country's, and the last two."""
    sandbox = Sandbox()
    sandbox.registry.change(JOHN.rpps, mobile="+33781234522")

    view = acting.identified(sandbox, flow="recovery")

    assert acting.options(view)["sms"] == "3378***22"


def test_d8_the_step_is_named_as_in_the_guide() -> None:
    """« Valider mon identité » is the name of the step in the progress indication."""
    view = acting.identified(Sandbox(), flow="recovery")

    assert view.screen.step == "Valider mon identité"


def test_r4_back_leads_to_the_identity_screen() -> None:
    """« Retour » forgets who it was."""
    sandbox = Sandbox()
    view = acting.identified(sandbox, flow="recovery")

    view = sandbox.flows.submit(view.token, Back())

    assert view.screen.title == "Récupérer votre espace"


def test_r5_the_code_screen_is_that_of_c7() -> None:
    """« Veuillez saisir le code reçu » has one field and three buttons."""
    view = acting.awaiting_code(Sandbox(), flow="recovery")

    assert view.screen.title == "Veuillez saisir le code reçu"
    assert acting.labels(view) == ["Saisir le code"]
    assert acting.buttons(view) == [
        "Valider",
        "Renvoyer le code",
        "Retour",
        "Choisir un autre moyen",
        "Recommencer",
        "Prolonger",
    ]  # fmt: skip


def test_r5_a_wrong_code_is_refused_and_a_new_one_may_be_asked_for() -> None:
    """The code screen works as that of the creation."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox, flow="recovery")

    wrong = sandbox.flows.submit(view.token, SubmitCode(acting.wrong_code(sandbox)))
    sandbox.clock.advance(seconds=60)
    resent = sandbox.flows.submit(view.token, ResendCode())

    assert acting.notices(wrong) == ["code.wrong"]
    assert acting.notices(resent) == ["code.resent"]


def test_r5_back_leads_to_the_choice_of_a_contact() -> None:
    """« Retour » lets the person choose another contact."""
    sandbox = Sandbox()
    view = acting.awaiting_code(sandbox, flow="recovery")

    view = sandbox.flows.submit(view.token, Back())

    assert view.screen.title == "Sécuriser la récupération de votre espace"


# --- the new credentials -------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_r6_after_either_code_the_person_chooses_login_and_password(channel: str) -> None:
    """« Finaliser la récupération de votre espace » asks for both, twice."""
    view = acting.code_accepted(Sandbox(), JOHN, channel, "recovery")

    assert view.screen.title == "Finaliser la récupération de votre espace"
    assert view.screen.intro == (
        "Afin de finaliser la récupération de votre compte, veuillez saisir vos paramètres de "
        "connexion"
    )
    assert acting.labels(view) == [
        "Email",
        "Confirmation Email",
        "Mot de passe",
        "Confirmation du mot de passe",
    ]
    assert acting.field(view, "password").new_secret
    assert acting.buttons(view) == ["Activer", "Retour", "Recommencer", "Prolonger"]


def test_r6_activating_gives_the_account_its_new_credentials() -> None:
    """The new e-mail and password sign in to the same account; the old ones no longer do."""
    sandbox = Sandbox()
    acting.created(sandbox)
    (before,) = acting.accounts(sandbox)

    view = acting.recovered(sandbox)

    (after,) = acting.accounts(sandbox)
    assert (view.state, view.status) == ("recovered", "done")
    assert (after.id, after.credential_epoch) == (before.id, before.credential_epoch + 1)
    assert acting.sign_in(sandbox, OTHER_LOGIN, OTHER_PASSWORD).state == "signed_in"
    assert acting.sign_in(sandbox, JOHN.email, PASSWORD).state == "enter_credentials"


def test_r6_the_last_screen_leads_back_to_sign_in() -> None:
    """« Retour à la connexion » is the way on."""
    sandbox = Sandbox()

    view = acting.recovered(sandbox)

    assert acting.links(view) == {"Retour à la connexion": Place.SIGN_IN}


def test_r6_everyone_concerned_is_told() -> None:
    """The new login, the old one and every contact of the Order receive a message."""
    sandbox = Sandbox()
    acting.created(sandbox)
    before = len(sandbox.messages)

    acting.recovered(sandbox)

    told = {(it.purpose, it.to) for it in list(sandbox.messages)[before:] if it.purpose != "code"}
    assert told == {
        ("confirmation", OTHER_LOGIN),
        ("notice", JOHN.email),
        ("notice", JOHN.mobile),
    }


def test_r6_the_order_s_contacts_are_told_as_far_as_they_are_known() -> None:
    """A doctor whose address the Order does not hold is told by SMS."""
    sandbox = Sandbox()

    acting.recovered(sandbox, acting.AMELIE)

    notices = [message.to for message in sandbox.messages if message.purpose == "notice"]
    assert notices == [acting.AMELIE.mobile]


@pytest.mark.parametrize("email", [JOHN.email, JOHN.email.upper(), acting.CLAIRE.email])
def test_r7_an_email_that_is_an_account_s_is_refused_and_nothing_changes(email: str) -> None:
    """The account's present e-mail, or any other account's, gets the sentence of the guide."""
    sandbox = Sandbox()
    acting.created(sandbox, acting.CLAIRE)
    acting.created(sandbox)
    before = acting.accounts(sandbox)
    view = acting.code_accepted(sandbox, flow="recovery")

    view = sandbox.flows.submit(view.token, acting.activation(email, OTHER_PASSWORD))

    assert acting.said(view) == ["Un compte est déjà associé à cette adresse mail"]
    assert view.state == "choose_credentials"
    assert acting.accounts(sandbox) == before


def test_d2_a_doctor_without_account_ends_with_a_new_one() -> None:
    """Recovery of what never was creates the account (R4, R6)."""
    sandbox = Sandbox()

    view = acting.recovered(sandbox, email=LOGIN)

    assert view.state == "recovered"
    assert len(acting.accounts(sandbox)) == 1
    assert acting.sign_in(sandbox, LOGIN, OTHER_PASSWORD).state == "signed_in"


def test_d2_an_account_made_meanwhile_is_recovered_not_doubled() -> None:
    """Whoever gets an account while they recover ends with that one, under the new login."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, flow="recovery")
    sandbox.clock.advance(minutes=5)
    acting.created(sandbox)

    view = sandbox.flows.submit(view.token, acting.activation(OTHER_LOGIN, OTHER_PASSWORD))

    assert view.state == "recovered"
    assert len(acting.accounts(sandbox)) == 1
    assert acting.sign_in(sandbox, OTHER_LOGIN, OTHER_PASSWORD).state == "signed_in"


# --- the account changes meanwhile ---------------------------------------------------------------

THIRD_LOGIN = "troisieme@cabinet.example"


def by_settings(sandbox: Sandbox) -> None:
    """The doctor changes the password, signed in elsewhere."""
    view = sandbox.flows.start("settings", acting.session_of(sandbox))
    sandbox.flows.submit(view.token, acting.save(password=OTHER_PASSWORD))


def by_another_address(sandbox: Sandbox) -> None:
    """The doctor changes the e-mail address, signed in elsewhere."""
    view = sandbox.flows.start("settings", acting.session_of(sandbox))
    sandbox.flows.submit(view.token, acting.save(email=OTHER_LOGIN))


def by_link(sandbox: Sandbox) -> None:
    """Someone chooses a new password by a reset link."""
    assert acting.password_reset(sandbox).state == "password_changed"


def by_recovery(sandbox: Sandbox) -> None:
    """Another recovery of the same account ends first."""
    sandbox.clock.advance(minutes=2)
    assert acting.recovered(sandbox).state == "recovered"


CHANGES = pytest.mark.parametrize(
    "change", [by_settings, by_another_address, by_link, by_recovery], ids=lambda it: it.__name__
)


def on_its_way(sandbox: Sandbox) -> View:
    """A doctor who has an account has come to where new credentials are chosen."""
    acting.created(sandbox)
    return acting.code_accepted(sandbox, flow="recovery")


@CHANGES
def test_a_change_of_the_account_elsewhere_voids_a_recovery_on_its_way(
    change: Callable[[Sandbox], None],
) -> None:
    """By the settings, by a link or by another recovery: the account keeps what was chosen last."""
    sandbox = Sandbox()
    view = on_its_way(sandbox)
    change(sandbox)
    before, sent = acting.accounts(sandbox), len(sandbox.messages)

    view = sandbox.flows.submit(view.token, acting.activation(THIRD_LOGIN))

    assert (view.state, view.status) == ("expired", "expired")
    assert acting.accounts(sandbox) == before
    assert len(sandbox.messages) == sent
    assert acting.sign_in(sandbox, THIRD_LOGIN).state == "enter_credentials"


@pytest.mark.parametrize("step", ["account_found", "choose_channel", "enter_code"])
def test_a_recovery_is_bound_to_the_account_as_it_was_when_it_was_found(step: str) -> None:
    """Whichever screen the person was on when the account changed, and whatever code they have."""
    sandbox = Sandbox()
    acting.created(sandbox)
    view = sandbox.flows.submit(sandbox.flows.start("recovery").token, acting.identity())
    for screen, command in (
        ("account_found", ContinueRecovery()),
        ("choose_channel", SendCode("sms")),
    ):
        if screen == step:
            by_settings(sandbox)
        view = sandbox.flows.submit(view.token, command)
    code = SubmitCode(acting.code_received(sandbox))
    if step == "enter_code":
        by_settings(sandbox)
    view = sandbox.flows.submit(view.token, code)

    view = sandbox.flows.submit(view.token, acting.activation(THIRD_LOGIN))

    assert view.state == "expired"


def test_a_recovery_that_is_void_says_that_nothing_changed_and_may_be_begun_again() -> None:
    """The last screen says why, and leads to the sign-in or to someone who helps."""
    sandbox = Sandbox()
    view = on_its_way(sandbox)
    by_settings(sandbox)

    view = sandbox.flows.submit(view.token, acting.activation(THIRD_LOGIN))

    assert acting.said(view) == [
        "Votre demande a expiré. Rien n'a été modifié ; vous pouvez la recommencer."
    ]
    assert view.screen.intro == (
        "Par sécurité, une demande est effacée quand elle est abandonnée ou laissée sans suite, "
        "ou quand les identifiants du compte ont été changés entre-temps."
    )
    assert acting.links(view) == {
        "Retour à la connexion": Place.SIGN_IN,
        "Assistance": Place.ASSISTANCE,
    }


@pytest.mark.parametrize(
    "typed",
    [
        acting.activation(THIRD_LOGIN, again=LOGIN),
        acting.activation(THIRD_LOGIN, password_again=OTHER_PASSWORD),
        acting.activation(THIRD_LOGIN, "court"),
        acting.activation(JOHN.email),
        acting.activation("pas une adresse"),
    ],
    ids=["another address", "another password", "weak", "taken", "no address"],
)
def test_a_recovery_that_is_void_ends_whatever_is_typed(typed: Activate) -> None:
    """Nobody corrects a form for nothing, and it tells nothing more of other addresses."""
    sandbox = Sandbox()
    view = on_its_way(sandbox)
    by_settings(sandbox)

    view = sandbox.flows.submit(view.token, typed)

    assert (view.state, acting.notices(view)) == ("expired", ["journey.expired"])
    assert acting.counted(sandbox, Budget.EMAIL) == 0


def test_a_recovery_that_is_void_stays_so() -> None:
    """Its token opens nothing more, and nothing of the person is kept beside the pseudonym."""
    sandbox = Sandbox()
    view = on_its_way(sandbox)
    by_settings(sandbox)
    view = sandbox.flows.submit(view.token, acting.activation(THIRD_LOGIN))

    late = acting.over(sandbox, view.token, acting.activation(THIRD_LOGIN))

    stored = acting.journey_of(sandbox, view)
    assert late.state == "expired"
    assert (stored.dossier, stored.code_digest, stored.journey.contacts) == (None, None, ())


@CHANGES
def test_a_recovery_begun_after_the_change_gives_the_account_back(
    change: Callable[[Sandbox], None],
) -> None:
    """Only what was on its way is void."""
    sandbox = Sandbox()
    acting.created(sandbox)
    change(sandbox)
    sandbox.clock.advance(minutes=5)

    assert acting.recovered(sandbox, email=THIRD_LOGIN).state == "recovered"


def test_saying_again_who_one_is_takes_the_account_as_it_is_then() -> None:
    """« Retour » to the identity screen, and a new code: the change came before."""
    sandbox = Sandbox()
    view = recognised(sandbox)
    by_settings(sandbox)
    view = sandbox.flows.submit(view.token, Back())
    for command in (acting.identity(), ContinueRecovery(), SendCode("sms")):
        view = sandbox.flows.submit(view.token, command)
    view = sandbox.flows.submit(view.token, SubmitCode(acting.code_received(sandbox)))

    view = sandbox.flows.submit(view.token, acting.activation(THIRD_LOGIN))

    assert view.state == "recovered"


def test_signing_in_and_confirming_the_address_void_no_recovery() -> None:
    """Neither changes the credentials."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, email=LOGIN)
    sandbox.clock.advance(minutes=5)
    view = acting.code_accepted(sandbox, flow="recovery")
    session = acting.session_of(sandbox, LOGIN)
    sandbox.flows.confirm_email(acting.confirmation_received(sandbox), session)

    view = sandbox.flows.submit(view.token, acting.activation(THIRD_LOGIN))

    assert view.state == "recovered"


def test_d2_an_account_made_and_changed_meanwhile_is_not_recovered() -> None:
    """Where there was none, an account is taken as it was made, not as it was changed since."""
    sandbox = Sandbox()
    view = acting.code_accepted(sandbox, flow="recovery")
    sandbox.clock.advance(minutes=5)
    acting.created(sandbox)
    by_settings(sandbox)

    view = sandbox.flows.submit(view.token, acting.activation(THIRD_LOGIN))

    assert (view.state, acting.notices(view)) == ("expired", ["journey.expired"])


def test_a_recovery_from_before_the_account_was_remembered_still_ends() -> None:
    """An older release wrote no epoch into the dossier; such a journey goes on as it did then."""
    sandbox = Sandbox()
    view = on_its_way(sandbox)
    stored = acting.journey_of(sandbox, view)
    older = sandbox.secrets.seal(f'{{"rpps":"{JOHN.rpps}"}}')
    with sandbox.storage.writing() as unit:
        unit.journeys.swap(evolve(stored, dossier=older), stored.journey.seq)
    by_settings(sandbox)

    view = sandbox.flows.submit(view.token, acting.activation(THIRD_LOGIN))

    assert view.state == "recovered"


# --- everyone ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("role", "person"), acting.ROLES.items())
def test_w1_every_role_may_recover_a_space(role: str, person: Person) -> None:
    """A doctor, an intern and a junior doctor all recover their own account."""
    sandbox = Sandbox()
    acting.created(sandbox, person)

    view = acting.recovered(sandbox, person)

    assert view.state == "recovered"
    assert [account.role.value for account in acting.accounts(sandbox)] == [role]


def test_r4_the_code_goes_to_what_the_order_holds_not_to_the_account() -> None:
    """A login that the Order does not know receives no code."""
    sandbox = Sandbox()
    acting.created_by_sms(sandbox, email=LOGIN)
    sandbox.clock.advance(minutes=5)
    view = acting.identified(sandbox, flow="recovery")

    sandbox.flows.submit(view.token, SendCode("email"))

    assert acting.newest(sandbox, "code").to == JOHN.email

"""The guide, row by row, in Chromium, found by its own labels."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.acting import (
    CONSENT,
    EMAIL,
    at_code,
    at_contacts,
    at_credentials,
    choose_credentials,
    enter_code,
    fill,
    hand_over,
    heading,
    identify,
    let_pass,
    press,
    receive_code,
    sign_in,
    signed_in,
)
from tests.http.visiting import Served, Visitor

pytestmark = pytest.mark.browser

UNKNOWN = (
    "Les informations que vous avez saisies ne correspondent pas à celles connues de l'Ordre, "
    "veuillez les corriger ou vous rapprocher de votre conseil"
)
EXISTS = (
    "Un compte est déjà associé à ce numéro RPPS, en cas d'oubli de mot de passe, demandez une "
    "récupération de mot de passe."
)
LINK_USED = (
    "Vous venez d'utiliser votre lien de connexion unique. Il n'est désormais plus nécessaire "
    "d'utiliser ce lien pour vous connecter."
)
NEW = "huit loutres comptent les nuages"


def reads(page: Page, text: str) -> None:
    """Wait for a text, to the letter."""
    expect(page.get_by_text(text).first).to_be_visible()


def has_fields(page: Page, *labels: str) -> None:
    for label in labels:
        expect(page.get_by_label(label, exact=True)).to_be_visible()


def has_buttons(page: Page, *labels: str) -> None:
    for label in labels:
        expect(page.get_by_role("button", name=label, exact=True)).to_be_visible()


def has_links(page: Page, *labels: str) -> None:
    for label in labels:
        expect(page.get_by_role("link", name=label, exact=True).first).to_be_visible()


def confirmed_member(served: Served) -> Visitor:
    """John has an account whose address he confirmed, and is signed in."""
    served.create_account()
    member = served.sign_in()
    member.open("/lien/" + served.sandbox.messages[-1].link_token)
    member.press("Confirmer mon adresse e-mail")
    assert member.page.heading == "MonEspace"
    return member


def signed_out_with_a_link(page: Page, served: Served) -> None:
    """John signed out, asked for another password and has received the link."""
    member = confirmed_member(served)
    member.press("Se déconnecter")
    member.open("/mot-de-passe")
    member.press("Valider", email=EMAIL)
    assert member.page.heading == "Consultez votre messagerie"
    hand_over(page, member)


def at_new_password(page: Page, served: Served) -> None:
    signed_out_with_a_link(page, served)
    page.goto("/lien/" + served.sandbox.messages[-1].link_token)
    press(page, "Continuer")
    heading(page, "Paramètres")


@pytest.mark.parametrize(
    ("birth_date", "rpps"),
    [
        ("17/06/1975", "99000000002"),
        ("21/04/1996", "99000000036"),
        ("12/09/1994", "99000000044"),
    ],
    ids=["médecin", "interne", "docteur junior"],
)
def test_w1_every_role_is_recognised(page: Page, birth_date: str, rpps: str) -> None:
    page.goto("/creation")
    identify(page, birth_date, rpps)
    heading(page, "Sécuriser la création de votre espace")


@pytest.mark.parametrize(
    "path", ["/", "/creation", "/recuperation", "/mot-de-passe", "/nulle-part"]
)
def test_w2_the_banner_is_on_every_screen(page: Page, path: str) -> None:
    page.goto(path)
    expect(page.get_by_role("banner")).to_contain_text("ORDRE DES MÉDECINS")


def test_s1_mon_espace_opens_the_sign_in_screen(page: Page) -> None:
    page.goto("/")
    heading(page, "Connectez-vous à votre espace")
    has_fields(page, "E-mail", "Mot de passe")
    has_buttons(page, "Se connecter")


def test_s2_sign_in_links_to_creation_and_to_forgotten_identifiers(page: Page) -> None:
    page.goto("/connexion")
    has_links(page, "Créer votre espace", "Identifiants oubliés ?")


def test_s3_forgotten_identifiers_offer_both_ways(page: Page) -> None:
    page.goto("/connexion")
    page.get_by_role("link", name="Identifiants oubliés ?").click()
    has_links(page, "Mot de passe oublié")
    press(page, "Adresse mail de compte oubliée")
    heading(page, "Récupérer votre espace")


def test_s4_right_credentials_open_the_home_page(page: Page, served: Served) -> None:
    served.create_account()
    sign_in(page, "un autre mot de passe")
    expect(page.locator("[data-focus]")).to_contain_text("Adresse e-mail ou mot de passe incorrect")
    sign_in(page)
    heading(page, "MonEspace")


def test_c1_the_identity_screen_of_creation(page: Page) -> None:
    page.goto("/creation")
    heading(page, "Créer votre espace")
    has_fields(page, "Date de naissance *", "Numéro RPPS")
    expect(page.get_by_label(CONSENT)).not_to_be_checked()
    reads(page, "Format : 17/06/2021")
    has_buttons(page, "Valider")
    has_links(page, "Où trouver mon RPPS ?", "Se connecter", "Identifiants oubliés ?")
    has_links(page, "Conditions générales d'utilisation", "Politique de confidentialité")


def test_c2_what_is_not_validated_in_10_minutes_is_typed_again(page: Page, served: Served) -> None:
    page.goto("/creation")
    served.sandbox.clock.advance(minutes=10)
    identify(page)
    reads(page, "votre saisie a été effacée")
    expect(page.get_by_label("Numéro RPPS", exact=True)).to_have_value("")


def test_c3_an_unknown_pair_is_refused_in_the_guide_s_words(page: Page) -> None:
    page.goto("/creation")
    identify(page, "18/06/1975")
    expect(page.locator("[data-focus]")).to_contain_text(UNKNOWN)


def test_c4_an_account_is_told_with_a_live_link(page: Page, served: Served) -> None:
    served.create_account()
    page.goto("/creation")
    identify(page)
    reads(page, EXISTS)
    page.get_by_role("link", name="récupération de mot de passe", exact=True).click()
    heading(page, "Réinitialiser votre mot de passe")


def test_c5_a_known_pair_leads_to_the_contacts(page: Page) -> None:
    page.goto("/creation")
    identify(page)
    heading(page, "Sécuriser la création de votre espace")


def test_c6_the_contacts_are_masked_and_nothing_can_be_typed(page: Page, served: Served) -> None:
    at_contacts(page, served)
    has_fields(page, "3361***78", "j***@cn.medecin.example")
    has_buttons(page, "Recevoir votre code", "Retour")
    has_links(page, "Assistance")
    expect(page.get_by_role("textbox")).to_have_count(0)


def test_c7_the_code_screen(page: Page, served: Served) -> None:
    at_code(page, served)
    has_fields(page, "Saisir le code")
    has_buttons(page, "Valider", "Renvoyer le code", "Retour")


def test_c8_after_an_sms_the_login_is_chosen(page: Page, served: Served) -> None:
    at_code(page, served)
    enter_code(page, served)
    heading(page, "Finaliser la création de votre espace")
    reads(
        page,
        "Afin de finaliser la création de votre compte et l'activer, veuillez saisir vos "
        "paramètres de connexion",
    )
    has_fields(page, "Email", "Confirmation Email", "Mot de passe", "Confirmation du mot de passe")
    reads(page, "Sécurité du mot de passe :")
    has_buttons(page, "Activer")


def test_c9_after_an_email_the_login_is_the_order_s_address(page: Page, served: Served) -> None:
    at_contacts(page, served)
    receive_code(page, served, "j***@cn.medecin.example")
    enter_code(page, served)
    heading(page, "Créer mon compte")
    expect(page.get_by_label("E-mail", exact=True)).to_have_value("john.medecin@cn.medecin.example")
    expect(page.get_by_label("E-mail", exact=True)).not_to_be_editable()
    fill(page, Mot_de_passe="azertyuiop123", Confirmation_mot_de_passe="azertyuiop123")
    reads(page, "Sécurité du mot de passe :")
    expect(page.get_by_text("Faible", exact=True)).to_be_visible()
    has_buttons(page, "Créer")


def test_c10_the_account_is_confirmed_by_mail_and_signs_in(page: Page, served: Served) -> None:
    at_credentials(page, served)
    choose_credentials(page)
    heading(page, "Votre espace est créé")
    assert served.sandbox.messages[-1].purpose == "confirmation"
    page.get_by_role("link", name="Retour à la connexion").click()
    heading(page, "Connectez-vous à votre espace")


def test_r1_the_identity_screen_of_recovery(page: Page) -> None:
    page.goto("/recuperation")
    heading(page, "Récupérer votre espace")
    has_fields(page, "Date de naissance *", "Numéro RPPS")
    reads(page, "Format : 21/06/2021")
    has_buttons(page, "Valider")
    has_links(page, "Où trouver mon RPPS ?", "Se connecter", "Identifiants oubliés ?")


def test_r2_an_unknown_pair_is_refused_as_in_creation(page: Page) -> None:
    page.goto("/recuperation")
    identify(page, "18/06/1975")
    expect(page.locator("[data-focus]")).to_contain_text(UNKNOWN)


def test_r3_an_account_is_told_with_a_live_link(page: Page, served: Served) -> None:
    served.create_account()
    page.goto("/recuperation")
    identify(page)
    reads(page, EXISTS)
    has_links(page, "récupération de mot de passe")


def test_r4_d8_without_an_account_the_contacts_are_offered(page: Page) -> None:
    page.goto("/recuperation")
    identify(page)
    heading(page, "Sécuriser la récupération de votre espace")
    reads(page, "Veuillez cocher le moyen de transmission de ce code.")
    reads(page, "Valider mon identité")
    has_fields(page, "3361***78")
    has_buttons(page, "Recevoir votre code", "Retour")
    has_links(page, "Assistance")


def test_r5_the_code_screen_of_recovery(page: Page, served: Served) -> None:
    served.create_account()
    served.sandbox.clock.advance(minutes=2)
    at_code(page, served, "/recuperation")
    has_fields(page, "Saisir le code")
    has_buttons(page, "Valider", "Renvoyer le code", "Retour")


def test_r6_the_last_screen_of_recovery(page: Page, served: Served) -> None:
    served.create_account()
    served.sandbox.clock.advance(minutes=2)
    at_code(page, served, "/recuperation")
    enter_code(page, served)
    heading(page, "Finaliser la récupération de votre espace")
    has_fields(page, "Email", "Confirmation Email", "Mot de passe", "Confirmation du mot de passe")
    has_buttons(page, "Activer")


def test_r7_the_present_address_is_refused(page: Page, served: Served) -> None:
    served.create_account()
    served.sandbox.clock.advance(minutes=2)
    at_credentials(page, served, "/recuperation")
    choose_credentials(page, EMAIL)
    expect(page.locator("[data-focus]")).to_contain_text(
        "Un compte est déjà associé à cette adresse mail"
    )


def test_p1_the_reset_screen(page: Page) -> None:
    page.goto("/mot-de-passe")
    heading(page, "Réinitialiser votre mot de passe")
    reads(
        page,
        "Pour réinitialiser votre mot de passe, veuillez saisir votre adresse email de connexion.",
    )
    has_fields(page, "E-mail")
    has_buttons(page, "Valider")


def test_p2_known_and_unknown_addresses_read_the_same(page: Page, served: Served) -> None:
    confirmed_member(served)
    seen = []
    for address in (EMAIL, "personne@medecin.example"):
        page.context.clear_cookies()
        page.goto("/mot-de-passe")
        fill(page, **{"E-mail": address})
        press(page, "Valider")
        heading(page, "Consultez votre messagerie")
        shown = page.get_by_role("main").locator(".card").inner_text()
        assert f"Adresse saisie : {address}." in shown.replace("\u00a0", " ")
        seen.append(shown.replace(address, ""))
    assert seen[0] == seen[1]
    assert [m.to for m in served.sandbox.messages if m.purpose == "reset_link"] == [EMAIL]


def test_p3_a_used_link_leads_to_the_new_password(page: Page, served: Served) -> None:
    at_new_password(page, served)
    reads(page, LINK_USED)
    reads(page, "INFORMATIONS CONNEXION")
    has_fields(
        page,
        "Nouveau mot de passe",
        "Confirmer votre nouveau mot de passe",
        "Adresse de courriel *",
    )
    reads(page, "Ne sera pas rendue publique.")


def test_p4_after_the_new_password_one_is_signed_in(page: Page, served: Served) -> None:
    at_new_password(page, served)
    fill(page, Nouveau_mot_de_passe=NEW, Confirmer_votre_nouveau_mot_de_passe=NEW)
    press(page, "Enregistrer")
    page.get_by_role("link", name="MonEspace").first.click()
    heading(page, "MonEspace")


def test_t1_the_settings_screen(page: Page, served: Served) -> None:
    served.create_account()
    signed_in(page, served)
    page.goto("/")
    page.get_by_role("link", name="Paramètres").first.click()
    heading(page, "Paramètres")
    reads(page, "INFORMATIONS CONNEXION")
    has_fields(page, "Mot de passe actuel", "Nouveau mot de passe")
    has_fields(page, "Confirmer votre nouveau mot de passe", "Adresse de courriel *")
    reads(
        page,
        "Saisissez votre mot de passe actuel pour changer votre Adresse de courriel ou nouveau "
        "mot de passe.",
    )
    has_buttons(page, "Enregistrer")


def test_t2_nothing_changes_without_the_present_password(page: Page, served: Served) -> None:
    served.create_account()
    signed_in(page, served)
    page.goto("/parametres")
    fill(page, Mot_de_passe_actuel="un autre mot de passe")
    page.get_by_label("Adresse de courriel *", exact=True).fill("autre@medecin.example")
    press(page, "Enregistrer")
    expect(page.locator("[data-focus]")).to_contain_text("Rien n’a été modifié")
    page.get_by_role("link", name="Demander un nouveau mot de passe").click()
    heading(page, "Réinitialiser votre mot de passe")


def test_d1_recovery_goes_on_for_who_forgot_the_address(page: Page, served: Served) -> None:
    served.create_account()
    at_contacts(page, served, "/recuperation")
    press(page, "Je ne connais plus l'adresse mail de mon compte")
    heading(page, "Sécuriser la récupération de votre espace")


def test_d2_recovery_without_an_account_ends_in_one(page: Page, served: Served) -> None:
    at_credentials(page, served, "/recuperation")
    choose_credentials(page)
    heading(page, "Votre espace est récupéré")
    sign_in(page)
    heading(page, "MonEspace")


def test_d3_who_cannot_be_reached_reads_what_an_unknown_pair_reads(page: Page) -> None:
    page.goto("/creation")
    identify(page, "31/12/1988", "99000000069")
    expect(page.locator("[data-focus]")).to_contain_text(UNKNOWN)


def test_d4_a_code_dies_after_5_tries_and_10_minutes(page: Page, served: Served) -> None:
    at_code(page, served)
    for _ in range(5):
        fill(page, Saisir_le_code="000000" if served.code != "000000" else "111111")
        press(page, "Valider")
        reads(page, "Ce code n’est pas le bon")
    enter_code(page, served)
    expect(page.locator("[data-focus]")).to_contain_text("le nombre maximal d’essais")


@pytest.mark.own_window
def test_d5_ten_more_minutes_are_given(page: Page, served: Served) -> None:
    page.clock.install()
    page.goto("/creation")
    let_pass(page, served, 8)
    press(page, "Prolonger")
    expect(page.get_by_role("status")).to_contain_text(
        "Vous disposez de 10 minutes supplémentaires."
    )
    let_pass(page, served, 9)
    identify(page)
    heading(page, "Sécuriser la création de votre espace")


def test_d6_opening_a_link_changes_nothing(page: Page, served: Served) -> None:
    signed_out_with_a_link(page, served)
    link = "/lien/" + served.sandbox.messages[-1].link_token
    for _ in range(3):
        page.goto(link)
    press(page, "Continuer")
    reads(page, LINK_USED)


def test_d7_the_home_page_reminds_until_the_address_is_confirmed(
    page: Page, served: Served
) -> None:
    served.create_account()
    signed_in(page, served)
    page.goto("/")
    expect(page.get_by_role("main")).to_contain_text("confirm")
    page.goto("/lien/" + served.sandbox.messages[-1].link_token)
    press(page, "Confirmer mon adresse e-mail")
    heading(page, "MonEspace")
    expect(page.get_by_role("button", name="Renvoyer")).to_have_count(0)

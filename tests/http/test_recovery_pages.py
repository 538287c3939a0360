"""Recovering one's space in pages (R1-R7, D1, D2)."""

from monespace_flows.policy import Policy, RecoveryPolicy
from tests.http.visiting import CLAIRE, JOHN, PASSWORD, Served, Visitor

FINISH = {"password": "neuf castors lisent", "password_confirmation": "neuf castors lisent"}


def _found(served: Served) -> Visitor:
    served.create_account()
    visitor = served.visitor()
    visitor.open("/recuperation")
    visitor.press("Valider", **JOHN)
    return visitor


def _at_credentials(served: Served) -> Visitor:
    served.create_account()
    return served.at_credentials("/recuperation")


def test_r1_the_forgotten_page_leads_to_the_guide_s_screen(served: Served) -> None:
    visitor = served.visitor()
    visitor.open("/identifiants-oublies")
    action = visitor.page.form_of(visitor.page.button("Adresse mail de compte oubliée"))["action"]
    page = visitor.open(action)

    assert page.heading == "Récupérer votre espace"
    assert page.description(page.field("Date de naissance *")) == "Format : 21/06/2021"


def test_r3_d1_an_account_that_exists_is_said_and_the_button_goes_on(served: Served) -> None:
    visitor = _found(served)

    assert "Un compte est déjà associé à ce numéro RPPS" in visitor.page.text
    assert visitor.page.links["récupération de mot de passe"] == "/mot-de-passe"
    visitor.press("Je ne connais plus l'adresse mail de mon compte")
    assert visitor.page.heading == "Sécuriser la récupération de votre espace"
    assert "Étape 2 sur 4 : Valider mon identité" in visitor.page.text


def test_d1_the_letter_of_the_guide_has_no_button() -> None:
    served = Served(policy=Policy(recovery=RecoveryPolicy(existing_account="block")))
    visitor = _found(served)

    assert "Un compte est déjà associé à ce numéro RPPS" in visitor.page.text
    assert "Je ne connais plus l'adresse mail de mon compte" not in visitor.page.buttons


def test_r6_new_credentials_end_the_recovery(served: Served) -> None:
    visitor = _at_credentials(served)
    assert visitor.page.heading == "Finaliser la récupération de votre espace"

    email = "retrouve@medecin.example"
    visitor.press("Activer", email=email, email_confirmation=email, **FINISH)
    assert visitor.page.heading == "Votre espace est récupéré"
    assert served.sign_in(email, FINISH["password"]).page.heading == "MonEspace"
    assert served.sign_in("john@medecin.example", PASSWORD).status == 422


def test_r7_the_address_of_an_account_is_refused(served: Served) -> None:
    visitor = _at_credentials(served)
    email = "john@medecin.example"
    visitor.press("Activer", email=email, email_confirmation=email, **FINISH)

    assert visitor.status == 422
    assert "Un compte est déjà associé à cette adresse mail" in visitor.page.text


def test_a_recovery_that_another_one_overtook_shows_its_end(served: Served) -> None:
    """The answer says so, once."""
    late = _at_credentials(served)
    served.sandbox.clock.advance(minutes=2)
    first = served.visitor()
    first.open("/recuperation")
    first.press("Valider", **JOHN)
    first.press("Je ne connais plus l'adresse mail de mon compte")
    first.press("Recevoir votre code", channel=first.page.field("3361***78")["value"])
    first.press("Valider", code=served.code)
    email = "retrouve@medecin.example"
    first.press("Activer", email=email, email_confirmation=email, **FINISH)
    assert first.page.heading == "Votre espace est récupéré"

    email = "autre@medecin.example"
    late.press("Activer", email=email, email_confirmation=email, **FINISH)

    assert (late.status, late.page.heading) == (410, "Votre demande a expiré")
    assert "Rien n'a été modifié ; vous pouvez la recommencer." in late.page.text
    assert late.page.links["Recommencer"] == "/recuperation"
    assert late.open("/recuperation").heading == "Récupérer votre espace"


def test_d2_a_doctor_without_account_gets_one(served: Served) -> None:
    visitor = served.visitor()
    visitor.open("/recuperation")
    visitor.press("Valider", **CLAIRE)

    assert visitor.page.heading == "Sécuriser la récupération de votre espace"

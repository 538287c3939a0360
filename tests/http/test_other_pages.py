"""Sign-in, forgotten identifiers, home, settings, help: the pages around creation."""

from monespace_flows.policy import IdentityPolicy, Policy
from tests.http.visiting import PASSWORD, Served


def test_s1_s2_the_first_page_is_sign_in(served: Served) -> None:
    page = served.visitor().open("/")

    assert page.heading == "Connectez-vous à votre espace"
    assert page.field("E-mail")["type"] == "email"
    assert page.field("Mot de passe")["autocomplete"] == "current-password"
    assert page.buttons[0] == "Se connecter" or "Se connecter" in page.buttons
    assert page.links["Créer votre espace"] == "/creation"
    assert page.links["Identifiants oubliés ?"] == "/identifiants-oublies"


def test_s3_forgotten_identifiers_offer_both_ways(served: Served) -> None:
    visitor = served.visitor()
    page = visitor.open("/identifiants-oublies")

    assert "/mot-de-passe" in page.links.values()
    button = page.button("Adresse mail de compte oubliée")
    assert page.form_of(button)["action"] == "/recuperation"
    assert page.form_of(button)["method"] == "get"


def test_s4_signing_in_opens_the_home_page(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()

    assert (visitor.path, visitor.page.heading) == ("/", "MonEspace")
    assert "John Médecin" in visitor.page.text
    assert visitor.page.links["Paramètres"] == "/parametres"
    assert "Se déconnecter" in visitor.page.buttons


def test_s4_one_answer_for_every_refusal(served: Served) -> None:
    served.create_account()
    pages = []
    for email in ("john@medecin.example", "nobody@medecin.example"):
        visitor = served.sign_in(email, "not the password")
        assert visitor.status == 422
        text = visitor.page.text.partition("Référence")[0]
        pages.append((text, visitor.page.title))

    assert len(set(pages)) == 1


def test_the_address_is_kept_and_the_password_is_not(served: Served) -> None:
    visitor = served.sign_in("john@medecin.example", "not the password")

    assert visitor.page.field("E-mail")["value"] == "john@medecin.example"
    assert "not the password" not in visitor.response.text


def test_no_one_sees_the_sign_in_page_twice(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()
    visitor.open("/connexion")

    assert (visitor.path, visitor.page.heading) == ("/", "MonEspace")


def test_the_sign_in_page_never_shows_the_end_of_an_earlier_visit(served: Served) -> None:
    visitor = served.sign_in("nobody@medecin.example")
    served.sandbox.clock.advance(hours=1)

    assert visitor.open("/").heading == "Connectez-vous à votre espace"
    visitor.press("Se connecter", email="nobody@medecin.example", password="x")
    assert visitor.status == 422


def test_d7_home_reminds_and_sends_the_confirmation_again(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()
    sent = len(served.sandbox.messages)
    page = visitor.press("Renvoyer l'e-mail de confirmation")

    assert "Un e-mail vient de vous être envoyé." in page.text
    assert sent + 1 == len(served.sandbox.messages)
    visitor.open("/lien/" + served.sandbox.messages[-1].link_token)
    visitor.press("Confirmer mon adresse e-mail")
    assert visitor.page.heading == "MonEspace"
    assert "Renvoyer l'e-mail de confirmation" not in visitor.page.buttons


def test_d7_asking_again_redirects_and_a_reload_sends_nothing(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()
    form = visitor.filled("Renvoyer l'e-mail de confirmation")
    sent = len(served.sandbox.messages)
    answer = visitor.client.post("/renvoyer-confirmation", data=form, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Un e-mail vient de vous être envoyé." in visitor.open("/").text
    assert "Un e-mail vient de vous être envoyé." not in visitor.open("/").text
    assert sent + 1 == len(served.sandbox.messages)


def test_settings_ask_for_sign_in(served: Served) -> None:
    visitor = served.visitor()
    visitor.open("/parametres")

    assert visitor.path == "/connexion"


def test_t1_settings_show_the_guide_s_fields_and_the_present_address(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()
    page = visitor.open("/parametres")

    assert page.heading == "Paramètres"
    assert "INFORMATIONS CONNEXION" in page.text
    assert page.links["Demander un nouveau mot de passe"] == "/mot-de-passe"
    assert page.field("Adresse de courriel *")["value"] == "john@medecin.example"
    assert "required" not in page.field("Nouveau mot de passe")
    assert page.description(page.field("Adresse de courriel *")) == "Ne sera pas rendue publique."


def test_t2_nothing_changes_without_the_present_password(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()
    visitor.open("/parametres")
    page = visitor.press(
        "Enregistrer", current_password="wrong one here", email="new@medecin.example"
    )

    assert visitor.status == 422
    assert page.field("Adresse de courriel *")["value"] == "new@medecin.example"
    assert "wrong one here" not in visitor.response.text


def test_t1_saving_twice_in_a_row_works_and_ends_other_sessions(served: Served) -> None:
    """The journey goes on under the new session that each change opens."""
    served.create_account()
    other = served.sign_in()
    visitor = served.sign_in()
    visitor.open("/parametres")
    for email in ("second@medecin.example", "third@medecin.example"):
        page = visitor.press("Enregistrer", current_password=PASSWORD, email=email)

        assert visitor.status == 200
        assert "Vos paramètres sont enregistrés." in page.text
        assert email == page.field("Adresse de courriel *")["value"]
    assert other.open("/").heading == "Connectez-vous à votre espace"
    assert visitor.open("/").heading == "MonEspace"


def test_settings_of_one_person_are_never_shown_to_the_next(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()
    visitor.open("/parametres")
    visitor.press("Enregistrer", current_password="wrong", email="john@medecin.example")
    served.sandbox.clock.advance(minutes=31)
    page = visitor.open("/parametres")

    assert page.heading == "Connectez-vous à votre espace"
    assert "john@medecin.example" not in visitor.response.text


def test_an_idle_session_leads_back_to_sign_in_on_post_as_well(served: Served) -> None:
    """SS-05."""
    served.create_account()
    visitor = served.sign_in()
    visitor.open("/parametres")
    served.sandbox.clock.advance(minutes=30, seconds=1)
    page = visitor.press("Enregistrer", current_password=PASSWORD, email="x@medecin.example")

    assert page.heading == "Connectez-vous à votre espace"


def test_help_is_where_it_always_is(served: Served) -> None:
    """WCAG 3.2.6: once on each page, after its content."""
    for path in ("/", "/creation", "/recuperation", "/mot-de-passe", "/identifiants-oublies"):
        page = served.visitor().open(path)

        (aside,) = page.root.every("aside")
        assert next(aside.every("a"))["href"] == "/assistance"
        assert list(page.links.values()).count("/assistance") == 1


def test_the_texts_can_be_read(served: Served) -> None:
    visitor = served.visitor()
    headings = {
        "/ou-trouver-mon-rpps": "Où trouver mon RPPS ?",
        "/assistance": "Assistance",
        "/conditions": "Conditions générales d'utilisation",
        "/confidentialite": "Politique de confidentialité",
    }

    assert headings == {path: visitor.open(path).heading for path in headings}
    assert "Version 2026-01" in visitor.open("/conditions").text
    rpps = visitor.open("/ou-trouver-mon-rpps").text
    for word in ("11 chiffres", "CPS", "e-CPS", "CPF", "Annuaire", "conseil", "ADELI", "par 8"):
        assert word in rpps


def test_the_strength_of_a_password_is_one_word(served: Served) -> None:
    visitor = served.visitor()
    visitor.open("/creation")
    token = visitor.filled("Valider")["form_token"]
    labels = [
        visitor.client.post("/securite", data={"form_token": token, "password": each}).text
        for each in ("", "court", PASSWORD)
    ]

    assert labels[1] == "Faible"
    assert labels[2] in ("Moyen", "Fort")
    more = {"form_token": token, "password": "x", "email": "y"}
    assert visitor.client.post("/securite", data=more).status_code == 400


def test_c1_new_terms_are_asked_again_on_the_home_page(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()
    assert "J'ai lu et j'accepte" not in visitor.page.buttons
    newer = IdentityPolicy(terms_version="2027-01")
    served.sandbox.flows.policy = Policy(identity=newer)

    visitor.open("/")
    assert "ont changé" in visitor.page.text
    visitor.press("J'ai lu et j'accepte")
    assert visitor.page.heading == "MonEspace"
    assert "ont changé" not in visitor.page.text


def test_c1_terms_are_accepted_by_who_is_signed_in_only(served: Served) -> None:
    served.create_account()
    visitor = served.sign_in()
    served.sandbox.flows.policy = Policy(identity=IdentityPolicy(terms_version="2027-01"))
    visitor.open("/")
    form = visitor.filled("J'ai lu et j'accepte")
    served.sandbox.clock.advance(hours=1)
    answer = visitor.client.post("/accepter-conditions", data=form, follow_redirects=False)

    assert (answer.status_code, answer.headers["location"]) == (303, "/connexion")

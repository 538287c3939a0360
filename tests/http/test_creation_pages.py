"""Creating one's space without scripts, in the guide's words (C1-C10)."""

import pytest

from monespace_flows.policy import CodePolicy, Policy
from tests.http.visiting import CLAIRE, JOHN, PASSWORD, Served, Visitor


def _at_identity(served: Served) -> Visitor:
    visitor = served.visitor()
    visitor.open("/creation")
    return visitor


def _at_channel(served: Served) -> Visitor:
    visitor = _at_identity(served)
    visitor.press("Valider", **JOHN)
    return visitor


def _at_code(served: Served, label: str = "3361***78") -> Visitor:
    visitor = _at_channel(served)
    visitor.press("Recevoir votre code", channel=visitor.page.field(label)["value"])
    return visitor


def _at_credentials(served: Served) -> Visitor:
    visitor = _at_code(served)
    visitor.press("Valider", code=served.code)
    return visitor


CHOSEN = {
    "email": "john@medecin.example",
    "email_confirmation": "john@medecin.example",
    "password": PASSWORD,
    "password_confirmation": PASSWORD,
}


def test_c1_the_first_screen_is_the_guide_s(served: Served) -> None:
    page = _at_identity(served).page

    assert page.heading == "Créer votre espace"
    date = page.field("Date de naissance *")
    assert page.description(date) == "Format : 17/06/2021"
    assert (date["type"], date["inputmode"], date["autocomplete"]) == ("text", "numeric", "bday")
    assert page.field("Numéro RPPS")["name"] == "rpps"
    assert page.links["Où trouver mon RPPS ?"] == "/ou-trouver-mon-rpps"
    box = page.field(
        "J'ai lu et j'accepte les Conditions générales d'utilisation et la Politique de "
        "confidentialité."
    )
    assert box["type"] == "checkbox"
    assert "checked" not in box
    assert page.links["Conditions générales d'utilisation"] == "/conditions"
    assert page.links["Politique de confidentialité"] == "/confidentialite"
    assert page.links["Se connecter"] == "/connexion"
    assert page.links["Identifiants oubliés ?"] == "/identifiants-oublies"
    assert page.buttons[0] == "Valider"


def test_w2_every_page_bears_the_banner(served: Served) -> None:
    for path in ("/", "/creation", "/assistance", "/nowhere"):
        assert served.visitor().open(path).text.count("ORDRE DES MÉDECINS") == 1


def test_looking_starts_no_journey(served: Served) -> None:
    """A GET changes nothing, so the first screen has no reference yet."""
    visitor = _at_identity(served)

    assert "Référence" not in visitor.page.text
    visitor.press("Valider")
    assert "Référence à donner à l'assistance : " in visitor.page.text


def test_c3_an_unknown_pair_is_refused_at_once_with_what_was_typed(served: Served) -> None:
    visitor = _at_identity(served)
    page = visitor.press("Valider", **{**JOHN, "birth_date": "18/06/1975"})

    assert visitor.status == 422
    assert page.title.startswith("Erreur – Créer votre espace")
    assert (
        "Les informations que vous avez saisies ne correspondent pas à celles connues de l'Ordre, "
        "veuillez les corriger ou vous rapprocher de votre conseil"
    ) in page.text
    assert page.field("Date de naissance *")["value"] == "18/06/1975"
    assert page.field("Numéro RPPS")["value"] == "99000000002"


def test_what_is_wrong_is_focused_and_tied_to_its_field(served: Served) -> None:
    """RGAA 11.10: the summary has the focus and leads to the fields."""
    page = _at_identity(served).press("Valider", **{**JOHN, "rpps": "899000000002"})

    (summary,) = [each for each in page.root.every("div") if "autofocus" in each]
    assert page.by_id(summary["aria-labelledby"]).text == "1 erreur à corriger"
    hint = (
        "Ce numéro a 12 chiffres : c'est votre identifiant national. "
        "Saisissez-le sans le 8 du début."
    )
    assert page.links[hint] == "#field-rpps"
    field = page.field("Numéro RPPS")
    assert field["aria-invalid"] == "true"
    assert hint in page.description(field)


def test_c4_an_account_that_exists_is_said_with_a_live_link(served: Served) -> None:
    served.create_account()
    visitor = _at_channel(served)

    assert visitor.status == 422
    assert (
        "Un compte est déjà associé à ce numéro RPPS, en cas d'oubli de mot de passe, demandez une "
        "récupération de mot de passe."
    ) in visitor.page.text
    assert visitor.page.links["récupération de mot de passe"] == "/mot-de-passe"
    assert not visitor.page.title.startswith("Erreur")


def test_c5_c6_moving_on_is_a_redirect_to_the_next_screen(served: Served) -> None:
    visitor = _at_identity(served)
    form = visitor.filled("Valider", **JOHN)
    answer = visitor.client.post("/creation", data=form, follow_redirects=False)
    page = visitor.open("/creation")

    assert (answer.status_code, answer.headers["location"]) == (303, "/creation")
    assert page.heading == "Sécuriser la création de votre espace"
    assert page.field("3361***78")["type"] == "radio"
    assert page.description(page.field("3361***78")) == "par SMS"
    assert page.buttons[:2] == ["Recevoir votre code", "Retour"]
    assert page.links["Assistance"] == "/assistance"


def test_d8_the_progress_indication_names_the_step(served: Served) -> None:
    assert "Étape 2 sur 4 : Valider mon identité" in _at_channel(served).page.text


def test_choosing_nothing_is_a_field_error(served: Served) -> None:
    page = _at_channel(served).press("Recevoir votre code")

    assert "Choisissez où recevoir votre code." in page.text


def test_c7_the_code_screen_takes_the_code_in_one_field(served: Served) -> None:
    page = _at_code(served).page

    assert page.heading == "Veuillez saisir le code reçu"
    field = page.field("Saisir le code")
    assert (
        field["type"],
        field["inputmode"],
        field["autocomplete"],
    ) == ("text", "numeric", "one-time-code")
    assert "maxlength" not in field  # « 123 456 » may be pasted
    assert page.buttons[:3] == ["Valider", "Renvoyer le code", "Retour"]


def test_a_wrong_code_is_never_shown_again(served: Served) -> None:
    visitor = _at_code(served)
    wrong = "246813" if served.code != "246813" else "246814"
    page = visitor.press("Valider", code=wrong)

    assert visitor.status == 422
    assert page.field("Saisir le code")["value"] == ""
    assert wrong not in visitor.response.text


def test_resending_too_soon_is_429_and_says_how_long(served: Served) -> None:
    visitor = _at_code(served)
    page = visitor.press("Renvoyer le code")

    assert (visitor.status, visitor.response.headers["retry-after"]) == (429, "60")
    assert "60 secondes" in page.text


def test_resending_in_time_says_so(served: Served) -> None:
    visitor = _at_code(served)
    served.sandbox.clock.advance(minutes=1)
    page = visitor.press("Renvoyer le code")

    assert visitor.status == 200
    assert "Un nouveau code vient de vous être envoyé." in page.text


def test_going_back_asks_again(served: Served) -> None:
    page = _at_code(served).press("Retour")

    assert page.heading == "Sécuriser la création de votre espace"


def test_c8_after_an_sms_the_login_is_chosen(served: Served) -> None:
    page = _at_credentials(served).page

    assert page.heading == "Finaliser la création de votre espace"
    labels = ("Email", "Confirmation Email", "Mot de passe", "Confirmation du mot de passe")
    assert [page.field(label)["type"] for label in labels] == [
        "email",
        "email",
        "password",
        "password",
    ]
    assert "Sécurité du mot de passe :" in page.text
    assert "Activer" in page.buttons


def test_secrets_are_never_echoed_and_the_rest_is(served: Served) -> None:
    visitor = _at_credentials(served)
    page = visitor.press("Activer", **{**CHOSEN, "password_confirmation": "another one here"})

    assert page.field("Email")["value"] == "john@medecin.example"
    assert "value" not in page.field("Mot de passe")
    assert "value" not in page.field("Confirmation du mot de passe")
    assert PASSWORD not in visitor.response.text
    assert "another one here" not in visitor.response.text


def test_a_weak_password_is_named_weak_without_a_script(served: Served) -> None:
    page = _at_credentials(served).press(
        "Activer", **{**CHOSEN, "password": "court", "password_confirmation": "court"}
    )

    assert "Sécurité du mot de passe : Faible" in page.text


def test_c9_after_an_email_the_login_is_given(served: Served) -> None:
    visitor = _at_code(served, "j***@cn.medecin.example")
    visitor.press("Valider", code=served.code)

    assert visitor.page.heading == "Créer mon compte"
    login = visitor.page.field("E-mail")
    assert login["value"] == "john.medecin@cn.medecin.example"
    assert "readonly" in login
    assert "name" not in login
    assert "Créer" in visitor.page.buttons


def test_c10_done_leads_to_sign_in_and_sending_twice_creates_once(served: Served) -> None:
    """FL-23: the last POST sent again leads to the same page; one account, one mail."""
    visitor = _at_credentials(served)
    form = visitor.filled("Activer", **CHOSEN)
    answers = [
        visitor.client.post("/creation", data=form, follow_redirects=False) for _ in range(3)
    ]
    visitor.open("/creation")

    assert [(a.status_code, a.headers["location"]) for a in answers] == [(303, "/creation")] * 3
    assert visitor.page.heading == "Votre espace est créé"
    assert visitor.page.links["Retour à la connexion"] == "/connexion"
    assert len([m for m in served.sandbox.messages if m.purpose == "confirmation"]) == 1


def test_the_next_doctor_finds_the_first_screen(served: Served) -> None:
    visitor = served.create_account()
    visitor.open("/creation")

    assert visitor.page.heading == "Créer votre espace"
    visitor.press("Valider", **CLAIRE)
    assert visitor.page.heading == "Sécuriser la création de votre espace"


def test_an_expired_journey_shows_its_end_and_can_be_started_again(served: Served) -> None:
    """FL-11."""
    visitor = _at_channel(served)
    served.sandbox.clock.advance(minutes=31)
    pressed = visitor.press("Retour")

    assert (visitor.status, pressed.heading) == (410, "Votre demande a expiré")
    assert pressed.links["Recommencer"] == "/creation"
    assert visitor.open("/creation").heading == "Créer votre espace"


def test_c2_a_form_shown_ten_minutes_ago_comes_back_empty(served: Served) -> None:
    visitor = _at_identity(served)
    served.sandbox.clock.advance(minutes=10)
    page = visitor.press("Valider", **JOHN)

    assert visitor.status == 422
    assert "votre saisie a été effacée" in page.text
    assert page.field("Numéro RPPS")["value"] == ""
    assert len(served.sandbox.messages) == 0


def test_a_form_shown_again_has_ten_minutes_of_its_own(served: Served) -> None:
    """D5: from the moment the screen is shown, not from the last step."""
    visitor = _at_identity(served)
    visitor.press("Valider")
    served.sandbox.clock.advance(minutes=9)
    visitor.open("/creation")
    served.sandbox.clock.advance(minutes=9)

    assert "Sécuriser la création" in visitor.press("Valider", **JOHN).heading


def test_d5_extending_without_a_script_keeps_what_was_typed(served: Served) -> None:
    visitor = _at_credentials(served)
    served.sandbox.clock.advance(minutes=9)
    page = visitor.press("Prolonger", **CHOSEN)

    assert visitor.status == 200
    assert page.field("Email")["value"] == "john@medecin.example"
    assert "value" not in page.field("Mot de passe")
    served.sandbox.clock.advance(minutes=9)
    assert visitor.press("Activer", **CHOSEN).heading == "Votre espace est créé"


def test_d5_the_script_extends_without_a_page(served: Served) -> None:
    visitor = _at_identity(served)
    served.sandbox.clock.advance(minutes=9)
    form = {**visitor.filled("Valider"), "command": "extend"}
    answer = visitor.client.post("/creation", data=form, headers={"Accept": "application/json"})

    assert answer.json()["seconds"] == 600
    served.sandbox.clock.advance(minutes=9)
    form = {**visitor.filled("Valider", **JOHN), "form_token": answer.json()["form_token"]}
    assert "Sécuriser la création" in visitor.client.post("/creation", data=form).text


def test_the_script_gets_a_fresh_token_by_a_get_that_changes_nothing(served: Served) -> None:
    visitor = _at_identity(served)
    answer = visitor.client.get("/creation", headers={"Accept": "application/json"})

    assert {"form_token", "seconds"} == answer.json().keys()


def test_a_code_that_did_not_leave_is_told_by_the_page_and_to_its_script(served: Served) -> None:
    served.sandbox.messages.fail_next()
    visitor = _at_code(served)
    asked = visitor.client.get("/creation", headers={"Accept": "application/json"})

    assert "Le code n'a pas pu vous être envoyé" in visitor.page.text
    assert asked.json()["told"].startswith("Le code n’a pas pu vous être envoyé")


def test_fl_01_fl_03_a_step_that_is_not_there_is_409_and_shows_where_one_is(served: Served) -> None:
    """FL-01 to FL-03: a later step sent from an earlier screen does nothing."""
    visitor = _at_channel(served)
    form = {**visitor.filled("Retour"), "command": "activate", **CHOSEN}
    answer = visitor.client.post("/creation", data=form)
    assert answer.status_code == 409
    assert "Sécuriser la création" in answer.text

    fresh = _at_identity(served)
    form = {**fresh.filled("Valider"), "command": "create", **CHOSEN}
    del form["email"], form["email_confirmation"]
    assert fresh.client.post("/creation", data=form).status_code == 409
    assert "Référence" not in fresh.open("/creation").text


def test_a_port_that_is_down_is_503_with_what_was_typed(served: Served) -> None:
    visitor = _at_identity(served)
    served.sandbox.registry.fail_next()
    page = visitor.press("Valider", **JOHN)

    assert visitor.status == 503
    assert "Le service est momentanément indisponible." in page.text
    assert page.field("Numéro RPPS")["value"] == "99000000002"
    assert "Sécuriser la création" in visitor.press("Valider", **JOHN).heading


@pytest.mark.parametrize(
    "typed", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "{{7*7}}"]
)
def test_wb_09_markup_that_is_typed_is_shown_as_text(served: Served, typed: str) -> None:
    """WB-09."""
    visitor = _at_identity(served)
    page = visitor.press("Valider", **{**JOHN, "rpps": typed})

    assert typed == page.field("Numéro RPPS")["value"]
    assert "<script>alert" not in visitor.response.text
    assert "<img" not in visitor.response.text


def test_numbers_of_the_policy_are_in_the_page() -> None:
    served = Served(policy=Policy(codes=CodePolicy(digits=8)))

    assert "8 chiffres, valables 10 minutes" in _at_code(served).page.text


def test_a_required_field_says_so_and_the_browser_does_not_judge(served: Served) -> None:
    """Our own sentences are shown, not the browser's."""
    page = _at_identity(served).page

    assert "required" in page.field("Numéro RPPS")
    assert "novalidate" in page.form_of(page.field("Numéro RPPS"))
    assert "Tous les champs sont obligatoires." in page.text

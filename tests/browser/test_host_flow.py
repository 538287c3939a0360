"""A host's own flow in a browser, with and without scripts: « Fermer mon compte »."""

from __future__ import annotations

import pytest
from close_account.closing import closing
from playwright.sync_api import Page, expect

from monespace_flows.flows import STANDARD
from tests.browser.acting import fill, heading, press, receive_code, sign_in
from tests.browser.serving import Server
from tests.hosts.conftest import Archive
from tests.http.visiting import PASSWORD, Served

pytestmark = pytest.mark.browser


@pytest.fixture
def served(server: Server) -> Served:
    """Serve the flows of the guide and the host's."""
    return server.serve((*STANDARD, closing(Archive())))


def test_an_account_is_closed_from_the_home_page(window: Page, served: Served) -> None:
    """Its refusals stand beside its fields; how it ended is told once, the session being over."""
    served.create_account()
    window.goto("/fermer-mon-compte")
    heading(window, "Connectez-vous à votre espace")
    sign_in(window)
    heading(window, "Fermer mon compte")
    press(window, "Continuer")
    expect(window.get_by_role("group", name="2 erreurs à corriger")).to_be_visible()
    window.get_by_label("Pourquoi fermez-vous votre compte ?", exact=True).fill("Retraite")
    fill(window, Mot_de_passe_actuel=PASSWORD)
    press(window, "Continuer")
    heading(window, "Confirmer la fermeture de votre compte")
    receive_code(window, served)
    fill(window, Saisir_le_code=served.code)
    press(window, "Fermer mon compte")

    heading(window, "Votre compte est fermé")
    window.get_by_role("link", name="Retour à la connexion").click()
    heading(window, "Connectez-vous à votre espace")
    sign_in(window)
    expect(window.get_by_text("Adresse e-mail ou mot de passe incorrect")).to_be_visible()

"""Changing one's password or e-mail while signed in (guide ``T1``, ``T2``)."""

from __future__ import annotations

from ...chart import Flow
from ...wording import Text
from .screens import LETTERS, SCREENS
from .table import Settings

__all__ = ["SETTINGS"]

SETTINGS = Flow(
    name="settings",
    version=1,
    path="/parametres",
    label=Text("paramètres", "settings"),
    yours="la modification de vos paramètres",
    chart=Settings,
    screens=SCREENS,
    letters={letter.id: letter for letter in LETTERS},
    about="Changer votre mot de passe ou votre adresse e-mail.",
    needs_session=True,
    is_transient=True,
)

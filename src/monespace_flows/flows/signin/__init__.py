"""Signing in (guide ``S1``-``S4``): one screen, one neutral refusal."""

from __future__ import annotations

from ...chart import Flow
from ...wording import Text
from .screens import LETTERS, SCREENS
from .table import SignIn

__all__ = ["SIGNIN"]

SIGNIN = Flow(
    name="signin",
    version=1,
    path="/connexion",
    label=Text("connexion", "sign-in"),
    yours="votre connexion",
    chart=SignIn,
    screens=SCREENS,
    letters={letter.id: letter for letter in LETTERS},
    for_guests=True,
    is_transient=True,
)

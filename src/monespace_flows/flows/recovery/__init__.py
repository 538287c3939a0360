"""Recovering one's space, the login e-mail forgotten (guide ``R1``-``R7``, ``D1``, ``D2``)."""

from __future__ import annotations

from ...chart import Flow
from ...wording import Text
from .screens import LETTERS, SCREENS
from .table import Recovery

__all__ = ["RECOVERY"]

RECOVERY = Flow(
    name="recovery",
    version=1,
    path="/recuperation",
    label=Text("récupération d'espace", "recovery"),
    yours="la récupération de votre espace",
    chart=Recovery,
    screens=SCREENS,
    letters={letter.id: letter for letter in LETTERS},
)

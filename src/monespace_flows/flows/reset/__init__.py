"""Resetting a forgotten password by a one-time link (guide ``P1``-``P4``, ``D6``)."""

from __future__ import annotations

from ...chart import Flow
from ...wording import Text
from .screens import LETTERS, SCREENS
from .table import Reset

__all__ = ["RESET"]

RESET = Flow(
    name="reset",
    version=1,
    path="/mot-de-passe",
    label=Text("mot de passe oublié", "password reset"),
    yours="le changement de votre mot de passe",
    chart=Reset,
    screens=SCREENS,
    letters={letter.id: letter for letter in LETTERS},
    lives={
        "link_sent": lambda policy: policy.links.life,
        "choose_new_password": lambda policy: policy.links.restricted_session,
    },
)

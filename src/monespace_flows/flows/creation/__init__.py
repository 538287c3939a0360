"""Creating one's space (guide ``C1``-``C10``): who you are, a code, credentials, done."""

from __future__ import annotations

from ...chart import Flow
from ...wording import Text
from .screens import LETTERS, SCREENS
from .table import Creation

__all__ = ["CREATION"]

CREATION = Flow(
    name="creation",
    version=1,
    path="/creation",
    label=Text("création d'espace", "sign-up"),
    yours="la création de votre espace",
    chart=Creation,
    screens=SCREENS,
    letters={letter.id: letter for letter in LETTERS},
)

"""A cause and its way out, and what several of them say."""

from __future__ import annotations

from attrs import frozen

from ..words import Text

__all__ = ["COUNCIL", "NEW_LINK", "NEW_TRY", "Cause", "one_answer"]


@frozen
class Cause:
    """Why a journey stands where it stands, and what to do about it.

    ``halts``: the person cannot go on by waiting or looking; something must change.
    """

    id: str
    text: Text
    way_out: Text
    halts: bool = True


COUNCIL = Text(" Sinon : conseil départemental.", " Otherwise: departmental council.")
NEW_TRY = Text(
    "Attendre {wait} à compter du dernier essai, puis recommencer." + COUNCIL.fr,
    "Wait {wait} from the last try, then start again." + COUNCIL.en,
)
NEW_LINK = Text(
    "Demander un nouveau lien et n'ouvrir que celui du dernier e-mail.",
    "Ask for a new link and open only the one in the newest e-mail.",
)


def one_answer(french: str, english: str) -> Text:
    """The way out of someone who must answer one thing otherwise."""
    return Text(
        f"1 réponse à changer : {french}.{COUNCIL.fr}",
        f"1 answer to change: {english}.{COUNCIL.en}",
    )

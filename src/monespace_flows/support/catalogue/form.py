"""What was typed could not be taken, or came too late."""

from __future__ import annotations

from ..words import Text
from .cause import Cause

__all__ = ["FORM"]

FORM = (
    Cause(
        "form",
        Text("Saisie refusée {times} : {problems}.", "Entry refused {times}: {problems}."),
        Text(
            "Corriger la saisie signalée à l'écran, puis valider à nouveau.",
            "Correct the entry that the screen points at, then submit again.",
        ),
    ),
    Cause(
        "terms.required",
        Text("Conditions non acceptées ({times}).", "Terms not accepted ({times})."),
        Text("Cocher la case des conditions, puis valider.", "Tick the terms box, then submit."),
    ),
    Cause(
        "entry.erased",
        Text(
            "Saisie effacée {times}, faute d'avoir été validée à temps.",
            "Entry erased {times}, as it was not submitted in time.",
        ),
        Text(
            "Saisir à nouveau et valider ; « Prolonger » donne plus de temps.",
            "Type it again and submit; “Prolonger” gives more time.",
        ),
        halts=False,
    ),
)

"""Words: both languages of what is told to support, and French typography."""

from __future__ import annotations

import re
from typing import Literal

from attrs import frozen

__all__ = [
    "GUIDE",
    "Cause",
    "Lang",
    "Text",
    "typeset",
]

Lang = Literal["fr", "en"]


@frozen
class Text:
    """A sentence in both languages."""

    fr: str
    en: str

    def said(self, lang: Lang = "fr") -> str:
        """The sentence in one language."""
        return self.fr if lang == "fr" else self.en

    def filled(self, **words: Text) -> Text:
        """Fill the places in braces, each in its own language."""
        return Text(
            self.fr.format_map({name: text.fr for name, text in words.items()}),
            self.en.format_map({name: text.en for name, text in words.items()}),
        )


@frozen
class Cause:
    """Why a journey stands where it stands, and what to do about it, for support.

    A refusal that says a notice of a host's own has the cause of that notice's id; who waits in a
    state, ``waiting.`` and the state; who came to an end, ``done.`` and the state.  In the texts
    ``{times}`` counts the refusals of that cause, ``{wait}`` is the wait that was imposed,
    ``{until}`` says when it ends, after a comma of its own (« , attente imposée jusqu'à 03:31, dans
    11 min », nothing where that is unknown) and ``{after}`` when to try again (« après 03:31 »),
    ``{problems}`` is what was wrong with the form.

    ``halts``: the person cannot go on by themselves now.  ``is_slip``: they can, by correcting what
    they typed or by the button beside it, so that it halts only once it came three times.
    ``short`` names it in a list, and among what went wrong before.
    """

    id: str
    text: Text
    way_out: Text
    halts: bool = True
    is_slip: bool = False
    short: Text | None = None


# --- French typography, where a sentence leaves for a page or an e-mail --------------------------
# Texts are kept as they are typed, so that JSON, journals and comparisons have one spelling.  The
# guide's own sentences stay letter for letter even on a page: acceptance is judged by them.

_NARROW, _WIDE = "\u202f", "\u00a0"

GUIDE = (
    "Format : 17/06/2021",
    "Format : 21/06/2021",
    "Identifiants oubliés ?",
    "Où trouver mon RPPS ?",
    "Sécurité du mot de passe :",
    "Je ne connais plus l'adresse mail de mon compte",
    (
        "J'ai lu et j'accepte les Conditions générales d'utilisation et la Politique de "
        "confidentialité."
    ),
    (
        "Les informations que vous avez saisies ne correspondent pas à celles connues de l'Ordre, "
        "veuillez les corriger ou vous rapprocher de votre conseil"
    ),
    (
        "Un compte est déjà associé à ce numéro RPPS, en cas d'oubli de mot de passe, demandez une "
        "récupération de mot de passe."
    ),
    (
        "Afin de finaliser la création de votre compte et l'activer, veuillez saisir vos "
        "paramètres de connexion"
    ),
    (
        "Vous venez d'utiliser votre lien de connexion unique. Il n'est désormais plus nécessaire "
        "d'utiliser ce lien pour vous connecter."
    ),
)
"""The guide's sentences that typography would touch."""

_SHORTEST = 8
"""Fewer letters than this are no part of a sentence of the guide: an article, a colon."""

_KEPT = re.compile("|".join((*map(re.escape, GUIDE), r"\S*@\S*", r"https?://\S*")))
_RULES = (
    (re.compile(r"(?<=[^\W\d_])'(?=[^\W_]|$)"), "’"),
    (re.compile(r" (?=[;!?])"), _NARROW),
    (re.compile(r" (?=[:»])|(?<=«) "), _WIDE),
    (re.compile(r"(?<=\d) (?=\d|(?:h|s|min)\b)|(?<=\d.h) (?=\d)"), _WIDE),
)


def typeset(text: str) -> str:
    """Put in the spaces that never break and the apostrophes of print.

    Args:
        text: a sentence or a part of one.  Addresses in it, and what is the guide's, are kept.
    """
    words = text.strip()
    if len(words) >= _SHORTEST and any(words in sentence for sentence in GUIDE):
        return text
    set_, position = "", 0
    for kept in _KEPT.finditer(text):
        set_ += _set(text[position : kept.start()]) + kept[0]
        position = kept.end()
    return set_ + _set(text[position:])


def _set(text: str) -> str:
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text

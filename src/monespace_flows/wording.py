"""Words: both languages, instants and spans as French says them, and French typography."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from typing import Literal

from attrs import frozen

__all__ = [
    "GUIDE",
    "Cause",
    "Lang",
    "Text",
    "say_hour",
    "say_instant",
    "say_span",
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
    ``{problems}`` what was wrong with the form.

    ``halts``: the person cannot go on by waiting or looking; something must change.  ``short``
    names it among what went wrong before.
    """

    id: str
    text: Text
    way_out: Text
    halts: bool = True
    short: Text | None = None


_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_HOUR = timedelta(hours=1)


def say_hour(at: datetime, zone: tzinfo) -> str:
    """Say the hour of an instant in a zone: « 14 h 05 »."""
    local = at.astimezone(zone)
    return f"{local.hour} h {local.minute:02}"


def say_instant(at: datetime, zone: tzinfo) -> str:
    """Say an instant with its day and its zone: « 1er novembre 2026 à 14 h 05 (UTC+1) »."""
    local = at.astimezone(zone)
    hours = (local.utcoffset() or timedelta(0)) / _HOUR
    offset = f"UTC{hours:+g}" if hours else "UTC"
    day = "1er" if local.day == 1 else str(local.day)
    return f"{day} {_MONTHS[local.month - 1]} {local.year} à {say_hour(at, zone)} ({offset})"


def say_span(span: timedelta) -> str:
    """Say how long something lasts, rounded up, in the unit that people would use.

    Seconds below two minutes, minutes below two hours, hours below two days, then days.
    """
    seconds = -(-span // timedelta(seconds=1))
    if seconds < 120:
        return "une seconde" if seconds == 1 else f"{seconds} secondes"
    minutes = -(-seconds // 60)
    if minutes < 120:
        return f"{minutes} minutes"
    hours = -(-minutes // 60)
    return f"{hours} heures" if hours < 48 else f"{-(-hours // 24)} jours"


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

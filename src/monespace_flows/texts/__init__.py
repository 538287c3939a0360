"""Every text that a person may read, by a stable id: which there are, and who says them how."""

from __future__ import annotations

from .catalogue import LANGUAGES, Catalogue, Texts, digest_text, every_text, places, read_words
from .spelling import (
    say_letter,
    say_notice,
    say_problem,
    say_screen,
    say_step,
    say_strength,
)

__all__ = [
    "LANGUAGES",
    "Catalogue",
    "Texts",
    "digest_text",
    "every_text",
    "places",
    "read_words",
    "say_letter",
    "say_notice",
    "say_problem",
    "say_screen",
    "say_step",
    "say_strength",
]

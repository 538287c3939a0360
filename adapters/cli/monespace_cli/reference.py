"""The public reference of a journey, as it is read over the telephone."""

from __future__ import annotations

import re

from .exits import Exit, Stop

__all__ = ["read_reference"]

# As the references are drawn: without 0, 1, I and O, which are taken for one another.
_LETTERS = re.compile(r"[2-9A-HJ-NP-Z]{8}", re.ASCII)


def read_reference(typed: str) -> str:
    """Read a reference in any case, with or without its dash: ``7k3qf9m2`` is ``7K3Q-F9M2``.

    Raises:
        Stop: no journey can be called so.  The sentence does not repeat it: someone may have
            typed a doctor's number.
    """
    letters = re.sub(r"[\s–—-]", "", typed).upper()
    if not _LETTERS.fullmatch(letters):
        raise Stop(
            Exit.NO_JOURNEY,
            "aucun parcours ne porte cette référence : elle a 8 lettres ou chiffres, "
            "comme 7K3Q-F9M2 (jamais 0, 1, I ni O)",
        )
    return f"{letters[:4]}-{letters[4:]}"

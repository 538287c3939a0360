"""Every cause for which a journey ends or stalls, and its way out: data only, both languages.

``{times}`` counts the refusals of that cause, ``{wait}`` is the wait that was imposed,
``{problems}`` what was wrong with the form.  Nothing here can hold what a person typed.
"""

from __future__ import annotations

from .cause import Cause
from .credentials import CODES, CREDENTIALS, LINKS, SIGNING_IN
from .identity import ACCOUNT, FORM, IDENTITY
from .progress import ENDING, WAITING

__all__ = ["CAUSES", "Cause"]

CAUSES: dict[str, Cause] = {
    cause.id: cause
    for group in (
        FORM,
        IDENTITY,
        ACCOUNT,
        CODES,
        CREDENTIALS,
        LINKS,
        SIGNING_IN,
        WAITING,
        ENDING,
    )
    for cause in group
}
"""Every cause by its id."""

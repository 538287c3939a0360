"""Every cause for which a journey ends or stalls, and its way out: data only, both languages.

``{times}`` counts the refusals of that cause, ``{wait}`` is the wait that was imposed,
``{problems}`` what was wrong with the form.  Nothing here can hold what a person typed.
"""

from __future__ import annotations

from .account import ACCOUNT
from .cause import Cause
from .code import CODES
from .credentials import CREDENTIALS
from .ending import ENDING
from .form import FORM
from .identity import IDENTITY
from .link import LINKS
from .signing_in import SIGNING_IN
from .waiting import WAITING

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

"""The Order's registry: a CSV file, or whatever a host's own class asks.

Only what settings say of it stands here: they are read by every command, and what reads a file
takes long to import.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import Attribute, field, frozen

__all__ = ["FRENCH_DIAL_CODES", "RegistrySource"]

FRENCH_DIAL_CODES: Final = frozenset({33, 262, 508, 590, 594, 596, 681, 687, 689})
"""Where codes are sent by SMS: France and its overseas territories."""

MAY_LOSE: Final = 5
"""So many people in a hundred may leave by a new registry, unless somebody says that more did."""

_SOURCE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


def _is_source(_: object, __: Attribute[str], named: str) -> None:
    if not _SOURCE.fullmatch(named):
        raise ValueError("must name a class or a function, as package.module:NAME")


@frozen(kw_only=True)
class RegistrySource:
    """A registry that a host wrote.

    Attributes:
        source: the class or function that makes it, as ``package.module:NAME``.
        options: what it is called with, by name; not shown, since a key may be among them.
    """

    source: str = field(validator=_is_source)
    options: Mapping[str, Any] = field(factory=dict, repr=False)

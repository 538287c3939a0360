"""The versions of the tables, and what to say of one that does not fit."""

from __future__ import annotations

from typing import Final

from .errors import SchemaFault, SchemaMismatch

__all__ = ["REVISIONS", "VERSION_TABLE", "check_known", "check_revision"]

VERSION_TABLE: Final = "monespace_version"
"""Where Alembic notes the revision: a name of our own, since a host may use Alembic too."""

REVISIONS: Final = ("0001",)
"""Every revision that this version of the library knows, oldest first."""


def check_revision(found: str | None) -> None:
    """Check that tables are those of this version.

    Args:
        found: the revision that the database notes; ``None`` when it has no tables.

    Raises:
        SchemaMismatch: they are missing, older or newer.
    """
    if found is None:
        raise SchemaMismatch(SchemaFault.NO_TABLES)
    check_known(found)
    if found != REVISIONS[-1]:
        raise SchemaMismatch(SchemaFault.OLDER, found=found)


def check_known(found: str | None) -> None:
    """Check that tables, if there are any, are not of a later version.

    Raises:
        SchemaMismatch: they are.
    """
    if found is not None and found not in REVISIONS:
        raise SchemaMismatch(SchemaFault.NEWER, found=found)

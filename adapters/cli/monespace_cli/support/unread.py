"""Journals that a command could not read, which went on: what it says of them at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import define, field

from ..errors import Exit, say_fault
from ..output import say

if TYPE_CHECKING:
    from monespace_flows.errors import JournalDamaged, JournalVersionUnknown

__all__ = ()


@define
class Unread:
    """Journals that could not be read, each named with its reason: the command went on."""

    damaged: list[tuple[str, JournalDamaged]] = field(factory=list)
    unknown: list[tuple[str, JournalVersionUnknown]] = field(factory=list)

    def add(self, reference: str, error: JournalDamaged | JournalVersionUnknown) -> None:
        """Note one."""
        from monespace_flows.errors import JournalDamaged

        if isinstance(error, JournalDamaged):
            self.damaged.append((reference, error))
        else:
            self.unknown.append((reference, error))

    @contextmanager
    def noting(self, reference: str) -> Iterator[None]:
        """Note a journal that the block cannot read, and go on after it."""
        from monespace_flows.errors import JournalDamaged, JournalVersionUnknown

        try:
            yield
        except (JournalDamaged, JournalVersionUnknown) as error:
            self.add(reference, error)

    @property
    def code(self) -> Exit:
        """How the command ends, as ``monespace verify`` does."""
        if self.damaged:
            return Exit.DAMAGED
        return Exit.UNKNOWN_VERSION if self.unknown else Exit.FINE

    def data(self) -> dict[str, Any]:
        """The same for programs, as ``monespace verify`` names it; nothing where all were read."""
        return {
            kind: [{"reference": ref, "why": str(why)} for ref, why in found]
            for kind, found in (("damaged", self.damaged), ("unknown", self.unknown))
            if found
        }

    def tell(self) -> None:
        """Name them on the error output, so that a table of numbers stays one."""
        count = len(self.damaged) + len(self.unknown)
        if not count:
            return
        plural = "s" if count > 1 else ""
        say(f"{count} parcours illisible{plural}, non compté{plural} : prévenez l'exploitation")
        for word, found in (("ABÎMÉ  ", self.damaged), ("INCONNU", self.unknown)):
            for reference, why in found:
                say(f"{word}  {reference}   {say_fault(why)}")

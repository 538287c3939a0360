"""What the desk says to someone who rings: the status, the cause and the way out, in French."""

from __future__ import annotations

from tests.support.people import Person

__all__ = ["told"]


def told(person: Person) -> list[str]:
    """The word, the cause, the way out; and the paragraph must hold all three."""
    found = person.diagnosis()
    said = [found.status.words.fr, found.cause.fr, found.way_out.fr]
    assert all(part.lower() in found.why.fr.lower() for part in said)
    assert person.reference in found.why.fr
    return said

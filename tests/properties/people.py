"""The invented people of these tests, and what they type."""

from attrs import frozen

from monespace_flows.facts import Channel

__all__ = [
    "AMELIE",
    "CLAIRE",
    "CLAIRES_EMAIL",
    "EVE",
    "JOHN",
    "OTHER_PASSWORD",
    "PASSWORD",
    "PAUL",
    "PEOPLE",
    "WEAK_PASSWORD",
    "Person",
]

PASSWORD = "cheval-agrafe-42-lune"
OTHER_PASSWORD = "bateau-trombone-57-gel"
WEAK_PASSWORD = "motdepasse2026"
CLAIRES_EMAIL = "claire.martin@medecin.example"


@frozen(kw_only=True)
class Person:
    """Someone in the demo's registry: what they know, and what the Order holds."""

    rpps: str
    birth_date: str
    mobile: str | None = None
    email: str | None = None

    def destination(self, channel: Channel) -> str:
        """Where a message by ``channel`` reaches them."""
        held = self.mobile if channel is Channel.SMS else self.email
        assert held is not None
        return held


JOHN = Person(
    rpps="99000000002",
    birth_date="17/06/1975",
    mobile="+33612345678",
    email="john.medecin@cn.medecin.example",
)
AMELIE = Person(rpps="99000000010", birth_date="28/02/1982", mobile="+33698765432")
CLAIRE = Person(rpps="99000000028", birth_date="03/11/1990", email=CLAIRES_EMAIL)
PAUL = Person(
    rpps="99000000036",
    birth_date="21/04/1996",
    mobile="+33711223344",
    email="paul.interne@chu.example",
)
EVE = Person(rpps="99000000069", birth_date="31/12/1988")
PEOPLE = (JOHN, AMELIE, CLAIRE, PAUL, EVE)

"""The invented doctors of the demo: numbers beginning with 99, domains ending in ``.example``."""

from __future__ import annotations

from datetime import date

from ..facts import Role
from .registry import MemoryRegistry

__all__ = ["demo_registry"]


def demo_registry() -> MemoryRegistry:
    """Make a registry that holds the demo's doctors."""
    registry = MemoryRegistry()
    registry.add(
        "99000000002",
        date(1975, 6, 17),
        mobile="+33612345678",
        email="john.medecin@cn.medecin.example",
        council="Conseil départemental de Paris",
        family_name="Médecin",
        given_name="John",
    )
    registry.add(
        "99000000010",
        date(1982, 2, 28),
        mobile="+33698765432",
        council="Conseil départemental du Rhône",
        family_name="Durand-Lefèvre",
        given_name="Amélie",
    )
    registry.add(
        "99000000028",
        date(1990, 11, 3),
        email="claire.martin@medecin.example",
        council="Conseil départemental du Nord",
        family_name="Martin",
        given_name="Claire",
    )
    registry.add(
        "99000000036",
        date(1996, 4, 21),
        role=Role.INTERN,
        mobile="+33711223344",
        email="paul.interne@chu.example",
        council="Conseil départemental de la Gironde",
        family_name="Nguyen",
        given_name="Paul",
    )
    registry.add(
        "99000000044",
        date(1994, 9, 12),
        role=Role.JUNIOR_DOCTOR,
        mobile="+33755667788",
        email="lea.junior@chu.example",
        council="Conseil départemental du Finistère",
        family_name="Le Goff",
        given_name="Léa",
    )
    registry.add(
        "99000000051",
        date(1960, 1, 1),
        status="radie",
        mobile="+33600000001",
        email="radie@medecin.example",
        council="Conseil départemental de la Marne",
        family_name="Ancien",
        given_name="René",
    )
    registry.add(
        "99000000069",
        date(1988, 12, 31),
        council="Conseil départemental de la Creuse",
        family_name="Sanscontact",
        given_name="Ève",
    )
    registry.add(
        "99000000077",
        date(1979, 7, 14),
        mobile="+590690123456",
        email="guadeloupe@medecin.example",
        council="Conseil départemental de la Guadeloupe",
        family_name="Théodore",
        given_name="Marie-Ange",
    )
    registry.add(
        "99000000085",
        date(1984, 2, 29),
        status="suspendu",
        mobile="+33600000002",
        email="suspendu@medecin.example",
        council="Conseil départemental du Var",
        family_name="O'Brien",
        given_name="Noël",
    )
    return registry

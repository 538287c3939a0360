"""What a new password must be, as a list that the script ticks while it is typed."""

from __future__ import annotations

from attrs import frozen

from monespace_flows.driver import Site
from monespace_flows.policy import PasswordPolicy

__all__ = ["Rule", "password_rules"]


@frozen(kw_only=True)
class Rule:
    """One rule: its name, its words, and the value with which the script judges it."""

    name: str
    text: str
    value: str = ""


def password_rules(policy: PasswordPolicy, site: Site) -> tuple[Rule, ...]:
    """Say what a password must be; whoever judges it in the end is the core."""
    return (
        Rule(
            name="length",
            text=f"{policy.minimum_length} caractères au moins",
            value=str(policy.minimum_length),
        ),
        Rule(
            name="personal",
            text="sans information personnelle : ni adresse, ni nom, ni numéro RPPS",
            value="|".join(site.words),
        ),
        Rule(
            name="strength",
            text="difficile à deviner ; plusieurs mots sans lien entre eux conviennent très bien",
        ),
    )

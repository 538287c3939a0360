"""The rules that a host's own ports must keep."""

from __future__ import annotations

from itertools import groupby

from monespace_flows.testing.contracts import CAPABILITIES, Rule, rules_of

from .common import GENERATED, REFERENCE, Pages, capital, code, table

__all__ = ["pages"]

_INTRO = """# The rules of ports

What a port that a host wrote must do, by numbers that stay.  `monespace check-ports` asks it, and
so do tests ([how to](../how-to/check-your-ports.md)).
"""

_ABSENT = """## What a port may lack

`absent` of `Candidate` names it, with the reason; the rules that need it are then not asked.
"""


def pages() -> Pages:
    """Write the page of the rules."""
    yield REFERENCE / "ports.md", _page()


def _page() -> str:
    lines = [GENERATED + _INTRO, _ABSENT]
    lacking = [(code(name), capital(told)) for name, told in CAPABILITIES.items()]
    lines.append(table(("name", "what it is"), lacking))
    for port, rules in groupby(rules_of(), key=lambda it: it.port):
        rows = [(code(it.number), _sentence(it), it.danger, it.hint) for it in rules]
        lines += [f"## {capital(port)}", table(("rule", "what must hold", "else", "hint"), rows)]
    return "\n\n".join(it.rstrip("\n") for it in lines) + "\n"


def _sentence(rule: Rule) -> str:
    return f"{rule.sentence} ({rule.capability})" if rule.capability else rule.sentence

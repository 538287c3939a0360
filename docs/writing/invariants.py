"""The invariants: what each says, how it is proved, and by what; proofs that are gone stop it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from monespace_flows.verify.witness import RULES

from .common import GENERATED, REFERENCE, ROOT, Pages, code, table
from .invariant_rows import COUNTS, EXPLORED, INVARIANTS, KINDS, SITUATIONS, Invariant

__all__ = ["missing", "pages"]


def pages() -> Pages:
    """Write the page of the invariants."""
    yield REFERENCE / "invariants.md", _page()


def missing() -> list[str]:
    """Name what is wrong with the table: an id without a row, or a proof that is not there."""
    wanted = {f"I-{kind}{number}" for kind, most in COUNTS.items() for number in range(1, most + 1)}
    faults = sorted(wanted.symmetric_difference(it.id for it in INVARIANTS))
    faults += [f"{it.id}: no proof" for it in INVARIANTS if not it.proofs]
    faults += [f"{it.id}: no reason" for it in INVARIANTS if it.kind != EXPLORED and not it.why]
    faults += [
        f"{it.id}: {proof}" for it in INVARIANTS for proof in it.proofs if not _is_there(proof)
    ]
    mine = {it.id for it in INVARIANTS if SITUATIONS in it.proofs} - {"I-C2"}
    return faults + [f"{name}: the witness" for name in sorted(mine.symmetric_difference(RULES))]


def _is_there(proof: str) -> bool:
    path, _, name = proof.partition("::")
    return name in _tests(ROOT / path)


@cache
def _tests(path: Path) -> frozenset[str]:
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(it.name for it in ast.walk(tree) if isinstance(it, ast.FunctionDef))


def _page() -> str:
    if faults := missing():
        raise SystemExit(f"docs/writing/invariants.py: {'; '.join(faults)}")
    told = [
        f"- **{kind}** ({sum(it.kind == kind for it in INVARIANTS)}): {means}"
        for kind, means in KINDS.items()
    ]
    rows = (
        (it.id, it.says, it.kind + (f": {it.why}" if it.why else ""), _proofs(it))
        for it in INVARIANTS
    )
    lines = table(("id", "what must hold", "how it is proved", "by"), rows)
    intro = (
        "What must hold whatever happens, and how that is proved. Safety (S), a way on (L), "
        "privacy (P), time (T), two at once (C). How situations are explored, and what that "
        "leaves out: "
        "[decision 0027](../decisions/0027-every-situation.md)."
    )
    return f"{GENERATED}# The invariants\n\n{intro}\n\n" + "\n".join(told) + f"\n\n{lines}"


def _proofs(invariant: Invariant) -> str:
    return ", ".join(code(proof) for proof in invariant.proofs)

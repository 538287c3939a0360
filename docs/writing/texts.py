"""What a person may read: notices, field errors, and every text by its id."""

from __future__ import annotations

from monespace_flows.flows import FLOWS
from monespace_flows.notices import NOTICES, PROBLEMS
from monespace_flows.texts import every_text

from .common import GENERATED, REFERENCE, Pages

__all__ = ["pages"]


def pages() -> Pages:
    """Write the pages of notices and of texts."""
    yield REFERENCE / "notices.md", _notices_page()
    yield REFERENCE / "texts.md", _texts_page()


def _notices_page() -> str:
    lines = [
        GENERATED + "# Notices and field errors",
        "",
        (
            "Every text a person may read in answer to a command, by its stable id. A host may "
            "replace one by its id (`Flows(..., texts={...})`)."
        ),
        "",
        "| id | kind | text |",
        "| --- | --- | --- |",
    ]
    lines += [f"| `{n.id}` | {n.kind} | {n.text} |" for n in NOTICES.values()]
    lines += ["", "| id | text |", "| --- | --- |"]
    lines += [f"| `{problem.value}` | {text} |" for problem, text in PROBLEMS.items()]
    return "\n".join(lines) + "\n"


def _texts_page() -> str:
    french, english = every_text(FLOWS.values()), every_text(FLOWS.values(), "en")
    lines = [
        GENERATED + "# Texts",
        "",
        (
            "Every text that a person may read, by its stable id. "
            "[How to say one otherwise](../how-to/own-texts.md)."
        ),
        "",
        "| id | French | English |",
        "| --- | --- | --- |",
    ]
    lines += [f"| `{it}` | {text} | {english[it]} |" for it, text in french.items() if text]
    return "\n".join(lines) + "\n"

"""The maps of the journeys: a table and a drawing each, and the flows as support reads them."""

from __future__ import annotations

import ast

from monespace_flows.chart import Flow
from monespace_flows.flows import FLOWS
from monespace_flows.maps import markdown_table
from monespace_flows.retelling.compiled import COMPILED, INDEX
from monespace_flows.verify.compilation import compile_flows, compile_index

from .common import FLOW_FOLDERS, GENERATED, REFERENCE, Pages, table
from .drawing import draw

__all__ = ["pages"]

JOURNEYS = REFERENCE / "journeys"


def pages() -> Pages:
    """Write the maps, their list, and the compiled flows."""
    for flow in FLOWS.values():
        drawn = draw(flow)
        yield JOURNEYS / f"{flow.name}.svg", drawn.svg
        yield JOURNEYS / f"{flow.name}.md", _map(flow, drawn.words)
    yield JOURNEYS / "README.md", _list()
    yield INDEX, compile_index()
    for name, text in compile_flows().items():
        yield COMPILED / f"{name}.json", text


def _map(flow: Flow, words: tuple[str, ...]) -> str:
    return (
        f"{GENERATED}# {flow.name}\n\n{_about(flow)}\n\n"
        f"Version {flow.version}, fingerprint `{flow.fingerprint}`.\n\n## The drawing\n\n"
        f"![The states of {flow.name}, and {len(words)} ways from one to another, each of which "
        f"stands in the table]({flow.name}.svg)\n\n"
        "What leads somewhere has a line to its right, that goes to the state's own lane and along "
        "it; dashed ones end the journey. What stays on the screen, most refusals among it, has "
        "none. The first state and the last ones have a thick frame.\n\n"
        "## The table\n\nRows are tried from the top; the first whose condition holds is taken.\n\n"
        f"{markdown_table(flow)}"
    )


def _about(flow: Flow) -> str:
    module = (FLOW_FOLDERS / flow.name / "__init__.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(module)) or "").partition("\n")[0].replace("``", "`")


def _list() -> str:
    listed = (
        (f"[{flow.name}]({flow.name}.md)", f"`{flow.path}`", _about(flow))
        for flow in FLOWS.values()
    )
    names = "\n".join(FLOWS)
    return (
        f"{GENERATED}# The journeys\n\nEach is a table, drawn from the code that runs.\n\n"
        f"{table(('journey', 'path', 'what it is'), listed)}\n"
        f"```{{toctree}}\n:hidden:\n\n{names}\n```\n"
    )

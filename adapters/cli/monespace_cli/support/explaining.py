"""`monespace explain`: a sentence of the screen, where it may be said, and why usually."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from ..command import support_command
from ..exits import Exit, Stop
from ..output import print_json, print_lines, width_of, wrapped

if TYPE_CHECKING:
    from monespace_flows.support.explanation import Explanation

__all__ = ["explain"]

_WAIT = "le temps demandé"


@support_command("explain")
@click.argument("notice", metavar="MESSAGE")
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/explain/1).")
def explain(notice: str, as_json: bool) -> Exit:
    """Expliquer un message de l'écran : son texte, le guide, où il paraît, et ses causes.

    MESSAGE est son identifiant, par exemple identity.unknown ; « all » les explique tous.

    Exemple :
        monespace explain identity.unknown
    """
    from monespace_flows.notices import NOTICES, words_of
    from monespace_flows.policy import Policy
    from monespace_flows.support.explanation import explain

    if notice == "all":
        wanted = list(NOTICES)
    elif notice in NOTICES:
        wanted = [notice]
    else:
        raise Stop(
            Exit.USAGE, "ce message n'existe pas : « monespace explain all » les explique tous"
        )
    words = {**words_of(Policy()), "wait": _WAIT}
    found = [evolve(it, text=it.text.format_map(words)) for it in map(explain, wanted)]
    if as_json:
        print_json("monespace/explain/1", notices=[_data(it) for it in found])
    else:
        pages = [line for it in found for line in (*_page(it), "")]
        print_lines(pages[:-1])
    return Exit.FINE


def _data(it: Explanation) -> dict[str, Any]:
    return {
        "id": it.id,
        "kind": it.kind,
        "text": it.text,
        "guide": list(it.guide),
        "places": [{"flow": flow, "state": state} for flow, state in it.places],
        "causes": [{"id": cause.id, "way_out": cause.way_out.fr} for cause in it.causes],
    }


def _page(it: Explanation) -> list[str]:
    from monespace_flows.flows import FLOWS
    from monespace_flows.support.words import flow_words, screen_words

    from ..sentences import cause_in_brief

    width = width_of(None)
    kind = {"error": "erreur", "info": "information", "success": "succès"}[it.kind]
    guide = f"   guide {', '.join(it.guide)}" if it.guide else ""
    lines = [f"{it.id}   {kind}{guide}", *wrapped(f"« {it.text} »", width, "  ")]
    for flow, state in it.places:
        screen = f"{flow_words(flow).fr}, {screen_words(FLOWS[flow], state)}"
        lines += wrapped(screen, width, "  Écran : ", "    ")
    for cause in it.causes:
        lines += wrapped(f"{cause_in_brief(cause)} ({cause.id})", width, "  Cause : ", "    ")
        lines += wrapped(cause.way_out.fr.format(wait=_WAIT), width, "    Issue : ", "      ")
    return lines

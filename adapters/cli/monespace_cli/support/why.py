"""`monespace why` and `monespace explain`: the causes of where a journey is, and of a sentence."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

import click
from attrs import evolve

from ..access.reading import Grounds, grounds_options, reading
from ..command import support_command
from ..errors import Exit, Stop
from ..output import print_json, print_lines, width_of, wrapped
from .source import OpenJournals, Tale, source_options

if TYPE_CHECKING:
    from monespace_flows.support.diagnosis import Diagnosis
    from monespace_flows.support.explanation import Explanation
    from monespace_flows.wording import Lang

__all__ = ["explain", "why"]


@support_command("why")
@click.argument("reference", metavar="RÉFÉRENCE")
@grounds_options
@source_options
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", help="La langue.")
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/why/1).")
def why(
    *,
    reference: str,
    grounds: Grounds,
    open_journals: OpenJournals,
    lang: Lang,
    as_json: bool,
) -> Exit:
    """Dire pourquoi un parcours en est là, en un paragraphe à lire à la personne.

    Le paragraphe dit l'état, la cause, combien de fois, et que faire. Il ne contient aucune donnée
    de la personne. Assurez-vous d'abord de parler à elle : savoir qu'un compte existe est déjà une
    information.

    Exemple :
        monespace why 7K3Q-F9M2 --purpose caller --ticket SD-1423
    """
    with reading(reference, grounds) as access, open_journals() as journals:
        tale = journals.tale(access.reference)
        found = journals.diagnose(tale)
    if as_json:
        print_json("monespace/why/1", **_diagnosed(tale, found, lang), access=access.seq)
    else:
        print_lines(wrapped(found.why.said(lang), width_of(None)))
    return Exit.FINE


def _diagnosed(tale: Tale, found: Diagnosis, lang: Lang) -> dict[str, Any]:
    return {
        "reference": tale.reference,
        "flow": tale.flow.name,
        "state": tale.entries[-1].after,
        "status": found.status.value,
        "cause_id": found.cause_id,
        "count": found.count,
        "cause": found.cause.said(lang),
        "way_out": found.way_out.said(lang),
        "why": found.why.said(lang),
    }


_WAIT = "le temps demandé"


@support_command("explain")
@click.argument("notice", metavar="MESSAGE")
@click.option("--json", "as_json", is_flag=True, help="Écrire du JSON (monespace/explain/1).")
def explain(notice: str, as_json: bool) -> Exit:
    """Expliquer un message de l'écran : son texte, le guide, où il paraît, et ses causes.

    MESSAGE est ce que la personne lit, ou une partie, avec ou sans accents ; ou son identifiant,
    par exemple identity.unknown. « all » les explique tous.

    Exemples :
        monespace explain "le code saisi est incorrect"
        monespace explain identity.unknown
    """
    from monespace_flows.notices import NOTICES, words_of
    from monespace_flows.policy import Policy
    from monespace_flows.support.explanation import explain

    if notice == "all":
        wanted = list(NOTICES)
    elif notice in NOTICES:
        wanted = [notice]
    elif not (wanted := _said_by(notice)):
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


_ALIKE = 0.75
"""The share of the typed words that a message must have."""


def _said_by(sentence: str) -> list[str]:
    """The messages that have most of the words of a sentence, however it is accented."""
    from monespace_flows.notices import NOTICES

    typed = words_in(sentence)
    shares = {
        name: len(typed & words_in(notice.text)) / len(typed) if typed else 0.0
        for name, notice in NOTICES.items()
    }
    best = max(shares.values())
    return [name for name, share in shares.items() if share == best >= _ALIKE]


_LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "’": "'"})


def words_in(sentence: str) -> set[str]:
    """The words of a sentence, however it is accented, quoted and written."""
    parted = unicodedata.normalize("NFKD", sentence.translate(_LIGATURES))
    bare = parted.encode("ascii", "ignore").decode().lower()
    return {word for word in re.findall(r"[a-z]+", bare) if len(word) > 1}


def _data(it: Explanation) -> dict[str, Any]:
    from .french import way_out_in_brief

    return {
        "id": it.id,
        "kind": it.kind,
        "text": it.text,
        "guide": list(it.guide),
        "places": [{"flow": flow, "state": state} for flow, state in it.places],
        "causes": [{"id": cause.id, "way_out": way_out_in_brief(cause)} for cause in it.causes],
    }


def _page(it: Explanation) -> list[str]:
    from monespace_flows.flows import FLOWS
    from monespace_flows.support.words import flow_words, screen_words

    from .french import cause_in_brief, way_out_in_brief

    width = width_of(None)
    kind = {"error": "erreur", "info": "information", "success": "succès"}[it.kind]
    guide = f"   guide {', '.join(it.guide)}" if it.guide else ""
    lines = [f"{it.id}   {kind}{guide}", *wrapped(f"« {it.text} »", width, "  ")]
    for flow, state in it.places:
        screen = f"{flow_words(flow).fr}, {screen_words(FLOWS[flow], state)}"
        lines += wrapped(screen, width, "  Écran : ", "    ")
    for cause in it.causes:
        lines += wrapped(f"{cause_in_brief(cause)} ({cause.id})", width, "  Cause : ", "    ")
        lines += wrapped(way_out_in_brief(cause), width, "    Que faire : ", "      ")
    return lines

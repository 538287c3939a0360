"""Whether a journey that is told again comes out the same, in words."""

from __future__ import annotations

from monespace_flows.policy import Policy
from monespace_flows.retelling.fold import Divergence
from monespace_flows.wording import Lang, Text

from .french import say_ids
from .story import Story

__all__ = ()

_BRIEF = 60  # columns of a message of which only the beginning is told
_DIFFERING = {
    "command": Text("geste", "what was pressed"),
    "state": Text("écran ensuite", "the screen then"),
    "notices": Text("messages affichés", "the messages seen"),
    "effects": Text("effectué", "what was done"),
}
_OTHER_TABLE = Text(
    " (journal écrit par une autre version des tables)",
    " (another version of the tables wrote the journal)",
)
_STORED_DIFFERS = Text(
    "le journal ne mène pas au parcours enregistré : prévenez l'exploitation",
    "the journal does not lead to the stored journey: tell the operators",
)
_GONE = Text(
    " ; le parcours lui-même est effacé, passé sa durée de vie",
    "; the journey itself is erased, past its life",
)


def say_verdict(story: Story, policy: Policy) -> Text:
    """Say whether telling the journey again agrees with what was recorded."""
    verdict, steps = story.verdict, len(story.entries)
    table = _OTHER_TABLE if verdict.other_table else Text("", "")
    if verdict.divergence is not None:
        fr, en = (_differs(story, verdict.divergence, policy, lang) for lang in _LANGS)
        return Text(fr + table.fr, en + table.en)
    if verdict.stored_differs:
        return _STORED_DIFFERS
    gone = _GONE if verdict.is_purged else Text("", "")
    plural = "s" if steps > 1 else ""
    return Text(
        f"identique, {steps} ligne{plural}{table.fr}{gone.fr}",
        f"the same, {steps} line{plural}{table.en}{gone.en}",
    )


_LANGS: tuple[Lang, Lang] = ("fr", "en")


def _differs(story: Story, found: Divergence, policy: Policy, lang: Lang) -> str:
    entry = story.entries[found.seq]
    recorded, replayed = (
        say_ids(
            found.what,
            ids,
            flow=story.flow,
            entry=entry,
            policy=policy,
            width=_BRIEF,
            lang=lang,
        )
        or Text("rien", "nothing").said(lang)
        for ids in (found.recorded, found.replayed)
    )
    what = _DIFFERING[found.what]
    return Text(
        f"différent à la ligne {found.seq}, {what.fr} : enregistré {recorded}, rejoué {replayed}",
        f"different at line {found.seq}, {what.en}: recorded {recorded}, told again {replayed}",
    ).said(lang)

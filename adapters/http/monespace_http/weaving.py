"""Live words inside a sentence: text with links becomes safe HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape

from monespace_flows.screens import FieldView, Link, View
from monespace_flows.typography import typeset

__all__ = ["linked_places", "loose_links", "weave"]


def weave(text: str, links: Iterable[Link], hrefs: Mapping[str, str]) -> Markup:
    """Typeset and escape a sentence; its live words become links, each at its first occurrence."""
    woven = Markup()
    for link in sorted(links, key=lambda link: text.find(link.label)):
        before, words, after = text.partition(link.label)
        if words:
            anchor = Markup('<a href="{}">{}</a>')
            woven += escape(typeset(before))
            woven += anchor.format(hrefs[link.place], typeset(words))
            text = after
    return woven + escape(typeset(text))


def loose_links(each: FieldView) -> tuple[Link, ...]:
    """A field's links that stand neither in its label nor in its hint."""
    sentences = each.label + "\n" + (each.hint or "")
    return tuple(link for link in each.links if link.label not in sentences)


def linked_places(view: View) -> frozenset[str]:
    """The places that a screen links to by itself: the layout does not repeat them."""
    within = (
        view.screen.links,
        *(each.links for each in view.screen.fields),
        *(notice.links for notice in view.notices),
    )
    return frozenset(link.place for links in within for link in links)

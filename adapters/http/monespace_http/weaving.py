"""Live words inside a sentence: text with links becomes safe HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from markupsafe import Markup, escape

from monespace_flows.screens import FieldView, Link, Place, View

__all__ = ["linked_places", "loose_links", "weave"]


def weave(text: str, links: Iterable[Link], hrefs: Mapping[str, str]) -> Markup:
    """Escape a sentence and make its live words links, each at its first occurrence."""
    woven = escape(text)
    for link in links:
        words = escape(link.label)
        anchor = Markup('<a href="{}">{}</a>').format(hrefs[link.to.value], link.label)
        woven = Markup(str(woven).replace(str(words), str(anchor), 1))  # noqa: S704 - all escaped
    return woven


def loose_links(each: FieldView) -> tuple[Link, ...]:
    """A field's links that stand neither in its label nor in its hint."""
    sentences = each.label + "\n" + (each.hint or "")
    return tuple(link for link in each.links if link.label not in sentences)


def linked_places(view: View) -> frozenset[Place]:
    """The places that a screen links to by itself: the layout does not repeat them."""
    within = (
        view.screen.links,
        *(each.links for each in view.screen.fields),
        *(notice.links for notice in view.notices),
    )
    return frozenset(link.to for links in within for link in links)

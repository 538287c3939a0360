"""Reads a page as a browser without scripts would: forms, labels, links, text."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

_VOID = frozenset({"input", "link", "meta", "br", "img", "hr"})


class Element:
    """A tag, its attributes and what stands in it."""

    def __init__(self, tag: str, attributes: dict[str, str], parent: Element | None) -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.children: list[Element | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def __contains__(self, name: str) -> bool:
        return name in self.attributes

    @property
    def text(self) -> str:
        """All words in it, single-spaced, with plain apostrophes; not what a template holds."""
        if self.tag in ("template", "script", "style"):
            return ""
        words = (c if isinstance(c, str) else c.text for c in self.children)
        return " ".join("".join(words).split()).replace("’", "'")

    def every(self, *tags: str) -> Iterator[Element]:
        """Every element of these tags in it, in their order."""
        for child in self.children:
            if isinstance(child, Element):
                if child.tag in tags:
                    yield child
                yield from child.every(*tags)

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.here = Element("", {}, None)

    def updatepos(self, i: int, j: int) -> int:
        return j  # nobody asks in which line something stands

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(element)
        if tag not in _VOID:
            self.here = element

    def handle_endtag(self, tag: str) -> None:
        assert self.here.tag == tag, f"<{self.here.tag}> closed by </{tag}>"
        assert self.here.parent is not None
        self.here = self.here.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


class Page:
    """A page of ours."""

    def __init__(self, html: str) -> None:
        builder = _Builder()
        builder.feed(html)
        assert builder.here is builder.root, f"<{builder.here.tag}> is never closed"
        self.root = builder.root

    @property
    def title(self) -> str:
        return next(self.root.every("title")).text

    @property
    def heading(self) -> str:
        return next(self.root.every("h1")).text

    @property
    def text(self) -> str:
        return next(self.root.every("body")).text

    @property
    def links(self) -> dict[str, str]:
        return {each.text: each.get("href") for each in self.root.every("a")}

    def by_id(self, name: str) -> Element:
        return next(e for e in self._all() if e.get("id") == name)

    def field(self, label: str) -> Element:
        """The field that a label names; hints and errors are no part of its name."""
        names = {each.text: each["for"] for each in self.root.every("label")}
        return self.by_id(names[label])

    def description(self, field: Element) -> str:
        """The hint and the error that are tied to a field."""
        ids = field.get("aria-describedby").split()
        return " ".join(self.by_id(name).text for name in ids)

    def button(self, label: str) -> Element:
        return next(each for each in self.root.every("button") if each.text == label)

    @property
    def buttons(self) -> list[str]:
        return [each.text for each in self.root.every("button")]

    def form_of(self, element: Element) -> Element:
        while element.tag != "form":
            assert element.parent is not None
            element = element.parent
        return element

    def _all(self) -> Iterator[Element]:
        pending = [self.root]
        while pending:
            element = pending.pop()
            yield element
            pending += [c for c in element.children if isinstance(c, Element)]

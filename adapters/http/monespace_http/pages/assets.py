"""The templates, and the style, scripts and icons that they name."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path

from attrs import field, frozen
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from monespace_flows.screens import FieldView, Link
from monespace_flows.wording import typeset

from ..transport.headers import HttpProblem

__all__ = ["load_static", "make_templates"]

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "jpg": "image/jpeg",
    "webp": "image/webp",
    "woff": "font/woff",
    "woff2": "font/woff2",
}


@frozen
class _StaticFiles:
    """A handful of files in memory; ``version`` is a digest of them all."""

    content: Mapping[str, bytes] = field(repr=False)
    version: str

    async def serve(self, request: Request) -> Response:
        """Answer with a file; browsers may keep it, since another content has another address."""
        name = request.path_params["name"]
        if request.path_params["version"] != self.version or name not in self.content:
            raise HttpProblem(404, "page.unknown", "There is nothing here.")
        return Response(
            self.content[name],
            media_type=_TYPES[name.rpartition(".")[2]],
            headers={"Cache-Control": "public, max-age=31536000, immutable"},
        )


def load_static(more: Mapping[str, bytes]) -> _StaticFiles:
    """Read the files of this package, and add those of a theme."""
    ours = {
        entry.name: entry.read_bytes()
        for entry in sorted(files(__package__).joinpath("static").iterdir(), key=lambda e: e.name)
        if entry.name.rpartition(".")[2] in _TYPES
    }
    content = {**ours, **more}
    digest = hashlib.sha256()
    for name, data in content.items():
        digest.update(name.encode() + b"\0" + data + b"\0")
    return _StaticFiles(content, digest.hexdigest()[:12])


# --- French typography in the words that stand in a template, done once, when it is compiled -----

_PARTS = re.compile(r"(<[^>]*>?)")
# What is pressed or filled in is found by its words, letter for letter.
_VERBATIM = re.compile(r"<(/?)(?:button|label|title|pre)\b", re.IGNORECASE)


class _TypesetTemplates(Extension):
    """Typesets text between tags; neither tags nor values that are filled in."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Hand the tokens on, those of plain text typeset."""
        setter = _Setter()
        for token in stream:
            if token.type == "data":
                yield Token(token.lineno, token.type, setter.set(token.value))
            else:
                yield token


class _Setter:
    """Knows, from one piece of a template to the next, whether it stands in a tag."""

    def __init__(self) -> None:
        self._in_tag = False
        self._verbatim = 0

    def set(self, piece: str) -> str:
        rest = piece
        tail = ""
        if self._in_tag:
            tail, end, rest = piece.partition(">")
            self._in_tag = not end
            tail += end
        return tail + "".join(self._part(part) for part in _PARTS.split(rest))

    def _part(self, part: str) -> str:
        if not part.startswith("<"):
            return part if self._verbatim else typeset(part)
        self._in_tag = not part.endswith(">")
        found = _VERBATIM.match(part)
        if found:
            self._verbatim += -1 if found[1] else 1
        return part


# --- Live words inside a sentence: text with links becomes safe HTML -----------------------------


def _weave(text: str, links: Iterable[Link], hrefs: Mapping[str, str]) -> Markup:
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


def _loose_links(each: FieldView) -> tuple[Link, ...]:
    """A field's links that stand neither in its label nor in its hint."""
    sentences = each.label + "\n" + (each.hint or "")
    return tuple(link for link in each.links if link.label not in sentences)


# --- The templates: ours, and in their stead those of the host that have the same name -----------

SLOTS = ("head.html", "footer.html", "home.html")
"""What a host may put into our own templates, from its folder ``slots``."""

_OURS = Path(__file__).with_name("templates")


@cache
def make_templates(theirs: Path | None) -> Environment:
    """Make the environment: every value is escaped, and a missing one is an error.

    It is made once for each directory, since compiling takes longer than rendering.
    """
    loaders = [FileSystemLoader(_OURS)]
    if theirs is not None:
        loaders.insert(0, FileSystemLoader(theirs))
    environment = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[_TypesetTemplates],
    )
    environment.filters["typeset"] = typeset
    environment.globals["slots"] = frozenset(
        name for name in SLOTS if theirs is not None and (theirs / "slots" / name).exists()
    )
    environment.filters["weave"] = _weave
    environment.filters["loose_links"] = _loose_links
    return environment

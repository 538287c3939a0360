"""French typography in the words that stand in a template, done once, when it is compiled."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

from monespace_flows.typography import typeset

__all__ = ["TypesetTemplates"]

_PARTS = re.compile(r"(<[^>]*>?)")
# What is pressed or filled in is found by its words, letter for letter.
_VERBATIM = re.compile(r"<(/?)(?:button|label|title|pre)\b", re.IGNORECASE)


class TypesetTemplates(Extension):
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

"""In which language a request is answered: the site's own, or what its reader asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextvars import ContextVar

from attrs import frozen
from starlette.datastructures import Headers
from starlette.types import Scope

__all__ = ["Languages", "asked_language"]

Told = Sequence[tuple[bytes, bytes]]
"""Headers of an answer."""

_asked: ContextVar[str | None] = ContextVar("monespace_http.language", default=None)


def asked_language() -> str | None:
    """The language of the request that is being answered; ``None`` outside of any.

    Worker threads know it too.
    """
    return _asked.get()


_PART = re.compile(r"([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]*)?(?:;q=([01](?:\.[0-9]{0,3})?))?")
_LONGEST = 1000
"""Signs that are read of a header; nobody's list of languages is longer."""


def choose_language(accepted: str, known: tuple[str, ...]) -> str:
    """Choose among the languages known: the one that ``Accept-Language`` weighs most.

    Regions are not told apart.  Where it names none of them, or all alike, the first one is taken.
    """
    weights = dict(_weights(accepted[:_LONGEST]))
    other = weights.get("*", 0.0)
    return max(known, key=lambda code: weights.get(code, other))


def _weights(accepted: str) -> Iterator[tuple[str, float]]:
    for part in reversed(accepted.split(",")):
        match = _PART.fullmatch(re.sub(r"\s", "", part))
        if match is not None:
            yield match[1].lower(), min(1.0, float(match[2] or 1))


_READ = (b"text/html", b"application/json")
"""What people read, or programs show them."""


@frozen
class Languages:
    """The languages to answer in, the site's own first; with one alone, nobody is asked."""

    known: tuple[str, ...]

    def choose(self, scope: Scope) -> Told:
        """Set the language of a request, and say how its answer names it."""
        chosen = self.pick(scope)
        _asked.set(chosen)
        told = ((b"content-language", chosen.encode()),)
        return told if len(self.known) == 1 else (*told, (b"vary", b"Accept-Language"))

    def pick(self, scope: Scope) -> str:
        """Which of them a request asks for."""
        accepted = ",".join(Headers(scope=scope).getlist("accept-language"))
        return choose_language(accepted, self.known)

    @staticmethod
    def is_read(headers: Told) -> bool:
        """Whether an answer is something to be read, which is in a language."""
        return any(name == b"content-type" and it.startswith(_READ) for name, it in headers)

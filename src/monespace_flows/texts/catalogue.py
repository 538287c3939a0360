"""The languages of one application: our words, and a host's in their place, checked at the start.

``fr.toml`` holds what no flow says: the words around the screens and the letters, which adapters
show.  ``en.toml`` holds every text in English; it is read when English is first asked for.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType
from typing import get_args

from ..chart import Flow
from ..errors import TextsInvalid
from ..language import PHRASES, Language
from ..notices import PROBLEMS, words_of
from ..policy import Policy
from ..rules.passwords import StrengthLabel
from ..wording import Lang
from .spelling import say_letter, say_notice, say_problem, say_screen, say_strength

__all__ = ()

Texts = Mapping[str, str | Mapping[str, str]]
"""A host's own texts by id, in the application's own language, or a table of them a language."""

LANGUAGES: tuple[Lang, ...] = get_args(Lang)
"""The languages that are shipped, by their codes."""

_LETTER = frozenset({"code", "life", "date", "host", "assistance"})
_HOME = Path(__file__).parent


@cache
def read_words(code: Lang) -> Mapping[str, str]:
    """Read the texts that are shipped as a file: of French what no flow declares, else all."""
    return MappingProxyType(tomllib.loads((_HOME / f"{code}.toml").read_text("utf-8")))


def every_text(flows: Iterable[Flow], code: Lang = "fr") -> dict[str, str]:
    """Every text of an application by its id, as it is shipped in a language.

    What a host's own flow says is told as it is declared.
    """
    found: dict[str, str] = {}
    ours: Mapping[str, str] = {} if code == "fr" else read_words(code)

    def note(text_id: str, text: str) -> str:
        found[text_id] = ours.get(text_id, text)
        return text

    for flow in flows:
        _note_flow(flow, code, note)
    for problem in PROBLEMS:
        say_problem(problem, note)
    for label in StrengthLabel:
        say_strength(label, note)
    for text_id, text in {**PHRASES, **read_words("fr")}.items():
        note(text_id, text)
    return found


def _note_flow(flow: Flow, code: Lang, note: Callable[[str, str], str]) -> None:
    note(f"flow.{flow.name}.label", flow.label.said(code))
    note(f"flow.{flow.name}.yours", flow.yours)
    note(f"flow.{flow.name}.about", flow.about)
    for screen in flow.screens.values():
        say_screen(screen, note)
    for letter in flow.letters.values():
        say_letter(flow.name, letter, note)
    for notice in flow.notices.values():
        say_notice(notice, note)


def digest_text(text: str) -> str:
    """A short digest of a text, by which a host's file remembers what ours said."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


class Catalogue:
    """What an application says in each language.

    Args:
        flows: its flows.
        texts: the host's own texts.
        policy: the numbers that texts may name.
        code: the language of who asks for none, and of the host's texts that name none.

    Raises:
        TextsInvalid: texts could never be shown; it names every id at fault.
    """

    def __init__(
        self, flows: Iterable[Flow], texts: Texts, policy: Policy, code: Lang = "fr"
    ) -> None:
        self._flows = tuple(flows)
        self.default = code
        self._own = _by_language(texts, code)
        faults = [f"language: {it} is none of {', '.join(LANGUAGES)}" for it in self._unknown()]
        if any(self._own.values()):
            known = every_text(self._flows)
            self._own = {it: _named(own, known) for it, own in self._own.items()}
            faults += [f for own in self._own.values() for f in _faults(own, known, policy)]
        if faults:
            raise TextsInvalid(tuple(dict.fromkeys(faults)))
        self._languages: dict[str, Language] = {}

    def _unknown(self) -> list[str]:
        return [it for it in (self.default, *self._own) if it not in LANGUAGES]

    def language(self, code: str | None) -> Language:
        """Give a language, or the application's own.

        Raises:
            ValueError: it is none of :data:`LANGUAGES`.
        """
        found = next((it for it in LANGUAGES if it == (code or self.default)), None)
        if found is None:
            raise ValueError(f"language: {code!r} is none of {', '.join(LANGUAGES)}")
        if found not in self._languages:
            ours: Mapping[str, str] = {} if found == "fr" else self._ours(found)
            self._languages[found] = Language(found, {**ours, **self._own.get(found, {})})
        return self._languages[found]

    def _ours(self, code: Lang) -> Mapping[str, str]:
        labels = {f"flow.{it.name}.label": it.label.said(code) for it in self._flows}
        return {**labels, **read_words(code)}


# --- a host's own texts --------------------------------------------------------------------------


def _by_language(texts: Texts, code: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for name, text in texts.items():
        if isinstance(text, str):
            found.setdefault(code, {})[name] = text
        else:
            found.setdefault(name, {}).update(text)
    return found


def _named(own: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Name a notice or a problem in full: their own ids were enough before all texts had one."""
    return {_full(text_id, known): text for text_id, text in own.items()}


def _full(text_id: str, known: Mapping[str, str]) -> str:
    ways = (text_id, f"notice.{text_id}", f"problem.{text_id}")
    return next((it for it in ways if it in known), text_id)


def _faults(own: Mapping[str, str], known: Mapping[str, str], policy: Policy) -> Iterator[str]:
    for text_id, text in own.items():
        if text_id not in known:
            near = get_close_matches(text_id, known, 1)
            hint = f": {near[0]} is one" if near else ""
            yield f"no text is called {text_id}{hint}"
            continue
        needed = places(known[text_id])
        try:
            used = places(text)
        except ValueError as error:
            yield f"{text_id} cannot be filled in: {error}"
            continue
        for name in sorted(needed - used):
            yield f"{text_id} lacks {{{name}}}: ours says it"
        for name in sorted(used - needed - _also(text_id, policy)):
            yield f"{text_id} names {{{name}}}, which is not known there"


def places(text: str) -> frozenset[str]:
    """The names in braces that a text has filled in.

    Raises:
        ValueError: its braces do not fit, or ask for more than a value.
    """
    found = set()
    for _, name, spec, conversion in Formatter().parse(text):
        if spec or conversion:
            raise ValueError("write a name in braces alone, such as {wait}")
        if name is not None:
            found.add(name)
    return frozenset(found)


def _also(text_id: str, policy: Policy) -> frozenset[str]:
    """What a text may name besides what ours does: of a journey's own, whatever they know."""
    if ".letter." in text_id:
        return _LETTER
    told = text_id.startswith(("notice.", "problem.")) and ".link." not in text_id
    is_filled = told or text_id.endswith((".intro", ".hint"))
    return frozenset(words_of(policy)) if is_filled else frozenset()

"""A host's own texts: the language of a service, and the files that stand in for our words.

A file is TOML: ``language = "fr"``, then a table ``[texts]`` of texts by their ids.  A text may be
``{ text = "…", of = "1f2e3d4c" }``: ``of`` is a digest of what ours said when it was written, so
that one can tell when ours has changed since.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Literal

from attrs import field, frozen

from monespace_flows.chart import Flow
from monespace_flows.texts import LANGUAGES, digest_text, every_text
from monespace_flows.wording import Lang

from .sources import SettingsInvalid, read_toml

__all__ = ["OwnTexts", "TextsSettings", "read_texts", "write_texts"]

_PLACE = "{language}"


@frozen(kw_only=True)
class OwnTexts:
    """What a file says: texts by id, and for some a digest of what ours said by then."""

    language: Lang
    texts: Mapping[str, str]
    of: Mapping[str, str] = field(factory=dict)

    def stale(self, flows: Iterable[Flow]) -> Iterator[str]:
        """Name the texts whose own words were written for words that ours no longer are."""
        ours = every_text(flows, self.language)
        for text_id, digest in self.of.items():
            if text_id in self.texts and digest != digest_text(ours.get(text_id, "")):
                yield text_id


@frozen(kw_only=True)
class TextsSettings:
    """In which language people are answered, and the host's own words.

    Attributes:
        language: ``"fr"``, ``"en"``, or ``"auto"``: what each person's browser asks for, French
            where it asks for neither.
        file: a file of own texts; with ``{language}`` in its name there is one a language.
    """

    language: Literal["fr", "en", "auto"] = "fr"
    file: Path | None = None

    @property
    def own(self) -> Lang:
        """The language of who asks for none."""
        return "fr" if self.language == "auto" else self.language

    def read(self) -> tuple[OwnTexts, ...]:
        """Read the files of own texts.

        Raises:
            SettingsInvalid: with all that is wrong with them.
        """
        if self.file is None:
            return ()
        if _PLACE not in self.file.name:
            return (read_texts(self.file),)
        files = {
            code: self.file.with_name(self.file.name.replace(_PLACE, code)) for code in LANGUAGES
        }
        found = {code: path for code, path in files.items() if path.exists()}
        if not found:
            raise SettingsInvalid([f"{self.file} is there in no language"])
        read = {code: read_texts(path) for code, path in found.items()}
        wrong = [
            f"{found[code]} says that its language is {texts.language}"
            for code, texts in read.items()
            if texts.language != code
        ]
        if wrong:
            raise SettingsInvalid(wrong)
        return tuple(read.values())

    @cached_property
    def by_language(self) -> dict[str, Mapping[str, str]]:
        """The own texts by id, by language; their files are read once.

        Raises:
            SettingsInvalid: with all that is wrong with their files.
        """
        return {each.language: each.texts for each in self.read()}


def read_texts(path: Path) -> OwnTexts:
    """Read a file of own texts; whether the ids are any is seen where the flows are known.

    A text that says what ours said when it was written out replaces nothing.

    Raises:
        SettingsInvalid: with all that is wrong with it.
    """
    table = read_toml(path)
    language = next((code for code in LANGUAGES if code == table.get("language")), None)
    texts = table.get("texts", {})
    problems = [f"{path}: {name} is unknown" for name in table if name not in ("language", "texts")]
    if language is None:
        problems.append(f"{path}: language must be one of {', '.join(LANGUAGES)}")
    if not isinstance(texts, Mapping):
        problems.append(f"{path}: texts must be a table")
        texts = {}
    read = {text_id: _entry(value) for text_id, value in texts.items()}
    problems += [f"{path}: {it} {_SHAPE}" for it, entry in read.items() if entry is None]
    if problems or language is None:
        raise SettingsInvalid(problems)
    given = {it: entry for it, entry in read.items() if entry is not None and entry.is_changed}
    of = {it: entry.of for it, entry in given.items() if entry.of is not None}
    return OwnTexts(language=language, texts={it: entry.text for it, entry in given.items()}, of=of)


_SHAPE = 'must be a text, or { text = "…", of = "…" }'


@frozen
class _Entry:
    text: str
    of: str | None = None

    @property
    def is_changed(self) -> bool:
        return self.of is None or digest_text(self.text) != self.of


def _entry(value: object) -> _Entry | None:
    if isinstance(value, str):
        return _Entry(value)
    if not isinstance(value, Mapping) or not value.keys() <= {"text", "of"}:
        return None
    text, of = value.get("text"), value.get("of")
    if not isinstance(text, str) or not isinstance(of, str | None):
        return None
    return _Entry(text, of)


def write_texts(flows: Iterable[Flow], language: Lang) -> Iterator[str]:
    """Write a file to start from, line by line: every id, with what ours says today.

    What is not changed in it goes on to say what ours does, release after release.
    """
    yield "# Change the texts that you want said otherwise; you may delete the lines of all others."
    yield f'language = "{language}"'
    yield ""
    yield "[texts]"
    for text_id, text in every_text(flows, language).items():
        said = json.dumps(text, ensure_ascii=False)
        yield f'"{text_id}" = {{ text = {said}, of = "{digest_text(text)}" }}'

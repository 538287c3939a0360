"""The words of a page in the language of its reader: filled in, printed, escaped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

from attrs import field, frozen
from markupsafe import Markup, escape

from monespace_flows.chart import Flow
from monespace_flows.language import Language
from monespace_flows.rules.passwords import StrengthLabel
from monespace_flows.texts import Catalogue, places, read_words, say_strength
from monespace_flows.wording import typeset

__all__ = ()


@frozen
class Words:
    """What pages say in one language; instants are told in ``zone``."""

    language: Language
    zone: tzinfo
    _printed: dict[str, Markup] = field(factory=dict, init=False, repr=False)

    def plain(self, text_id: str, **values: object) -> str:
        """A text as it is kept: for what is pressed, for attributes, for titles."""
        return self._text(text_id).format_map(values)

    def say(self, text_id: str, **values: object) -> Markup:
        """A text as it is printed, escaped; a value that is not markup is escaped as well."""
        printed = self._printed.get(text_id)
        if printed is None:
            text = self._text(text_id)
            # Filling markup in takes long: what has nothing to fill in is done once.
            text = text if places(text) else text.format()
            printed = self._printed[text_id] = escape(typeset(text))
        return printed.format_map(values) if values else printed

    def _text(self, text_id: str) -> str:
        return self.language.texts.get(text_id) or read_words("fr")[text_id]

    def span(self, span: timedelta) -> str:
        """How long something lasts, as it is printed."""
        return typeset(self.language.span(span))

    def instant(self, at: datetime) -> str:
        """An instant, with its day and its zone."""
        return self.language.instant(at, self.zone)

    @property
    def strengths(self) -> tuple[str, ...]:
        """What the strength of a password is called, the weakest first."""
        return tuple(say_strength(label, self.language.say) for label in StrengthLabel)

    def label(self, flow: Flow) -> str:
        """What a flow is called where a line begins."""
        name = self.language.say(f"flow.{flow.name}.label", flow.label.said(self.language.code))
        return name[:1].upper() + name[1:]

    def yours(self, flow: Flow) -> str:
        """What a person is told of a flow: « votre connexion »."""
        return self.language.say(f"flow.{flow.name}.yours", flow.yours)

    def about(self, flow: Flow) -> str:
        """What a flow is good for, as it is printed."""
        return typeset(self.language.say(f"flow.{flow.name}.about", flow.about))

    def everywhere(self) -> Mapping[str, object]:
        """What every template finds: the language, and how to say something in it."""
        return {
            "language": self.language.code,
            "say": self.say,
            "plain": self.plain,
            "span": self.span,
            "instant": self.instant,
            "about": self.about,
            "anchor": Markup('<a href="{}">{}</a>').format,
            "strong": Markup("<strong>{}</strong>").format,
            "output": Markup('<output for="{}">{}</output>').format,
        }


@frozen
class Speaker:
    """The words of all the languages of an application, each made when it is first asked for."""

    catalogue: Catalogue
    zone: tzinfo
    _made: dict[str, Words] = field(factory=dict, init=False, repr=False)

    def words(self, code: str) -> Words:
        """The words of one language."""
        if code not in self._made:
            self._made[code] = Words(self.catalogue.language(code), self.zone)
        return self._made[code]

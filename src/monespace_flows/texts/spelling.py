"""The ids of texts, each spelled in one place: a record is said again, text by text.

``creation.choose_channel.title``, ``creation.enter_identity.field.rpps.label``,
``creation.letter.code.email.subject``, ``notice.identity.unknown``: an id is made of where a text
is declared, so that a host's own flow has some too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from attrs import evolve

from ..facts import Problem
from ..notices import PROBLEMS, Link, Notice
from ..rules.passwords import StrengthLabel
from ..screens import Button, Field, Letter, Screen

__all__ = ()

Say = Callable[[str, str], str]
"""Gives the text that is said for an id, and for the text that was declared.

``None`` stands for what is said as it is declared: by far the most, and at no cost.
"""


def say_screen(screen: Screen, say: Say | None) -> Screen:
    """Say a screen: its own texts, and those of its fields, buttons and links."""
    if say is None:
        return screen
    at = screen.id
    return evolve(
        screen,
        title=say(f"{at}.title", screen.title),
        intro=_optional(f"{at}.intro", screen.intro, say),
        section=_optional(f"{at}.section", screen.section, say),
        step=say_step(screen, say),
        again=_optional(f"{at}.again", screen.again, say),
        fields=tuple(_field(each, f"{at}.field.{each.name}", say) for each in screen.fields),
        buttons=tuple(_buttons(screen, say)),
        links=_links(screen.links, at, say),
    )


def say_step(screen: Screen, say: Say | None) -> str | None:
    """Say the name of a screen's step, if it has one."""
    return screen.step if say is None else _optional(f"{screen.id}.step", screen.step, say)


def say_notice(notice: Notice, say: Say | None) -> Notice:
    """Say a notice, and the live words in it."""
    if say is None:
        return notice
    at = f"notice.{notice.id}"
    return evolve(notice, text=say(at, notice.text), links=_links(notice.links, at, say))


def say_problem(problem: Problem, say: Say | None) -> str:
    """Say what is wrong with a field."""
    text = PROBLEMS[problem]
    return text if say is None else say(f"problem.{problem.value}", text)


def say_strength(label: StrengthLabel, say: Say | None) -> str:
    """Say how strong a password is."""
    return label.value if say is None else say(f"strength.{label.name.lower()}", label.value)


def say_letter(flow: str, letter: Letter, say: Say | None) -> Letter:
    """Say a letter; those of one id may say something else in another flow."""
    if say is None:
        return letter
    at = f"{flow}.letter.{letter.id}"
    return evolve(
        letter,
        subject=_optional(f"{at}.subject", letter.subject, say),
        paragraphs=_paragraphs(f"{at}.paragraph", letter.paragraphs, say),
        link=_optional(f"{at}.link", letter.link, say),
        without_link=_paragraphs(f"{at}.without_link", letter.without_link, say),
    )


def _optional(text_id: str, text: str | None, say: Say) -> str | None:
    return text and say(text_id, text)


def _field(each: Field, at: str, say: Say) -> Field:
    return evolve(
        each,
        label=say(f"{at}.label", each.label),
        hint=_optional(f"{at}.hint", each.hint, say),
        links=_links(each.links, at, say),
    )


def _buttons(screen: Screen, say: Say) -> Iterator[Button]:
    """A second button of one command is told apart by what it requires."""
    seen: set[str] = set()
    for each in screen.buttons:
        at = f"{screen.id}.button.{each.command}"
        if each.command in seen:
            at += f".{each.requires}"
        seen.add(each.command)
        yield evolve(each, label=say(at, each.label))


def _links(links: tuple[Link, ...], at: str, say: Say) -> tuple[Link, ...]:
    return tuple(evolve(it, label=say(f"{at}.link.{it.place}", it.label)) for it in links)


def _paragraphs(at: str, texts: tuple[str, ...], say: Say) -> tuple[str, ...]:
    return tuple(say(f"{at}.{place}", text) for place, text in enumerate(texts, 1))

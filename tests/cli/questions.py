"""What someone at the support desk asks of a service, command by command."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from _pytest.mark import ParameterSet
from attrs import frozen
from click.testing import Result

from .service import ADDRESS, Service

__all__ = ["EVERYTHING", "EXPORTS", "IN_JSON", "QUESTIONS", "WHY", "Ask", "Question"]

WHY = ("--purpose", "test", "--ticket", "SD-1423")
_OF_ONE_PERSON = {"find", "show", "why", "step", "whatif", "diff", "export"}


@frozen
class Question:
    """A command line, what is typed after it, and how it ends."""

    words: str
    typed: str = ""
    code: int = 0


QUESTIONS = (
    Question("find", "990 0000 0002\n"),
    Question("find", f"{ADDRESS}\n", 3),
    Question("find", "nouveau@exemple.example\n"),
    Question("list"),
    Question("list --flow creation --state created"),
    *(Question(f"show {it}") for it in ("AMEL-REFU", "JOHN-CREE", "JOHN-LIEN", "JOHN-RECU")),
    *(Question(f"why {it}") for it in ("AMEL-REFU", "JOHN-CREE", "JOHN-LIEN", "JOHN-RECU")),
    Question("step AMEL-REFU", "n\nj\np\ng 3\nq\n"),
    Question("step JOHN-RECU --at 3"),
    Question("whatif AMEL-REFU --at 3 identity=match"),
    Question("whatif AMEL-REFU --shift 2=+11m"),
    Question("whatif JOHN-RECU --all"),
    Question("whatif AMEL-REFU --nearest"),
    Question("diff AMEL-REFU JOHN-CREE", code=1),
    Question("diff JOHN-LIEN JOHN-LIEN"),
    Question("gate"),
    Question("verify"),
    Question("shapes"),
    Question("stats"),
)
EXPORTS = (
    Question("export AMEL-REFU"),
    *(Question(f"export JOHN-RECU --to {form}") for form in ("json", "html", "svg", "mermaid")),
    Question("export --all"),
)


def _named(questions: Iterable[Question]) -> list[ParameterSet]:
    return [pytest.param(it, id=f"{it.words} {it.typed}".strip()) for it in questions]


EVERYTHING = _named((*QUESTIONS, *EXPORTS))
"""All that reads the database, for ``parametrize``."""

IN_JSON = _named(it for it in QUESTIONS if it.code != 3 and it.words != "shapes")
"""All that answers to ``--json`` with one object of a schema of its own."""


@frozen
class Ask:
    """Someone at the support desk, with the service's settings and a reason."""

    call: Callable[..., Result]
    service: Service

    def __call__(self, question: Question | str, *more: str) -> Result:
        """Run a command to its end, whichever it is."""
        asked = Question(question) if isinstance(question, str) else question
        words = self.service.words(asked.words)
        why = WHY if words[0] in _OF_ONE_PERSON else ()
        return self.call(*words, *more, *why, "--config", self.service.config, typed=asked.typed)

    def page(self, question: Question | str) -> str:
        """What a command that is fine prints, journeys under the names that they have here."""
        ended = self(question)
        code = question.code if isinstance(question, Question) else 0
        assert (ended.exit_code, ended.stderr) == (code, "")
        return self.service.told(ended)

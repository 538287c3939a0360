"""JUnit's XML, as build servers read it: one suite of cases, each passed, failed or skipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from attrs import frozen

from .output import write_whole

__all__ = ["Case", "write_junit"]


@frozen(kw_only=True)
class Case:
    """One case: it passed, unless a failure or a reason to skip it is named.

    ``text`` tells a failure at length; a ``skipped`` that is empty gives no reason.
    """

    classname: str
    name: str
    failure: str | None = None
    text: str = ""
    skipped: str | None = None

    def written(self) -> str:
        """The element of this case."""
        head = f"testcase classname={quoteattr(self.classname)} name={quoteattr(self.name)}"
        if self.failure is not None:
            told = f"<failure message={quoteattr(self.failure)}>{escape(self.text)}</failure>"
        elif self.skipped is not None:
            told = f"<skipped message={quoteattr(self.skipped)}/>" if self.skipped else "<skipped/>"
        else:
            return f"<{head}/>"
        return f"<{head}>{told}</testcase>"


def write_junit(path: Path, suite: str, cases: Sequence[Case]) -> None:
    """Write a suite to a file, whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    write_whole(path, _lines(suite, cases))


def _lines(suite: str, cases: Sequence[Case]) -> Iterator[str]:
    failures = sum(it.failure is not None for it in cases)
    skipped = sum(it.skipped is not None for it in cases)
    counts = f'tests="{len(cases)}" failures="{failures}" skipped="{skipped}"'
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f"<testsuite name={quoteattr(suite)} {counts}>\n"
    for case in cases:
        yield f"  {case.written()}\n"
    yield "</testsuite>\n"

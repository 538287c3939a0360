"""One desk for the tests that only read it; its journeys are told again when a test is over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.replaying import pytest_runtest_call
from tests.support.desk import Desk

__all__ = ["pytest_runtest_call"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """An empty desk, and no settings in the environment."""
    for name in ("MONESPACE_DIR", "MONESPACE_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    opened = Desk(tmp_path / "desk")
    yield opened
    opened.close()

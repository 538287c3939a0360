"""Every sentence that the how-to reads aloud is on the console's page of the call that it tells."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from monespace_cli.access.place import Place
from tests.cli.desk import Desk as Console
from tests.cli.desk import as_typed
from tests.support.afternoon import PAGE
from tests.support.stories import CALLS, folder_of_calls

_CALL = re.compile(r"^### \d\d:\d\d\. « (.+?) »\n(.+?)(?=^##)", re.MULTILINE | re.DOTALL)
_QUOTED = re.compile(r"« ((?:[^«»]|« [^«»]+ »)+) »")


def flat(text: str) -> str:
    """A text as one hears it: one line, without markup."""
    return " ".join(as_typed(unescape(re.sub(r"<[^>]+>", " ", text))).split())


def test_what_is_read_aloud_is_what_the_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {says: _QUOTED.findall(flat(text)) for says, text in _CALL.findall(PAGE.read_text())}
    happened = {it.call.says: it for it in folder_of_calls(tmp_path)}
    console = Console(tmp_path)
    console.give_grounds()
    missing = []
    for says, quoted in told.items():
        caller = happened[says]
        monkeypatch.setattr(Place, "now", lambda _, at=caller.at: at)
        page = flat(console.look(f"/parcours/{caller.reference}"))
        missing += [(says, it) for it in quoted if it not in page]
        assert any(it in page[page.index("À lire à la personne") :] for it in quoted)

    assert missing == []
    assert len(told) > 10
    assert {it.says for it in CALLS if it.heard} <= told.keys()

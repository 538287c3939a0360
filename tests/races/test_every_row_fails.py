"""Every row of every table is taken while the disk fails: at each statement, commits included.

The stories that take every row are told by someone stubborn, who presses again after each failure.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from monespace_flows import View
from monespace_flows.commands import Command
from monespace_flows.errors import PortUnavailable
from monespace_flows.testing import Sandbox
from tests.properties.rows_taken import count_rows
from tests.properties.scenarios import SCENARIOS
from tests.properties.stage import Stage
from tests.servers.storages import opened, sqlite_database

from .contents import contents
from .failing import FailingDisk, When


class Stubborn(Stage):
    """Presses until it works, while each statement fails in turn."""

    def __init__(self, box: Sandbox, disk: FailingDisk) -> None:
        super().__init__(box)
        self.failures = 0
        self._disk = disk
        self._pressed: set[str] = set()

    def submit(self, view: View, command: Command) -> View:
        step = f"{view.flow} {view.state} {[it.id for it in view.notices]} {command.event}"
        return self._insist(step, view.reference, lambda: self.flows.submit(view.token, command))

    def open_link(self, token: str) -> View:
        return self._insist("open_link", "", lambda: self.flows.open_link(token))

    def _insist(self, step: str, reference: str, act: Callable[[], View]) -> View:
        """Press; a step that has not failed yet in this story first fails at each statement."""
        number = 0 if step not in self._pressed else 10_000
        self._pressed.add(step)
        try:
            while True:
                number += 1
                before = contents(self.box.storage)
                self._disk.fail_at(number, When.BEFORE)
                try:
                    answer = act()
                except PortUnavailable:
                    assert self._disk.mend()
                    self.failures += 1
                    assert contents(self.box.storage) == before or self._time_has_passed(reference)
                    continue
                return answer
        finally:
            self._disk.mend()
            self.box.deliver()

    def _time_has_passed(self, reference: str) -> bool:
        """Whether the clock took its own step, which is whole in itself (T6)."""
        with self.box.storage.reading() as unit:
            return '"command":"tick"' in unit.journal.lines(reference)[-1]


@pytest.mark.parametrize("name", SCENARIOS)
def test_ft_05_a_story_told_on_a_failing_disk_goes_as_told(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or nothing at each failure; the next press goes on; every journey is its replay."""
    with opened(sqlite_database(tmp_path)) as storage:
        stage = Stubborn(Sandbox(storage=storage), FailingDisk(storage, monkeypatch))

        SCENARIOS[name](stage)

        assert count_rows(storage)
        assert stage.failures > 0
        ids = [message.id for message in stage.box.messages]
        assert len(ids) == len(set(ids))

"""Every row of every table is taken while the disk fails: at each statement, commits included.

The stories that take every row are told by someone stubborn, who presses again after each failure.
Many begin alike, to the last byte, since a sandbox draws the same each time: what failed at each
statement of one press, from the very same rows at the same moment, is not made to fail again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256

import pytest

from monespace_flows import View
from monespace_flows.commands import Command
from monespace_flows.errors import PortUnavailable
from monespace_flows.testing import Sandbox
from tests.backends.conftest import Kept
from tests.properties.rows_taken import count_rows
from tests.properties.scenarios import SCENARIOS
from tests.properties.stage import Stage

from .contents import Rows, contents
from .failing import FailingDisk, When

_failed: dict[str, int] = {}
"""What was made to fail at each of its statements: how many failures that was."""


class Stubborn(Stage):
    """Presses until it works, while each statement fails in turn."""

    def __init__(self, box: Sandbox, disk: FailingDisk) -> None:
        super().__init__(box)
        self.failures = 0
        self._disk = disk
        self._pressed: set[str] = set()

    def submit(self, view: View, command: Command) -> View:
        step = f"{view.flow} {view.state} {[it.id for it in view.notices]} {command.event}"
        press = f"{step} {view.token} {command!r}"
        return self._insist(
            step, press, view.reference, lambda: self.flows.submit(view.token, command)
        )

    def open_link(self, token: str) -> View:
        return self._insist("open_link", token, "", lambda: self.flows.open_link(token))

    def _insist(self, step: str, press: str, reference: str, act: Callable[[], View]) -> View:
        """Press; a step that has not failed yet in this story first fails at each statement."""
        if step not in self._pressed:
            self._pressed.add(step)
            before = contents(self.box.storage)
            case = self._case(press, before)
            if case not in _failed:
                answer, _failed[case] = self._fail(before, reference, act)
                self.failures += _failed[case]
                return answer
            self.failures += _failed[case]
        try:
            return act()
        finally:
            self.box.deliver()

    def _fail(self, before: Rows, reference: str, act: Callable[[], View]) -> tuple[View, int]:
        """Press while one statement after the other fails; how many failed before it worked."""
        failures = 0
        try:
            while True:
                self._disk.fail_at(failures + 1, When.BEFORE)
                with suppress(PortUnavailable):
                    return act(), failures
                assert self._disk.mend()
                failures += 1
                after = contents(self.box.storage)
                assert after == before or self._time_has_passed(reference)
                before = after
        finally:
            self._disk.mend()
            self.box.deliver()

    def _case(self, press: str, rows: Rows) -> str:
        """All that a press depends on, but for what is drawn: that would fail alike."""
        ports = self.box.registry._entries, self.box.secrets, self.box.clock.now()
        return sha256(repr((press, rows, ports)).encode()).hexdigest()

    def _time_has_passed(self, reference: str) -> bool:
        """Whether the clock took its own step, which is whole in itself (T6)."""
        with self.box.storage.reading() as unit:
            return '"command":"tick"' in unit.journal.lines(reference)[-1]


@pytest.mark.parametrize("name", SCENARIOS)
def test_ft_05_a_story_told_on_a_failing_disk_goes_as_told(
    name: str, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or nothing at each failure; the next press goes on; every journey is its replay."""
    storage = kept.storage(kept.new_file())
    stage = Stubborn(Sandbox(storage=storage), FailingDisk(storage, monkeypatch))

    SCENARIOS[name](stage)

    assert count_rows(storage)
    assert stage.failures > 0
    ids = [message.id for message in stage.box.messages]
    assert len(ids) == len(set(ids))

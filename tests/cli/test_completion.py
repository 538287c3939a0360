"""A shell that was told to completes what the program knows by name, as the manual shows."""

from __future__ import annotations

import pytest
from click.shell_completion import BashComplete

from monespace_cli.program import cli
from monespace_flows.support.catalogue import CAUSES

from .conftest import Call


def completed(*words: str) -> list[str]:
    """What click tells the shell of the last word, which is being typed."""
    complete = BashComplete(cli, {}, "monespace", "_MONESPACE_COMPLETE")
    return [it.value for it in complete.get_completions(list(words[:-1]), words[-1])]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("li",), ["list"]),
        (("account", "un"), ["unlock"]),
        (("list", "--bl"), ["--blocked"]),
        (("list", "--flow", "re"), ["recovery", "reset"]),
        (("list", "--state", "enter_c"), ["enter_credentials", "enter_code"]),
        (
            ("list", "--cause", "code.ex"),
            ["code.exhausted", "code.exhausted_today", "code.expired"],
        ),
        (("list", "--cause", ""), list(CAUSES)),
        (("why", "7K3Q-F9M2", "--purpose", "s"), ["securite"]),
        (("explain", "--js"), ["--json"]),
    ],
    ids=lambda it: " ".join(it) if isinstance(it, tuple) else "",
)
def test_what_is_known_by_name_is_completed(words: tuple[str, ...], names: list[str]) -> None:
    assert sorted(completed(*words)) == sorted(names)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_of_the_manual_is_told_how(
    shell: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_MONESPACE_COMPLETE", f"{shell}_source")
    told = call()

    assert told.exit_code == 0
    assert f"_MONESPACE_COMPLETE={shell}_complete" in told.stdout

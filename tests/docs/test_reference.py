"""The generated references: nothing that there is goes untold, and what is told is so."""

from __future__ import annotations

import re
from importlib import import_module
from inspect import isclass, isroutine
from pathlib import Path
from typing import Any

import attrs
import pytest
from jinja2 import Template
from starlette.testclient import TestClient
from writing.api import BOOKS, public_names
from writing.common import span, told
from writing.drawing import draw
from writing.errors import every_error
from writing.program import every_command
from writing.settings import Untold, settings_keys
from writing.templates import found_everywhere

import monespace_backends
import monespace_flows
import monespace_http
from monespace_backends.settings.service import Settings, SettingsInvalid, read_settings
from monespace_flows.chart import Flow, rows
from monespace_flows.events import EVENTS
from monespace_flows.flows import FLOWS
from monespace_flows.policy import Policy
from monespace_flows.testing import Sandbox
from monespace_http import HttpSettings, create_app
from monespace_http.pages.assets import SLOTS
from monespace_http.transport.headers import PROBLEMS

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
ROOTS = (monespace_flows, monespace_http, monespace_backends)
NEEDED = """
base_url = "https://monespace.example"
database = "sqlite:///monespace.db"
keys_file = "keys"
registry = "registry.csv"
smtp = { host = "smtp.example", sender = "ne-pas-repondre@monespace.example" }
"""


def page(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text("utf-8")


# --- Python --------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ROOTS, ids=lambda it: it.__name__)
def test_each_public_name_stands_on_a_page_once(root: Any) -> None:
    """And Sphinx is told to read its docstring."""
    pages = "".join(page(f"api/{name}") for name in BOOKS)
    told_once = [
        name
        for name in root.__all__
        if len(re.findall(rf"^\.\. auto\w+:: {root.__name__}\.{name}$", pages, re.MULTILINE)) == 1
    ]

    assert told_once == list(root.__all__)


def test_each_public_class_and_function_has_a_sentence() -> None:
    """« __init__ » of attrs says nothing: the class does."""
    named = [(module, name) for module, names in public_names().items() for name in names]
    values = {f"{it}.{name}": getattr(import_module(it), name) for it, name in named}
    silent = [
        name
        for name, value in values.items()
        if (isclass(value) or isroutine(value)) and not (value.__doc__ or "").strip()
    ]

    assert silent == []
    assert len(values) > 200


# --- settings ------------------------------------------------------------------------------------


def test_each_setting_stands_on_a_page_with_its_variable() -> None:
    text = page("settings") + page("policy")
    variables = {
        f"MONESPACE_{key.upper().replace('.', '__')}"
        for key in settings_keys()
        if not key.startswith("webhooks.")
    }
    tables = {"CSP", "BRAKES", "COLOURS", "DARK", "FONT_FILES", "OPTIONS"}  # by name: no variable

    assert [it for it in variables if it.rpartition("__")[2] not in tables and it not in text] == []
    assert len(variables) > 100


def test_a_variable_that_the_page_names_is_read(tmp_path: Path) -> None:
    """Each one is known: with a value that nothing takes, the complaint is of the value."""
    (tmp_path / "monespace.toml").write_text(NEEDED, "utf-8")
    text = page("settings") + page("policy")
    named = set(re.findall(r"`(MONESPACE_\w+)`", text)) - {"MONESPACE_CONFIG"}
    # Of a registry's kinds each has its own: not all at once.
    named -= {it for it in named if it.startswith("MONESPACE_REGISTRY")}
    with pytest.raises(SettingsInvalid) as refused:
        read_settings(tmp_path / "monespace.toml", dict.fromkeys(sorted(named), "\N{SNOWMAN}"))

    assert [it for it in refused.value.problems if "is unknown" in it] == []
    assert len(named) > 100


def test_the_defaults_of_the_page_are_those_that_hold(tmp_path: Path) -> None:
    """What is left out is what the page says: of every number of the policy."""
    (tmp_path / "monespace.toml").write_text(NEEDED, "utf-8")
    settings = read_settings(tmp_path / "monespace.toml", {})
    row = re.compile(r'\| `"?([^`"]+)"?` \| `(MONESPACE_POLICY__\w+)` \|')
    written = [(variable, default) for default, variable in row.findall(page("policy"))]
    numbers = {
        f"MONESPACE_POLICY__{part.name}__{it.name}".upper(): getattr(
            getattr(settings.policy, part.name), it.name
        )
        for part in attrs.fields(Policy)
        for it in attrs.fields(type(getattr(settings.policy, part.name)))
    }

    assert len(written) > 8
    for variable, default in written:
        value = numbers[variable]
        assert default == (span(value) if hasattr(value, "total_seconds") else str(value).lower())


def test_a_setting_without_a_sentence_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from writing import settings

    monkeypatch.setattr(Settings, "__doc__", "Says nothing of its keys.")

    with pytest.raises(Untold, match="base_url"):
        settings._settings_page()


# --- the program, HTTP, events, errors -----------------------------------------------------------


def test_each_command_stands_on_its_page_with_each_option() -> None:
    """Those that other commands hold, too."""
    text = page("program")
    for words, command in every_command():
        section = re.split("\n#{2,4} ", text.partition(f"\nmonespace {words} ")[2])[0]
        options = {it for each in command.params for it in each.opts if it.startswith("--")}

        assert {it for it in options - {"--help"} if f"`{it}`" not in section} == set(), words


def test_each_operation_stands_on_the_page_of_http() -> None:
    app = create_app(Sandbox().flows, HttpSettings(keys=(bytes(32),)))
    document = TestClient(app, "https://monespace.example").get("/openapi.json").json()
    text = page("http")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            command = path.removeprefix("/api/journeys/{reference}/")
            assert f"### `{method.upper()} {path}`" in text or f"| `{command}` |" in text
            assert operation["summary"].replace("``", "`").rstrip(".") in text


def test_each_event_stands_on_its_page_with_its_fields() -> None:
    text = page("events")
    for name, kind in EVENTS.items():
        section = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]

        assert told(kind).summary in section
        own = {it.name for it in attrs.fields(kind)} - {"id", "at", "account_id"}
        assert {it for it in own if f"| `{it}` |" not in section} == set()


def test_each_error_and_each_problem_says_what_to_do() -> None:
    row = re.compile(r"^\| `([\w.]+)`(?:<br>`[\w.]+`)? \|.*\| (.+) \|$", re.MULTILINE)
    said = dict(row.findall(page("errors")))

    assert {it.__name__ for it in every_error()} <= {*said}
    assert {*PROBLEMS} <= {*said}
    assert all(said.values())


# --- templates and drawings ----------------------------------------------------------------------


def test_what_a_template_finds_everywhere_is_what_the_page_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No more, no less; a page's own and what the layout needs besides."""
    handed: set[str] = set()
    render = Template.render

    def noting(self: Template, **context: Any) -> str:
        handed.update(context)
        return render(self, **context)

    monkeypatch.setattr(Template, "render", noting)
    app = create_app(Sandbox().flows, HttpSettings(keys=(bytes(32),)))
    assert TestClient(app, "https://monespace.example").get("/assistance").status_code == 200

    layout = {"title", "static", "session", "linked", "form_token", "first_token"}
    assert handed - layout == {*found_everywhere()}


def test_each_template_and_each_slot_stands_on_its_page() -> None:
    text = page("templates")
    folder = Path(monespace_http.__file__).parent / "pages" / "templates"

    assert [it.name for it in folder.glob("*.html") if f"| `{it.name}` |" not in text] == []
    assert [it for it in SLOTS if f"| `slots/{it}` |" not in text] == []


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_a_drawing_has_every_state_and_every_way_in_words_too(flow: Flow) -> None:
    """Who cannot see it hears its description, and the table says the same row by row."""
    drawn = draw(flow)
    ways = {(it.source, it.event, it.target) for it in rows(flow.chart) if not it.internal}

    assert all(f">{state}</text>" in drawn.svg for state in flow.screens)
    for source, event, target in ways:
        assert any(
            it.startswith(f"{source}: {event}") and it.endswith(f"leads to {target}.")
            for it in drawn.words
        )
    assert len(drawn.words) == len(ways)
    assert 'role="img" aria-labelledby="title words">' in drawn.svg
    assert f'<title id="title">The states of {flow.name}' in drawn.svg


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_a_drawing_loads_nothing_and_fits_a_telephone(flow: Flow) -> None:
    """At 320 pixels its letters are 9 high at least."""
    svg = draw(flow).svg
    width = re.search(r'viewBox="0 0 (\d+) ', svg)

    assert "href" not in svg
    assert "url(" not in svg
    assert width is not None
    assert 9.5 * 288 / int(width[1]) >= 9

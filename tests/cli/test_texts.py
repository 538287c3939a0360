"""`monespace texts`, and what becomes of the words and looks that settings name."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from monespace_backends.secrets import read_keys
from monespace_backends.serving import app_of
from monespace_backends.settings.service import read_settings
from monespace_backends.wiring import close_flows, from_settings
from monespace_flows.flows import STANDARD
from monespace_flows.texts import digest_text, every_text
from tests.http.visiting import client_of

from .conftest import Call
from .stories import write_settings


def test_every_text_is_written_out_by_its_id(call: Call) -> None:
    table = tomllib.loads(call("texts", "export", "--language", "en").stdout)

    assert table["language"] == "en"
    assert {it: entry["text"] for it, entry in table["texts"].items()} == every_text(STANDARD, "en")


def test_a_file_that_fits_is_counted(tmp_path: Path, call: Call) -> None:
    file = tmp_path / "own.toml"
    file.write_text('language = "fr"\n[texts]\n"page.skip" = "Au contenu"\n', "utf-8")
    result = call("texts", "check", file)

    assert (result.exit_code, result.stdout) == (0, "1 own texts, 0 to look at again.\n")


def test_a_file_that_does_not_is_told_whole(tmp_path: Path, call: Call) -> None:
    file = tmp_path / "own.toml"
    file.write_text('language = "fr"\n[texts]\n"page.skipp" = ""\n"page.brand" = "{x}"\n', "utf-8")
    result = call("texts", "check", file)

    assert result.exit_code == 2
    assert result.stderr == (
        f"monespace: {file} cannot be used:\n"
        "  no text is called page.skipp: page.skip is one\n"
        "  page.brand names {x}, which is not known there\n"
    )


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, call: Call) -> None:
    assert "cannot be read" in call("texts", "check", tmp_path / "none.toml").stderr


def test_a_text_that_an_upgrade_made_old_is_named(tmp_path: Path, call: Call) -> None:
    """By the check, and by the doctor, who finds nothing wrong with it."""
    old = f'{{ text = "Au contenu", of = "{digest_text("Passer")}" }}'
    (tmp_path / "own.toml").write_text(f'language = "fr"\n[texts]\n"page.skip" = {old}\n', "utf-8")
    result = call("texts", "check", tmp_path / "own.toml")
    config = write_settings(tmp_path, more='texts.file = "own.toml"')
    checks = json.loads(call("doctor", "--config", config, "--json").stdout)["checks"]
    doubt = next(check for check in checks if check["name"] == "texts")

    assert result.exit_code == 1
    assert result.stdout.startswith("page.skip: ours has changed since yours was written\n")
    assert doubt["is_good"] is True
    assert "ne sont plus : page.skip (fr)" in doubt["told"]


def test_the_doctor_says_in_which_language_people_are_answered(tmp_path: Path, call: Call) -> None:
    config = write_settings(tmp_path, more='texts.language = "auto"')
    checks = json.loads(call("doctor", "--config", config, "--json").stdout)["checks"]

    told = next(check["told"] for check in checks if check["name"] == "texts")
    assert told == "en français ou en anglais, selon le navigateur ; textes de votre main : 0"


def test_the_doctor_says_which_of_a_host_s_words_cannot_be_shown(
    tmp_path: Path, call: Call
) -> None:
    (tmp_path / "own.toml").write_text('language = "fr"\n[texts]\n"page.skipp" = "x"\n', "utf-8")
    config = write_settings(tmp_path, more='texts.file = "own.toml"')
    result = call("doctor", "--config", config, "--json")

    told = next(it for it in json.loads(result.stdout)["checks"] if it["name"] == "texts")
    assert told["is_good"] is False
    assert "no text is called page.skipp" in told["told"]


# --- a theme -------------------------------------------------------------------------------------


def test_the_doctor_tells_of_a_theme(tmp_path: Path, call: Call) -> None:
    """What is served of it, or why it cannot be."""
    told = {}
    for name, theme in {"good": 'accent = "#7a1f5c"', "bad": 'ink = "#aaaaaa"'}.items():
        (tmp_path / name).mkdir()
        more = f"theme.colours.{theme}"
        config = write_settings(tmp_path / name, more=more)
        checks = json.loads(call("doctor", "--config", config, "--json").stdout)["checks"]
        told[name] = next(check for check in checks if check["name"] == "theme")

    assert (told["good"]["is_good"], told["good"]["told"]) == (True, "servis : theme.css")
    assert told["bad"]["is_good"] is False
    assert "colours: ink on surface has a contrast of 2.3" in told["bad"]["told"]


def test_a_service_does_not_start_with_a_theme_that_cannot_be_read(
    tmp_path: Path, call: Call
) -> None:
    config = write_settings(tmp_path, more='theme.colours.accnt = "#000000"')
    result = call("serve", "--config", config)

    assert result.exit_code == 2
    assert "theme: colours.accnt is unknown" in result.stderr


def test_the_demo_takes_the_theme_of_a_settings_file(tmp_path: Path, call: Call) -> None:
    """Of the file, nothing else is read; what is wrong is told before anything is made."""
    (tmp_path / "mine.toml").write_text(
        'database = 3\n[theme]\nlogo = "none.svg"\ncolors = 1\n', "utf-8"
    )
    unread = call("demo", "--dir", tmp_path / "demo", "--theme", tmp_path / "mine.toml")
    (tmp_path / "mine.toml").write_text('[theme]\nlogo = "none.svg"\n', "utf-8")
    unusable = call("demo", "--dir", tmp_path / "demo", "--theme", tmp_path / "mine.toml")

    assert (unread.exit_code, unusable.exit_code) == (2, 2)
    assert "theme.colors is unknown, did you mean colours?" in unread.stderr
    assert "theme: logo cannot be read (No such file or directory)" in unusable.stderr
    assert not (tmp_path / "demo").exists()


def test_a_service_is_served_in_its_language_its_looks_and_its_policy(tmp_path: Path) -> None:
    """What the settings say reaches the pages."""
    more = """
    texts.language = "auto"
    theme.name = "CONSEIL"
    http.csp.img-src = ["https://cdn.example"]
    """
    settings = read_settings(write_settings(tmp_path, more=more), {})
    flows = from_settings(settings)
    app = app_of(flows, settings, read_keys(settings.keys_file), None)
    close_flows(flows)
    page = client_of(app, settings.base_url).get("/connexion", headers={"Accept-Language": "en"})

    assert "<h1>Sign in to your space</h1>" in page.text
    assert ">CONSEIL<" in page.text
    assert "img-src 'self' https://cdn.example;" in page.headers["content-security-policy"]


def test_a_source_that_would_open_the_policy_stops_a_service(tmp_path: Path, call: Call) -> None:
    config = write_settings(tmp_path, more='http.csp.script-src = ["*"]')
    result = call("serve", "--config", config)

    assert result.exit_code == 2
    assert "http: csp: script-src: * is every server there is" in result.stderr

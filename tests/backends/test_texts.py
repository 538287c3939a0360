"""A host's own texts in a file: read strictly, told apart from ours, and seen when they age."""

from __future__ import annotations

from pathlib import Path

import pytest

from monespace_backends.settings.service import SettingsInvalid, read_settings
from monespace_backends.settings.texts import TextsSettings, read_texts, write_texts
from monespace_backends.wiring import close_flows, from_settings
from monespace_flows.flows import STANDARD
from monespace_flows.texts import digest_text, every_text
from tests.cli.stories import write_settings

TITLE = "signin.enter_credentials.title"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path) -> tuple[str, ...]:
    with pytest.raises(SettingsInvalid) as caught:
        read_texts(path)
    return tuple(it.replace(str(path), "FILE") for it in caught.value.problems)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_written_out_replaces_nothing_until_it_is_changed(
    tmp_path: Path, language: str
) -> None:
    """So that an upgrade's new words are said by a host that changed others."""
    lines = list(write_texts(STANDARD, language))  # type: ignore[arg-type]  # one of both
    whole = read_texts(write(tmp_path / "all.toml", "\n".join(lines)))
    changed = [
        it.replace("Connectez-vous", "Entrez").replace("Sign in to", "Enter") for it in lines
    ]
    one = read_texts(write(tmp_path / "one.toml", "\n".join(changed)))

    assert len(lines) > len(every_text(STANDARD))
    assert (whole.language, dict(whole.texts)) == (language, {})
    assert TITLE in one.texts
    assert list(one.stale(STANDARD)) == []


def test_a_text_that_was_written_for_other_words_is_named(tmp_path: Path) -> None:
    """One that says for no words that it was written is never old."""
    file = write(
        tmp_path / "own.toml",
        f"""language = "fr"
        [texts]
        "{TITLE}" = {{ text = "Entrez", of = "{digest_text("Identifiez-vous")}" }}
        "page.skip" = "Au contenu"
        """,
    )

    assert list(read_texts(file).stale(STANDARD)) == [TITLE]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ("FILE: language must be one of fr, en",)),
        (
            'language = "de"\ntext = 1\ntexts = 2',
            (
                "FILE: text is unknown",
                "FILE: language must be one of fr, en",
                "FILE: texts must be a table",
            ),
        ),
        (
            """
            language = "fr"
            [texts]
            a = 1
            b = { of = "x" }
            c = { text = "x", if = "y" }
            d = { text = "x", of = 3 }
            e = "good"
            """,
            tuple(f'FILE: {it} must be a text, or {{ text = "…", of = "…" }}' for it in "abcd"),
        ),
    ],
)
def test_a_file_that_is_wrong_is_told_whole(
    tmp_path: Path, text: str, told: tuple[str, ...]
) -> None:
    assert problems(write(tmp_path / "own.toml", text)) == told


def test_there_may_be_a_file_for_each_language(tmp_path: Path) -> None:
    write(tmp_path / "own.en.toml", 'language = "en"\n[texts]\n"page.skip" = "Skip"')
    settings = TextsSettings(language="auto", file=tmp_path / "own.{language}.toml")

    assert settings.by_language == {"en": {"page.skip": "Skip"}}
    (tmp_path / "own.en.toml").unlink()
    assert settings.by_language  # which a start asks for twice, and reads once
    assert settings.own == "fr"


def test_a_file_of_another_language_than_its_name_says_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "own.en.toml", 'language = "fr"')
    with pytest.raises(SettingsInvalid, match=r"own\.en\.toml says that its language is fr"):
        TextsSettings(file=tmp_path / "own.{language}.toml").read()


def test_a_file_that_is_there_in_no_language_is_missed(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="is there in no language"):
        TextsSettings(file=tmp_path / "own.{language}.toml").read()


def test_a_service_says_its_own_words(tmp_path: Path) -> None:
    """On its screens; another language keeps ours."""
    write(tmp_path / "own.toml", f'language = "en"\n[texts]\n"{TITLE}" = "Come in"')
    more = 'texts = { language = "en", file = "own.toml" }'
    flows = from_settings(read_settings(write_settings(tmp_path, more=more), {}))

    close_flows(flows)

    assert flows.preview("signin").screen.title == "Come in"
    assert flows.preview("signin", language="fr").screen.title == "Connectez-vous à votre espace"


def test_texts_that_could_not_be_shown_stop_a_service_at_its_start(tmp_path: Path) -> None:
    write(
        tmp_path / "own.toml", 'language = "fr"\n[texts]\n"page.skipp" = "x"\n"page.brand" = "{x}"'
    )
    settings = read_settings(write_settings(tmp_path, more='texts.file = "own.toml"'), {})
    with pytest.raises(SettingsInvalid) as caught:
        from_settings(settings)

    assert caught.value.problems == (
        "texts.file: no text is called page.skipp: page.skip is one",
        "texts.file: page.brand names {x}, which is not known there",
    )


def test_a_file_that_is_not_there_is_told_with_all_else(tmp_path: Path) -> None:
    more = 'texts.file = "nowhere.toml"\npasswords.blocklist = "none.txt"'
    settings = read_settings(write_settings(tmp_path, more=more), {})
    with pytest.raises(SettingsInvalid) as caught:
        from_settings(settings)

    told = [it.partition(":")[0] for it in caught.value.problems]
    assert told == ["texts.file", "passwords.blocklist"]

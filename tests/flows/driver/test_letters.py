"""How a message says an instant, and where it leads."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from monespace_flows.driver.case import Site
from monespace_flows.language import FRENCH

NOON = datetime(2026, 8, 1, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("UTC", "1er août 2026 à 12 h 05 (UTC)"),
        ("Europe/Paris", "1er août 2026 à 14 h 05 (UTC+2)"),
        ("America/Guadeloupe", "1er août 2026 à 8 h 05 (UTC-4)"),
        ("Pacific/Marquesas", "1er août 2026 à 2 h 35 (UTC-9.5)"),
        ("Pacific/Noumea", "1er août 2026 à 23 h 05 (UTC+11)"),
    ],
)
def test_ft_03_an_instant_is_said_in_local_time_with_its_offset(zone: str, words: str) -> None:
    """Wherever the host says that its readers are."""
    assert FRENCH.instant(NOON, ZoneInfo(zone)) == words


def test_every_month_has_its_name() -> None:
    """In French, without capitals."""
    said = [FRENCH.instant(datetime(2026, month, 1, tzinfo=UTC), UTC) for month in range(1, 13)]

    assert [words.split()[1] for words in said] == [
        "janvier", "février", "mars", "avril", "mai", "juin",
        "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("base_url", "host", "link"),
    [
        ("https://monespace.example", "monespace.example", "https://monespace.example/lien/t"),
        ("http://127.0.0.1:8000/", "127.0.0.1", "http://127.0.0.1:8000/lien/t"),
        ("https://[::1]:8443/a/b/", "[::1]", "https://[::1]:8443/a/b/lien/t"),
        ("HTTPS://Espace.Example", "Espace.Example", "HTTPS://Espace.Example/lien/t"),
    ],
)
def test_lk_13_a_link_begins_with_the_site_s_own_address(
    base_url: str, host: str, link: str
) -> None:
    """With the prefix under which the pages are mounted."""
    site = Site(base_url=base_url)

    assert (site.host, site.link("t")) == (host, link)


def test_in_07_the_site_s_words_are_its_names() -> None:
    """What a guesser tries first."""
    assert Site(name="Mon Espace").words == ("Mon Espace", "MonEspace", "monespace.example")

"""The search finds what it looks for."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest

from .conftest import Told
from .markers import Condensed, assert_no_marker
from .people import ZIBELINE

MARKER = ZIBELINE.password
WRITTEN = {
    "clear": f"-{MARKER}-",
    "quoted": quote(f"-{MARKER}-"),
    "JSON": json.dumps({"a": MARKER}),
    "hexadecimal": f"-{MARKER}-".encode().hex(),
    **{f"base64 after {n}": b64encode(n * b"-" + MARKER.encode()).decode() for n in range(4)},
    **{
        f"base64url after {n}": urlsafe_b64encode(n * b"-" + MARKER.encode()).decode()
        for n in (0, 1)
    },
}


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_a_marker_is_found_however_it_is_written(written: str) -> None:
    with pytest.raises(AssertionError, match="a text holds password"):
        assert_no_marker("a text", written, {"password": MARKER})


@pytest.mark.parametrize(
    "written",
    [*WRITTEN.values(), f"-{MARKER}-".encode("utf-16-le")],
    ids=[*WRITTEN, "UTF-16"],
)
def test_a_marker_is_found_in_a_file_of_many_pages(written: str | bytes) -> None:
    """Between what it is written next to, and where the same page came before without it."""
    needle = written if isinstance(written, bytes) else written.encode()
    page = bytes(range(256)) * 100 + bytes(4096) + b"a text" + bytes(4096)
    content = page * 2 + b"\x01\x17" + needle + b"\x02" + page

    assert_no_marker("a file", page * 3, {"password": MARKER})
    with pytest.raises(AssertionError, match="a file holds password"):
        assert_no_marker("a file", content, {"password": MARKER})


@pytest.mark.parametrize("needle", [b"123", b"line\nline", b"\0\1"], ids=repr)
def test_what_lies_within_no_run_of_text_is_found_all_the_same(needle: bytes) -> None:
    around = bytes(20_000)

    assert needle in Condensed(around + needle + around)
    assert needle not in Condensed(around)


def test_what_was_delivered_holds_codes_and_tokens(told: Told) -> None:
    """They were really sent, and would be found where they are not wanted."""
    outside = "\n".join(message.text for message in told.world.outside.read())

    for kind in ("code", "reset_link", "confirmation"):
        wanted = {name: it for name, it in told.world.markers.items() if name.startswith(kind)}
        assert wanted
        with pytest.raises(AssertionError):
            assert_no_marker("the outside", outside, wanted)

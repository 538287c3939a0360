"""The search finds what it looks for."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest

from .conftest import Told
from .markers import assert_no_marker
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


def test_what_was_delivered_holds_codes_and_tokens(told: Told) -> None:
    """They were really sent, and would be found where they are not wanted."""
    outside = "\n".join(message.text for message in told.world.outside.read())

    for kind in ("code", "reset_link", "confirmation"):
        wanted = {name: it for name, it in told.world.markers.items() if name.startswith(kind)}
        assert wanted
        with pytest.raises(AssertionError):
            assert_no_marker("the outside", outside, wanted)

"""Values that stand nowhere else, and the search for them in whatever was left behind."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from urllib.parse import quote, quote_plus


def assert_no_marker(where: str, found: str | bytes, markers: Mapping[str, str]) -> None:
    """Fail, naming the marker, if any is there: clear, base64, hexadecimal or quoted."""
    content = found if isinstance(found, bytes) else found.encode("utf-8", "replace")
    seen = [
        f"{name} as {spelling}"
        for name, value in markers.items()
        for spelling, needle in spellings(value)
        if needle in content
    ]
    assert not seen, f"{where} holds {', '.join(seen)}"


@cache
def spellings(value: str) -> tuple[tuple[str, bytes], ...]:
    """Every way in which a value might be written down without being hidden."""
    distinct = {needle: spelling for spelling, needle in _spellings(value)}
    return tuple((spelling, needle) for needle, spelling in distinct.items())


def _spellings(value: str) -> Iterator[tuple[str, bytes]]:
    raw = value.encode()
    yield "typed", raw
    yield "UTF-16", value.encode("utf-16-le")
    yield "JSON", ascii(value)[1:-1].encode()
    yield "quoted", quote(value).encode()
    yield "form", quote_plus(value).encode()
    yield "hexadecimal", raw.hex().encode()
    yield "HEXADECIMAL", raw.hex().upper().encode()
    for start in range(3):
        yield "base64", _inside(b64encode, raw, start)
        yield "base64url", _inside(urlsafe_b64encode, raw, start)


def _inside(encode: Callable[[bytes], bytes], raw: bytes, start: int) -> bytes:
    """The part of a value's base64 that its neighbours do not change, at one alignment."""
    whole = (len(raw) + start) // 3 * 3 - start
    encoded = encode(bytes(start) + raw[:whole])
    return encoded[4:] if start else encoded

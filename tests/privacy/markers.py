"""Values that stand nowhere else, and the search for them in whatever was left behind."""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from urllib.parse import quote, quote_plus

_LONG = 10_000
_SHORTEST = 4  # of the runs that are looked at, so of what may be looked for in them
_NARROW = re.compile(rb"[\x20-\xff]{4,}")
_WIDE = re.compile(rb"(?:[^\0]\0){4,}")


def assert_no_marker(where: str, found: str | bytes, markers: Mapping[str, str]) -> None:
    """Fail, naming the marker, if any is there: clear, base64, hexadecimal or quoted."""
    content = found if isinstance(found, bytes) else found.encode("utf-8", "replace")
    condensed = Condensed(content) if len(content) > _LONG else content
    seen = [
        f"{name} as {spelling}"
        for name, value in markers.items()
        for spelling, needle in spellings(value)
        if needle in condensed
    ]
    assert not seen, f"{where} holds {', '.join(seen)}"


class Condensed:
    """What can be looked for in some content, without most of its bulk.

    A log of writes holds a page again for each change of it.  What is looked for holds no control
    characters, or each of its bytes is followed by a zero: so it lies within one run of such bytes,
    and each different run needs to be looked at once.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._narrow = b"\n".join({*_NARROW.findall(content)})
        self._wide = b"\n".join({*_WIDE.findall(content)})

    def __contains__(self, needle: bytes) -> bool:
        """Say whether the content holds it; in full where it would not lie within a run."""
        if len(needle) >= _SHORTEST and min(needle) >= 0x20:
            return needle in self._narrow
        if len(needle) >= 2 * _SHORTEST and _WIDE.fullmatch(needle):
            return needle in self._wide
        return needle in self._content


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

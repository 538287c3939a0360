"""Lists of passwords that are too common or that leaked, as Bloom filters: small, never wrong.

A filter never misses what was put into it; it takes one text in ten million for one that was.
Ours is made of zxcvbn's lists (MIT licence), of the French and professional words beside it, and
of pairs of the most usual of those; a test makes it again and compares.  A host's own list is a
file of lines, or a filter made of one::

    python -m monespace_backends.blocklist leaked.txt leaked.bloom

A line is a password, or the SHA-1 of one in hexadecimal with or without ``:count`` behind it, as
public lists of breaches have it.  No list ever leaves the machine, and no password does.
"""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import sha1, shake_128
from importlib import resources
from itertools import product
from math import ceil, log, log2
from pathlib import Path

from attrs import field, frozen

from monespace_flows.ports import Blocklist

from .passwords import read_words

__all__ = ["BloomFilter", "read_blocklist"]

_FALSE_POSITIVES = 1e-7  # a good password is looked up in a dozen spellings
_MAGIC = b"monespace-bloom-1 "
_SHORTEST = 5  # what is shorter is no password's core: years and signs around it are not that long
_PAIRED = 60  # the most usual words, each with each: 15 letters and more where they are long
_LARGEST_TEXT = 64 * 1024 * 1024
_SHA1 = re.compile(r"([0-9A-F]{40})(:[0-9]+)?", re.IGNORECASE)


@frozen
class BloomFilter:
    """A filter in memory; ``is_hashed``: its entries are SHA-1 digests in hexadecimal."""

    bits: bytes = field(repr=False)
    hashes: int
    is_hashed: bool = False

    def contains(self, password: str) -> bool:
        """Whether it is listed, spelled like this."""
        places = _places(self._key(password), len(self.bits) * 8, self.hashes)
        return all(self.bits[place >> 3] >> (place & 7) & 1 for place in places)

    def _key(self, password: str) -> str:
        if not self.is_hashed:
            return password
        # Public lists of breaches are of SHA-1: nothing is protected by it here.
        return sha1(_encoded(password), usedforsecurity=False).hexdigest().upper()

    def write(self) -> bytes:
        """Write it as a file: one line of header, then the bits."""
        return _MAGIC + f"{self.hashes} {int(self.is_hashed)}\n".encode() + self.bits


@frozen
class _Several:
    lists: tuple[Blocklist, ...]

    def contains(self, password: str) -> bool:
        return any(each.contains(password) for each in self.lists)


def read_blocklist(path: Path | None = None) -> Blocklist:
    """Read our own list, and a host's beside it.

    Args:
        path: the host's: a file of lines, or a filter made of one.

    Raises:
        OSError: it cannot be read.
        ValueError: it is neither, is empty, or is so long that a filter must be made of it first.
    """
    ours = _ours()
    if path is None:
        return ours
    with path.open("rb") as file:
        is_filter = file.read(len(_MAGIC)) == _MAGIC
    if is_filter:
        return _Several((ours, _opened(path.read_bytes())))
    if path.stat().st_size > _LARGEST_TEXT:
        raise ValueError(
            "is too long to be read at each start; make a filter of it once: "
            "python -m monespace_backends.blocklist LIST FILTER"
        )
    return _Several((ours, make_filter(_lines(path))))


@cache
def _ours() -> BloomFilter:
    return _opened(resources.files(__package__).joinpath("data", "blocklist.bloom").read_bytes())


def _opened(content: bytes) -> BloomFilter:
    header, _, bits = content.removeprefix(_MAGIC).partition(b"\n")
    try:
        hashes, is_hashed = map(int, header.split())
    except ValueError:
        raise ValueError("is a damaged filter: make it again") from None
    if not bits or hashes < 1:
        raise ValueError("is a damaged filter: make it again")
    return BloomFilter(bits, hashes, bool(is_hashed))


# --- making one ----------------------------------------------------------------------------------


def make_filter(entries: Iterable[str]) -> BloomFilter:
    """Make a filter of passwords, or of their SHA-1 digests, whichever the first of them is.

    Raises:
        ValueError: there is none, or some are passwords and some are not.
    """
    listed = set(entries)
    if not listed:
        raise ValueError("holds no password")
    digests = {found[1].upper() for entry in listed if (found := _SHA1.fullmatch(entry))}
    if digests and len(digests) < len(listed):
        raise ValueError("holds passwords and SHA-1 digests: make two lists of them")
    keys = digests or listed | {entry.casefold() for entry in listed}
    size = ceil(len(keys) * -log(_FALSE_POSITIVES) / log(2) ** 2 / 8)
    hashes = round(-log2(_FALSE_POSITIVES))
    bits = bytearray(size)
    for key in keys:
        for place in _places(key, size * 8, hashes):
            bits[place >> 3] |= 1 << (place & 7)
    return BloomFilter(bytes(bits), hashes, bool(digests))


def common_passwords() -> Iterator[str]:
    """List what our own filter holds."""
    # A tool of developers: a service reads the filter that was made, and has no need of it.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    french, site = read_words("french_words"), read_words("site_words")
    usual = [word for word in (*site, *french) if len(word) >= _SHORTEST]
    yield from (word for words in FREQUENCY_LISTS.values() for word in words)
    yield from usual
    paired = [*site[:_PAIRED], *french[:_PAIRED]]
    yield from ("".join(pair) for pair in product(paired, repeat=2))


def ours_again() -> BloomFilter:
    """Make our own filter from what it is made of."""
    return make_filter(each for each in common_passwords() if len(each) >= _SHORTEST)


def _places(key: str, size: int, hashes: int) -> Iterator[int]:
    # Independent ones: two hashes and their sums, as is usual, miss the rate in small filters.
    digest = shake_128(_encoded(key)).digest(8 * hashes)
    return (int.from_bytes(digest[at : at + 8]) % size for at in range(0, 8 * hashes, 8))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
        yield from filter(None, (line.rstrip("\r\n") for line in file))


def main(arguments: Sequence[str]) -> None:
    """Make a filter of a file of lines; without one, our own again."""
    parser = ArgumentParser(
        prog="python -m monespace_backends.blocklist",
        description=__doc__,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("list", nargs="?", type=Path, help="one password, or SHA-1, a line")
    parser.add_argument("filter", type=Path, help="the file to write")
    asked = parser.parse_args(arguments)
    try:
        made = ours_again() if asked.list is None else make_filter(_lines(asked.list))
        asked.filter.write_bytes(made.write())
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        parser.error(f"{asked.list or asked.filter}: {reason}")
    sys.stdout.write(f"{asked.filter}: {len(made.bits)} bytes, {made.hashes} hashes an entry\n")


if __name__ == "__main__":
    main(sys.argv[1:])

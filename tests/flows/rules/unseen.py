"""Values with what cannot be seen scattered in them."""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["BLANKS", "UNSEEN", "scattered"]

BLANKS = "\t\n\r\v\f \u0085\u00a0\u2000\u2003\u2007\u2009\u200a\u2028\u202f\u205f\u2800\u3000\u3164"
UNSEEN = (
    "\x01\x07\x1b\x7f\u00ad\u034f\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202e"
    "\u2060\u2066\u2069\ufe0f\ufeff\U000e0001\U000e0100"
)


def scattered(value: str, *, blanks: bool = True) -> st.SearchStrategy[str]:
    """Put any of it anywhere, white space too unless it would part what belongs together."""
    inside = st.text(UNSEEN + (BLANKS if blanks else ""), max_size=3)
    around = st.text(UNSEEN + BLANKS, max_size=3)
    gaps = st.lists(inside, min_size=len(value), max_size=len(value))
    return st.builds(
        lambda before, between, after: (
            before + "".join(map("".join, zip(value, between, strict=True))) + after
        ),
        around,
        gaps,
        around,
    )

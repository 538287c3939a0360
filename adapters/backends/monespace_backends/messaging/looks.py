"""How e-mails look: in the colours of the pages, by the same names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from attrs import field, frozen

__all__ = ["Looks"]

# Mail clients know no custom properties: each colour stands on its element.  A test compares these
# with the sheet of the pages, which also checks what a theme makes of them for contrast.
_LIGHT: Mapping[str, str] = {
    "surface": "#ffffff",
    "sunk": "#f3f1ea",
    "ink": "#17292c",
    "ink-soft": "#4a5c5f",
    "accent": "#0b5359",
    "accent-ink": "#ffffff",
    "spine": "#0b3f44",
    "spine-ink": "#ffffff",
    "spine-brass": "#e2b35f",
}
_DARK: Mapping[str, str] = {
    "ground": "#10191a",
    "surface": "#172324",
    "sunk": "#1b292b",
    "ink": "#e9efed",
    "ink-soft": "#adbcba",
    "accent": "#8fd3cd",
    "accent-ink": "#062c2f",
}
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


@frozen(kw_only=True)
class Looks:
    """How e-mails look, where it is not as they are shipped.

    Args:
        name: what the banner says, where no text of the host's own says it.
        colours: custom properties of the pages' style sheet by their names, each a ``#rrggbb``;
            ``dark`` are those of dark screens.  Those that no e-mail shows are left aside.

    Raises:
        ValueError: with each colour that is none.
    """

    name: str | None = None
    colours: Mapping[str, str] = field(factory=dict)
    dark: Mapping[str, str] = field(factory=dict)
    light_shown: Mapping[str, str] = field(init=False, repr=False)
    dark_shown: Mapping[str, str] = field(init=False, repr=False)

    @light_shown.default
    def _light(self) -> Mapping[str, str]:
        return {name: self.colours.get(name, ours) for name, ours in _LIGHT.items()}

    @dark_shown.default
    def _night(self) -> Mapping[str, str]:
        return {name: self.dark.get(name, ours) for name, ours in _DARK.items()}

    def __attrs_post_init__(self) -> None:
        faults = [*_wrong("colours", self.light_shown), *_wrong("dark", self.dark_shown)]
        if faults:
            raise ValueError("; ".join(faults))


def _wrong(table: str, shown: Mapping[str, str]) -> Iterator[str]:
    for name, colour in shown.items():
        if _COLOUR.fullmatch(colour) is None:
            yield f"{table}.{name} must be like #0b5359"

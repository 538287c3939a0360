"""How the pages look: a host's name, logo, colours and fonts, checked before anybody sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree as ET

from attrs import field, frozen

__all__ = ["Theme"]

_LOGO_BYTES, _FONT_BYTES = 100_000, 400_000
_KINDS: Mapping[str, re.Pattern[bytes]] = {
    "svg": re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<svg\b", re.DOTALL),
    "png": re.compile(rb"\x89PNG\r\n"),
    "jpg": re.compile(rb"\xff\xd8\xff"),
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "woff2": re.compile(rb"wOF2"),
    "woff": re.compile(rb"wOFF"),
}
_IMAGES = ("svg", "png", "jpg", "webp")
_FONTS = ("woff2", "woff")

_COLOUR = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
_FAMILY = re.compile(r"[A-Za-z0-9][A-Za-z0-9 -]{0,60}")
_STACK = re.compile(r"""[A-Za-z0-9 ,"'_-]{1,300}""")

_AA, _SEEN = 4.5, 3.0
"""What WCAG asks of a text on its ground, and of a line or a mark on its own."""

_TEXTS = ("ink", "ink-soft", "accent", "accent-strong")
_PAIRS: tuple[tuple[str, str, float], ...] = (
    *((text, "sunk", _AA) for text in ("ink", "ink-soft")),
    *((text, ground, _AA) for text in _TEXTS for ground in ("ground", "surface")),
    *(("accent-ink", ground, _AA) for ground in ("accent", "accent-strong")),
    *(("ink", f"{ground}-pale", _AA) for ground in ("accent", "error", "success")),
    *((text, f"{text}-pale", _AA) for text in ("accent", "error", "success")),
    *((text, "surface", _AA) for text in ("error", "success")),
    *((text, "spine", _AA) for text in ("spine-ink", "spine-soft")),
    *((mark, "surface", _SEEN) for mark in ("line", "brass", "focus")),
    ("focus", "ground", _SEEN),
    ("spine-brass", "spine", _SEEN),
)  # fmt: skip


@frozen(kw_only=True)
class Theme:
    """How the pages look, where it is not as they are shipped.

    Args:
        name: what the banner says.
        logo: the picture beside it, and the icon of the site: SVG, PNG, JPEG or WebP.
        colours: custom properties of the style sheet by their names, such as ``accent``, each a
            ``#rrggbb``; what is left out stays as it is.
        dark: the same for dark screens.
        font: the font stack of texts, as CSS writes it.
        headings: that of headings.
        font_files: files to serve, WOFF2 or WOFF, by the name of their family.

    Raises:
        ValueError: with all that is wrong: a name, a file, or a text that could hardly be read.
    """

    name: str | None = None
    logo: Path | None = None
    colours: Mapping[str, str] = field(factory=dict)
    dark: Mapping[str, str] = field(factory=dict)
    font: str | None = None
    headings: str | None = None
    font_files: Mapping[str, Path] = field(factory=dict)
    files: Mapping[str, bytes] = field(init=False, factory=dict, repr=False, eq=False)
    """What is served of it, by file name: its sheet, its logo, its fonts."""

    def __attrs_post_init__(self) -> None:
        faults = [*self._wrong_colours(), *self._wrong_fonts()]
        found: dict[str, bytes] = {}
        if self.logo is not None:
            faults += _read(self.logo, "logo", "logo", found, kinds=_IMAGES, most=_LOGO_BYTES)
        for number, (family, path) in enumerate(self.font_files.items(), 1):
            where = f"font_files.{family}"
            faults += _read(path, where, f"font-{number}", found, kinds=_FONTS, most=_FONT_BYTES)
        if faults:
            raise ValueError("theme: " + "; ".join(faults))
        sheet = "".join(self._sheet(found))
        if sheet:
            found["theme.css"] = sheet.encode()
        object.__setattr__(self, "files", found)

    @property
    def logo_file(self) -> str | None:
        """The name of the logo among what is served."""
        return next((name for name in self.files if name.startswith("logo.")), None)

    @property
    def has_sheet(self) -> bool:
        """Whether there is a sheet to add to ours."""
        return "theme.css" in self.files

    @property
    def banner(self) -> str:
        """The colour of the banner, which some browsers take up."""
        return {**_shipped()[0], **self.colours}["spine"]

    def _wrong_colours(self) -> Iterator[str]:
        light, dark = _shipped()
        sound = True
        for table, given in (("colours", self.colours), ("dark", self.dark)):
            for name, colour in given.items():
                if name not in light:
                    sound = False
                    yield f"{table}.{name} is unknown: {', '.join(light)}"
                elif not _COLOUR.fullmatch(colour):
                    sound = False
                    yield f"{table}.{name} must be like #0b5359"
        if sound:
            yield from _hard_to_read("colours", {**light, **self.colours})
            yield from _hard_to_read("dark", {**dark, **self.dark})

    def _wrong_fonts(self) -> Iterator[str]:
        for name, stack in (("font", self.font), ("headings", self.headings)):
            if stack is not None and not _STACK.fullmatch(stack):
                yield f"{name} must be a list of families, such as: Marianne, Arial, sans-serif"
        for family in self.font_files:
            if not _FAMILY.fullmatch(family):
                yield f"font_files.{family}: name a family by letters, digits and spaces"

    def _sheet(self, found: Mapping[str, bytes]) -> Iterator[str]:
        fonts = (name for name in found if name.startswith("font-"))
        for family, name in zip(self.font_files, fonts, strict=True):
            face = f'font-family: "{family}"; src: url("{name}"); font-display: swap;'
            yield f"@font-face {{ {face} }}\n"
        if self.logo is not None:
            yield _rule({"watermark": "none"})  # the Order's own sign
        stacks = {"text": self.font, "book": self.headings}
        yield _rule({name: stack for name, stack in stacks.items() if stack} | {**self.colours})
        # Ours for dark screens stand before this sheet: what it changes must be said again.
        night = {name: _shipped()[1][name] for name in self.colours} | {**self.dark}
        if night:
            yield f"@media (prefers-color-scheme: dark) {{\n{_rule(night)}}}\n"


def _rule(properties: Mapping[str, str]) -> str:
    lines = "".join(f"  --{name}: {value};\n" for name, value in properties.items())
    return f":root {{\n{lines}}}\n" if lines else ""


# --- colours -------------------------------------------------------------------------------------


@cache
def _shipped() -> tuple[dict[str, str], dict[str, str]]:
    """Our own colours, by name: those of light screens, then those of dark ones."""
    sheet = files(__package__).joinpath("pages", "static", "monespace.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", it)) for it in blocks[:2])
    return light, {**light, **dark}


def _hard_to_read(table: str, colours: Mapping[str, str]) -> Iterator[str]:
    for text, ground, needed in _PAIRS:
        contrast = _contrast(colours[text], colours[ground])
        if contrast < needed:
            yield (
                f"{table}: {text} on {ground} has a contrast of {contrast:.1f}, where WCAG AA asks "
                f"for {needed}: change one of them"
            )


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# --- files ---------------------------------------------------------------------------------------


def _read(
    path: Path,
    where: str,
    stem: str,
    found: dict[str, bytes],
    *,
    kinds: tuple[str, ...],
    most: int,
) -> Iterator[str]:
    """Read a file to be served, under the name that its content gives it; else say why not."""
    try:
        content = path.read_bytes()
    except OSError as error:
        yield f"{where} cannot be read ({error.strerror})"
        return
    kind = next((it for it in kinds if _KINDS[it].match(content)), None)
    if len(content) > most:
        yield f"{where} has {len(content)} bytes: at most {most}, since every visit loads it"
    elif kind is None:
        yield f"{where} is none of {', '.join(kinds)}"
    elif kind == "svg" and (why := _unsafe(content)):
        yield f"{where} {why}"
    else:
        found[f"{stem}.{kind}"] = content


_ALIVE = frozenset({
    "animate", "animatemotion", "animatetransform", "audio", "foreignobject", "handler", "iframe",
    "script", "set", "video",
})  # fmt: skip


def _unsafe(content: bytes) -> str | None:
    """Why a drawing could do more than be looked at, where somebody opens it by itself."""
    if b"<!" in content.replace(b"<!--", b""):
        return "has a document type: take it out"
    try:
        root = ET.fromstring(content)  # noqa: S314 - without a document type: no entities
    except ET.ParseError:
        return "is no drawing: it cannot be read as XML"
    for element in root.iter():
        tag = str(element.tag).rpartition("}")[2].lower()
        if tag in _ALIVE:
            return f"holds <{tag}>: export it as a plain drawing"
        for name, value in element.attrib.items():
            plain = name.rpartition("}")[2].lower()
            if plain.startswith("on"):
                return f"holds {plain}=: export it as a plain drawing"
            if plain == "href" and not value.startswith(("#", "data:image/")):
                return "loads something from elsewhere: export it as a plain drawing"
    return None

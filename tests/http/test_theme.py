"""A host's looks: what is served of a theme, what is refused, slots, and more sources."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monespace_flows.texts import read_words
from monespace_flows.wording import Lang
from monespace_http import Theme, theme_page
from monespace_http.theme import _COLOUR, _shipped
from tests.http.visiting import Served, settings

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
FONT = b"wOF2" + b"\0" * 40
NIGHT = {"accent": "#f0b7d6", "accent-strong": "#f9d9ea", "accent-ink": "#3d1030"}


def faults(**given: Any) -> list[str]:
    with pytest.raises(ValueError, match="theme: ") as caught:
        Theme(**given)
    return str(caught.value).removeprefix("theme: ").split("; ")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes], Path]:
    def write(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        return path

    return write


def asset(served: Served, page: str, name: str) -> Any:
    found = re.search(rf'"([^"]+/{re.escape(name)})"', page)
    assert found is not None
    return served.client.get(found[1])


# --- what is served ------------------------------------------------------------------------------


def test_without_a_theme_nothing_is_added(served: Served) -> None:
    page = served.client.get("/connexion").text

    assert "theme.css" not in page
    assert "/icon.svg" in page
    assert "ORDRE DES MÉDECINS" in page


def test_a_theme_has_a_name_a_logo_colours_and_fonts(
    write: Callable[[str, bytes], Path],
) -> None:
    served = Served(
        theme=Theme(
            name="CONSEIL D'EXEMPLE",
            logo=write("logo.svg", SVG),
            colours={"accent": "#7a1f5c", "accent-strong": "#561240", "spine": "#3d1030"},
            dark=NIGHT,
            font="'Exemple Sans', Arial, sans-serif",
            headings="Georgia, serif",
            font_files={"Exemple Sans": write("sans.woff2", FONT)},
        )
    )
    page = served.client.get("/connexion").text
    sheet = asset(served, page, "theme.css").text
    logo = asset(served, page, "logo.svg")

    assert "CONSEIL D&#39;EXEMPLE" in page
    assert '<meta name="theme-color" content="#3d1030">' in page
    assert (logo.headers["content-type"], logo.content) == ("image/svg+xml", SVG)
    assert "default-src 'none'" in logo.headers["content-security-policy"]
    assert '@font-face { font-family: "Exemple Sans"; src: url("font-1.woff2");' in sheet
    assert "--text: 'Exemple Sans', Arial, sans-serif;" in sheet
    assert "--book: Georgia, serif;" in sheet
    assert "--accent: #7a1f5c;" in sheet
    light, night = sheet.split("@media (prefers-color-scheme: dark)")
    assert "--accent: #7a1f5c;" in light
    assert "--accent: #f0b7d6;" in night
    assert "--spine: #0a2d31;" in night, "what is left out of the dark colours stays ours"


def test_a_font_is_served_beside_the_sheet_that_names_it(
    write: Callable[[str, bytes], Path],
) -> None:
    served = Served(theme=Theme(font_files={"Exemple": write("a.woff2", FONT)}))
    page = served.client.get("/connexion").text
    found = re.search(r'"([^"]+/)theme.css"', page)
    assert found is not None
    font = served.client.get(f"{found[1]}font-1.woff2")

    assert (font.headers["content-type"], font.content) == ("font/woff2", FONT)


def test_the_file_of_a_logo_is_known_by_what_is_in_it(write: Callable[[str, bytes], Path]) -> None:
    theme = Theme(logo=write("logo.svg", PNG))

    assert theme.logo_file == "logo.png"


def test_all_of_our_own_colours_can_be_changed() -> None:
    """The names are those of the sheet itself, and ours are easy enough to read."""
    light, dark = _shipped()

    assert {"accent", "ink", "spine", "focus"} < light.keys() == dark.keys()
    assert all(_COLOUR.fullmatch(each) for each in (*light.values(), *dark.values()))
    assert Theme(colours=light, dark=dark).has_sheet


# --- what is refused -----------------------------------------------------------------------------


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    told = faults(
        logo=tmp_path / "none.svg",
        colours={"accnt": "#000000", "ink": "red"},
        font="Arial; } body { display: none",
        font_files={'A"B': tmp_path / "none.woff2"},
    )

    assert [it.partition(":")[0] for it in told[:1]] == ["colours.accnt is unknown"]
    assert told[1:] == [
        "colours.ink must be like #0b5359",
        "font must be a list of families, such as: Marianne, Arial, sans-serif",
        'font_files.A"B: name a family by letters, digits and spaces',
        "logo cannot be read (No such file or directory)",
        'font_files.A"B cannot be read (No such file or directory)',
    ]


@pytest.mark.parametrize(
    ("colours", "told"),
    [
        (
            {"colours": {"ink": "#777777"}},
            "colours: ink on sunk has a contrast of 4.0, where WCAG AA asks for 4.5",
        ),
        (
            {"colours": {"line": "#dddddd"}},
            "colours: line on surface has a contrast of 1.4, where WCAG AA asks for 3.0",
        ),
        (
            {"dark": {"accent": "#205050"}},
            "dark: accent on ground has a contrast of 2.0, where WCAG AA asks for 4.5",
        ),
    ],
)
def test_a_text_that_could_hardly_be_read_is_refused(colours: dict[str, Any], told: str) -> None:
    assert f"{told}: change one of them" in faults(**colours)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"GIF89a", "logo is none of svg, png, jpg, webp"),
        (
            PNG + b"\0" * 100_000,
            "logo has 100048 bytes: at most 100000, since every visit loads it",
        ),
        (
            b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
            "logo holds <script>: export it as a plain drawing",
        ),
        (
            b'<svg xmlns="http://www.w3.org/2000/svg"><g onload="alert(1)"/></svg>',
            "logo holds onload=: export it as a plain drawing",
        ),
        (
            b'<svg xmlns="http://www.w3.org/2000/svg"><use href="https://cdn.example/a#b"/></svg>',
            "logo loads something from elsewhere: export it as a plain drawing",
        ),
        (b"<svg><g></svg>", "logo is no drawing: it cannot be read as XML"),
        (
            b'<?xml version="1.0"?><svg><![CDATA[x]]></svg>',
            "logo has a document type: take it out",
        ),
    ],
)  # fmt: skip
def test_a_file_that_is_no_plain_picture_is_refused(
    write: Callable[[str, bytes], Path], content: bytes, told: str
) -> None:
    assert faults(logo=write("logo", content)) == [told]


def test_a_drawing_may_name_its_own_parts(write: Callable[[str, bytes], Path]) -> None:
    drawing = SVG.replace(b"<path", b'<!-- ours --><use href="#a"/><path id="a"')

    assert Theme(logo=write("logo.svg", drawing)).logo_file == "logo.svg"


# --- slots ---------------------------------------------------------------------------------------


def test_what_a_host_puts_into_our_templates_stands_there(
    tmp_path: Path, write: Callable[[str, bytes], Path]
) -> None:
    write("slots/head.html", b'<meta name="exemple" content="{{ site_name }}">')
    write("slots/footer.html", b"<p>Un service d'exemple, en {{ language }}.</p>")
    write("slots/home.html", b'<p><a href="/dossiers">Mes dossiers, {{ session.email }}</a></p>')
    served = Served(templates=tmp_path)
    guest = served.client.get("/connexion").text
    served.create_account()
    home = served.sign_in().response.text

    assert '<meta name="exemple" content="Mon Espace">' in guest
    assert "<p>Un service d’exemple, en fr.</p>" in guest
    assert '<a href="/dossiers">Mes dossiers, john@medecin.example</a>' in home
    assert "/dossiers" not in guest


# --- the content security policy -----------------------------------------------------------------


def test_a_host_adds_sources_to_ours() -> None:
    digest = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    csp = {
        "script-src": (digest,),
        "img-src": ("https://cdn.example", "data:"),
        "frame-src": ("https://*.video.example:8443/a",),
    }
    policy = Served(csp=csp).client.get("/connexion").headers["content-security-policy"]

    assert f"script-src 'self' {digest};" in policy
    assert "img-src 'self' https://cdn.example data:;" in policy
    assert policy.endswith("frame-src https://*.video.example:8443/a")
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    ("csp", "told"),
    [
        (
            {"script-src": ("'unsafe-inline'",)},
            "script-src: 'unsafe-inline' would run whatever somebody smuggles into a page",
        ),
        ({"script-src": ("'unsafe-eval'",)}, "script-src: 'unsafe-eval' would run texts"),
        ({"img-src": ("*",)}, "img-src: [*] is every server there is"),
        ({"script-src": ("data:",)}, "script-src: write a source as https://cdn.example"),
        ({"img-src": ("https:",)}, "img-src: write a source as https://cdn.example"),
        ({"img-src": ("http://cdn.example",)}, "img-src: write a source as"),
        ({"img-src": ("https://a.example; script-src *",)}, "img-src: write a source as"),
        ({"frame-ancestors": ("'self'",)}, "frame-ancestors stays as it is: who frames"),
        ({"default-src": ("'self'",)}, "default-src stays as it is: name what is loaded"),
        ({"image-src": ("'self'",)}, "image-src is none of script-src, style-src"),
    ],
)
def test_a_source_that_would_open_the_policy_is_refused(
    csp: dict[str, tuple[str, ...]], told: str
) -> None:
    with pytest.raises(ValueError, match=f"^csp: {told}"):
        settings(csp=csp)


# --- the page of components ----------------------------------------------------------------------


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_component_is_on_one_page(language: Lang) -> None:
    """A field of each kind, what is wrong with one, each notice, each button, a table, the bars."""
    served = Served(language=language, extra_routes=(theme_page(),))
    visitor = served.visitor()
    page = visitor.open("/demo/theme")

    kinds = {each.get("type") for each in page.root.every("input")}
    assert kinds >= {"text", "checkbox", "radio", "password"}
    classes = " ".join(each.get("class") for each in page.root.every("div", "button", "p", "ul"))
    for name in (
        "notice-error", "notice-success", "notice-info", "field-wrong", "strength-bar", "primary",
        "secondary", "plain", "tiles", "seal", "timer urgent", "reference",
    ):  # fmt: skip
        assert name in classes, name
    assert list(page.root.every("table"))
    assert page.heading == read_words(language)["page.theme"]


def test_a_site_has_no_such_page(served: Served) -> None:
    assert served.client.get("/demo/theme").status_code == 404

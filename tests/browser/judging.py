"""What a program can tell of a page's access: axe at two sizes in two colours, and its width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

__all__ = ["faults"]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}}
# Each state is walked to once and looked at four times: the layouts and the colours differ.
SIZES = ((320, 640), (1280, 800))
# Only what is asked of the answer leaves the browser: the whole of it costs more than axe.
JUDGE = """async (options) => {
    const { passes, violations } = await axe.run(options);
    const targets = ({ id, nodes }) => [id, nodes.map((node) => node.target)];
    return { passed: passes.length, violations: violations.map(targets) };
}"""
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def faults(
    page: Page,
    sizes: Sequence[tuple[int, int]] = SIZES,
    schemes: Sequence[Literal["light", "dark"]] = SCHEMES,
) -> Iterator[str]:
    """Name what keeps somebody out of the page that is shown."""
    page.evaluate(AXE_SCRIPT + "; 0")  # without the 0, all of axe would be told to this process
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        seen = page.evaluate("document.documentElement.scrollWidth")
        if seen > width:
            yield f"{width}: scrolls sideways: {seen} px"
        for scheme in schemes:
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            judged = page.evaluate(JUDGE, OPTIONS)
            assert judged["passed"] > 10
            for rule, targets in judged["violations"]:
                yield f"{width} {scheme}: {rule}: {targets}"

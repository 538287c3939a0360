"""The exported page in a browser: axe finds nothing, it prints on one page, it calls nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.desk import Desk

CHROMIUM = Path("/usr/bin/chromium")


@pytest.mark.browser
def test_the_exported_page_is_accessible_and_prints_on_one_page(desk: Desk) -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM} is missing (apt-get install chromium libatomic1)")
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    person = desk.person("creation").identifies(("16/07/1975", "99000000002")).identifies()
    person.asks_code().types_wrong_code(3).waits(minutes=2).asks_again().types_code().activates()
    path = desk.path / "page.html"
    assert desk.ask("export", person.reference, "--to", "html", "-o", str(path)).exit_code == 0
    asked: list[str] = []
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_page(viewport={"width": 1000, "height": 800})
        page.on("request", lambda request: asked.append(request.url))
        page.goto(path.as_uri())
        # The page's own policy forbids every script, so axe runs beside it in a copy without one.
        page.set_content(re.sub(r"<meta http-equiv[^>]*>", "", path.read_text("utf-8")))
        found = Axe().run(page)
        printed = page.pdf(format="A4")
        browser.close()

    assert found.violations_count == 0, found.generate_report()
    assert asked == [path.as_uri()]
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1

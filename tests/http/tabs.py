"""Tabs of one browser, which share its cookies; whatever is answered is looked through."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from tests.http.html import Page
from tests.http.visiting import Served, Visitor

__all__ = ["Browser", "Tab"]

# Contract, section 4; 303 is what leads on, 403 a page that another tab made stale.
STATUSES = {200, 303, 403, 409, 410, 422, 429}
LATE = timedelta(minutes=30)
COOKIE = "__Host-monespace_"


WORDS = {COOKIE + purpose for purpose in ("browser", "told", "back")}
"""Cookies that open nothing: which browser, which sentence to tell, which place to go back to."""


class Browser:
    """The cookies of one person, and a tab for each page."""

    def __init__(self, served: Served, secrets: set[str]) -> None:
        self.served = served
        self.secrets = secrets
        self.client = served.visitor().client
        self._tabs: dict[str, Tab] = {}

    def tab(self, path: str) -> Tab:
        """The tab in which a page was opened, once for all."""
        if path not in self._tabs:
            self._tabs[path] = Tab(self, path)
        return self._tabs[path]

    def reopened(self) -> set[str]:
        """Load every tab's own page again; their headings."""
        return {tab.open(path).heading for path, tab in self._tabs.items()}

    def cookie(self, name: str) -> str | None:
        """The value of one of our cookies."""
        value: str | None = self.client.cookies.get(COOKIE + name)
        return value


class Tab(Visitor):
    """One tab."""

    def __init__(self, browser: Browser, path: str) -> None:
        super().__init__(browser.served.app, browser.served.base_url)
        self.client = browser.client
        self.browser = browser
        self.home = path
        self.rpps = ""
        self.open(path)

    @property
    def heading(self) -> str:
        return self.page.heading

    @property
    def reference(self) -> str | None:
        """The reference of the journey shown, if one has begun."""
        found = re.search(r"assistance : (\w{4}-\w{4})", self.page.text)
        return found and found[1]

    @property
    def is_late(self) -> bool:
        """Whether what it shows may have ended meanwhile."""
        return self.browser.served.sandbox.clock.now() - self.shown_at >= LATE

    def _read(self, response: Any) -> Page:
        self.shown_at = self.browser.served.sandbox.clock.now()
        for each in (*response.history, response):
            assert each.status_code in STATUSES
            told = each.text + each.headers.get("location", "").partition("/lien/")[0]
            told += str(each.url).partition("/lien/")[0]
            assert [secret for secret in self.browser.secrets if secret in told] == []
        self.browser.secrets.update(
            value for name, value in self.client.cookies.items() if name not in WORDS
        )
        return super()._read(response)

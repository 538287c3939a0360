"""A person without a mouse: keys only, from the first page to the last."""

from __future__ import annotations

from playwright.sync_api import ElementHandle, Locator, Page, expect

__all__ = ["Keyboard"]

# The focus is a thick line around something that is on the screen (WCAG 2.4.7, 2.4.11).
# Told in one answer, since it is asked at every stop: whether the target has the focus, and where
# the focus is that is not seen. Past the last stop the focus is the browser's own, on the body.
_STOP = """target => {
    const element = document.querySelector(":focus");
    const seen = () => {
        const style = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
        return drawn && box.bottom > 0 && box.top < innerHeight;
    };
    const unseen = element && !seen() ? element.outerHTML : null;
    return [target === document.activeElement, unseen];
}"""


class Keyboard:
    """Tab, Shift+Tab, Space, Enter, arrows and letters; the focus is looked for at every stop."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def tab_to(self, target: Locator, *, backwards: bool = False) -> None:
        """Press Tab until something has the focus."""
        expect(target).to_be_visible()
        stop = target.element_handle()  # found once: it costs more than a press of Tab
        reached, _ = stop.evaluate(_STOP)
        for _ in range(30):
            if reached:
                return
            self.page.keyboard.press("Shift+Tab" if backwards else "Tab")
            reached = self._look(stop)
        raise AssertionError(f"Tab never reaches {target}")

    def field(self, label: str) -> Locator:
        """The field that a label names."""
        return self.page.get_by_label(label, exact=True)

    def write(self, label: str, text: str, *, backwards: bool = False) -> None:
        """Type into a field; arriving by Tab selects what it holds."""
        self.tab_to(self.field(label), backwards=backwards)
        self.page.keyboard.type(text)

    def press(self, label: str, key: str = "Enter") -> None:
        """Press a button, by Enter or by Space."""
        self.tab_to(self.page.get_by_role("button", name=label, exact=True))
        self.page.keyboard.press(key)

    def follow(self, label: str) -> None:
        """Follow a link."""
        self.tab_to(self.page.get_by_role("link", name=label, exact=True))
        self.page.keyboard.press("Enter")

    def stands_at_what_is_told(self, text: str) -> None:
        """The focus is on what the person must read first, and it is seen there."""
        told = self.page.locator("[data-focus]")
        expect(told).to_contain_text(text)
        expect(told).to_be_focused()
        self._look(told.element_handle())

    def _look(self, target: ElementHandle) -> bool:
        reached, unseen = target.evaluate(_STOP)
        assert unseen is None, f"the focus is not seen on {unseen}"
        return bool(reached)

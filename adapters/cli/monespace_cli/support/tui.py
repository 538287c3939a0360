"""The full-screen view of ``monespace step``, on Textual."""

from __future__ import annotations

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Footer, Header, Label, ListItem, ListView, Static

from monespace_flows.support.timeline import Moment

from .french import say_clock
from .story_page import Walk

__all__ = ()


class StepApp(App[None]):
    """The lines of a journey on the left, what one of them says on the right."""

    ENABLE_COMMAND_PALETTE = False  # its words are English
    CSS = "#lines { width: 30; } #page { padding: 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "go('n')", "suivante"),
        Binding("p", "go('p')", "précédente"),
        Binding("j", "go('j')", "message ou refus"),
        Binding("q", "quit", "fin"),
    ]

    def __init__(self, walk: Walk) -> None:
        super().__init__()
        self.title = f"Parcours {walk.reference}"
        self._walk = walk

    def compose(self) -> ComposeResult:
        """Lay the screen out."""
        yield Header()
        with Horizontal():
            yield ListView(
                *(ListItem(Label(self._label(it))) for it in self._walk.moments), id="lines"
            )
            with VerticalScroll():
                yield Static(id="page", markup=False)
        yield Footer()

    def on_list_view_highlighted(self, event: ListView.Highlighted) -> None:
        """Show the line under the cursor."""
        at = event.list_view.index or 0
        width = max(40, self.size.width - 34)
        lines = self._walk.page(at, width)
        self.query_one("#page", Static).update("\n".join(lines))

    def action_go(self, key: str) -> None:
        """Move by one of the keys of the plain command."""
        lines = self.query_one("#lines", ListView)
        lines.index = self._walk.move(lines.index or 0, key)

    def action_help_quit(self) -> None:
        """Say how to leave to who presses Ctrl+C: Textual would in English."""
        self.notify("Appuyez sur q pour finir.")

    def _label(self, moment: Moment) -> str:
        mark = "!" if moment.refused else " "
        return f"{moment.seq:>2}{mark} {say_clock(moment.at, self._walk.zone)} {moment.pressed.fr}"

"""`monespace texts`: every text by its id, and whether a file of own ones fits."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..command import OperatorGroup
from ..errors import Exit, Stop

if TYPE_CHECKING:
    from monespace_flows.wording import Lang

__all__ = ["texts"]


@click.group("texts", cls=OperatorGroup)
def texts() -> None:
    """Write out every text by its id, and check a file of your own.

    Next: monespace texts export > texts.toml
    """


@texts.command("export")
@click.option(
    "--language",
    type=click.Choice(["fr", "en"]),
    default="fr",
    show_default=True,
    help="Whose words to write.",
)
def export(language: Lang) -> None:
    """Write a file to start from: every id, with today's words.

    Change what you want said otherwise, and name the file in the settings. A text that you leave as
    it is goes on to say what ours does, release after release; delete its line or keep it.

    Examples:
        monespace texts export > texts.toml
        monespace texts export --language en > texts.en.toml

    Next: monespace texts check texts.toml
    """
    from monespace_backends.settings.texts import write_texts
    from monespace_flows.flows import FLOWS

    for line in write_texts(FLOWS.values(), language):
        click.echo(line)


@texts.command("check")
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> Exit:
    """Check a file of own texts: its ids, and the names in braces.

    Ends with 2 and all that is wrong when a service would not start with it, with 1 when some of
    its texts were written for words that ours no longer are: look at those again, then change their
    `of` to what `monespace texts export` writes.

    Examples:
        monespace texts check texts.toml

    Next: [texts] file = "texts.toml" in the settings
    """
    from monespace_backends.settings.texts import read_texts
    from monespace_flows.errors import TextsInvalid
    from monespace_flows.flows import FLOWS
    from monespace_flows.policy import Policy
    from monespace_flows.texts import Catalogue

    from ..access.place import telling_all

    with telling_all():
        own = read_texts(file)
    try:
        Catalogue(FLOWS.values(), {own.language: own.texts}, Policy())
    except TextsInvalid as error:
        told = "\n  ".join(error.faults)
        raise Stop(Exit.USAGE, f"{file} cannot be used:\n  {told}") from None
    stale = sorted(own.stale(FLOWS.values()))
    for text_id in stale:
        click.echo(f"{text_id}: ours has changed since yours was written")
    click.echo(f"{len(own.texts)} own texts, {len(stale)} to look at again.")
    return Exit.FOUND if stale else Exit.FINE

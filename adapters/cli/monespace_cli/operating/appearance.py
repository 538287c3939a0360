"""What the doctor finds of a host's own words and looks."""

from __future__ import annotations

from monespace_backends.settings.service import Settings
from monespace_backends.settings.theme import ThemeSettings
from monespace_flows.errors import MonespaceError
from monespace_flows.flows import FLOWS
from monespace_flows.texts import Catalogue

__all__ = ["Doubtful", "say_texts", "say_theme"]


class Doubtful(MonespaceError):
    """It works, and is probably not what was meant: told, and counted as good."""


_SPOKEN = {"auto": "French or English, as a browser asks", "fr": "French", "en": "English"}


def say_texts(settings: Settings) -> str:
    """Say in which language people are answered, and how many texts are the host's own.

    Raises:
        MonespaceError: some could not be shown.
        Doubtful: some were written for words that ours no longer are.
    """
    own, flows = settings.texts.read(), FLOWS.values()
    Catalogue(flows, {each.language: each.texts for each in own}, settings.policy)
    stale = [f"{text_id} ({each.language})" for each in own for text_id in each.stale(flows)]
    if stale:
        told = f"written for words that ours no longer are: {', '.join(stale)}"
        raise Doubtful(f"{told}; look at them, then see: monespace texts check FILE")
    return f"{_SPOKEN[settings.texts.language]}; {sum(len(each.texts) for each in own)} of your own"


def say_theme(settings: ThemeSettings) -> str:
    """Say what is served of a theme.

    Raises:
        SettingsInvalid: it could not be.
    """
    from monespace_backends.serving import theme_of  # here: pages take long to import

    theme = theme_of(settings)
    return f"served of it: {', '.join(theme.files)}" if theme.files else "ours"

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


_SPOKEN = {
    "auto": "en français ou en anglais, selon le navigateur",
    "fr": "en français",
    "en": "en anglais",
}


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
        told = f"écrits d'après des mots que les nôtres ne sont plus : {', '.join(stale)}"
        raise Doubtful(f"{told} ; regardez-les, puis : monespace texts check FICHIER")
    count = sum(len(each.texts) for each in own)
    return f"{_SPOKEN[settings.texts.language]} ; textes de votre main : {count}"


def say_theme(settings: ThemeSettings) -> str:
    """Say what is served of a theme.

    Raises:
        SettingsInvalid: it could not be.
    """
    from monespace_backends.serving import theme_of  # here: pages take long to import

    theme = theme_of(settings)
    return f"servis : {', '.join(theme.files)}" if theme.files else "le nôtre"

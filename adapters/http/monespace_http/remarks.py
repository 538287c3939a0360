"""What a page says beside a journey's own notices: why it is not the page that was expected."""

from __future__ import annotations

from collections.abc import Mapping

from .forms import Form

__all__ = [
    "MOVED_ON",
    "NOT_HERE",
    "OTHER_JOURNEY",
    "TOLD_AT_SIGN_IN",
    "TORN",
    "UNREADABLE",
    "why_stale",
]

MOVED_ON = "Cette page ne correspondait plus à votre demande : voici où vous en êtes."
OTHER_JOURNEY = (
    "Cette page concernait une autre demande que celle en cours dans ce navigateur. Rien n'a été "
    "modifié : voici où en est la demande en cours."
)
NOT_HERE = (
    "La demande affichée sur cette page n'est plus en cours dans ce navigateur : elle est "
    "terminée, abandonnée ou trop ancienne. Cet envoi n'a rien modifié."
)
UNREADABLE = (
    "Votre demande précédente ne peut pas être reprise, car ce site a été mis à jour depuis. "
    "Vous pouvez la recommencer."
)
TORN = (
    "Un même champ nous est parvenu avec deux valeurs différentes, peut-être à cause d'une "
    "extension de votre navigateur. Rien n'a été modifié : vérifiez votre saisie, puis recommencez."
)
TOLD_AT_SIGN_IN: Mapping[str, str] = {
    "session-expired": "Votre session a expiré. Reconnectez-vous pour continuer.",
    "sign-in-needed": "Connectez-vous pour continuer.",
    "signed-out": "Votre session est fermée.",
}
"""What the sign-in page tells once, after a redirect."""

_STALE = (
    "Cette page a expiré : rien n'a été modifié. En voici une nouvelle ; vérifiez-la, "
    "puis recommencez."
)
_NO_COOKIES = "Votre navigateur refuse les cookies de ce site. Autorisez-les, puis recommencez."


def why_stale(form: Form) -> str:
    """Say why a form was not taken, as far as it can be known."""
    return _STALE if form.has_cookies else _NO_COOKIES

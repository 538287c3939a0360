"""The address of each place, below the mount."""

from __future__ import annotations

from collections.abc import Mapping

from monespace_flows.screens import Place

__all__ = ["FLOW_PATHS", "FOOTER", "LEGAL_PATHS", "PATHS", "hrefs"]

PATHS: Mapping[Place, str] = {
    Place.HOME: "/",
    Place.SIGN_IN: "/connexion",
    Place.FORGOTTEN: "/identifiants-oublies",
    Place.CREATION: "/creation",
    Place.RECOVERY: "/recuperation",
    Place.RESET: "/mot-de-passe",
    Place.SETTINGS: "/parametres",
    Place.RPPS_HELP: "/ou-trouver-mon-rpps",
    Place.ASSISTANCE: "/assistance",
    Place.TERMS: "/conditions",
    Place.PRIVACY: "/confidentialite",
}

FLOW_PATHS: Mapping[str, str] = {
    "signin": PATHS[Place.SIGN_IN],
    "creation": PATHS[Place.CREATION],
    "recovery": PATHS[Place.RECOVERY],
    "reset": PATHS[Place.RESET],
    "settings": PATHS[Place.SETTINGS],
}

LEGAL_PATHS: Mapping[str, str] = {
    "terms": PATHS[Place.TERMS],
    "privacy": PATHS[Place.PRIVACY],
    "cookies": "/cookies",
    "notices": "/mentions-legales",
    "accessibility": "/accessibilite",
}

FOOTER: Mapping[str, str] = {
    "accessibility": "Accessibilité : {conformity}",
    "notices": "Mentions légales",
    "privacy": "Données personnelles",
    "cookies": "Cookies",
    "terms": "Conditions d’utilisation",
}
"""The links at the foot of every page.  Their words differ from those of the screens, which link
to two of these places in the guide's own words: nobody meets the same link twice on a page."""


def hrefs(prefix: str) -> dict[str, str]:
    """Every place's address under a mount, by the name of the place or of the legal page."""
    places = {place.value: path for place, path in PATHS.items()}
    return {name: prefix + path for name, path in {**places, **LEGAL_PATHS}.items()}

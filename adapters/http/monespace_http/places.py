"""The address of each place, below the mount."""

from __future__ import annotations

from collections.abc import Mapping

from monespace_flows.screens import Place

__all__ = ["FLOW_PATHS", "PATHS", "hrefs"]

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


def hrefs(prefix: str) -> dict[str, str]:
    """Every place's address under a mount, by the name of the place."""
    return {place.value: prefix + path for place, path in PATHS.items()}

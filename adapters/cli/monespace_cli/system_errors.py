"""Why the system refused something, in French: what Python says of it is in English."""

from __future__ import annotations

import errno

__all__ = ["in_french"]

_WORDS = {
    errno.EACCES: "ce compte n'en a pas le droit",
    errno.EPERM: "ce compte n'en a pas le droit",
    errno.ENOENT: "ce dossier ou ce fichier n'existe pas",
    errno.ENOTDIR: "ce dossier n'existe pas",
    errno.EISDIR: "c'est un dossier",
    errno.ELOOP: "c'est un lien",
    errno.ENOSPC: "il n'y a plus de place sur le disque",
    errno.EDQUOT: "il n'y a plus de place sur le disque pour ce compte",
    errno.EFBIG: "le fichier serait trop grand",
    errno.EROFS: "le disque est en lecture seule",
    errno.EIO: "le disque ne répond pas bien",
    errno.ENAMETOOLONG: "ce nom est trop long",
}


def in_french(error: OSError) -> str:
    """Say why, without the path."""
    if error.errno in _WORDS:
        return _WORDS[error.errno]
    return f"erreur {error.errno} du système"

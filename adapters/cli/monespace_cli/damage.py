"""What is wrong with a journal or the keys, in French: their errors speak English."""

from __future__ import annotations

import re

__all__ = ["say_damage"]

_WORDS = (
    ("a line is not a journal line", "une ligne n'est pas une ligne de journal"),
    (r"line (\S+) was edited", "la ligne {0} a été modifiée"),
    (r"line (\S+) is missing", "la ligne {0} manque"),
    (r"line (\S+) of (\S+) is missing", "la ligne {0} de {1} manque"),
    (r"line (\S+) does not follow line (\S+)", "la ligne {0} ne suit pas la ligne {1}"),
    (
        r"line (\S+) begins where line (\S+) did not end",
        "la ligne {0} commence ailleurs que là où la ligne {1} finit",
    ),
    ("the journal does not begin with a start", "le journal ne commence pas par un début"),
    ("the journal is empty", "le journal est vide"),
    (r"the journal is cut after line (\S+)", "le journal est coupé après la ligne {0}"),
    (r"the lines of (\S+) are not together", "les lignes de {0} ne se suivent pas"),
    ("lines of another journey", "des lignes sont d'un autre parcours"),
    (r"line (\S+) is not a shape", "la ligne {0} n'est pas un chemin"),
    (r"a line has format (.+), this reads (\S+)", "une ligne est au format {0}, et non {1}"),
    ("a line has a format that is not a number", "le format d'une ligne n'est pas un nombre"),
    (r"a line holds the unknown command (.+)", "une ligne nomme le geste inconnu {0}"),
    (r"line (\S+) holds unknown facts", "la ligne {0} contient des faits inconnus"),
    ("a flow of another version", "sa démarche est d'une autre version"),
    ("there is no key", "le fichier n'en contient pas"),
    ("a key is not of 256 bits", "une clé n'a pas 256 bits"),
    ("a key is there twice", "une clé s'y trouve deux fois"),
    ("is not a file", "ce n'est pas un fichier"),
    ("is not a text", "ce n'est pas un texte"),
    (r"cannot be read \(.*\)", "ce fichier ne peut pas être lu"),
    (
        "belongs to another user",
        "ce fichier appartient à un autre compte : demandez le vôtre à l'exploitation",
    ),
    (r"others may read it, its mode is \d+: chmod 600", "d'autres peuvent le lire : chmod 600"),
    (r"line (\S+) is not a key in base64", "la ligne {0} n'est pas une clé en base64"),
)
_PATTERNS = tuple((re.compile(f"(?:(.+?): )?{english}"), french) for english, french in _WORDS)


def say_damage(why: str) -> str:
    """Say it in French, after the path that it may begin with; as it is when it is not known."""
    for pattern, french in _PATTERNS:
        found = pattern.fullmatch(why)
        if found is not None:
            path, *named = found.groups()
            told = french.format(*named)
            return told if path is None else f"{path} : {told}"
    return why

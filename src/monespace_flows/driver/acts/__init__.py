"""The acts: what must be known before a command is decided, and what is done once it is.

Each file holds one: the gatherer of its facts, what it finds, and the executors of its effects.
A flow's own stand in its declaration, under the same two names.
"""

from __future__ import annotations

from ...chart import Flow
from ...commands import Command
from ...facts import NoFacts
from . import accounts, code, credentials, identity, letters, link, session, signin
from .base import EffectContext, Executors, Findings, Gatherer, Gatherers, Inside, Nothing
from .identity import contacts_of
from .passwords import judge_new_password, known_to_guessers, rpps_of
from .signin import PresentPassword
from .totals import closed_channels

__all__ = [
    "EffectContext",
    "Findings",
    "Gatherer",
    "Inside",
    "PresentPassword",
    "closed_channels",
    "contacts_of",
    "executors_of",
    "gatherers_of",
    "is_inside",
    "judge_new_password",
    "known_to_guessers",
    "rpps_of",
]

_GATHERERS: Gatherers = {
    NoFacts: Nothing(),
    **identity.GATHERERS,
    **code.GATHERERS,
    **credentials.GATHERERS,
    **link.GATHERERS,
    **signin.GATHERERS,
    **session.GATHERERS,
}

_EXECUTORS: Executors = {
    **code.EXECUTORS,
    **accounts.EXECUTORS,
    **letters.EXECUTORS,
    **link.EXECUTORS,
    **session.EXECUTORS,
}


def gatherers_of(flow: Flow) -> Gatherers:
    """Who brings the facts of a flow, by their type: its own, and these."""
    return {**_GATHERERS, **flow.gatherers}


def is_inside(command: Command) -> bool:
    """Whether nothing is asked outside for a command, unless a host's flow has it otherwise."""
    return isinstance(_GATHERERS.get(command.facts), Inside)


def executors_of(flow: Flow) -> Executors:
    """Who does the effects of a flow, by their type: its own, and these."""
    return {**_EXECUTORS, **flow.executors}

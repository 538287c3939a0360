"""The world's answers, as facts: one gatherer for each facts type.

A gatherer works in two phases.  ``outside`` asks what is slow (the registry, password hashing)
with no transaction open.  ``inside`` asks the store, in the step's own transaction and after
the journey is locked, so that what it counts and compares cannot change before the commit:
nobody learns a verdict that was not counted.
"""

from __future__ import annotations

from collections.abc import Mapping

from ... import facts as f
from ...chart import Flow
from .base import Gatherer, Nothing
from .code import CodeGatherer, SendGatherer
from .credentials import CredentialsGatherer, NewPasswordGatherer
from .identity import IdentityGatherer, contacts_of
from .link import LinkGatherer, LinkRequestGatherer
from .settings import SettingsGatherer
from .signin import PresentPassword, SignInGatherer

__all__ = ["Gatherer", "PresentPassword", "contacts_of", "gatherers_of"]

_GATHERERS: dict[type[f.Facts], Gatherer] = {
    f.NoFacts: Nothing(),
    f.IdentityFacts: IdentityGatherer(),
    f.SendFacts: SendGatherer(),
    f.CodeFacts: CodeGatherer(),
    f.CredentialsFacts: CredentialsGatherer(),
    f.LinkRequestFacts: LinkRequestGatherer(),
    f.LinkFacts: LinkGatherer(),
    f.NewPasswordFacts: NewPasswordGatherer(),
    f.SignInFacts: SignInGatherer(),
    f.SettingsFacts: SettingsGatherer(),
}
"""Which gatherer brings which facts; those of a flow's own are named in its declaration."""


def gatherers_of(flow: Flow) -> Mapping[type[f.Facts], Gatherer]:
    """Who brings the facts of a flow, by their type: its own, and these."""
    return {**_GATHERERS, **flow.gatherers}

"""The world's answers, as facts: one gatherer for each facts type.

A gatherer works in two phases.  ``outside`` asks what is slow (the registry, password hashing)
with no transaction open.  ``inside`` asks the store, in the step's own transaction and after
the journey is locked, so that what it counts and compares cannot change before the commit:
nobody learns a verdict that was not counted.
"""

from __future__ import annotations

from ... import facts as f
from .base import Gatherer, Nothing
from .code import CodeGatherer, SendGatherer
from .credentials import CredentialsGatherer, NewPasswordGatherer
from .identity import IdentityGatherer
from .link import LinkGatherer, LinkRequestGatherer
from .settings import SettingsGatherer
from .signin import SignInGatherer

__all__ = ["GATHERERS", "Gatherer"]

GATHERERS: dict[type[f.Facts], Gatherer] = {
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
"""Which gatherer brings which facts."""

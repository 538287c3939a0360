"""The world's answers, as facts: one gatherer for each facts type.

A gatherer works in two phases.  ``outside`` asks what is slow (the registry, password hashing)
with no transaction open.  ``inside`` asks the store, in the step's own transaction and after
the journey is locked, so that what it counts and compares cannot change before the commit:
nobody learns a verdict that was not counted.
"""

from __future__ import annotations

from ... import facts as f
from ...chart import Flow
from .base import Gatherer, Nothing
from .code import CodeGatherer, SendGatherer
from .credentials import CredentialsGatherer, NewPasswordGatherer
from .identity import IdentityGatherer, contacts_of
from .link import LinkGatherer, LinkRequestGatherer
from .present_password import PresentPassword
from .settings import SettingsGatherer
from .signin import SignInGatherer

__all__ = ["Gatherer", "PresentPassword", "contacts_of", "find_gatherer", "gatherer_of"]

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


def find_gatherer(flow: Flow, kind: type[f.Facts]) -> Gatherer | None:
    """Find who brings facts of a type in a flow, if anyone does."""
    own: Gatherer | None = flow.gatherers.get(kind)
    return own or _GATHERERS.get(kind)


def gatherer_of(flow: Flow, kind: type[f.Facts]) -> Gatherer:
    """The gatherer of facts that a flow's command needs; the flow was taken because it has one."""
    gatherer = find_gatherer(flow, kind)
    assert gatherer is not None  # noqa: S101 - see above
    return gatherer

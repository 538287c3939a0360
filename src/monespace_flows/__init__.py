"""The account journeys of « Mon Espace » as explicit state machines.

Start at :class:`Flows`: ``view = flows.start("creation")``, then
``flows.submit(view.token, SubmitIdentity(...))``.  Everything outside is a port
(:class:`Ports`), every number is in :class:`Policy`.
"""

from __future__ import annotations

from .commands import (
    Activate,
    Back,
    ContinueRecovery,
    Create,
    Extend,
    RequestLink,
    ResendCode,
    Save,
    SavePassword,
    SendCode,
    SignIn,
    SubmitCode,
    SubmitIdentity,
)
from .driver import Flows, SessionView, Site
from .events import AccountCreated, AccountRecovered, CredentialsChanged, SignedIn
from .policy import Policy
from .ports import Ports
from .screens import View

__all__ = [
    "AccountCreated",
    "AccountRecovered",
    "Activate",
    "Back",
    "ContinueRecovery",
    "Create",
    "CredentialsChanged",
    "Extend",
    "Flows",
    "Policy",
    "Ports",
    "RequestLink",
    "ResendCode",
    "Save",
    "SavePassword",
    "SendCode",
    "SessionView",
    "SignIn",
    "SignedIn",
    "Site",
    "SubmitCode",
    "SubmitIdentity",
    "View",
]

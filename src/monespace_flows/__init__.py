"""The account journeys of « Mon Espace » as explicit state machines.

Start at :class:`Flows`: ``view = flows.start("creation")``, then
``flows.submit(view.token, SubmitIdentity(...))``.  Everything outside is a port
(:class:`Ports`), every number is in :class:`Policy`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .commands import (
        Activate,
        Back,
        ChooseEmail,
        CloseSessions,
        ContinueRecovery,
        Create,
        Extend,
        RequestLink,
        RequestResetLink,
        ResendCode,
        Restart,
        Save,
        SavePassword,
        SendCode,
        SignIn,
        SubmitCode,
        SubmitIdentity,
    )
    from .driver import AccountView, Flows, SessionView, Site
    from .events import (
        AccountCreated,
        AccountDisabled,
        AccountEnabled,
        AccountErased,
        AccountFrozen,
        AccountLocked,
        AccountRecovered,
        AccountUnlocked,
        Alarm,
        CredentialsChanged,
        MessageGivenUp,
        SignedIn,
    )
    from .policy import Policy
    from .ports import Ports
    from .screens import View

__all__ = [
    "AccountCreated",
    "AccountDisabled",
    "AccountEnabled",
    "AccountErased",
    "AccountFrozen",
    "AccountLocked",
    "AccountRecovered",
    "AccountUnlocked",
    "AccountView",
    "Activate",
    "Alarm",
    "Back",
    "ChooseEmail",
    "CloseSessions",
    "ContinueRecovery",
    "Create",
    "CredentialsChanged",
    "Extend",
    "Flows",
    "MessageGivenUp",
    "Policy",
    "Ports",
    "RequestLink",
    "RequestResetLink",
    "ResendCode",
    "Restart",
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

_ROOMS = {
    "AccountCreated": ".events",
    "AccountDisabled": ".events",
    "AccountEnabled": ".events",
    "AccountErased": ".events",
    "AccountFrozen": ".events",
    "AccountLocked": ".events",
    "AccountRecovered": ".events",
    "AccountUnlocked": ".events",
    "Alarm": ".events",
    "AccountView": ".driver",
    "Activate": ".commands",
    "Back": ".commands",
    "ChooseEmail": ".commands",
    "CloseSessions": ".commands",
    "ContinueRecovery": ".commands",
    "Create": ".commands",
    "CredentialsChanged": ".events",
    "MessageGivenUp": ".events",
    "Extend": ".commands",
    "Flows": ".driver",
    "Policy": ".policy",
    "Ports": ".ports",
    "RequestLink": ".commands",
    "RequestResetLink": ".commands",
    "ResendCode": ".commands",
    "Restart": ".commands",
    "Save": ".commands",
    "SavePassword": ".commands",
    "SendCode": ".commands",
    "SessionView": ".driver",
    "SignIn": ".commands",
    "SignedIn": ".events",
    "Site": ".driver",
    "SubmitCode": ".commands",
    "SubmitIdentity": ".commands",
    "View": ".screens",
}
"""Where each public name lives; imported when first asked for.

The command line that reads one journal then need not load the driver, which is most of a short
program's life.
"""


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_ROOMS[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

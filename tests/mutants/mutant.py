"""A mistake with a name, and who notices it."""

from __future__ import annotations

from collections.abc import Callable

from attrs import frozen

from .breaking import Code, Table

# Where the rows of most commands stand.
IDENTIFY = "enter_identity.submit_identity"
SEND = "choose_channel.send_code"
RESEND = "enter_code.resend_code"
CODE = "enter_code.submit_code"
ACTIVATE = "choose_credentials.activate"
CREATE = "choose_password.create"
SIGN_IN = "enter_credentials.sign_in"
SAVE = "edit_settings.save"
NEW_PASSWORD = "choose_new_password.save_password"


@frozen
class Mutant:
    """One mistake, how it is made, and a test that fails with it: called with the values named."""

    name: str
    made: Table | Code
    noticed_by: Callable[..., None]
    given: tuple[object, ...] = ()

    def notice(self) -> None:
        """Run the test."""
        self.noticed_by(*self.given)

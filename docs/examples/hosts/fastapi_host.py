"""A FastAPI host with a table of its own, a row for each account."""

import sqlite3
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request

from monespace_flows import AccountErased, Flows
from monespace_flows.driver import SessionView
from monespace_http import HttpSettings, create_app, current_session, sign_in_url


def member(request: Request) -> SessionView:
    """Require that somebody is signed in; in a thread, as all dependencies without ``async``."""
    session = current_session(request)
    if session is None:
        raise HTTPException(303, headers={"Location": sign_in_url(request.url.path, request)})
    return session


Member = Annotated[SessionView, Depends(member)]


class Visits:
    """The host's own table: the account's id stays when its address changes."""

    def __init__(self, path: str) -> None:
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS visits (account_id TEXT PRIMARY KEY, number INTEGER)"
        )

    def count(self, account_id: str) -> int:
        """Count one more visit."""
        (number,) = self._database.execute(
            "INSERT INTO visits VALUES (?, 1) "
            "ON CONFLICT (account_id) DO UPDATE SET number = number + 1 RETURNING number",
            (account_id,),
        ).fetchone()
        return int(number)

    def forget(self, event: AccountErased) -> None:
        """Forget who has left; heard of at least once, so again is no error."""
        self._database.execute("DELETE FROM visits WHERE account_id = ?", (event.account_id,))

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def make_host(
    flows: Flows, settings: HttpSettings, at: str = "/compte", visits: Visits | None = None
) -> FastAPI:
    """Make the host's app; at ``""``, its root, the journeys answer for all that it does not."""
    visits = visits or Visits(":memory:")
    flows.on(AccountErased, visits.forget)
    host = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @host.get("/membres")
    def members(member: Member) -> dict[str, Any]:
        return {"bonjour": member.email, "visite": visits.count(member.account_id)}

    host.mount(at, create_app(flows, settings))
    return host

"""What the same person presses at each peer: an account made and proved, a password forgotten.

``register`` is: an account, the address proved by a mail, signed in by password, who am I.
``reset`` is: a link asked for, used, another password, signed in, who am I.  allauth signs in with
the new password by itself, and is not made to do it twice.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from ..people import Doctor, new_password
from .client import Caller

__all__ = ["JOURNEYS", "Allauth", "Bare", "FastapiUsers", "Ours"]

JOURNEYS = ("register", "reset")


def first(person: Doctor) -> str:
    """The password that someone begins with; it can be drawn again."""
    return new_password(random.Random(person.number))


def second(person: Doctor) -> str:
    """The password after a reset."""
    return new_password(random.Random(-person.number))


def _must(*, be: object, found: object) -> None:
    if found != be:
        raise RuntimeError(f"{found!r} instead of {be!r}")


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


# --- the rivals ----------------------------------------------------------------------------------


class Bare:
    """As many requests as fastapi-users' journey has, with nothing behind them."""

    async def register(self, caller: Caller, person: Doctor) -> None:
        for _ in range(5):
            body = {"email": person.order_email, "password": "drawn of so many signs"}
            _must(found=await caller.call("POST", "/echo", body), be=body)


class FastapiUsers:
    """fastapi-users' own routes."""

    token = re.compile(r": (\S+)$")

    async def register(self, caller: Caller, person: Doctor) -> None:
        email, password = person.order_email, first(person)
        body = {"email": email, "password": password}
        await caller.call("POST", "/auth/register", body, expect=201)
        await caller.call("POST", "/auth/request-verify-token", {"email": email}, expect=202)
        token = await caller.mail(email, self.token)
        await caller.call("POST", "/auth/verify", {"token": token})
        await self._sign_in(caller, email, password)

    async def reset(self, caller: Caller, person: Doctor) -> None:
        email, password = person.order_email, second(person)
        await caller.call("POST", "/auth/forgot-password", {"email": email}, expect=202)
        body = {"token": await caller.mail(email, self.token), "password": password}
        await caller.call("POST", "/auth/reset-password", body)
        await self._sign_in(caller, email, password)

    async def _sign_in(self, caller: Caller, email: str, password: str) -> None:
        form = {"username": email, "password": password}
        token = (await caller.call("POST", "/auth/login", form=form))["access_token"]
        told = await caller.call("GET", "/me", headers=_bearer(token))
        _must(found=told, be={"email": email})


class Allauth:
    """allauth's headless routes for apps: the session's token goes in a header."""

    base = "/_allauth/app/v1/auth"
    code = re.compile(r"^([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})$", re.MULTILINE)
    key = re.compile(r"/reset/(\S+)")

    async def register(self, caller: Caller, person: Doctor) -> None:
        email = person.order_email
        body = {"email": email, "password": first(person)}
        begun = await caller.call("POST", f"{self.base}/signup", body, expect=401)
        code = await caller.mail(email, self.code)
        session = {"X-Session-Token": begun["meta"]["session_token"]}
        await caller.call(
            "POST", f"{self.base}/email/verify", {"key": code}, headers=session
        )  # fmt: skip
        signed_in = await caller.call("POST", f"{self.base}/login", body)
        await self._who_am_i(caller, email, signed_in)

    async def reset(self, caller: Caller, person: Doctor) -> None:
        email = person.order_email
        await caller.call("POST", f"{self.base}/password/request", {"email": email})
        key = await caller.mail(email, self.key)
        path = f"{self.base}/password/reset"
        await caller.call("GET", path, headers={"X-Password-Reset-Key": key})
        signed_in = await caller.call("POST", path, {"key": key, "password": second(person)})
        await self._who_am_i(caller, email, signed_in)

    async def _who_am_i(self, caller: Caller, email: str, signed_in: Mapping[str, Any]) -> None:
        session = {"X-Session-Token": signed_in["meta"]["session_token"]}
        told = await caller.call("GET", f"{self.base}/session", headers=session)
        _must(found=told["data"]["user"]["email"], be=email)


# --- we ------------------------------------------------------------------------------------------


@frozen
class Ours:
    """Our JSON; where the server lets it, a journey starts with its first press."""

    starts_pressed: bool = False

    code = re.compile(r"(?<![0-9#])([0-9]{6})\b")
    link = re.compile(r"/lien/(\S+)")

    async def register(self, caller: Caller, person: Doctor) -> None:
        email, password = person.order_email, first(person)
        view = await self.begin(caller, "creation", "submit_identity", person.identity)
        token = view["token"]
        options = view["screen"]["fields"][0]["options"]
        channel = next(it["value"] for it in options if it["kind"] == "email")
        await self._press(caller, view, token, "send_code", channel=channel)
        code = await caller.mail(email, self.code)
        await self._press(caller, view, token, "submit_code", code=code)
        twice = {"password": password, "password_confirmation": password}
        ended = await self._press(caller, view, token, "create", **twice)
        _must(found=ended["state"], be="created")
        await self._sign_in(caller, email, password)

    async def reset(self, caller: Caller, person: Doctor) -> None:
        email, password = person.order_email, second(person)
        await self.begin(caller, "reset", "request_link", {"email": email})
        link = await caller.mail(email, self.link)
        view = await caller.call("POST", "/api/links", {"token": link})
        twice = {"password": password, "password_confirmation": password}
        ended = await self._press(caller, view, view["token"], "save_password", **twice)
        _must(found=ended["state"], be="password_changed")
        await self._sign_in(caller, email, password)

    async def _sign_in(self, caller: Caller, email: str, password: str) -> None:
        fields = {"email": email, "password": password}
        view = await self.begin(caller, "signin", "sign_in", fields)
        told = await caller.call("GET", "/api/session", headers=_bearer(view["session"]))
        _must(found=told["email"], be=email)

    async def begin(
        self, caller: Caller, flow: str, command: str, fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Start and press, in one request or in two; the view, with the journey's token."""
        body: dict[str, Any] = {"flow": flow}
        if self.starts_pressed:
            body |= {"command": command, "fields": fields}
        view: dict[str, Any] = await caller.call("POST", "/api/journeys", body, expect=201)
        if self.starts_pressed:
            return view
        pressed = await self._press(caller, view, view["token"], command, **fields)
        return pressed | {"token": view["token"]}

    async def _press(
        self, caller: Caller, view: Mapping[str, Any], token: str, command: str, **fields: Any
    ) -> dict[str, Any]:
        path = f"/api/journeys/{view['reference']}/{command}"
        pressed: dict[str, Any] = await caller.call("POST", path, fields, headers=_bearer(token))
        return pressed

    @classmethod
    async def asked(cls, caller: Caller) -> Ours:
        """Ask a server once whether it lets a journey start with its first press."""
        nobody = {"email": "nobody@site.example", "password": "of nobody"}
        body = {"flow": "signin", "command": "sign_in", "fields": nobody}
        status, _ = await caller.answer("POST", "/api/journeys", body)
        caller.close()
        return cls(starts_pressed=status != 400)

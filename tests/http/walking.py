"""A program that takes each journey to any of its states, over JSON alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.http.visiting import PASSWORD, Caller, Served

__all__ = ["EMAIL", "NEW", "WALKS", "Walker", "confirm", "session", "walk"]

EMAIL = "john@medecin.example"
NEW = "huit loutres comptent les nuages"


class Walker(Caller):
    """One journey, and what a person does in it when all goes well."""

    def __init__(self, served: Served, flow: str, bearer: str | None = None) -> None:
        super().__init__(served, flow, bearer)
        self.served = served

    @property
    def told(self) -> dict[str, str]:
        """The notices of the last view: kind by id."""
        return {each["id"]: each["kind"] for each in self.view["notices"]}

    @property
    def offered(self) -> dict[str, set[str]]:
        """The fields on the screen, under each command that it offers."""
        names = {each["name"] for each in self.view["screen"]["fields"]}
        return {each["command"]: names for each in self.view["screen"]["buttons"]}

    def look(self) -> Any:
        """Look at the journey."""
        answer = self.client.get(self.path, headers=self.headers)
        self.view = answer.json()
        return answer

    def choose(self, kind: str = "sms") -> Any:
        """Choose where the code goes."""
        options = self.view["screen"]["fields"][0]["options"]
        channel = next(each["value"] for each in options if each["kind"] == kind)
        return self.send("send_code", channel=channel)

    def enter(self, code: str | None = None) -> Any:
        """Enter the newest code, or another."""
        return self.send("submit_code", code=code or self.served.code)

    def enter_wrong(self) -> Any:
        """Enter a code that is not the newest."""
        return self.enter("000000" if self.served.code != "000000" else "111111")

    def activate(self, email: str = EMAIL, password: str = PASSWORD, **others: str) -> Any:
        """Choose a login and a password."""
        fields = {
            "email": email,
            "email_confirmation": email,
            "password": password,
            "password_confirmation": password,
        }
        return self.send("activate", **{**fields, **others})

    def create(self) -> Any:
        """Choose a password for the Order's address."""
        return self.send("create", password=PASSWORD, password_confirmation=PASSWORD)

    def go_on(self) -> Any:
        """Go on although there is an account."""
        return self.send("continue_recovery")

    def request(self, email: str = EMAIL) -> Any:
        """Ask for a reset link."""
        return self.send("request_link", email=email)

    def open_link(self) -> Any:
        """Use the newest link up: the journey goes on under another token."""
        link = {"token": self.served.sandbox.messages[-1].link_token}
        answer = self.client.post("/api/links", json=link)
        if answer.status_code == 200:
            self.view = answer.json()
            self.token = self.view["token"]
        return answer

    def save_password(self, password: str = NEW) -> Any:
        """Choose a new password."""
        return self.send("save_password", password=password, password_confirmation=password)

    def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> Any:
        """Sign in."""
        return self.send("sign_in", email=email, password=password)

    def save(self, current: str = PASSWORD, email: str = EMAIL, password: str = "") -> Any:
        """Change settings."""
        return self.send(
            "save",
            current_password=current,
            email=email,
            password=password,
            password_confirmation=password,
        )

    def wait(self, **times: float) -> None:
        """Let time pass."""
        self.served.sandbox.clock.advance(**times)

    def expire(self) -> None:
        """Let more time pass than a journey has."""
        self.wait(minutes=31)
        self.look()


def session(served: Served, password: str = PASSWORD) -> str:
    """Sign in; the session's bearer."""
    caller = Walker(served, "signin")
    assert caller.sign_in(password=password).status_code == 200
    return str(caller.view["session"])


def confirm(served: Served) -> None:
    """Confirm John's address by the newest link."""
    link = {"token": served.sandbox.messages[-1].link_token}
    headers = {"Authorization": f"Bearer {session(served)}"}
    assert served.client.post("/api/links", json=link, headers=headers).status_code == 200


Step = Callable[[Walker], object]

_IDENTIFIED: tuple[Step, ...] = (Walker.identify,)
_CODE = (*_IDENTIFIED, Walker.choose)
_CREDENTIALS = (*_CODE, Walker.enter)
_PASSWORD: tuple[Step, ...] = (Walker.identify, lambda it: it.choose("email"), Walker.enter)

WALKS: Mapping[tuple[str, str], tuple[Step, ...]] = {
    ("creation", "enter_identity"): (),
    ("creation", "choose_channel"): _IDENTIFIED,
    ("creation", "enter_code"): _CODE,
    ("creation", "choose_credentials"): _CREDENTIALS,
    ("creation", "choose_password"): _PASSWORD,
    ("creation", "created"): (*_CREDENTIALS, Walker.activate),
    ("creation", "expired"): (Walker.expire,),
    ("recovery", "enter_identity"): (),
    ("recovery", "account_found"): _IDENTIFIED,
    ("recovery", "choose_channel"): (*_IDENTIFIED, Walker.go_on),
    ("recovery", "enter_code"): (*_IDENTIFIED, Walker.go_on, Walker.choose),
    ("recovery", "choose_credentials"): (
        *_IDENTIFIED,
        Walker.go_on,
        Walker.choose,
        Walker.enter,
    ),
    ("recovery", "recovered"): (
        *_IDENTIFIED,
        Walker.go_on,
        Walker.choose,
        Walker.enter,
        lambda it: it.activate("retrouve@medecin.example"),
    ),
    ("recovery", "expired"): (Walker.expire,),
    ("reset", "enter_email"): (),
    ("reset", "link_sent"): (Walker.request,),
    ("reset", "choose_new_password"): (Walker.request, Walker.open_link),
    ("reset", "password_changed"): (Walker.request, Walker.open_link, Walker.save_password),
    ("reset", "expired"): (Walker.expire,),
    ("signin", "enter_credentials"): (),
    ("signin", "signed_in"): (Walker.sign_in,),
    ("signin", "expired"): (Walker.expire,),
    ("settings", "edit_settings"): (),
    ("settings", "expired"): (Walker.expire,),
}
"""The way to each state; all flows but creation begin with John's account, confirmed."""


def walk(served: Served, flow: str, state: str | None = None) -> Walker:
    """Take a new journey to a state, by default its first."""
    if flow != "creation":
        served.create_account()
        confirm(served)
    walker = Walker(served, flow, session(served) if flow == "settings" else None)
    for step in WALKS[flow, state] if state else ():
        step(walker)
    return walker

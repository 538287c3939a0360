"""People of a soak: each of the five journeys over JSON, pressed until there is an answer."""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from threading import Lock
from typing import Any
from uuid import uuid4

import httpx2
from attrs import define, field

from .standing import BASE, Standing

BORN = ("1975-06-17", "17/06/1975")
CODE, LINK = re.compile(r"[0-9]{6}"), re.compile(r"(?![0-9]{6}$)\S+")
CODE_LIFE = 600.0
PATIENCE = 180.0
RESTS = (502, 503, 504)


class Stuck(Exception):
    """A journey on which someone sees no way on."""


@define
class Count:
    """What is counted while people come and go."""

    journeys: Counter[str] = field(factory=Counter)
    faults: Counter[str] = field(factory=Counter)
    retries: Counter[str] = field(factory=Counter)
    stuck: list[str] = field(factory=list)
    codes: list[float] = field(factory=list)
    lost: list[str] = field(factory=list)
    lock: Lock = field(factory=Lock)

    @property
    def done(self) -> int:
        """How many journeys have ended, in whatever way."""
        return self.journeys.total() + len(self.stuck)


@define
class Doctor:
    """One person of the registry, and how they sign in by now."""

    number: int
    email: str = ""
    password: str = ""
    is_created: bool = False

    @property
    def rpps(self) -> str:
        return f"99{self.number:09}"

    @property
    def order_email(self) -> str:
        return f"m{self.number}@ordre.example"

    @property
    def row(self) -> str:
        """The line of the registry."""
        mobile = f"+336{self.number:08}"
        return f"{self.rpps},{BORN[0]},medecin,inscrit,{mobile},{self.order_email},,,"

    @property
    def identity(self) -> dict[str, Any]:
        return {"rpps": self.rpps, "birth_date": BORN[1], "accept_terms": True}


# --- one journey ---------------------------------------------------------------------------------


@define
class Client:
    """A browser's worth of JSON, led to either server."""

    standing: Standing
    count: Count
    dice: random.Random
    http: httpx2.Client
    address: str

    def post(self, path: str, body: dict[str, Any], bearer: str = "") -> tuple[int, Any]:
        """Press until there is an answer."""
        headers = {"Host": BASE, "Idempotency-Key": str(uuid4()), "X-Forwarded-For": self.address}
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        end, why = time.monotonic() + PATIENCE, ""
        while time.monotonic() < end:
            port = self.dice.choice(self.standing.servers).port
            try:
                answer = self.http.post(
                    f"http://127.0.0.1:{port}{path}", json=body, headers=headers
                )
            except httpx2.TransportError as error:
                why = type(error).__name__
            else:
                if answer.status_code not in RESTS:
                    self._note(answer)
                    return answer.status_code, answer.json() if answer.content else None
                why = str(answer.status_code)
            self.count.retries[why] += 1
            time.sleep(self.dice.uniform(0.1, 1))
        raise Stuck(f"{path.rpartition('/')[2]}: no answer in {PATIENCE:.0f} s, the last: {why}")

    def _note(self, answer: httpx2.Response) -> None:
        if answer.status_code >= 500:
            self.count.faults[f"{answer.status_code} {answer.request.url.path[:12]}"] += 1


class Journey:
    """One journey of a client."""

    def __init__(self, client: Client, flow: str, bearer: str = "") -> None:
        self.client = client
        self.flow = flow
        status, self.view = client.post("/api/journeys", {"flow": flow}, bearer)
        if status != 201:
            raise Stuck(f"{flow}: start: {status} {self.view}")
        self.token = self.view["token"]

    def send(self, command: str, wanted: str = "", **fields: Any) -> None:
        """Press a button that must lead on."""
        path = f"/api/journeys/{self.view['reference']}/{command}"
        status, view = self.client.post(path, fields, self.token)
        told = [it["id"] for it in (view or {}).get("notices", ())]
        if status != 200 or (wanted and view["state"] != wanted):
            code = (view or {}).get("code") or (view or {}).get("state")
            raise Stuck(f"{self.flow}: {command}: {status} {code} {told}")
        self.view = view

    def secure(self, kind: str) -> None:
        """Have a code sent, wait for it and type it."""
        options = self.view["screen"]["fields"][0]["options"]
        channel = next(it["value"] for it in options if it["kind"] == kind)
        self.send("send_code", "enter_code", channel=channel)
        asked = time.time()
        came = self.client.standing.catcher.wait(self.view["reference"], CODE, CODE_LIFE)
        if came is None:
            self.client.count.lost.append(self.view["reference"])
            raise Stuck(f"{self.flow}: the code by {kind} has not come")
        self.client.count.codes.append(max(0.0, came.at - asked))
        self.send("submit_code", code=came.what)

    def link(self) -> str:
        """Wait for the link that this journey sent."""
        came = self.client.standing.catcher.wait(self.view["reference"], LINK, CODE_LIFE)
        if came is None:
            self.client.count.lost.append(self.view["reference"])
            raise Stuck(f"{self.flow}: the link has not come")
        return came.what


def new_password(dice: random.Random) -> str:
    """One that nobody guesses."""
    return "".join(dice.choices("abcdefghijkmnpqrstuvwxyz23456789", k=20))


def create(client: Client, doctor: Doctor, kind: str) -> Journey:
    """Create an account."""
    journey = Journey(client, "creation")
    password, email = new_password(client.dice), f"libre{doctor.number}@x.example"
    journey.send("submit_identity", **doctor.identity)
    journey.secure(kind)
    twice = {"password": password, "password_confirmation": password}
    if kind == "sms":
        journey.send("activate", "created", email=email, email_confirmation=email, **twice)
    else:
        email = doctor.order_email
        journey.send("create", "created", **twice)
    doctor.email, doctor.password, doctor.is_created = email, password, True
    return journey


def sign_in(client: Client, doctor: Doctor) -> str:
    """Sign in; the session."""
    journey = Journey(client, "signin")
    journey.send("sign_in", "signed_in", email=doctor.email, password=doctor.password)
    return str(journey.view["session"])


def change(client: Client, doctor: Doctor, session: str) -> None:
    """Change the password in the settings."""
    journey = Journey(client, "settings", session)
    new = new_password(client.dice)
    journey.send(
        "save", email=doctor.email, current_password=doctor.password, password=new,
        password_confirmation=new,
    )  # fmt: skip
    doctor.password = new


def reset(client: Client, doctor: Doctor) -> None:
    """Ask for a link, use it, choose a password."""
    journey = Journey(client, "reset")
    journey.send("request_link", "link_sent", email=doctor.email)
    status, view = client.post("/api/links", {"token": journey.link()})
    if status != 200:
        raise Stuck(f"reset: link: {status} {view}")
    journey.view, journey.token = view, view["token"]
    new = new_password(client.dice)
    journey.send("save_password", "password_changed", password=new, password_confirmation=new)
    doctor.password = new


def recover(client: Client, doctor: Doctor, kind: str) -> None:
    """Choose another address and password."""
    journey = Journey(client, "recovery")
    email, new = f"repris{doctor.number}@x.example", new_password(client.dice)
    journey.send("submit_identity", **doctor.identity)
    if journey.view["state"] == "account_found":
        journey.send("continue_recovery", "choose_channel")
    journey.secure(kind)
    journey.send(
        "activate", "recovered", email=email, email_confirmation=email, password=new,
        password_confirmation=new,
    )  # fmt: skip
    doctor.email, doctor.password = email, new

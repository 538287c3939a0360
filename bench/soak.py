"""People of all five journeys, while servers, relays and PostgreSQL are killed: what was lost?

``python -m bench soak --journeys 20000``.  Every doctor creates an account, signs in, changes the
password, resets it and recovers the account; one in ten creates it twice at once.  A client that
hears nothing asks again with the same ``Idempotency-Key``, of either server, as a browser would.
At the end the accounts are counted and every doctor signs in once more.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx2
from attrs import define, field

from monespace_backends.secrets import KeyedSecrets, Keys
from monespace_backends.storage import open_storage
from monespace_flows.ports import Account

from .people import (
    CODE_LIFE,
    Client,
    Count,
    Doctor,
    Journey,
    Stuck,
    change,
    create,
    recover,
    reset,
    sign_in,
)
from .standing import KEY, Part, Standing, standing

REFUSED = {"account.exists", "email.taken"}
"""What the one of two who came second is told."""


# --- everybody -----------------------------------------------------------------------------------


@define
class Crowd:
    """All doctors, taken one after the other by several clients."""

    standing: Standing
    doctors: list[Doctor]
    seed: int
    until: float
    count: Count = field(factory=Count)
    taken: int = 0

    def client(self, number: int) -> Client:
        dice = random.Random(f"{self.seed} {number}")
        address = f"10.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"
        return Client(self.standing, self.count, dice, httpx2.Client(timeout=20), address)

    def work(self) -> None:
        """Be one doctor after the other, until all have been."""
        while True:
            with self.count.lock:
                if self.taken == len(self.doctors) or time.monotonic() > self.until:
                    return
                doctor = self.doctors[self.taken]
                self.taken += 1
            client = self.client(doctor.number)
            with closing(client.http):
                self._live(client, doctor)

    def _live(self, client: Client, doctor: Doctor) -> None:
        kind = client.dice.choice(["sms", "email"])
        if doctor.number % 10 == 0:
            made = self._contend(client, doctor)
        else:
            made = self._tell("creation", lambda: create(client, doctor, kind))
        if made is None:
            return
        session = self._tell("signin", lambda: sign_in(client, doctor))
        if session is not None and "libre" in doctor.email:
            self._confirm(client, made, session)
        if session is not None:
            self._tell("settings", lambda: change(client, doctor, session))
        self._tell("reset", lambda: reset(client, doctor))
        self._tell("recovery", lambda: recover(client, doctor, kind))

    def _tell(self, flow: str, live: Callable[[], Any]) -> Any:
        try:
            found = live()
        except Stuck as stuck:
            with self.count.lock:
                self.count.stuck.append(str(stuck))
            return None
        except Exception as error:  # noqa: BLE001 - one journey more that came to nothing
            with self.count.lock:
                self.count.stuck.append(f"{flow}: {error!r}"[:200])
            return None
        with self.count.lock:
            self.count.journeys[flow] += 1
        return found or True

    def _contend(self, client: Client, doctor: Doctor) -> Journey | None:
        """Two creations at once, one by each contact: the second is told so."""
        ends: list[Journey | str] = []

        def live(kind: str) -> None:
            with closing(
                self.client(-doctor.number if kind == "sms" else doctor.number).http
            ) as it:
                mine = Client(self.standing, self.count, client.dice, it, client.address)
                try:
                    ends.append(create(mine, doctor, kind))
                except Stuck as stuck:
                    ends.append(str(stuck))

        threads = [Thread(target=live, args=(kind,)) for kind in ("sms", "email")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        made = [it for it in ends if isinstance(it, Journey)]
        told = [it for it in ends if isinstance(it, str)]
        with self.count.lock:
            self.count.journeys["creation"] += len(made)
            for each in told:
                if made and any(f"'{it}'" in each for it in REFUSED):
                    self.count.journeys["creation, second"] += 1
                else:
                    self.count.stuck.append(each)
        return made[0] if made else None

    def _confirm(self, client: Client, made: Journey, session: str) -> None:
        try:
            link = made.link()
        except Stuck as stuck:
            self.count.stuck.append(f"{stuck} (confirmation)")
            return
        status, view = client.post("/api/links", {"token": link}, session)
        if status != 200:
            self.count.stuck.append(f"confirmation: {status} {view}")

    def check_in(self) -> list[str]:
        """Everybody signs in once more: whom it fails for."""
        lost: list[str] = []
        waiting = [it for it in self.doctors[: self.taken] if it.is_created]

        def work() -> None:
            while True:
                try:
                    doctor = waiting.pop()
                except IndexError:
                    return
                client = self.client(doctor.number + 10**6)
                with closing(client.http):
                    try:
                        sign_in(client, doctor)
                    except Stuck as stuck:
                        lost.append(f"{doctor.rpps}: {stuck}")

        _all_at_once(work, 8)
        return lost


def _all_at_once(work: Callable[[], None], count: int) -> None:
    threads = [Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- the soak ------------------------------------------------------------------------------------


@define
class Memory:
    """What servers hold once they are left alone, early and late."""

    early: list[float] = field(factory=list)
    late: list[float] = field(factory=list)

    def note(self, servers: list[Part]) -> None:
        self.late = [it.memory for it in servers]
        self.early = self.early or self.late

    @property
    def growth(self) -> float:
        """The largest growth, as a ratio."""
        return max((b / a for a, b in zip(self.early, self.late, strict=True) if a), default=1)


def _disturb(crowd: Crowd, ends: Event, every: float, memory: Memory, wanted: int) -> None:
    """Kill at random; from three fifths on servers are left alone, and their memory is noted."""
    dice, begin, told = random.Random(crowd.seed), time.monotonic(), 0.0
    while not ends.wait(dice.uniform(0.2, 1.8) * every):
        share = crowd.count.done / wanted
        crowd.standing.disturb(dice, servers=share < 0.6)
        if share > 0.7:
            memory.note(crowd.standing.servers)
        if time.monotonic() > told + 30:
            told = time.monotonic()
            stuck = len(crowd.count.stuck)
            kills = sum(crowd.standing.kills.values())
            say(f"{told - begin:6.0f} s  {crowd.count.done} of {wanted} journeys, "
                f"{stuck} stuck, {kills} kills, {dict(crowd.count.retries)}")  # fmt: skip


def say(line: str) -> None:
    """Tell whoever waits."""
    print(line, file=sys.stderr, flush=True)


def accounts(url: str) -> tuple[list[str], list[str]]:
    """The numbers and the addresses of all accounts."""
    secrets, after = KeyedSecrets(Keys((KEY,))), ""
    found: list[Account] = []
    with closing(open_storage(url)) as storage, storage.keys(writing=False) as stored:
        while some := stored.accounts(after, 1000):
            found += some
            after = some[-1].id
    return (
        [secrets.unseal(it.sealed_rpps) for it in found],
        [secrets.unseal(it.sealed_email) for it in found],
    )


def _rows(crowd: Crowd, memory: Memory, seconds: float) -> list[tuple[str, object, bool]]:
    """What the table says, and whether each line is as it must be."""
    count, standing_ = crowd.count, crowd.standing
    numbers, emails = accounts(standing_.url)
    missing = {it.rpps for it in crowd.doctors if it.is_created} - set(numbers)
    doubled = sum(it - 1 for list_ in (numbers, emails) for it in Counter(list_).values())
    cannot = crowd.check_in()
    late = [it for it in count.codes if it > CODE_LIFE]
    kills = standing_.kills
    for line in (*count.stuck[:40], *cannot[:40]):
        say(f"  {line}")
    again = sum(it > 1 for it in standing_.catcher.ids.values())
    return [
        ("journeys ended", f"{count.done}: {dict(count.journeys)}", True),
        ("in", f"{seconds:.0f} s", True),
        ("killed", f"{sum(kills.values())}: {dict(sorted(kills.items()))}", True),
        ("asked again by clients", dict(count.retries), True),
        ("codes and links delivered, twice", f"{len(standing_.catcher.ids)}, {again}", True),
        ("wait for a code, median, slowest", _waits(count.codes), True),
        ("accounts lost", len(missing | set(cannot)), not (missing or cannot)),
        ("accounts doubled", doubled, not doubled),
        ("codes and links lost", len(count.lost), not count.lost),
        ("codes late", len(late), not late),
        ("journeys stuck", len(count.stuck), not count.stuck),
        ("answers of 500", dict(count.faults) or 0, not count.faults),
        ("starts refused while PostgreSQL was away", standing_.refused, True),
        ("processes that ended by themselves", len(standing_.died), not standing_.died),
        ("memory of servers, early → late (MB)", f"{memory.early} → {memory.late}",
         memory.growth < 1.25),
    ]  # fmt: skip


def _waits(codes: list[float]) -> str:
    ordered = sorted(codes) or [0.0]
    return f"{ordered[len(ordered) // 2]:.1f} s, {ordered[-1]:.1f} s"


def main(words: list[str]) -> int:
    """Soak, and print the table; 1 if anything was lost, doubled, late or stuck."""
    parser = argparse.ArgumentParser(prog="python -m bench soak", description=__doc__)
    parser.add_argument("--journeys", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=600, help="begin nothing after that")
    parser.add_argument("--clients", type=int, default=12)
    parser.add_argument("--every", type=float, default=8, help="seconds between kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="an empty folder for settings and logs")
    told = parser.parse_args(words)
    doctors = [Doctor(number) for number in range(1, max(1, told.journeys // 5) + 1)]
    folder = told.keep or Path(tempfile.mkdtemp(prefix="soak-"))
    folder.mkdir(exist_ok=True)
    say(f"logs: {folder}")
    with standing(folder, [it.row for it in doctors]) as service:
        begin, ends, memory = time.monotonic(), Event(), Memory()
        crowd = Crowd(service, doctors, told.seed, begin + 60 * told.minutes)
        killer = Thread(target=_disturb, args=(crowd, ends, told.every, memory, told.journeys))
        killer.start()
        _all_at_once(crowd.work, told.clients)
        seconds = time.monotonic() - begin
        ends.set()
        killer.join()
        service.look_after()
        memory.note(service.servers)
        rows = _rows(crowd, memory, seconds)
    print("| what | found | |\n|---|---|---|")
    for name, value, good in rows:
        print(f"| {name} | {value} | {'' if good else 'NO'} |")
    return 0 if all(good for *_, good in rows) else 1

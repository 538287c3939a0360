"""The outer brake per address (BF-03, BF-05, BF-06, BF-13, BF-14) and who is behind one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from threading import Barrier, Thread
from time import sleep
from typing import Any

import pytest
from attrs import evolve
from starlette.requests import Request

from monespace_flows.errors import PortUnavailable
from monespace_flows.language import FRENCH
from monespace_http import Brakes
from monespace_http.pages.errors import _say_wait
from monespace_http.pages.words import Words
from monespace_http.transport.addresses import _tell_untrusted, client_key
from monespace_http.transport.brake import Brake, Kind
from monespace_http.transport.counts import check_counts
from monespace_http.transport.headers import HttpProblem
from tests.http.visiting import JOHN, KEY, PASSWORD, Caller, Served
from tests.http.walking import EMAIL, Walker, confirm
from tests.servers import redis, storages


def _refused(served: Served, number: int, **headers: str) -> Any:
    caller = Caller(served, "creation")
    caller.client.headers.update(headers)
    rpps = f"9900000{number:04d}"
    return caller.send("submit_identity", birth_date="01/01/1980", rpps=rpps, accept_terms=True)


def test_wrong_pairs_are_braked_by_address() -> None:
    served = Served(brakes=Brakes(identity="3/hour"))
    answers = [_refused(served, 1) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [422, 422, 422, 429]
    assert answers[3].json()["code"] == "throttled"
    assert 3500 < int(answers[3].headers["retry-after"]) <= 3600


def test_bf_03_different_numbers_are_braked_sooner() -> None:
    """BF-03: one date sprayed over many numbers."""
    served = Served(brakes=Brakes(identity_numbers="3/hour"))
    again = [_refused(served, 1).status_code for _ in range(4)]
    spread = [_refused(served, number).status_code for number in (2, 3, 4)]

    assert again == [422, 422, 422, 422]
    assert spread == [422, 422, 429]


def test_successes_do_not_count() -> None:
    """A hospital's doctors share one address."""
    served = Served(brakes=Brakes(identity="1/hour"))

    assert [Caller(served, "creation").identify().status_code for _ in range(3)] == [200, 200, 200]


def test_every_request_for_a_link_counts() -> None:
    """Known and unknown addresses alike: a 429 must tell nobody which ones are known."""
    served = Served(brakes=Brakes(reset="2/hour"))
    statuses = [
        Caller(served, "reset").send("request_link", email=f"a{n}@x.example").status_code
        for n in range(3)
    ]

    assert statuses == [200, 200, 429]


def test_bf_12_one_password_on_many_addresses_is_braked() -> None:
    """Each address is tried once, so no account counts much: the one who sprays does."""
    served = Served(brakes=Brakes(sign_in="3/hour"))
    answers = [
        Caller(served, "signin").send("sign_in", email=f"a{n}@x.example", password=PASSWORD)
        for n in range(5)
    ]

    assert [it.status_code for it in answers] == [422, 422, 422, 429, 429]
    assert answers[4].json()["code"] == "throttled"


def test_bf_13_guessed_links_are_braked() -> None:
    """BF-13."""
    served = Served(brakes=Brakes(link="2/hour"))
    client = served.client

    assert [client.get(f"/lien/guess-{n}").status_code for n in range(3)] == [410, 410, 429]
    assert client.post("/api/links", json={"token": "guess"}).status_code == 429


# --- what ends well is given back ----------------------------------------------------------------

HOSPITAL = Brakes(start="20/hour", reset="20/hour")
THROTTLED = "Trop de tentatives depuis votre connexion Internet"


def test_right_sign_ins_over_json_meet_no_brake() -> None:
    """K4: 121 doctors of one hospital sign in within an hour."""
    served = Served(brakes=HOSPITAL)
    served.create_account()
    statuses = {Walker(served, "signin").sign_in().status_code for _ in range(121)}

    assert statuses == {200}


def test_right_sign_ins_in_pages_meet_no_brake() -> None:
    served = Served(brakes=HOSPITAL)
    served.create_account()
    headings = {served.sign_in().page.heading for _ in range(60)}

    assert headings == {"MonEspace"}


@pytest.mark.parametrize("flow", ["creation", "recovery"])
def test_known_doctors_meet_no_brake(flow: str) -> None:
    """Whether they have an account already or not: the pair is right."""
    served = Served(brakes=HOSPITAL)
    served.create_account()

    assert {Caller(served, flow).identify().status_code for _ in range(40)} <= {200, 422}


def test_a_flood_of_starts_is_braked() -> None:
    served = Served(brakes=HOSPITAL)
    served.create_account()
    client = served.client
    for _ in range(30):
        Walker(served, "signin").sign_in()
    start = {"flow": "signin"}
    statuses = [client.post("/api/journeys", json=start).status_code for _ in range(25)]

    assert statuses == [201] * 20 + [429] * 5


def test_one_journey_gives_back_one_start() -> None:
    """Going back and forth in a journey that is right pays for no others."""
    served = Served(brakes=Brakes(start="3/hour"))
    walker = Walker(served, "creation")
    for _ in range(5):
        walker.identify()
        walker.send("back")
    start = {"flow": "creation"}
    statuses = [served.client.post("/api/journeys", json=start).status_code for _ in range(4)]

    assert statuses == [201, 201, 201, 429]


def test_what_is_begun_and_given_up_is_not_given_back() -> None:
    served = Served(brakes=Brakes(start="2/hour"))
    for _ in range(2):
        Walker(served, "creation").send("restart")

    assert served.client.post("/api/journeys", json={"flow": "creation"}).status_code == 429


def test_even_good_ends_have_a_ceiling() -> None:
    """What is given back cannot be counted for ever: fifty times the number, in all."""
    served = Served(brakes=Brakes(start="1/hour"))
    served.create_account()
    statuses = [_signs_in(served) for _ in range(55)]

    assert statuses[:45] == [200] * 45
    assert statuses[-1] == 429


def _signs_in(served: Served) -> int:
    client = served.client
    answer = client.post("/api/journeys", json={"flow": "signin"})
    if answer.status_code != 201:
        return int(answer.status_code)
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    path = f"/api/journeys/{answer.json()['reference']}/sign_in"
    typed = {"email": EMAIL, "password": PASSWORD}
    return int(client.post(path, json=typed, headers=headers).status_code)


def test_a_link_that_is_used_gives_its_request_back() -> None:
    served = Served(brakes=Brakes(reset="3/hour"))
    served.create_account()
    confirm(served)
    for _ in range(6):
        walker = Walker(served, "reset")
        assert walker.request().status_code == 200
        assert walker.open_link().status_code == 200
        served.sandbox.clock.advance(hours=48)


def test_a_refund_that_cannot_be_written_costs_no_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The step is done: its session must reach the person."""
    from limits.storage import MemoryStorage

    real = MemoryStorage.acquire_entry

    def lost(storage: MemoryStorage, key: str, limit: int, expiry: int) -> bool:
        if "start_journey" in key:
            raise ConnectionError("the store of the limits")
        return real(storage, key, limit, expiry)

    served = Served(brakes=HOSPITAL)
    served.create_account()
    walker = Walker(served, "signin")
    monkeypatch.setattr(MemoryStorage, "acquire_entry", lost)

    assert walker.sign_in().status_code == 200
    assert "cannot be written" in caplog.text


# --- a place is taken before the work ------------------------------------------------------------


_PATIENCE = 120
_CROWD = ["192.0.2.7"] * 50


def _at_once(brake: Brake, kind: Kind, clients: Sequence[str], *, keeps: bool) -> int:
    """How many of them get a place when all try together, before any has ended."""
    tried = Barrier(len(clients))

    def attempt(client: str) -> int:
        try:
            with brake.place(kind, client) as place:
                tried.wait(_PATIENCE)
                if keeps:
                    place.keep(client)
        except (HttpProblem, PortUnavailable):
            tried.wait(_PATIENCE)
            return 0
        return 1

    with ThreadPoolExecutor(len(clients)) as pool:
        return sum(pool.map(attempt, clients))


def test_a_hundred_tries_at_once_are_judged_ten_times() -> None:
    """BF-01, BF-03: the place is taken before the work, not counted after it."""
    brake = Brake(Brakes(identity="10/hour"), KEY)

    assert _at_once(brake, "identity", ["192.0.2.7"] * 100, keeps=True) == 10


@contextmanager
def _shared(store: str, request: pytest.FixtureRequest, path: Path) -> Iterator[list[Brake]]:
    """The brakes of two processes that count in one store."""
    brakes = Brakes(identity="10/hour", storage="database")
    if store == "redis":
        address: str = request.getfixturevalue("redis_server")
        yield [Brake(evolve(brakes, storage=address), KEY) for _ in range(2)]
        return
    server = store == "postgresql"
    url = request.getfixturevalue("migrated_postgres") if server else storages.sqlite_database(path)
    with storages.opened(url) as one, storages.opened(url) as other:
        yield [Brake(brakes, KEY, it.counts()) for it in (one, other)]
    if server:
        storages.clear(url)


STORES = [
    pytest.param("redis", marks=pytest.mark.redis),
    "sqlite",
    pytest.param("postgresql", marks=pytest.mark.postgres),
]


@pytest.mark.parametrize("store", STORES)
def test_processes_that_share_a_store_count_together(
    store: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """BF-01, BF-03: a hundred wrong numbers at once by two processes, ten are judged."""
    with _shared(store, request, tmp_path) as (one, other):
        judged: list[int] = []
        threads = [
            Thread(target=lambda it=it: judged.append(_at_once(it, "identity", _CROWD, keeps=True)))
            for it in (one, other)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert 1 <= sum(judged) <= 10
        assert _at_once(other, "identity", ["192.0.2.8"] * 3, keeps=False) == 3
        assert _at_once(one, "identity", ["192.0.2.8"] * 3, keeps=True) == 3


@pytest.mark.parametrize("store", STORES)
def test_a_shared_window_moves_and_knows_no_address(
    store: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """What is kept of a client is a pseudonym."""
    with _shared(store, request, tmp_path) as (brake, _):
        brake.check("identity", "192.0.2.9")
        keys = [it.taken for it in brake._counters("identity", "192.0.2.9")]
        counts = brake._counted
        window = f"a window of {tmp_path}"

        assert all("192.0.2.9" not in key for key in keys)
        assert [counts.acquire_entry(window, 2, 1) for _ in range(3)] == [True, True, False]
        assert counts.get_moving_window(window, 9, 1)[1] == 2
        while counts.get_moving_window(window, 9, 1)[1]:
            sleep(0.05)
        assert counts.acquire_entry(window, 2, 1)


@pytest.mark.redis
def test_a_server_of_counts_that_is_gone_refuses_and_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """BF-14: who guesses must not be let through because nobody can count."""
    with redis.running() as address:
        if address is None:
            pytest.fail(redis.NO_SERVER)
        brakes = Brakes(storage=address)
        check_counts(brakes.storage)
        served = Served(brakes=brakes)
        caller = Caller(served, "creation")
    answer = caller.identify()

    assert answer.status_code == 503
    assert "http.brakes.storage (redis) cannot be had" in caplog.text
    assert address.partition("//")[2] not in caplog.text
    with pytest.raises(PortUnavailable, match=r"\(redis\) cannot be had"):
        check_counts(brakes.storage)


def test_a_database_that_is_not_handed_over_is_missed_at_start() -> None:
    with pytest.raises(ValueError, match=r"HttpSettings\.counts"):
        Brake(Brakes(storage="database"), KEY)


def test_what_ends_well_has_taken_nothing() -> None:
    brake = Brake(Brakes(sign_in="10/hour"), KEY)
    rounds = [_at_once(brake, "sign_in", ["192.0.2.7"] * 10, keeps=False) for _ in range(3)]

    assert rounds == [10, 10, 10]


def test_bf_03_wrong_numbers_at_once_over_http() -> None:
    """BF-03: what is over the number is not even asked of the registry."""
    served = Served(brakes=Brakes(identity_numbers="5/hour"))
    callers = [Caller(served, "creation") for _ in range(20)]

    def attempt(number: int) -> int:
        typed = {"birth_date": "01/01/1980", "rpps": f"9900000{number:04d}", "accept_terms": True}
        return int(callers[number].send("submit_identity", **typed).status_code)

    with ThreadPoolExecutor(len(callers)) as pool:
        statuses = Counter(pool.map(attempt, range(len(callers))))

    assert statuses == {422: 5, 429: 15}


def test_who_meets_others_under_way_waits_a_moment_only() -> None:
    """Their tries may still end well: nobody of a hospital is told to come back in an hour."""
    brake = Brake(Brakes(identity="1/hour"), KEY)
    with (
        brake.place("identity", "192.0.2.7"),
        pytest.raises(HttpProblem) as refused,
        brake.place("identity", "192.0.2.7"),
    ):
        pass

    assert refused.value.headers == {"Retry-After": "1"}


def test_an_error_that_nobody_foresaw_keeps_its_place() -> None:
    """Else it would be a way to try for nothing; a port that is down is none."""
    brake = Brake(Brakes(sign_in="1/hour"), KEY)
    for error in (PortUnavailable("storage"), ValueError()):
        with pytest.raises(type(error)), brake.place("sign_in", "192.0.2.7"):
            raise error

    with pytest.raises(HttpProblem):
        brake.check("sign_in", "192.0.2.7")


def test_what_a_later_count_refuses_takes_nothing_from_the_first() -> None:
    brake = Brake(Brakes(identity="2/hour", identity_numbers="1/hour"), KEY)
    with brake.place("identity", "192.0.2.7") as place:
        place.keep("99000000002")
    for _ in range(3):
        with pytest.raises(HttpProblem), brake.place("identity", "192.0.2.7"):
            pass
    owed = {
        it.name: brake._within(it, it.taken, 3600) - brake._within(it, it.returned, 3600)
        for it in brake._counters("identity", "192.0.2.7")
    }

    assert owed == {"identity": 1, "identity_numbers": 1}


@pytest.mark.parametrize(
    ("varies", "passed"),
    [("2001:db8:0:{:x}::/64", 8), ("2001:db8:0:{:x}00::/64", 32), ("2001:db8:{:x}::/64", 40)],
)
def test_bf_05_a_whole_network_has_not_the_room_of_all_its_addresses(
    varies: str, passed: int
) -> None:
    """BF-05: a /56 may do four times what a /64 may, a /48 sixteen times."""
    brake = Brake(Brakes(sign_in="2/hour"), KEY)
    clients = [varies.format(number) for number in range(40)]

    assert _at_once(brake, "sign_in", clients, keeps=True) == passed


# --- how it is told ------------------------------------------------------------------------------


def test_a_braked_press_keeps_what_was_typed_and_says_the_wait() -> None:
    served = Served(brakes=Brakes(start="1/hour"))
    page = served.visitor().page
    for status in (422, 429):
        visitor = served.visitor()
        visitor.open("/creation")
        page = visitor.press("Valider", **{**JOHN, "accept_terms": ""})

        assert status == visitor.status
        assert page.field("Numéro RPPS")["value"] == JOHN["rpps"]
        assert ("retry-after" in visitor.response.headers) == (status == 429)
    assert f"{THROTTLED}. Réessayez dans 60 minutes." in page.text
    assert page.title.startswith("Erreur – Créer votre espace")
    assert "quelques" not in page.text


def test_a_braked_page_is_in_french_and_can_be_asked_again() -> None:
    served = Served(brakes=Brakes(link="1/minute"))
    visitor = served.visitor()
    visitor.open("/lien/guess")
    page = visitor.open("/lien/guess")

    assert (visitor.status, page.heading) == (429, THROTTLED)
    wait = int(visitor.response.headers["retry-after"])
    assert f"Réessayez dans {wait} secondes." in page.text
    assert {page.links["Réessayer"], page.links["Retour à l'accueil"]} == {"", "/"}


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        ("1", "une seconde"),
        ("90", "90 secondes"),
        ("3540", "59 minutes"),
        ("3541", "60 minutes"),
        ("7201", "3 heures"),
    ],
)
def test_a_wait_is_said_in_words_and_rounded_up(seconds: str, words: str) -> None:
    said = Words(FRENCH, UTC)

    assert f"Réessayez dans {words}." == _say_wait({"Retry-After": seconds}, said)


def test_the_wait_of_starts_is_that_of_the_oldest_that_is_owed() -> None:
    """What was given back does not lengthen it, and a try after it passes."""
    served = Served(brakes=Brakes(start="2/minute"))
    served.create_account()
    for _ in range(2):
        Walker(served, "creation")
    answer = served.client.post("/api/journeys", json={"flow": "creation"})

    assert answer.status_code == 429
    assert 50 <= int(answer.headers["retry-after"]) <= 60


def test_bf_14_a_brake_whose_counts_are_lost_fails_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """BF-14."""
    from limits.storage import MemoryStorage

    def lost(*_: object) -> bool:
        raise ConnectionError("the store of the limits")

    served = Served(brakes=Brakes())
    caller = Caller(served, "creation")
    monkeypatch.setattr(MemoryStorage, "acquire_entry", lost)

    assert caller.identify().status_code == 503


_OURS = ("10.0.0.0/8",)


@pytest.mark.parametrize(
    ("expected", "peer", "forwarded", "trusted"),
    [
        ("192.0.2.7", "192.0.2.7", "", ()),
        ("192.0.2.7", "::ffff:192.0.2.7", "", ()),
        ("2001:db8:0:1::/64", "2001:db8:0:1:aaaa::1", "", ()),
        ("192.0.2.7", "192.0.2.7", "198.51.100.1", ()),
        ("198.51.100.1", "10.0.0.1", "198.51.100.1", _OURS),
        ("198.51.100.1", "10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", _OURS),
        ("10.0.0.1", "10.0.0.1", "rubbish", _OURS),
        ("198.51.100.1", "10.0.0.1", "198.51.100.1:51234", _OURS),
        ("198.51.100.1", "10.0.0.1", "1.1.1.1:80, 198.51.100.1:51234, 10.0.0.2:443", _OURS),
        ("2001:db8:0:1::/64", "10.0.0.1", "[2001:db8:0:1::7]:51234", _OURS),
        ("2001:db8:0:1::/64", "10.0.0.1", "[2001:db8:0:1::7]", _OURS),
        ("198.51.100.1", "10.0.0.1", "[::ffff:198.51.100.1]:51234", _OURS),
        ("10.0.0.1", "10.0.0.1", "198.51.100.1:", _OURS),
        ("10.0.0.1", "10.0.0.1", "[198.51.100.1", _OURS),
        ("testclient", "testclient", "", _OURS),
    ],
)
def test_bf_06_an_address_is_believed_as_far_as_the_proxies_are_ours(
    expected: str, peer: str, forwarded: str, trusted: tuple[str, ...]
) -> None:
    """BF-05, BF-06: what a stranger writes in X-Forwarded-For counts for nothing."""
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    request = Request({"type": "http", "client": (peer, 1), "headers": headers})

    assert expected == client_key(request, trusted)


def test_bf_06_a_proxy_that_is_not_named_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    """BF-06: whoever forgot to name it hears why everybody shares one brake."""
    _tell_untrusted.cache_clear()
    served = Served()
    for _ in range(3):
        _refused(served, 1, **{"X-Forwarded-For": "198.51.100.1"})

    assert caplog.text.count("http.trusted_proxies") == 1
    assert "198.51.100.1" not in caplog.text

"""SMS: what they say, and how they reach a provider or the demo's file."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from attrs import evolve

from monespace_backends.messaging.demo import FileSmsGateway, MessageFile
from monespace_backends.messaging.sms import HttpSmsGateway, sms_text
from monespace_flows.errors import DeliveryRefused, DeliveryUnknown, PortUnavailable

from .mailing import HOST, SMS, dripping

URL = "https://sms.example/v1/messages"

Answer = Callable[[httpx2.Request], httpx2.Response]


def gateway(answer: Answer, sender: str | None = None) -> HttpSmsGateway:
    return HttpSmsGateway(URL, "secret-key", sender=sender, transport=httpx2.MockTransport(answer))


def test_an_sms_is_a_paragraph_a_line() -> None:
    """The last line is the one that binds the code to the site."""
    assert sms_text(SMS) == "Votre code est 123456.\n@monespace.example #123456"


class TestProvider:
    """Over HTTP."""

    def test_what_is_posted(self) -> None:
        asked: list[httpx2.Request] = []

        def answer(request: httpx2.Request) -> httpx2.Response:
            asked.append(request)
            return httpx2.Response(202)

        gateway(answer).deliver(SMS)

        (request,) = asked
        assert (request.method, str(request.url)) == ("POST", URL)
        assert request.headers["Authorization"] == "Bearer secret-key"
        assert request.headers["Idempotency-Key"] == SMS.id
        assert json.loads(request.content) == {"to": "+33612345678", "text": sms_text(SMS)}

    def test_the_sender_is_named_where_there_is_one(self) -> None:
        asked: list[httpx2.Request] = []

        def answer(request: httpx2.Request) -> httpx2.Response:
            asked.append(request)
            return httpx2.Response(200)

        gateway(answer, "ORDRE").deliver(SMS)

        assert json.loads(asked[0].content)["sender"] == "ORDRE"

    @pytest.mark.parametrize("status", [400, 413, 422])
    def test_a_refusal_for_good(self, status: int) -> None:
        with pytest.raises(DeliveryRefused, match="sms"):
            gateway(lambda _: httpx2.Response(status)).deliver(SMS)

    @pytest.mark.parametrize("status", [302, 401, 403, 404, 408, 409, 429, 500, 502, 503])
    def test_a_refusal_for_now(self, status: int) -> None:
        headers = {"Location": "https://elsewhere.example"}
        with pytest.raises(PortUnavailable, match="sms") as caught:
            gateway(lambda _: httpx2.Response(status, headers=headers)).deliver(SMS)

        assert not isinstance(caught.value, DeliveryRefused)

    @pytest.mark.parametrize(
        ("error", "is_unknown"),
        [
            (httpx2.ConnectError, False),
            (httpx2.ConnectTimeout, False),
            (httpx2.WriteTimeout, True),
            (httpx2.ReadTimeout, True),
            (httpx2.ReadError, True),
            (httpx2.RemoteProtocolError, True),
        ],
    )
    def test_ft_10_what_the_provider_may_have_heard_is_told_apart(
        self, error: Callable[[str], httpx2.HTTPError], is_unknown: bool
    ) -> None:
        def answer(_: httpx2.Request) -> httpx2.Response:
            raise error("+33612345678")

        with pytest.raises(PortUnavailable, match="sms") as caught:
            gateway(answer).deliver(SMS)
        assert isinstance(caught.value, DeliveryUnknown) is is_unknown

    @pytest.mark.parametrize(("status", "is_unknown"), [(502, True), (503, False), (504, True)])
    def test_ft_10_a_gateway_that_answers_for_the_provider_knows_nothing(
        self, status: int, is_unknown: bool
    ) -> None:
        with pytest.raises(PortUnavailable, match="sms") as caught:
            gateway(lambda _: httpx2.Response(status)).deliver(SMS)
        assert isinstance(caught.value, DeliveryUnknown) is is_unknown

    @pytest.mark.parametrize("said", [b"", b"HTTP/1.1 202 Accepted\r\n"])
    def test_ft_10_a_provider_that_says_a_byte_now_and_then(self, said: bytes) -> None:
        with dripping(said) as port:
            slow = HttpSmsGateway(
                f"http://{HOST}:{port}/", "secret-key", deadline=timedelta(milliseconds=200)
            )
            with pytest.raises(DeliveryUnknown, match="sms"):
                slow.deliver(SMS)
            slow.close()

    @pytest.mark.parametrize(
        "error", [httpx2.ConnectError, httpx2.ReadTimeout, httpx2.RemoteProtocolError]
    )
    def test_a_provider_that_does_not_answer(
        self, error: Callable[[str], httpx2.HTTPError]
    ) -> None:
        def answer(_: httpx2.Request) -> httpx2.Response:
            raise error("+33612345678")

        with pytest.raises(PortUnavailable, match="sms") as caught:
            gateway(answer).deliver(SMS)

        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__

    def test_the_key_is_not_shown(self) -> None:
        made = gateway(lambda _: httpx2.Response(200))

        assert "secret" not in repr(made)
        made.close()
        with pytest.raises(RuntimeError):
            made.deliver(SMS)


class TestFile:
    """In the demo."""

    def test_an_sms_is_a_line(self, tmp_path: Path) -> None:
        FileSmsGateway(MessageFile(tmp_path / "messages.jsonl")).deliver(SMS)

        (line,) = (tmp_path / "messages.jsonl").read_text("utf-8").splitlines()
        assert json.loads(line) == {
            "id": SMS.id,
            "at": "2026-11-22T13:05:07Z",
            "channel": "sms",
            "purpose": "code",
            "to": "+33612345678",
            "subject": None,
            "text": "Votre code est 123456.\n@monespace.example #123456",
            "html": None,
        }

    def test_it_is_for_the_owner_s_eyes(self, tmp_path: Path) -> None:
        FileSmsGateway(MessageFile(tmp_path / "messages.jsonl")).deliver(SMS)

        assert (tmp_path / "messages.jsonl").stat().st_mode & 0o777 == 0o600

    def test_a_file_that_cannot_be_written(self, tmp_path: Path) -> None:
        with pytest.raises(PortUnavailable, match="sms"):
            FileSmsGateway(MessageFile(tmp_path)).deliver(SMS)

    def test_lines_do_not_mix(self, tmp_path: Path) -> None:
        """Several threads, each with a file of its own on the same path."""
        path = tmp_path / "messages.jsonl"
        long = evolve(SMS, paragraphs=("é" * 20_000,))

        with ThreadPoolExecutor(8) as pool:
            for _ in pool.map(lambda _: FileSmsGateway(MessageFile(path)).deliver(long), range(64)):
                pass

        assert len(MessageFile(path).read()) == 64

    def test_reading(self, tmp_path: Path) -> None:
        file = MessageFile(tmp_path / "messages.jsonl")
        before = file.read()
        FileSmsGateway(file).deliver(SMS)
        (message,) = file.read()

        assert before == []
        assert (message.id, message.to) == (SMS.id, SMS.to)
        assert "123456" not in repr(message)
        assert SMS.to not in repr(message)

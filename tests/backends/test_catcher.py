"""The demo's mail server, and messages routed by channel."""

import json
import smtplib
from pathlib import Path

import pytest
from attrs import evolve

from monespace_backends.messaging import Messaging, Sender, SmtpOptions
from monespace_backends.messaging.demo import Catcher, FileSmsGateway, MessageFile
from monespace_backends.messaging.smtp import SmtpMail
from monespace_flows.errors import PortUnavailable

from .mailing import LINK, MAIL, SMS

SENDER = Sender("ne-pas-repondre@monespace.example")


@pytest.fixture
def file(tmp_path: Path) -> MessageFile:
    return MessageFile(tmp_path / "messages.jsonl")


def mail(catcher: Catcher) -> SmtpMail:
    return SmtpMail(SmtpOptions(host=catcher.host, port=catcher.port, tls="none"), SENDER)


def test_a_mail_is_a_line(file: MessageFile, tmp_path: Path) -> None:
    with Catcher(file) as catcher:
        mail(catcher).deliver(LINK)

    (line,) = (tmp_path / "messages.jsonl").read_text("utf-8").splitlines()
    message = json.loads(line)
    html = message.pop("html")
    assert message == {
        "id": LINK.id,
        "at": "2026-11-22T13:05:07Z",
        "channel": "email",
        "purpose": "reset_link",
        "to": "john.medecin@cn.example",
        "subject": "Réinitialiser",
        "text": "Bonjour,\n\nChoisir un mot de passe :\nhttps://monespace.example/lien/abc_DEF-123\n",
    }
    assert html.startswith("<!DOCTYPE html>")
    assert "\r" not in html


def test_an_odd_id_comes_back_whole(file: MessageFile) -> None:
    with Catcher(file) as catcher:
        mail(catcher).deliver(evolve(MAIL, id="a b:1"))

    assert [message.id for message in file.read()] == ["a b:1"]


def test_a_long_line_comes_back_whole(file: MessageFile) -> None:
    text = "Un paragraphe très long. " * 100
    with Catcher(file) as catcher:
        mail(catcher).deliver(evolve(MAIL, paragraphs=(text,)))

    assert [message.text for message in file.read()] == [text + "\n"]


def test_mail_from_elsewhere_is_taken_too(file: MessageFile) -> None:
    with Catcher(file) as catcher, smtplib.SMTP(catcher.host, catcher.port) as client:
        client.sendmail("a@x.example", ["b@y.example", "c@y.example"], "hello")

    first, second = file.read()
    assert (first.to, second.to) == ("b@y.example", "c@y.example")
    assert (first.purpose, first.subject, first.text, first.html) == ("notice", "", "hello\n", None)
    assert first.at.endswith("Z")


def test_a_file_that_cannot_be_written_is_a_try_later(tmp_path: Path) -> None:
    with Catcher(MessageFile(tmp_path)) as catcher, pytest.raises(PortUnavailable, match="email"):
        mail(catcher).deliver(MAIL)


def test_two_catchers_have_two_ports(file: MessageFile) -> None:
    with Catcher(file) as one, Catcher(file) as other:
        assert one.port != other.port


class TestMessaging:
    """Each message by its own channel."""

    def test_by_channel(self, file: MessageFile) -> None:
        with Catcher(file) as catcher:
            messaging = Messaging(email=mail(catcher), sms=FileSmsGateway(file))
            messaging.deliver(MAIL)
            messaging.deliver(SMS)

        assert [message.channel for message in file.read()] == ["email", "sms"]

    def test_without_a_gateway_no_sms_leaves(self, file: MessageFile) -> None:
        with Catcher(file) as catcher, pytest.raises(PortUnavailable, match="sms"):
            Messaging(email=mail(catcher), sms=None).deliver(SMS)

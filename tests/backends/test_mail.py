"""E-mails: what they say and to whom, and how they reach a real mail server."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from attrs import evolve

from monespace_backends.messaging import Sender, SmtpOptions
from monespace_backends.messaging.looks import Looks
from monespace_backends.messaging.smtp import SmtpMail, compose
from monespace_flows.errors import DeliveryRefused, PortUnavailable
from monespace_flows.facts import Channel
from monespace_flows.ports import Message
from monespace_flows.testing import MemoryMessaging
from monespace_flows.testing.contracts import Candidate, Make, MessagingContract
from monespace_http import theme
from tests.servers.certificates import Certificate, make_certificate

from .mailing import (
    HOST,
    LINK,
    MAIL,
    Server,
    dripping,
    let_in,
    serving,
)

SENDER = Sender("ne-pas-repondre@monespace.example")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


def smtp(server: Server, **options: Any) -> SmtpMail:
    defaults = SmtpOptions(host=HOST, port=server.port, tls="none")
    return SmtpMail(evolve(defaults, **options), SENDER)


def body(mail: Any, kind: str) -> str:
    return str(mail.get_body((kind,)).get_content())


class Out:
    """Our way out by SMTP; SMS are kept here."""

    def __init__(self, server: Server) -> None:
        self.mail = smtp(server)
        self.sms = MemoryMessaging()
        self.server = server

    def deliver(self, message: Message) -> None:
        way = self.mail if message.channel is Channel.EMAIL else self.sms
        way.deliver(message)

    def received(self) -> list[str]:
        mails = [str(it["Message-ID"])[1:].partition("@")[0] for it in self.server.mails]
        return [*mails, *(it.id for it in self.sms)]


class TestContract(MessagingContract):
    """What hosts' own ways out must do, too."""

    @pytest.fixture
    def make(self) -> Iterator[Make]:
        with serving(Server()) as server, socket.create_server((HOST, 0)) as listening:
            nobody = Server(port=listening.getsockname()[1])
            listening.close()
            out = Out(server)
            yield lambda: Candidate(messaging=out, received=out.received, away=smtp(nobody))


class TestText:
    """What an e-mail says."""

    def test_its_headers(self) -> None:
        mail = compose(MAIL, SENDER)

        assert mail["From"] == "Ordre des médecins <ne-pas-repondre@monespace.example>"
        assert mail["To"] == "john.medecin@cn.example"
        assert mail["Subject"] == "Votre code à usage unique"
        assert mail["Date"] == "Sun, 22 Nov 2026 13:05:07 +0000"
        assert mail["Message-ID"] == "<7K3Q-F9M2.4.0@monespace.example>"
        assert mail["X-Monespace-Purpose"] == "code"
        assert mail["Auto-Submitted"] == "auto-generated"

    def test_the_plain_text(self) -> None:
        text = body(compose(MAIL, SENDER), "plain")

        assert "\n\n".join(MAIL.paragraphs) == text.strip()

    def test_the_plain_text_holds_the_link(self) -> None:
        text = body(compose(LINK, SENDER), "plain")

        expected = "Choisir un mot de passe :\nhttps://monespace.example/lien/abc_DEF-123\n"
        assert text.endswith(expected)

    def test_the_html_sets_the_code_large(self) -> None:
        html = body(compose(MAIL, SENDER), "html")

        assert 'font-size:32px;font-weight:bold;letter-spacing:.2em">123456</p>' in html
        assert '<html lang="fr">' in html

    def test_the_html_holds_the_link(self) -> None:
        html = body(compose(LINK, SENDER), "html")

        assert '<a href="https://monespace.example/lien/abc_DEF-123"' in html
        assert ">Choisir un mot de passe</a>" in html
        assert "<span" in html

    def test_a_list_of_mails_shows_the_matter_beside_the_subject(self) -> None:
        """Neither « Bonjour » nor the code, which a locked screen would show to anyone."""
        paragraphs = ("Bonjour,", "Voici votre code :", "123456")
        html = body(compose(evolve(MAIL, paragraphs=paragraphs), SENDER), "html")
        hidden = html.partition("display:none")[2].partition("</div>")[0]

        assert "Voici votre code\u00a0:" in hidden
        assert "123456" not in hidden
        assert "Bonjour" not in hidden

    def test_a_mail_of_one_word_has_nothing_to_show_beside_its_subject(self) -> None:
        html = body(compose(evolve(MAIL, paragraphs=("123456",)), SENDER), "html")

        assert ">123456</p>" in html

    def test_the_html_is_set_as_print_and_the_text_as_typed(self) -> None:
        """A client of plain text may have no narrow space to show."""
        said = "Si ce n'est pas vous : ne faites rien !"
        mail = compose(evolve(LINK, paragraphs=(said,)), SENDER)

        assert "Si ce n’est pas vous\u00a0: ne faites rien\u202f!" in body(mail, "html")
        assert said in body(mail, "plain")

    def test_an_english_letter_is_english_all_around(self) -> None:
        """The language that it names, its button's colon, and what stands below it."""
        mail = compose(evolve(LINK, language="en", link_label="Choose a password"), SENDER)
        html = body(mail, "html")

        assert mail["Content-Language"] == "en"
        assert body(mail, "plain").endswith(f"Choose a password:\n{LINK.link_url}\n")
        assert '<html lang="en">' in html
        assert "If the button does not work, copy this address into your browser:" in html
        assert "This message was sent automatically, please do not reply." in html

    def test_a_host_says_otherwise_what_stands_around_a_letter(self) -> None:
        own = {"fr": {"mail.banner": "CONSEIL D'EXEMPLE", "mail.automatic": "Ne répondez pas."}}
        html = body(compose(MAIL, SENDER, own), "html")

        assert "CONSEIL D&#39;EXEMPLE" in html
        assert "Ne répondez pas." in html
        assert "CONSEIL" not in body(compose(evolve(MAIL, language="en"), SENDER, own), "html")

    def test_a_theme_colours_it_and_names_its_banner(self) -> None:
        """Unless a text of the host's own says what the banner does."""
        looks = Looks(name="CONSEIL", colours={"accent": "#7a1f5c"}, dark={"accent": "#f0b7d6"})
        own = {"fr": {"mail.banner": "CONSEIL D'EXEMPLE"}}
        html = body(compose(LINK, SENDER, looks=looks), "html")

        assert ">CONSEIL</td>" in html
        assert '<td class="button" style="background:#7a1f5c' in html
        assert ".button { background: #f0b7d6 !important; }" in html
        assert "#0b5359" not in html
        assert "CONSEIL D&#39;EXEMPLE" in body(compose(LINK, SENDER, own, looks), "html")

    def test_what_is_no_colour_is_refused(self) -> None:
        """All of it at once; what no e-mail shows is for the pages to judge."""
        given = {"accent": "red;}", "line": "blue"}
        with pytest.raises(
            ValueError, match=r"^colours\.accent .*; dark\.ink must be like #0b5359$"
        ):
            Looks(colours=given, dark={"ink": "#12"})

    def test_its_colours_are_those_of_the_pages_which_can_be_read(self) -> None:
        """By name and value, and each text on its ground is among what a theme is checked for."""
        light, dark = theme._shipped()
        shown = Looks()

        assert shown.light_shown.items() <= light.items()
        assert shown.dark_shown.items() <= dark.items()
        assert {
            ("ink", "surface"), ("ink", "sunk"), ("ink-soft", "surface"), ("ink-soft", "sunk"),
            ("ink-soft", "ground"), ("accent-ink", "accent"), ("spine-ink", "spine"),
        } <= {(text, ground) for text, ground, _ in theme._PAIRS}  # fmt: skip

    def test_dark_screens_have_their_own_colours(self) -> None:
        html = body(compose(MAIL, SENDER), "html")

        assert '<meta name="color-scheme" content="light dark">' in html
        assert "@media (prefers-color-scheme: dark)" in html

    def test_a_mail_without_link_shows_none(self) -> None:
        assert "href" not in body(compose(MAIL, SENDER), "html")

    def test_in_17_text_is_text(self) -> None:
        """Nothing in a message is taken for markup or for a template (IN-17)."""
        odd = evolve(
            LINK,
            subject="{{ 7 * 7 }} <b>",
            paragraphs=("<script>{{ 7 * 7 }}{% raw %}</script>",),
            link_url='https://x.example/"><script>',
        )
        html = body(compose(odd, SENDER), "html")

        assert "<script>" not in html
        assert "<b>" not in html
        assert "{{ 7 * 7 }}" in html

    def test_seven_bits_and_short_lines(self) -> None:
        raw = compose(evolve(MAIL, paragraphs=("é" * 2000,)), SENDER).as_bytes()

        assert raw.isascii()
        assert max(map(len, raw.splitlines())) < 999

    def test_without_subject_it_names_the_sender(self) -> None:
        assert compose(evolve(MAIL, subject=None), SENDER)["Subject"] == "Ordre des médecins"

    def test_an_odd_id_is_still_an_id(self) -> None:
        mail = compose(evolve(MAIL, id="a b:1>\r\nX: y"), SENDER)

        assert mail["Message-ID"] == "<a%20b%3A1%3E%0D%0AX%3A%20y@monespace.example>"


class TestRecipient:
    """Exactly one person (IN-13)."""

    @pytest.mark.parametrize(
        "to",
        [
            "",
            "john",
            "a@x.example,b@y.example",
            "a@x.example;b@y.example",
            "a@x.example b@y.example",
            "John <a@x.example>",
            "a@x.example\r\nBcc: b@y.example",
            '"a b"@x.example',
        ],
    )
    def test_anything_else_is_refused(self, to: str) -> None:
        with pytest.raises(DeliveryRefused, match="email"):
            compose(evolve(MAIL, to=to), SENDER)

    def test_an_international_domain_travels_in_ascii(self) -> None:
        mail = compose(evolve(MAIL, to="A.B@hôpital.example"), SENDER)

        assert [address.addr_spec for address in mail["To"].addresses] == [
            "A.B@xn--hpital-ixa.example"
        ]

    @pytest.mark.parametrize("subject", ["a\r\nBcc: b@y.example", "a\nb"])
    def test_in_13_no_header_can_be_smuggled_in(self, subject: str) -> None:
        with pytest.raises(ValueError, match="Header values"):
            compose(evolve(MAIL, subject=subject), SENDER)

    def test_the_sender_is_an_address_too(self) -> None:
        with pytest.raises(ValueError, match="is not an e-mail address"):
            Sender("Ordre des médecins")


class TestSmtp:
    """Handing e-mails to a real server."""

    def test_a_mail_arrives(self) -> None:
        with serving(Server()) as server:
            smtp(server).deliver(MAIL)

        (mail,), (envelope,) = server.mails, server.envelopes
        assert envelope.mail_from == "ne-pas-repondre@monespace.example"
        assert envelope.rcpt_tos == ["john.medecin@cn.example"]
        assert mail["Subject"] == MAIL.subject
        assert "123456" in body(mail, "plain")
        assert "123456" in body(mail, "html")

    @pytest.mark.parametrize(
        "answers",
        [
            {"to_recipient": "550 no such user"},
            {"to_recipient": "553 no"},
            {"to_data": "554 this looks odd"},
        ],
    )
    def test_a_refusal_for_good(self, answers: dict[str, Any]) -> None:
        with (
            serving(evolve(Server(), **answers)) as server,
            pytest.raises(DeliveryRefused, match="email") as caught,
        ):
            smtp(server).deliver(MAIL)

        assert caught.value.__cause__ is None
        assert "john" not in str(caught.value)

    @pytest.mark.parametrize(
        "answers",
        [
            {"to_recipient": "450 try later"},
            {"to_data": "451 try later"},
            {"to_sender": "451 try later"},
            {"to_sender": "550 who are you"},
            {"to_sender": "421 closing"},
        ],
    )
    def test_a_refusal_for_now(self, answers: dict[str, Any]) -> None:
        """A refused sender is our own mistake, which we may still mend."""
        with (
            serving(evolve(Server(), **answers)) as server,
            pytest.raises(PortUnavailable, match="email") as caught,
        ):
            smtp(server).deliver(MAIL)

        assert not isinstance(caught.value, DeliveryRefused)

    def test_a_bad_goodbye_changes_nothing(self) -> None:
        """The mail was taken: sending it again would be a repeat."""
        with serving(Server(to_quit="500 what?")) as server:
            smtp(server).deliver(MAIL)

        assert len(server.mails) == 1

    def test_a_server_that_is_down(self) -> None:
        with socket.create_server((HOST, 0)) as listening:
            port = listening.getsockname()[1]

        with pytest.raises(PortUnavailable, match="email"):
            smtp(Server(port=port)).deliver(MAIL)

    def test_a_server_that_says_nothing(self) -> None:
        with socket.create_server((HOST, 0)) as listening:
            silent = Server(port=listening.getsockname()[1])
            with pytest.raises(PortUnavailable, match="email"):
                smtp(silent, timeout=timedelta(milliseconds=50)).deliver(MAIL)

    def test_a_slow_server(self) -> None:
        with serving(Server(wait=5)) as server, pytest.raises(PortUnavailable, match="email"):
            smtp(server, timeout=timedelta(milliseconds=100)).deliver(MAIL)

    @pytest.mark.parametrize("tls", ["none", "tls"])
    @pytest.mark.parametrize("said", [b"", b"220 localhost\r\n"])
    def test_ft_09_a_server_that_says_a_byte_now_and_then(
        self, certificate: Certificate, tls: Literal["none", "tls"], said: bytes
    ) -> None:
        """No single wait is long; before this, one such server stopped all delivery for ever."""
        with dripping(said) as port, pytest.raises(PortUnavailable, match="email"):
            SmtpMail(
                SmtpOptions(host=HOST, port=port, tls=tls, ca_file=certificate.cert),
                SENDER,
                deadline=timedelta(milliseconds=200),
            ).deliver(MAIL)

    def test_options_show_no_password(self) -> None:
        assert "right" not in repr(SmtpOptions(host=HOST, password="right"))


class TestProtection:
    """STARTTLS and TLS; never a way back to plain text (FT-09)."""

    def test_starttls(self, certificate: Certificate) -> None:
        with serving(Server(), starttls=certificate.context, require_starttls=True) as server:
            smtp(server, tls="starttls", ca_file=certificate.cert).deliver(MAIL)

        assert len(server.mails) == 1

    def test_tls(self, certificate: Certificate) -> None:
        with serving(Server(), ssl_context=certificate.context) as server:
            smtp(server, tls="tls", ca_file=certificate.cert).deliver(MAIL)

        assert len(server.mails) == 1

    def test_a_server_without_starttls_gets_nothing(self) -> None:
        with serving(Server()) as server, pytest.raises(PortUnavailable, match="email"):
            smtp(server, tls="starttls").deliver(MAIL)

        assert server.mails == []

    def test_a_user_is_let_in(self, certificate: Certificate) -> None:
        """A wrong password is our own mistake, which we may still mend."""
        starttls = certificate.context
        with serving(Server(), starttls=starttls, authenticator=let_in, auth_required=True) as it:
            protected = {"tls": "starttls", "ca_file": certificate.cert, "username": "relay"}
            smtp(it, **protected, password="right").deliver(MAIL)
            with pytest.raises(PortUnavailable, match="email") as caught:
                smtp(it, **protected, password="wrong").deliver(MAIL)

        assert not isinstance(caught.value, DeliveryRefused)
        assert len(it.mails) == 1

    def test_an_unknown_certificate_gets_nothing(self, certificate: Certificate) -> None:
        with (
            serving(Server(), starttls=certificate.context) as server,
            pytest.raises(PortUnavailable, match="email"),
        ):
            smtp(server, tls="starttls").deliver(MAIL)

        assert server.mails == []

    def test_the_certificate_of_another_name_gets_nothing(self, certificate: Certificate) -> None:
        other_name = {"host": "localhost", "tls": "starttls", "ca_file": certificate.cert}
        with (
            serving(Server(), starttls=certificate.context) as server,
            pytest.raises(PortUnavailable, match="email"),
        ):
            smtp(server, **other_name).deliver(MAIL)

        assert server.mails == []

    def test_a_plain_server_where_tls_is_wanted_gets_nothing(self) -> None:
        with serving(Server()) as server, pytest.raises(PortUnavailable, match="email"):
            smtp(server, tls="tls", timeout=timedelta(milliseconds=500)).deliver(MAIL)

    def test_a_missing_authority_is_told_at_once(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            smtp(Server(), tls="tls", ca_file=tmp_path / "nowhere.pem")

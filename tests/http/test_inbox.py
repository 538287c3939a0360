"""The demo's inbox, and links that stay out of access logs."""

import logging
from typing import Any

from monespace_http import hide_link_tokens, inbox_page
from tests.http.html import Page
from tests.http.visiting import Served

SMS = {"id": "1", "at": "2026-11-22T09:00:00Z", "channel": "sms", "to": "+33600000000", "text": "A"}
MAIL = {
    "id": "2",
    "at": "2026-11-22T09:01:00Z",
    "channel": "email",
    "to": "a@x.example",
    "subject": "<b>Bonjour</b>",
    "text": "Ouvrez https://monespace.example/lien/abc\n<script>x</script>",
    "html": "<p onclick=x>Bonjour</p>",
}


def _inbox(messages: list[dict[str, Any]]) -> Page:
    served = Served(extra_routes=(inbox_page(lambda: messages),))
    return served.visitor().open("/demo/boite")


def test_an_empty_inbox_says_so() -> None:
    page = _inbox([])

    assert "Aucun SMS pour le moment." in page.text
    assert "Aucun e-mail pour le moment." in page.text


def test_sms_and_mails_stand_apart_and_the_newest_first() -> None:
    page = _inbox([SMS, MAIL, {**SMS, "id": "3", "text": "B"}])

    assert [e["id"] for e in page.by_id("sms").every("li")] == ["message-3", "message-1"]
    assert [e["id"] for e in page.by_id("mails").every("li")] == ["message-2"]


def test_a_mail_s_text_is_shown_with_live_links_and_its_source_as_text() -> None:
    page = _inbox([MAIL])

    assert "https://monespace.example/lien/abc" in page.links.values()
    assert [each.text for each in page.root.every("pre")] == ["<p onclick=x>Bonjour</p>"]
    assert not list(page.by_id("mails").every("script", "b"))


def test_access_logs_name_no_link() -> None:
    hide_link_tokens("tests.access")
    hide_link_tokens("tests.access")
    logger = logging.getLogger("tests.access")
    records: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(record.getMessage())  # type: ignore[method-assign]  # a handler in one line
    logger.addHandler(handler)
    logger.warning(
        '%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", "/x/lien/s3cret?a=b", "1.1", 200
    )
    logger.warning("GET /lien/s3cret HTTP/1.1")
    logger.warning("%(path)s", {"path": "/lien/s3cret"})

    assert len(logger.filters) == 1
    assert "s3cret" not in " ".join(records)
    assert "/x/lien/[...]?a=b" in records[0]

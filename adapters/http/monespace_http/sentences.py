"""Notices that an adapter shows without a step: a port is down, a link is worth nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from monespace_flows.driver import Flows
from monespace_flows.notices import NOTICES, words_of
from monespace_flows.screens import NoticeView
from monespace_flows.spoken import say_span

__all__ = ["THROTTLED", "notice_view", "say_wait", "throttled_view"]

THROTTLED = "Trop de tentatives depuis votre connexion Internet"


def notice_view(flows: Flows, notice_id: str) -> NoticeView:
    """Say a notice with the host's own text and the policy's numbers."""
    notice = NOTICES[notice_id]
    text = flows.texts.get(notice_id, notice.text).format_map(words_of(flows.policy))
    return NoticeView(id=notice.id, kind=notice.kind, text=text, links=notice.links)


def throttled_view(headers: Mapping[str, str]) -> NoticeView:
    """Say that the outer brake holds, and for how long."""
    return NoticeView(id="client.throttled", kind="error", text=f"{THROTTLED}. {say_wait(headers)}")


def say_wait(headers: Mapping[str, str]) -> str:
    """Say the wait that an answer's ``Retry-After`` tells programs."""
    wait = timedelta(seconds=int(headers.get("Retry-After", "1")))
    return f"Réessayez dans {say_span(wait)}."

"""Notices that an adapter shows without a step: a port is down, a link is worth nothing."""

from __future__ import annotations

from monespace_flows.driver import Flows
from monespace_flows.notices import NOTICES, words_of
from monespace_flows.screens import NoticeView

__all__ = ["notice_view"]


def notice_view(flows: Flows, notice_id: str) -> NoticeView:
    """Say a notice with the host's own text and the policy's numbers."""
    notice = NOTICES[notice_id]
    text = flows.texts.get(notice_id, notice.text).format_map(words_of(flows.policy))
    return NoticeView(id=notice.id, kind=notice.kind, text=text, links=notice.links)

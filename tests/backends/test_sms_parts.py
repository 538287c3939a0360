"""An SMS is paid by the part, and phones cut long ones: how long ours are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monespace_backends.messaging.sms import sms_text
from monespace_flows.driver import Flows, Site
from monespace_flows.facts import Channel
from monespace_flows.policy import CodePolicy, Policy
from monespace_flows.ports import Message
from monespace_flows.testing import Sandbox
from monespace_flows.wording import Lang
from tests.journeys import acting

GSM_7 = {
    *"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡",
    *"ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
}
"""The signs that take seven bits; any other makes the whole SMS take sixteen a sign."""

HOST = "mon-espace.conseil.medecins.ex"


def sms(sandbox: Sandbox) -> list[str]:
    """The texts of all SMS, as the gateway writes them."""
    return [
        sms_text(
            Message(
                id=it.id,
                at=acting.START,
                channel=Channel.SMS,
                purpose="notice",
                to=it.to,
                subject=None,
                paragraphs=tuple(it.text.split("\n")),
            )
        )
        for it in sandbox.messages
        if it.channel == "sms"
    ]


def all_of_a_life(policy: Policy | None = None, language: Lang = "fr") -> Sandbox:
    """Every kind of SMS: codes, a recovery told to the Order's contacts, a claim released."""
    site = Site(base_url=f"https://{HOST}")
    sandbox = Sandbox(policy, site=site)
    sandbox.flows = Flows(sandbox.ports, policy, site, wake=sandbox.deliver, language=language)
    acting.created_by_sms(sandbox, acting.PAUL, acting.JOHN.email)
    acting.created(sandbox)
    acting.awaiting_code(sandbox, flow="recovery")
    sandbox.clock.advance(hours=2)
    acting.recovered(sandbox)
    return sandbox


def test_the_host_of_these_tests_has_thirty_signs() -> None:
    """As long as a public body's."""
    assert len(HOST) == 30


@pytest.mark.parametrize("digits", [6, 8])
@pytest.mark.parametrize("minutes", [1, 10])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_sms_is_one_part(digits: int, minutes: int, language: Lang) -> None:
    """At most 160 signs of seven bits, the longest codes and lives included."""
    codes = CodePolicy(digits=digits, life=timedelta(minutes=minutes))
    sent = sms(all_of_a_life(Policy(codes=codes), language))

    assert len({text.partition(",")[0] for text in sent}) >= 4
    for text in sent:
        assert sorted({*text} - GSM_7) == []
        assert len(text) <= 160, text

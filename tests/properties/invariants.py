"""What must hold after every step, whatever the step was: the library against the model."""

from monespace_flows.errors import JourneyUnknown
from monespace_flows.testing import Sandbox

from .model import World
from .people import PEOPLE

__all__ = ["INVARIANTS"]


def accounts_are_those_of_the_model(box: Sandbox, world: World) -> None:
    """S2, S3, S11, S12, S14, S15, S19, S22: none more, none less, none other."""
    with box.storage.reading() as unit:
        for person in PEOPLE:
            found = unit.accounts.by_rpps(box.secrets.digests("subject", person.rpps))
            account = world.accounts.get(person.rpps)
            assert (found is None) is (account is None)
            if found is None or account is None:
                continue
            assert box.secrets.unseal(found.sealed_rpps) == person.rpps
            assert box.secrets.unseal(found.sealed_email).lower() == account.login
            assert box.passwords.verify(found.password_hash, account.password)
            assert (found.email_confirmed_at is not None) is account.confirmed
            assert found.credential_epoch == account.epoch


def links_and_sessions_are_those_of_the_model(box: Sandbox, world: World) -> None:
    """S9, S10, S13: what is dead stays dead, and looking uses nothing up."""
    for token in world.links:
        assert (box.flows.link_purpose(token) is not None) is world.is_good(token, world.now)
    for token in world.ever - set(world.links) - set(world.sessions):
        assert box.flows.link_purpose(token) is None
        assert box.flows.session(token) is None


def journeys_stand_where_the_model_says(box: Sandbox, world: World) -> None:
    """S19, T1, T6: late is the same as on time; one journey a step, each in its turn."""
    world.turn += 1
    if not world.runs:
        return
    run = world.runs[world.turn % len(world.runs)]
    if not run.token:
        return  # nobody looks at it before its link is used
    try:
        view = box.flows.view(run.token)
    except JourneyUnknown:
        assert run.gone
    else:
        assert view.state == world.seen_state(run)


def a_message_leaves_once(box: Sandbox, _: World) -> None:
    """S17: one key, one outside action."""
    ids = [message.id for message in box.messages]
    assert len(ids) == len(set(ids))


INVARIANTS = (
    accounts_are_those_of_the_model,
    links_and_sessions_are_those_of_the_model,
    journeys_stand_where_the_model_says,
    a_message_leaves_once,
)
"""All of them; live sessions are compared by the rules that use one: looking prolongs them."""

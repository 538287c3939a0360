"""All five journeys on storage whose tables stand beside a host's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from monespace_backends.storage import SqlStorage
from monespace_flows.testing import Sandbox
from tests.servers import placed
from tests.support.people import Person


@pytest.fixture(params=placed.PLACES)
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStorage]:
    """Open storage beside a host's tables."""
    with (
        placed.placed(request.param, request, tmp_path) as database,
        placed.opened(database) as storage,
    ):
        yield storage


def test_all_five_journeys(storage: SqlStorage) -> None:
    box = Sandbox(storage=storage)
    created = Person(box, "creation").identifies().asks_code().types_code()
    created.activates("cabinet@exemple.example")
    signed_in = Person(box, "signin").signs_in("cabinet@exemple.example")
    assert signed_in.session is not None
    letter = next(it for it in box.messages if it.purpose == "confirmation")
    box.flows.confirm_email(letter.link_token, signed_in.session)
    saving = Person(box, "settings", signed_in.session)
    saving.saves("autre@exemple.example")
    assert saving.view.notices[0].id == "settings.saved"
    reset = Person(box, "reset").asks_link("cabinet@exemple.example").opens()
    reset.saves_password("treize bougies de cire bleue")
    recovered = Person(box, "recovery").identifies().goes_on().asks_code("email").types_code()
    recovered.activates("nouveau@exemple.example")

    assert [it.view.state for it in (created, signed_in, reset, recovered)] == [
        "created",
        "signed_in",
        "password_changed",
        "recovered",
    ]

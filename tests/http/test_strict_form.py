"""Forms come in strictly, too (WB-04, IN-10, IN-11), and the query is never read."""

from urllib.parse import urlencode

import pytest

from tests.http.visiting import JOHN, Served, Visitor

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def _creation(served: Served) -> Visitor:
    visitor = served.visitor()
    visitor.open("/creation")
    return visitor


def _post(visitor: Visitor, body: bytes, **headers: str) -> int:
    answer = visitor.client.post("/creation", content=body, headers={**FORM, **headers})
    assert "text/html" in answer.headers["content-type"]
    return answer.status_code


def _sent(visitor: Visitor, **typed: str) -> bytes:
    return urlencode(visitor.filled("Valider", **JOHN, **typed)).encode()


@pytest.mark.parametrize(
    "more",
    [
        b"&rpps=99000000028",
        b"&command=extend",
        b"&form_token=x",
        b"&rpps=%ff%fe",
        b"&x",
        b"&marker=a%00b",
        b"\xe9",
        b"".join(b"&f%d=1" % n for n in range(20)),
    ],
)
def test_in_10_in_11_a_form_that_is_not_ours_is_400(served: Served, more: bytes) -> None:
    """FL-13: two values for one field, bytes that are no text, more than anyone fills in."""
    visitor = _creation(served)

    assert _post(visitor, _sent(visitor) + more) == 400
    assert visitor.open("/creation").heading == "Créer votre espace"


@pytest.mark.parametrize(
    "more", ["rpps%5B%5D=1", "is_admin=1", "contact=%2B33600000000", "account_id=1", "a=1&a=2"]
)
def test_fl_13_fields_that_no_screen_has_are_left_aside(served: Served, more: str) -> None:
    """FL-13: add-ons put their own into a page; none of them reaches the core."""
    visitor = _creation(served)
    answer = visitor.client.post(
        "/creation", content=_sent(visitor) + f"&{more}".encode(), headers=FORM
    )

    assert "Sécuriser la création de votre espace" in answer.text
    assert "+33600000000" not in answer.text


@pytest.mark.parametrize("command", ["tick", "use_link", "created", "__class__"])
def test_in_18_a_command_that_no_button_has_is_400(served: Served, command: str) -> None:
    visitor = _creation(served)
    body = urlencode({**visitor.filled("Valider", **JOHN), "command": command}).encode()

    assert _post(visitor, body) == 400


@pytest.mark.parametrize("media_type", ["text/plain", "multipart/form-data", "application/json"])
def test_wb_04_another_media_type_is_415(served: Served, media_type: str) -> None:
    visitor = _creation(served)
    answer = visitor.client.post(
        "/creation", content=_sent(visitor), headers={"Content-Type": media_type}
    )

    assert answer.status_code == 415


def test_in_08_a_large_form_is_413(served: Served) -> None:
    visitor = _creation(served)

    assert _post(visitor, _sent(visitor, code="1" * 16384)) == 413


def test_in_11_form_fields_in_the_query_count_for_nothing(served: Served) -> None:
    visitor = _creation(served)
    token = visitor.filled("Valider")["form_token"]
    answer = visitor.client.post(
        "/creation?" + urlencode(JOHN), data={"form_token": token, "command": "submit_identity"}
    )

    assert answer.status_code == 422
    assert "Saisissez votre numéro RPPS" in answer.text
    assert "99000000002" not in visitor.open("/creation?" + urlencode(JOHN)).text.replace(
        "exemple 99000000002", ""
    )


def test_fl_20_fields_of_another_button_are_left_aside(served: Served) -> None:
    """FL-20: the e-mail path takes the Order's address, whatever is sent."""
    visitor = _creation(served)
    visitor.press("Valider", **JOHN)
    channel = visitor.page.field("j***@cn.medecin.example")["value"]
    visitor.press("Recevoir votre code", channel=channel)
    visitor.press("Valider", code=served.code)
    password = "sept girafes lisent le journal"
    visitor.press(
        "Créer", email="evil@x.example", password=password, password_confirmation=password
    )

    assert visitor.page.heading == "Votre espace est créé"
    assert served.sandbox.messages[-1].to == "john.medecin@cn.medecin.example"

"""JSON comes in strictly: nothing is converted, ignored or able to break anything (IN-12)."""

import pytest

from tests.http.visiting import JOHN, Caller, Served

MALFORMED = {
    "nothing": b"",
    "spaces": b"  \n",
    "not JSON": b"rpps=1",
    "a text": b'"creation"',
    "a list": b'["creation"]',
    "null": b"null",
    "a name twice": b'{"flow": "creation", "flow": "recovery"}',
    "NaN": b'{"flow": NaN}',
    "infinity": b'{"flow": -Infinity}',
    "a number of 5000 digits": b'{"flow": ' + b"9" * 5000 + b"}",
    "a byte order mark": b'\xef\xbb\xbf{"flow": "creation"}',
    "UTF-16": '{"flow": "creation"}'.encode("utf-16"),
    "latin-1": '{"flow": "cr\u00e9ation"}'.encode("latin-1"),
    "deep nesting": b'{"flow": ' + b"[" * 8000 + b"]" * 8000 + b"}",
    "half a surrogate pair": b'{"flow": "\\ud800"}',
    "half a surrogate pair in a name": b'{"flow": "creation", "\\ud800": 1}',
    "NUL": b'{"flow": "creation\\u0000"}',
    "a number": b'{"flow": 1}',
    "a number too large for a float": b'{"flow": 1e400}',
    "true": b'{"flow": true}',
    "an object": b'{"flow": {}}',
    "no flow": b"{}",
    "a field more": b'{"flow": "creation", "is_admin": "1"}',
    "21 fields": b"{" + b",".join(b'"f%d": 1' % n for n in range(21)) + b"}",
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_in_12_a_malformed_body_is_400_with_a_stable_code(served: Served, body: bytes) -> None:
    answer = served.client.post(
        "/api/journeys", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert {"type", "title", "status", "code", "detail"} <= problem.keys()
    assert problem["code"] in ("body.empty", "json.malformed", "fields.invalid")


def test_a_problem_names_the_fields_and_never_what_was_sent(served: Served) -> None:
    caller = Caller(served, "creation")
    answer = caller.send("submit_identity", birth_date=17061975, accept_terms="yes", marker="zzz")

    assert answer.status_code == 400
    assert {"birth_date", "rpps", "accept_terms", "(unknown)"} == {
        fault["field"] for fault in answer.json()["errors"]
    }
    for sent in ("17061975", "yes", "zzz", "marker"):
        assert sent not in answer.text


@pytest.mark.parametrize("consent", [{}, [], 1, "true", None])
def test_in_12_consent_is_a_boolean(served: Served, consent: object) -> None:
    """Cattrs alone would take an empty object for an unticked box."""
    answer = Caller(served, "creation").send("submit_identity", **{**JOHN, "accept_terms": consent})

    assert answer.status_code == 400


def test_in_08_a_large_body_is_413(served: Served) -> None:
    """IN-08: refused by its announced size, and by its real one."""
    headers = {"Content-Type": "application/json"}
    body = b'{"flow": "' + b"x" * 16384 + b'"}'

    def slices() -> object:
        yield body[:9000]
        yield body[9000:]

    for content in (body, slices()):
        answer = served.client.post("/api/journeys", content=content, headers=headers)  # type: ignore[arg-type]  # a generator of bytes

        assert (answer.status_code, answer.json()["code"]) == (413, "body.too_large")


@pytest.mark.parametrize(
    "media_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16",
        "application/jsonp",
    ],
)
def test_wb_04_another_media_type_is_415(served: Served, media_type: str) -> None:
    answer = served.client.post(
        "/api/journeys", content=b'{"flow": "creation"}', headers={"Content-Type": media_type}
    )

    assert answer.status_code == 415


def test_a_compressed_body_is_415(served: Served) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    assert served.client.post("/api/journeys", content=b"{}", headers=headers).status_code == 415


def test_utf8_may_be_named(served: Served) -> None:
    headers = {"Content-Type": 'application/json; charset="UTF-8"'}
    answer = served.client.post("/api/journeys", content=b'{"flow": "reset"}', headers=headers)

    assert answer.status_code == 201


@pytest.mark.parametrize(
    "value",
    ["' OR 1=1 --", "%", "\u0661\u0662\u0663", "1e10", "\u2028", "x" * 7000, "😀", "{{7*7}}"],
)
def test_in_01_in_15_odd_values_are_a_matter_of_the_rules(served: Served, value: str) -> None:
    """IN-01, IN-15: a field error, never a 500."""
    caller = Caller(served, "creation")
    answer = caller.send("submit_identity", birth_date=value, rpps=value, accept_terms=True)

    assert answer.status_code == 422
    assert value not in answer.text

"""Every response bears the security headers (WB-07, WB-08, WB-10)."""

import pytest

from tests.http.visiting import Served

SAMPLES = [
    ("GET", "/"),
    ("GET", "/creation"),
    ("GET", "/lien/abc"),
    ("GET", "/nowhere"),
    ("POST", "/nowhere"),
    ("PUT", "/creation"),
    ("POST", "/creation"),
    ("POST", "/api/journeys"),
    ("GET", "/api/session"),
    ("GET", "/api/nowhere"),
    ("GET", "/openapi.json"),
    ("GET", "/healthz"),
    ("TRACE", "/"),
    ("BREW", "/creation"),
]


@pytest.mark.parametrize(("method", "path"), SAMPLES)
def test_wb_07_wb_10_the_headers_are_on_every_response(
    served: Served, method: str, path: str
) -> None:
    headers = served.client.request(method, path).headers

    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "https:" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["strict-transport-security"] == "max-age=31536000"
    assert headers["cache-control"] == "no-store"


def test_wb_07_wb_10_an_unforeseen_error_bears_them_too(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise RuntimeError("with a secret in it")

    monkeypatch.setattr(served.sandbox.flows, "preview", explode)
    answer = served.client.get("/creation")

    assert answer.status_code == 500
    assert answer.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_there_is_no_hsts_on_plain_http() -> None:
    served = Served(public_url="http://localhost:8000")
    answer = served.client.get("/", headers={"Host": "localhost:8000"})

    assert "strict-transport-security" not in answer.headers


def test_wb_08_only_files_may_be_kept(served: Served) -> None:
    """Their address changes with them."""
    page = served.client.get("/").text
    address = page.partition('href="/static/')[2].partition('"')[0]
    answer = served.client.get(f"/static/{address}")

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("path", ["/static/x/monespace.css", "/static/x/..%2fapp.py"])
def test_nothing_else_is_served_as_a_file(served: Served, path: str) -> None:
    assert served.client.get(path).status_code == 404

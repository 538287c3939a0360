"""What is typed is in no log, and what is missing is said clearly (PR-01)."""

import logging
import subprocess
import sys

import pytest

from tests.http.visiting import PASSWORD, Caller, Served


def test_pr_01_no_log_holds_what_was_typed(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        served.create_account()
        code = served.code
        served.sign_in(password="a wrong password").open("/nowhere")
        Caller(served, "creation").send("submit_identity", birth_date="17/06/1975", rpps=1)

    ours = [each for each in caplog.records if not each.name.startswith(("httpx", "httpcore"))]
    logged = "\n".join(each.getMessage() + (each.exc_text or "") for each in ours)
    typed = (PASSWORD, "a wrong password", "17/06/1975", "99000000002", "john@", code)
    assert [marker for marker in typed if marker in logged] == []


def test_pr_08_no_page_before_the_code_says_who_one_is(served: Served) -> None:
    """PR-08: masks only, no name."""
    visitor = served.visitor()
    visitor.open("/creation")
    visitor.press("Valider", birth_date="17/06/1975", rpps="99000000002", accept_terms="on")

    assert "Sécuriser la création" in visitor.page.heading
    for word in ("Médecin,", "John", "612345678", "john.medecin"):
        assert word not in visitor.response.text


def test_without_its_libraries_the_package_says_what_to_install() -> None:
    program = "import sys; sys.modules['jinja2'] = None; import monespace_http"
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, check=False)

    assert "pip install 'monespace-flows[http]'" in run.stderr

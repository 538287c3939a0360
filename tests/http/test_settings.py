"""Settings are checked as a whole, and the app names what it lacks."""

from pathlib import Path

import pytest

from monespace_http import HttpSettings
from tests.http.visiting import KEY, Served


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("keys", {"keys": ()}),
        ("keys", {"keys": (b"short",)}),
        ("public_url", {"keys": (KEY,), "public_url": "monespace.example"}),
        ("public_url", {"keys": (KEY,), "public_url": "http://monespace.example"}),
        ("network", {"keys": (KEY,), "trusted_proxies": ("everyone",)}),
        ("threads", {"keys": (KEY,), "threads": 0}),
    ],
)
def test_a_wrong_setting_is_refused_by_name(field: str, values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=field):
        HttpSettings(**values)  # type: ignore[arg-type]  # wrong on purpose


def test_keys_are_not_in_the_repr() -> None:
    assert "a key of the tests" not in repr(HttpSettings(keys=(KEY,)))


def test_a_host_s_templates_stand_in_for_ours(tmp_path: Path) -> None:
    page = '{% extends "base.html" %}{% block main %}<h1>Nos bureaux</h1>{{ title }}{% endblock %}'
    (tmp_path / "assistance.html").write_text(page, encoding="utf-8")
    visitor = Served(templates=tmp_path).visitor()

    assert visitor.open("/assistance").heading == "Nos bureaux"
    assert visitor.open("/creation").heading == "Créer votre espace"

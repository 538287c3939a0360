"""Backup of a service that runs, and what was restored from it, as backup.md says it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.servers import postgres

from .conftest import Call
from .service import Service, tables

MANUAL = Path(__file__).parents[2] / "docs" / "how-to" / "backup.md"


def told_by_the_manual(command: str, **places: str) -> list[str]:
    """Find the manual's line of a command, with places of ours in it."""
    lines = (line.partition("   #")[0].strip() for line in MANUAL.read_text("utf-8").splitlines())
    words = next(line for line in lines if line.startswith(f"{command} ")).split()
    return [places.get(word, word) for word in words]


def ran(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def restored(service: Service, path: Path) -> Iterator[str]:
    """Back a service up and restore it elsewhere; the URL."""
    if service.url.startswith("sqlite"):
        if shutil.which("sqlite3") is None:
            pytest.skip("no sqlite3 here: apt-get install sqlite3")
        copy = path / "copy.db"
        source = str(make_url(service.url).database)
        command = told_by_the_manual("sqlite3", **{"/var/lib/monespace/monespace.db": source})
        ran(*command[:2], f".backup {copy}")
        yield f"sqlite:///{copy}"
        return
    binaries = postgres._binaries()
    assert binaries is not None
    server = make_url(service.url).set(drivername="postgresql")
    with postgres.fresh_database(service.url) as url:
        fresh = make_url(url).set(drivername="postgresql").render_as_string()
        dump = str(path / "monespace.dump")
        out = told_by_the_manual("pg_dump", monespace=server.render_as_string())
        back = told_by_the_manual("pg_restore", monespace=fresh)
        for command in (out, back):
            words = [dump if word.endswith("monespace.dump") else word for word in command]
            ran(str(binaries / words[0]), *words[1:])
        yield url


def test_what_was_restored_is_what_was_there(service: Service, call: Call, tmp_path: Path) -> None:
    """To the last row; it verifies, and a service starts on it."""
    before = tables(service.url)
    with restored(service, tmp_path) as url:
        assert tables(url) == before

        config = tmp_path / "restored.toml"
        text = service.config.read_text("utf-8").replace(service.url, url)
        config.write_text(text, "utf-8")
        for name in ("keys", "registry.csv"):
            shutil.copy2(service.config.parent / name, tmp_path)
        verified = call("verify", "--config", config)
        assert verified.exit_code == 0
        assert "Tout tient" in verified.stdout
        assert call("db", "upgrade", "--config", config).exit_code == 0
        checks = " ".join(call("doctor", "--config", config).stdout.split())
        assert "répond, accepte d'écrire, ses tables" in checks

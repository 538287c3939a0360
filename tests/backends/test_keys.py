"""The file of keys: what it must be, and that no key is ever shown."""

import os
from base64 import b64encode
from pathlib import Path

import pytest

from monespace_backends.secrets import Keys, KeysInvalid, create_keys, read_keys

OLD, NEW = b"o" * 32, b"n" * 32


def write(path: Path, *lines: str, mode: int = 0o600) -> Path:
    path.write_text("\n".join(lines))
    path.chmod(mode)
    return path


def test_keys_are_read_in_their_order(tmp_path: Path) -> None:
    path = write(
        tmp_path / "keys",
        "# newest first",
        "",
        f"  {b64encode(NEW).decode()}  # of this year",
        b64encode(OLD).decode(),
    )

    assert read_keys(path) == Keys((NEW, OLD))


def test_a_created_file_can_be_read(tmp_path: Path) -> None:
    create_keys(tmp_path / "keys")

    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    assert len(read_keys(tmp_path / "keys").values) == 1


def test_no_two_created_files_hold_the_same_key(tmp_path: Path) -> None:
    create_keys(tmp_path / "one")
    create_keys(tmp_path / "two")

    assert read_keys(tmp_path / "one") != read_keys(tmp_path / "two")


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    path = write(tmp_path / "keys", "mine")
    with pytest.raises(FileExistsError):
        create_keys(path)

    assert path.read_text() == "mine"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o602, 0o700])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path / "keys", b64encode(NEW).decode(), mode=mode)

    with pytest.raises(KeysInvalid, match=f"keys: others may read it, its mode is {mode:o}"):
        read_keys(path)


def test_a_file_of_someone_else_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "keys", b64encode(NEW).decode())
    uid = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: uid + 1)

    with pytest.raises(KeysInvalid, match="belongs to another user"):
        read_keys(path)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "there is no key"),
        (["# nothing"], "there is no key"),
        (["c2VjcmV0"], "a key is not of 256 bits"),
        (["not base64!"], "line 1 is not a key in base64"),
        (["#", "c2VjcmV0c2VjcmV0c2Vjc!"], "line 2 is not a key in base64"),
        ([b64encode(NEW).decode()] * 2, "a key is there twice"),
        (["é"], "is not a text"),
    ],
)
def test_a_faulty_file_is_refused_without_showing_it(
    tmp_path: Path, lines: list[str], reason: str
) -> None:
    path = write(tmp_path / "keys", *lines)

    with pytest.raises(KeysInvalid, match=f"keys: {reason}") as caught:
        read_keys(path)
    assert "c2Vj" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(KeysInvalid, match="cannot be read"):
        read_keys(tmp_path / "keys")


def test_what_is_not_a_file(tmp_path: Path) -> None:
    with pytest.raises(KeysInvalid, match="null: is not a file"):
        read_keys(Path("/dev/null"))
    with pytest.raises(KeysInvalid, match="cannot be read"):
        read_keys(tmp_path)


def test_keys_show_nothing() -> None:
    assert "nnn" not in repr(Keys((NEW,)))

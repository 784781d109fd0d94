"""The key of shared reports: made once, private, and never in what is written."""

import os
from pathlib import Path

import pytest

from nylas_readiness.fixtures.inputs.errors import UsageProblem
from nylas_readiness.fixtures.inputs.share_key import VARIABLE, share_key

pytestmark = pytest.mark.offline


def test_a_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    """Of 256 bits, in a folder and a file that only their owner can read; it is the same afterwards."""
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    key = share_key(environ)
    path = tmp_path / "config" / "nylas-readiness" / "share.key"
    assert path.read_text("ascii").strip() == key.reveal()
    assert len(bytes.fromhex(key.reveal())) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert share_key(environ) == key
    assert share_key({"XDG_CONFIG_HOME": str(tmp_path / "other")}) != key


def test_the_variable_names_another_file(tmp_path: Path) -> None:
    """Such as one that colleagues share, so that their reports have the same pseudonyms."""
    path = tmp_path / "team.key"
    path.touch(mode=0o600)
    path.write_text(f"{'k' * 32}\r\n")
    assert share_key({VARIABLE: str(path), "XDG_CONFIG_HOME": str(tmp_path)}).reveal() == "k" * 32
    assert not (tmp_path / "nylas-readiness").exists()


@pytest.mark.parametrize(
    ("content", "mode", "what"),
    [
        pytest.param(b"", 0o600, "has to be 32 to 4096 characters long", id="empty"),
        pytest.param(b"k" * 31, 0o600, "has to be 32 to 4096 characters long", id="too short"),
        pytest.param(b"k" * 5000, 0o600, "has to be 32 to 4096 characters long", id="too long"),
        pytest.param(b"\xff\xfe" * 32, 0o600, "UTF-16: save it as UTF-8", id="no UTF-8"),
        pytest.param(b"k" * 40, 0o644, "others than you can read the key", id="not private"),
    ],
)
def test_a_bad_key_is_refused(content: bytes, mode: int, what: str, tmp_path: Path) -> None:
    """The message names the file and what to do, and nothing of the key."""
    path = tmp_path / "share.key"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(UsageProblem, match=what) as refused:
        share_key({VARIABLE: str(path)})
    assert str(path) in str(refused.value)
    assert "kkk" not in str(refused.value)
    assert path.read_bytes() == content


def test_a_key_that_cannot_be_had_is_refused(tmp_path: Path) -> None:
    """A folder, a pipe, and a folder that cannot be made: each with what to do next."""
    pipe, file = tmp_path / "pipe", tmp_path / "file"
    os.mkfifo(pipe)
    file.touch()
    for path, what in (
        (tmp_path, "is a folder"),
        (pipe, "no regular file"),
        (file / "key", "cannot be read"),
    ):
        with pytest.raises(UsageProblem, match=what) as refused:
            share_key({VARIABLE: str(path)})
        assert VARIABLE in str(refused.value) or "chmod" in str(refused.value)

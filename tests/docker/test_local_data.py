"""Which Redis the local stack takes, and where it keeps what."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from docker.local import embedded_redis
from docker.local.data import Data, lock
from docker.local.embedded_redis import find_server
from docker.local.environment import StartError
from docker.local.reset import reset
from tests.processes import BIN, ROOT

REAL_ACCOUNT = "AC" + "5" * 32


def _server(folder: Path, version: str, name: str = "redis-server") -> Path:
    """A program that only tells its version."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=00000000:0 malloc=libc bits=64'\n")
    program.chmod(0o755)
    return program


@pytest.mark.processes
@pytest.mark.parametrize(
    ("name", "version", "taken"),
    [("redis-server", "7.4.1", True), ("valkey-server", "8.0.2", True), ("redis-server", "6.0.16", False)],
)
def test_an_installed_server_wins_over_that_of_the_venv_unless_it_is_too_old(
    name: str, version: str, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = _server(tmp_path / "bin", version, name)
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{installed.parent}")

    assert (find_server() == installed) == taken


@pytest.mark.processes
def test_a_server_beside_a_python_that_is_of_no_venv_is_an_installed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = _server(tmp_path / "bin", "7.4.1")
    monkeypatch.setenv("PATH", str(installed.parent))
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    assert find_server() != installed
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert find_server() == installed


def test_an_older_server_does_not_begin_anew_where_a_newer_one_wrote(tmp_path: Path) -> None:
    old = _server(tmp_path / "bin", "6.2.14")
    (tmp_path / "data/appendonlydir").mkdir(parents=True)
    command = [sys.executable, "-m", "docker.local.embedded_redis", "--port", "1", "--dir", str(tmp_path / "data")]
    environment = {**os.environ, "PATH": str(old.parent)}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=20, check=False)

    assert ended.returncode == 1
    assert ended.stderr == (
        f"A newer Redis wrote {tmp_path / 'data'}, which {old} cannot read: install that one again.\n"
    )
    assert not embedded_redis.is_too_old(_server(tmp_path / "new", "7.0.15"), tmp_path / "data")


def test_a_password_is_made_once_and_for_its_user_only(tmp_path: Path) -> None:
    data = Data.of("", tmp_path / ".data")
    password = data.password()
    data.password_file.chmod(0o644)  # as a careless copy leaves it

    assert (data.password(), Data.of(REAL_ACCOUNT, tmp_path / ".data").password() == password) == (password, False)
    assert stat.S_IMODE(data.password_file.stat().st_mode) == 0o600


def test_a_password_that_a_full_disk_left_empty_is_made_anew(tmp_path: Path) -> None:
    data = Data.of("", tmp_path / ".data")
    data.password_file.touch(0o644)

    assert len(data.password()) >= 32
    assert stat.S_IMODE(data.password_file.stat().st_mode) == 0o600
    assert [path.name for path in data.folder.iterdir()] == ["redis-password"]


def test_what_others_could_read_is_private_from_the_next_start_on(tmp_path: Path) -> None:
    kept = [tmp_path / ".data", tmp_path / ".data" / "simulated"]
    for folder in kept:
        folder.mkdir()
        folder.chmod(0o755)
    Data.of("", kept[0])

    assert {stat.S_IMODE(folder.stat().st_mode) for folder in kept} == {0o700}


@pytest.mark.parametrize("sid", ["../..", "AC/../../x", ".", "c6a1e8f0d3b59274c6a1e8f0d3b59274"])
def test_what_is_no_account_becomes_no_folder(sid: str, tmp_path: Path) -> None:
    with pytest.raises(StartError, match="is no SID of an account") as refused:
        Data.of(sid, tmp_path / ".data")
    assert sid == "." or sid not in str(refused.value), "it may be the token"
    assert not (tmp_path / ".data").exists()


def test_reset_leaves_real_calls_unless_told_otherwise(tmp_path: Path) -> None:
    root = tmp_path / ".data"
    for sid in ("", REAL_ACCOUNT):
        Data.of(sid, root).password()

    assert reset(root, real_too=False) == (
        f"Reset, but for real calls: {REAL_ACCOUNT} (make reset ARGS=--all removes these too)."
    )
    assert [path.name for path in root.iterdir()] == [REAL_ACCOUNT]
    assert reset(root, real_too=True) == f"Reset: {REAL_ACCOUNT}."
    assert not root.exists()
    assert reset(root, real_too=True) == f"There is nothing to reset: {root} does not exist."


def test_reset_follows_links_to_where_there_is_more_room_and_leaves_the_first(tmp_path: Path) -> None:
    root, away = tmp_path / ".data", [tmp_path / "disk", tmp_path / "other"]
    for folder in away:
        folder.mkdir()
    root.symlink_to(away[0])
    (root / "simulated").symlink_to(away[1])
    Data.of("", root).password()

    assert reset(root, real_too=True) == "Reset: simulated."
    assert (root.is_symlink(), list(root.iterdir()), away[1].exists()) == (True, [], False)
    assert Data.of("", root).password()


def test_reset_touches_nothing_that_is_in_use(tmp_path: Path) -> None:
    root = tmp_path / ".data"
    password = Data.of("", root).password()
    held = lock(root)
    try:
        with pytest.raises(StartError, match="already runs"):
            reset(root, real_too=True)
    finally:
        os.close(held)
    assert Data.of("", root).password() == password

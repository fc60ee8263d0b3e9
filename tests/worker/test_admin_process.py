"""python -m worker.admin as a process: full disks, readers that go, terminals of other letters, Ctrl-C."""

import os
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT, START_SECONDS, RedisServer
from tests.scripts.conftest import Store

NUMBER = "+12025550100"
_COMMAND = [sys.executable, "-m", "worker.admin"]


def _environment(redis_server: RedisServer, **more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "CELERY_BROKER_URL": redis_server.url, **more}


def _in_a_shell(redis_server: RedisServer, words: str, **more: str) -> "subprocess.CompletedProcess[bytes]":
    """What comes of a line as an operator types it, with `admin` for the command."""
    line = words.replace("admin", shlex.join(_COMMAND))
    environment = _environment(redis_server, **more)
    return subprocess.run(
        ["/bin/sh", "-c", line], cwd=ROOT, env=environment, capture_output=True, timeout=START_SECONDS, check=False
    )


@pytest.mark.parametrize("command", ["queue", "check", "export", "opt-outs"])
def test_what_does_not_fit_on_the_disk_is_said(store: Store, redis_server: RedisServer, command: str) -> None:
    store.call(NUMBER)
    ended = _in_a_shell(redis_server, f"admin {command} > /dev/full")
    assert ended.returncode == 1
    assert ended.stderr == b"What it tells cannot be written: No space left on device.\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_with_its_output_closed_a_command_does_its_work(store: Store, redis_server: RedisServer, closed: str) -> None:
    for command in ("drain", "export", "opt-outs", "watch --times 1"):
        ended = _in_a_shell(redis_server, f"admin {command} {closed}")
        assert (ended.returncode, b"Traceback" in ended.stderr) == (0, False), ended.stderr
    assert store.redis.exists("tw:drain")


def test_who_reads_only_the_beginning_gets_that_and_no_other_word(store: Store, redis_server: RedisServer) -> None:
    for _ in range(300):
        store.call(NUMBER)
    ended = _in_a_shell(redis_server, "admin export --csv | head -1")
    assert ended.stdout.startswith(b"id,kind,state")
    assert ended.stderr == b""


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_file_of_data_is_utf_8_and_text_is_shown_whatever_letters_the_terminal_knows(
    store: Store, redis_server: RedisServer, encoding: str
) -> None:
    store.redis.hset(f"tw:task:{store.call(NUMBER)}", "error", "zu spät …")
    export = _in_a_shell(redis_server, "admin export --csv", PYTHONIOENCODING=encoding)
    watched = _in_a_shell(redis_server, "admin watch --times 1", PYTHONIOENCODING=encoding)

    assert "zu spät …" in export.stdout.decode()
    assert (watched.returncode, watched.stderr) == (0, b"")
    assert b"last hour" in watched.stdout


def test_of_a_copy_that_does_not_fit_nothing_is_left_that_redis_would_read(
    store: Store, redis_server: RedisServer, tmp_path: Path
) -> None:
    """Its end is the mark that keeps it drained."""
    store.redis.set("filler", "x" * 100_000)
    assert _in_a_shell(redis_server, f"admin backup {tmp_path}/copy.aof").returncode == 0
    (tmp_path / "into").mkdir()
    for words in (f"restore {tmp_path}/copy.aof --into {tmp_path}/into", f"backup {tmp_path}/other.aof"):
        ended = _in_a_shell(redis_server, f"ulimit -f 1; admin {words}")
        assert (ended.returncode, b"Traceback" in ended.stderr) == (1, False), ended.stderr
        assert ended.stderr.endswith(b": File too large.\n")
    assert list((tmp_path / "into").iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"copy.aof", "into"}


def test_an_interrupted_command_ends_without_a_traceback(tmp_path: Path) -> None:
    """As by Ctrl-C, while Redis hangs; a process that a test starts would ignore SIGINT if the shell did."""
    interruptible = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    code = f"{interruptible}; from worker.admin.__main__ import main; main(['queue'])"
    log = tmp_path / "admin.log"
    with log.open("wb") as opened, socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"redis://127.0.0.1:{deaf.getsockname()[1]}/0"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "CELERY_BROKER_URL": url}
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, stdout=opened, stderr=opened
        )
        deaf.settimeout(START_SECONDS)
        with deaf.accept()[0]:
            process.send_signal(signal.SIGINT)
            assert process.wait(START_SECONDS) == 130
    assert log.read_text() == ""

"""What `make run` shows, and Ctrl-C in the terminal in which it was typed."""

import fcntl
import os
import pty
import subprocess
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis import Redis

from docker.local import logs
from docker.local.calls import Calls, Record, line_about, tasks_in
from docker.local.logs import Logs
from docker.local.terminal import Terminal, entry_of
from schemas import keys
from tests.docker.local import READY, Tree
from tests.processes import BIN, START_SECONDS, STOP_SECONDS, wait_until


@contextmanager
def typed(command: list[str], tree: Tree) -> Iterator[tuple["subprocess.Popen[bytes]", int, Callable[[], str]]]:
    """A command in a terminal of its own: its process, the terminal's other end, and what it showed so far."""
    ours, theirs = pty.openpty()
    shown: list[bytes] = []

    def read() -> None:
        try:
            while data := os.read(ours, 4096):
                shown.append(data)
        except OSError:  # nobody holds the other end any more
            pass

    process = subprocess.Popen(
        command,
        cwd=tree.folder,
        env=tree.environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - Ctrl-C goes to it then
    )
    os.close(theirs)
    threading.Thread(target=read, daemon=True).start()
    try:
        yield process, ours, lambda: b"".join(shown).decode()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(STOP_SECONDS)
        os.close(ours)


def test_ctrl_c_in_the_terminal_of_make_run_stops_it_without_another_word(tmp_path: Path) -> None:
    tree = Tree.made(tmp_path / "project")
    (tree.folder / ".venv").symlink_to(BIN.parent)
    command = ["make", "--old-file", ".venv/running", "run"]
    with typed(command, tree) as (process, terminal, shown):
        wait_until(lambda: READY in shown() or process.poll() is not None, START_SECONDS, "the stack is ready")
        os.write(terminal, b"\x03")
        process.wait(STOP_SECONDS)
        wait_until(lambda: "stopping" in shown(), what="it says so")

    assert shown().replace("\r", "").endswith("at the next start.\n\n^C\nstopping\n")
    assert not (tree.data / "running.env").exists()


def _record(**fields: str) -> Record:
    return {**dict.fromkeys(("kind", "state", "to", "call_status", "error", "total")), **fields}


@pytest.mark.parametrize(
    ("record", "line"),
    [
        (_record(state="waiting", to="+12025550134"), "+1202…34 waiting"),
        (_record(state="dispatched", to="+12025550134"), ""),
        (_record(state="placed", to="+12025550134", call_status="ringing"), "+1202…34 ringing"),
        (_record(state="ended", to="+12025550134", call_status="no-answer"), "+1202…34 no-answer"),
        (_record(state="rejected", to="+120", error="not +12025550134"), "+1… rejected: not +1202…34"),
        (_record(state="active", kind="bulk", total="3"), "campaign of 3 numbers: active"),
        (_record(), ""),
    ],
)
def test_a_line_is_about_whom_is_called_and_how_that_goes(record: Record, line: str) -> None:
    assert line_about(record) == line


def test_a_line_that_names_a_task_after_its_end_tells_nothing_anew(redis: "Redis") -> None:
    told: list[str] = []
    calls = Calls(redis, told.append)
    calls.start()
    redis.hset(keys.task("a-call"), mapping={"state": "placed", "to": "+12025550134", "call_status": "ringing"})
    calls.name("a-call")
    wait_until(lambda: told == ["+1202…34 ringing"], what="what is named is looked at")
    redis.hset(keys.task("a-call"), mapping={"state": "ended", "call_status": "completed"})  # nobody logs it
    wait_until(lambda: told[1:] == ["+1202…34 completed"], what="what is live is looked at again")
    calls.name("a-call")
    redis.hset(keys.task("another"), mapping={"state": "waiting", "to": "+12025550135"})
    calls.name("another")
    wait_until(lambda: told[2:] == ["+1202…35 waiting"], what="the next one is told")


def test_the_tasks_of_a_line_are_found_and_what_is_no_line_names_none() -> None:
    assert tasks_in(entry_of('{"call_id": "a", "request_id": "b"}')) == {"a"}
    assert tasks_in(entry_of('{"request_id": "b", "path": "/cancel-task/c"}')) == {"b", "c"}
    assert tasks_in(entry_of("simulator listening on http://127.0.0.1:8010")) == set()
    assert tasks_in(entry_of("[1]")) == set()


def test_warnings_are_shown_and_cannot_speak_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal(lambda: None)
    terminal.warn("web", {"event": "request", "level": "info"})
    terminal.warn("web", {"event": "redis_away", "level": "warning", "logger": "app", "reason": "\x1b[2Jgone\n"})

    assert capsys.readouterr().out[8:] == " web: redis_away reason= [2Jgone \n"


def test_a_log_begins_anew_when_it_is_large_and_the_oldest_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "LARGE_BYTES", 1000)
    kept = Logs(tmp_path / "log")
    for number in range(1000):
        kept.write("web", f"line {number}")
    last = kept.last_lines("web")
    kept.close()
    files = sorted((tmp_path / "log").iterdir())

    assert [file.name for file in files] == ["web.log", "web.log.1", "web.log.2", "web.log.3"]
    assert all(file.stat().st_size <= 1000 for file in files)
    assert last == [f"line {number}" for number in range(995, 1000)]

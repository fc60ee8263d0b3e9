"""`make run` on odd machines: what is taken, full or set by others is one sentence, or makes no difference."""

import socket
from contextlib import ExitStack
from pathlib import Path

import requests

from tests.docker.local import Tree, queue
from tests.processes import BASE_PATH, START_SECONDS, STOP_SECONDS, wait_until


def test_all_ports_that_are_taken_are_told_at_once(tmp_path: Path) -> None:
    """As whoever starts a second clone finds them."""
    tree = Tree.made(tmp_path / "project")
    with ExitStack() as taken:
        for port in tree.ports.values():
            taken.enter_context(socket.create_server(("127.0.0.1", int(port))))
        run = tree.started()
        assert run.process.wait(START_SECONDS) == 1
    assert [line.split()[1] for line in run.output.splitlines()] == list(tree.ports.values())


def test_a_data_folder_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    tree = Tree.made(tmp_path / "project")
    tree.data.write_text("somebody else's")
    run = tree.started()
    assert run.process.wait(START_SECONDS) == 1
    assert run.output == f"{tree.data} cannot be used: File exists.\n"


def test_a_worker_that_is_late_stops_nothing_and_a_full_disk_or_a_terminal_of_other_letters_holds_up_no_part(
    tmp_path: Path,
) -> None:
    tree = Tree.made(tmp_path / "project")
    tree.changed(
        "docker/local/Procfile", r"(?m)^worker: (.+)$", r"worker: sh -c 'until [ -e go ]; do sleep 0.1; done; \1'"
    )
    tree.changed("docker/local/stack.py", r"START_SECONDS = 30.0", "START_SECONDS = 12.0")
    logs = tree.data / "simulated/log"
    logs.mkdir(parents=True)
    (logs / "web.log").symlink_to("/dev/full")
    with tree.running(PYTHONIOENCODING="ascii") as run:
        assert "worker did not answer within 12 seconds" in run.output
        (tree.folder / "go").touch()
        wait_until(lambda: "the worker answers now" in run.output or run.code is not None, START_SECONDS)
        queue(tree, "+12025550101", delay_seconds=0)  # who is busy
        wait_until(lambda: "+1202?01 busy" in run.output or run.code is not None, START_SECONDS, "the call is told of")
        assert run.code is None, run.output
    assert run.output.count("cannot be written") == 1
    assert "Traceback" not in run.output


def test_who_is_killed_leaves_nothing_running_and_nothing_is_lost(tmp_path: Path) -> None:
    """As by the OOM killer: it could not be started again, and nobody knew what still ran."""
    tree = Tree.made(tmp_path / "project")
    with tree.running() as run:
        task_id = queue(tree)
        run.process.kill()
        run.process.wait()
        wait_until(lambda: not list(tree.processes()), STOP_SECONDS, "nothing runs")
    with tree.running():
        assert requests.get(f"{tree.url}{BASE_PATH}/task-status/{task_id}", timeout=10).json()["status"] == "PENDING"

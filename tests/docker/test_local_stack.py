"""`make run` for whoever starts it: private, in its place, found by the commands beside it, ended by Ctrl-C."""

import json
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from redis import Redis
from redis.exceptions import AuthenticationError

from tests.docker.local import Run, Tree, queue
from tests.ports import reserve_port
from tests.processes import BASE_PATH, BIN, START_SECONDS, STOP_SECONDS, wait_until

FAR_SECONDS = 5.5 * 3600
REAL_ACCOUNT = "AC" + "5" * 32


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree.made(tmp_path_factory.mktemp("local") / "project")


@pytest.fixture(scope="module")
def run(tree: Tree) -> Iterator[Run]:
    """One run for the tests that only look."""
    with tree.running(TZ="FAR-5:30") as one:
        yield one


def test_nobody_else_can_read_what_it_keeps(tree: Tree, run: Run) -> None:
    queue(tree)
    kept = [tree.data, *tree.data.rglob("*")]

    assert {"redis", "log", "redis-password", "calls.sqlite"} <= {path.name for path in kept}
    assert [path for path in kept if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_its_redis_asks_for_a_password_that_no_command_line_shows(tree: Tree, run: Run) -> None:
    password = (tree.data / "simulated/redis-password").read_text().strip()
    commands = [(process / "cmdline").read_bytes() for process in tree.processes()]
    stranger = Redis(port=int(tree.ports["REDIS_PORT"]), socket_timeout=5)

    with stranger, pytest.raises(AuthenticationError):
        stranger.ping()
    assert len(password) >= 32
    assert len(commands) >= 6
    assert not any(password.encode() in command for command in commands)
    assert password not in run.output


def test_the_banner_says_where_everything_is(tree: Tree, run: Run) -> None:
    lines = [line.strip() for line in run.output.splitlines()]
    redis = f"redis://127.0.0.1:{tree.ports['REDIS_PORT']}/0  (its password: .data/simulated/redis-password)"

    assert f"Redis          {redis}" in lines
    assert f"Try it out     {tree.url}/api/docs" in lines
    assert "Logs           .data/simulated/log" in lines
    assert "Reset          make reset" in lines


def test_each_event_of_a_call_is_one_line_at_the_local_time(tree: Tree, run: Run) -> None:
    before = len(run.output)
    queue(tree, "+12025550101", delay_seconds=0)  # who is busy
    cancelled = queue(tree, "+12025550177")
    requests.delete(f"{tree.url}{BASE_PATH}/cancel-task/{cancelled}", timeout=10).raise_for_status()
    wait_until(lambda: "+1202…01 busy" in run.output and "…77 cancelled" in run.output, what="the calls end")
    lines = run.output[before:].splitlines()
    told = [line.partition(" ")[2] for line in lines if "…01" in line]

    assert "+1202…01 initiated" in told
    assert told[-1] == "+1202…01 busy"
    assert len(told) == len(set(told))
    for line in lines:
        said = time.strptime(line.partition(" ")[0], "%H:%M:%S")
        here = time.gmtime(time.time() + FAR_SECONDS)
        assert ((here.tm_hour - said.tm_hour) * 60 + here.tm_min - said.tm_min) % (24 * 60) <= 1


def test_everything_else_is_in_the_log_which_says_nothing_of_root(tree: Tree, run: Run) -> None:
    logs = {path.stem: path.read_text("utf-8") for path in (tree.data / "simulated/log").iterdir()}
    lines = [line for part in ("web", "worker", "beat") for line in logs[part].splitlines()]

    assert set(logs) == {"redis", "simulator", "web", "worker", "beat"}
    assert {json.loads(line)["level"] for line in lines} == {"info"}
    assert " ready." in logs["worker"]
    assert "superuser" not in run.output + logs["worker"]
    assert "+12025550100" not in "".join(logs.values())


def test_admin_finds_its_redis_and_says_which_it_is(tree: Tree, run: Run) -> None:
    task_id = queue(tree)
    asked = tree.ask("worker.admin", "explain", task_id)

    assert (asked.returncode, asked.stdout.partition(":")[0]) == (0, "waiting")
    assert asked.stderr == f"Redis: redis://127.0.0.1:{tree.ports['REDIS_PORT']}/0 (of make run)\n"


def test_health_finds_its_parts_too(tree: Tree, run: Run) -> None:
    for part in ("worker", "beat"):
        asked = tree.ask("worker.health", part)

        assert (asked.returncode, asked.stdout.split()[:2]) == (0, ["Every", part]), asked.stdout
        assert asked.stderr.endswith(" (of make run)\n")


def test_check_finds_nothing_wrong_beside_a_run_that_was_just_started(tree: Tree, run: Run) -> None:
    asked = tree.ask("worker.admin", "check", HTTP_PROXY="http://127.0.0.1:9", http_proxy="http://127.0.0.1:9")

    assert (asked.returncode, "WRONG" in asked.stdout) == (0, False), asked.stdout
    assert "PUBLIC_BASE_URL: it leads to the web tier" in asked.stdout


def test_who_names_a_redis_gets_that_one(tree: Tree, run: Run) -> None:
    nobody = f"redis://127.0.0.1:{reserve_port()}/0"
    asked = tree.ask("worker.admin", "queue", CELERY_BROKER_URL=nobody)

    assert asked.returncode == 1
    assert asked.stderr == f"Redis at {nobody} does not answer: ConnectionError.\n"


def test_flower_finds_its_redis_too(tree: Tree, run: Run, tmp_path: Path) -> None:
    port, log = reserve_port(), tmp_path / "flower.log"
    words = [str(BIN / "celery"), "-A", "worker", "flower", "--address=127.0.0.1", f"--port={port}"]
    environment = {name: value for name, value in tree.environment().items() if name not in tree.ports}
    with log.open("wb") as output:
        flower = subprocess.Popen(words, cwd=tree.folder, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: "Connected to redis" in log.read_text(), START_SECONDS, "Flower is connected")
    finally:
        flower.terminate()
        assert flower.wait(STOP_SECONDS) == 0
    assert f"Redis: redis://127.0.0.1:{tree.ports['REDIS_PORT']}/0 (of make run)\n" in log.read_text()


def test_nothing_is_reset_and_nothing_else_started_while_it_runs(tree: Tree, run: Run) -> None:
    again = tree.started()

    assert again.process.wait(START_SECONDS) == 1
    for said in (again.output, tree.ask("docker.local.reset").stderr):
        assert said == f"The data in {tree.data} is in use: the stack already runs in this folder.\n"
    assert (tree.data / "simulated/redis-password").exists()


def test_it_is_ready_when_calls_can_go_and_starts_and_stops_again_and_leaves_nothing_running(tmp_path: Path) -> None:
    tree = Tree.made(tmp_path / "project")
    for _ in range(2):
        with tree.running() as run:
            health = requests.get(f"{tree.url}{BASE_PATH}/health", timeout=10).json()
            assert (health["workers"], health["beat"]) == (1, True)
            assert (tree.data / "running.env").exists()
        assert run.code == 0
        assert "stopping" in run.output
        assert not (tree.data / "running.env").exists()
        wait_until(lambda: not list(tree.processes()), STOP_SECONDS, "nothing runs")
    asked = tree.ask("worker.admin", "queue")
    assert asked.stderr.startswith("Redis: redis://localhost:6379/0 (by default")


def test_an_impatient_ctrl_c_while_it_starts_ends_everything(tmp_path: Path) -> None:
    tree = Tree.made(tmp_path / "project")
    run = tree.started()
    wait_until(lambda: (tree.data / "simulated/redis").exists() or run.code is not None, START_SECONDS, "Redis starts")
    for _ in range(3):
        run.process.send_signal(signal.SIGINT)
    assert run.stop() == 0
    wait_until(lambda: not list(tree.processes()), STOP_SECONDS, "nothing runs")


def test_what_was_queued_in_play_is_never_seen_by_a_real_account(tmp_path: Path) -> None:
    tree = Tree.made(tmp_path / "project")
    with tree.running():
        played = queue(tree)
    account = {"TWILIO_ACCOUNT_SID": REAL_ACCOUNT, "TWILIO_AUTH_TOKEN": "token", "TWILIO_PHONE_NUMBER": "+15005550006"}
    with tree.running(**account, TWILIO_API_BASE_URL=f"http://127.0.0.1:{reserve_port()}") as run:
        assert "REAL" in run.output
        assert f"Data           .data/{REAL_ACCOUNT}" in run.output
        answer = requests.get(f"{tree.url}{BASE_PATH}/task-status/{played}", timeout=10)
        assert answer.status_code == 404
    with tree.running():
        assert requests.get(f"{tree.url}{BASE_PATH}/task-status/{played}", timeout=10).status_code == 200


@pytest.mark.parametrize("setting", ["APP_PORT", "SIMULATOR_PORT", "REDIS_PORT"])
def test_a_port_that_is_taken_is_one_sentence_and_nothing_is_started(setting: str, tmp_path: Path) -> None:
    tree = Tree.made(tmp_path / "project")
    port = int(tree.ports[setting])
    with socket.create_server(("127.0.0.1", port)):
        run = tree.started()
        assert run.process.wait(START_SECONDS) == 1
    wanted = f"Port {port} on 127.0.0.1 cannot be used (Address already in use): stop what uses it, or choose another,"

    assert run.output.strip() == f"{wanted} e.g. {setting}={port + 100} make run"
    assert not (tree.data / "simulated/redis").exists()

"""Every command of the pages is run, and prints what the page shows; those that cannot be run are listed, with why."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from tests.docs.pages import PAGES, Command, commands
from tests.docs.place import Place, fits
from tests.e2e.conftest import QUICK
from tests.ports import reserve_port
from tests.processes import BASE_PATH, BIN, ROOT, START_SECONDS, STOP_SECONDS, Process, wait_until
from tests.stack import public_stack

#: How a command begins that is not run here -> why.
NOT_RUN: Final = {
    "make test": "it runs this",
    ".venv/bin/python -m pytest": "it runs tests",
    "make lint": "CI runs it beside the tests",
    "make fuzz": "it takes minutes; tests/fuzz runs a short one",
    "make torture": "it takes minutes; tests/e2e runs a short one",
    "make mutants": "it takes minutes; it runs tests with each guard taken out",
    "make bad-days": "it takes minutes; it is run by hand for a release",
    "make attack": "it takes minutes; tests/attack runs a short one",
    "make mistakes": "it takes minutes; tests/mistakes runs a short one",
    ".venv/bin/python -m tests.mistakes.copies": "it takes minutes; tests/mistakes runs a short one",
    ".venv/bin/python -m tests.e2e.steered": "it takes minutes; tests/e2e runs a short one",
    ".venv/bin/python -m tests.e2e.lives": "it takes a minute; tests/e2e runs a short one",
    ".venv/bin/python -m tests.e2e.retries": "it takes forty minutes; tests/scripts has a short one",
    ".venv/bin/python -m tests.e2e.opt_outs": "it takes minutes; tests/e2e runs a short one",
    ".venv/bin/python -m tests.e2e.upgrading": "it takes minutes, and a tree of an earlier version",
    ".venv/bin/python -m tests.walks": "tests/walks runs a short one",
    ".venv/bin/python examples/clinic_": "tests/examples runs both, with the file that the page shows",
    "make long": "it runs these",
    "make clients": "it takes npm; what of it Python can do, tests/docs/test_clients.py does",
    "npx ": "it takes npm; `make clients` runs it",
    "make axe": "it takes a minute, and npm; tests/console walks through every page",
    "make large": "it takes minutes; tests/console has a campaign of a few",
    "make bench": "it takes minutes of a machine that does nothing else",
    "make images": "it takes root and buildah; tests/docker holds what can be told without",
    "sh docker/upgrade.sh": "test_compose_upgrade.py runs it",
    "docker ": "test_compose.py runs it with processes in place of containers; `make images` tries the images",
    "kubectl ": "test_cluster.py runs it with processes in place of pods; tests/docker looks at the manifests",
}

#: How a command begins that serves until it is told to stop -> how one knows that it does; the last is its port.
SERVERS: Final[dict[str, Callable[[Process, int], bool]]] = {
    "python -m app": lambda _, port: _answers(f"http://127.0.0.1:{port}/livez"),
    "python -m simulator": lambda process, _: "listening on" in process.output,
    "celery -A worker worker": lambda process, _: " ready." in process.output,
    "celery -A worker beat": lambda process, _: "beat: Starting" in process.output,
    "celery -A worker flower": lambda _, port: _answers(f"http://127.0.0.1:{port}/healthcheck"),
}


def _answers(url: str) -> bool:
    with suppress(requests.RequestException):
        return requests.get(url, timeout=2).ok
    return False


def _begins(command: Command, beginnings: Iterable[str]) -> bool:
    return command.text.startswith(tuple(beginnings))


def _of(page: str) -> list[Command]:
    return [command for command in commands() if command.page == page and not _begins(command, NOT_RUN)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A stack as `make run` starts it, but faster, and with a call that waits."""
    folder = tmp_path_factory.mktemp("stack")
    with public_stack(folder, QUICK) as stack:
        yield Place(folder, stack.url, stack.simulator.url, stack.redis.url, stack.env, "")


@contextmanager
def made(folder: Path) -> Iterator[Place]:
    """What `make run` starts, in a copy of the project, so that its data are apart; ended as by Ctrl-C."""
    tree = folder / "project"
    unneeded = shutil.ignore_patterns(".*", "__pycache__", "tests", "build")
    shutil.copytree(ROOT, tree, ignore=unneeded)
    (tree / ".venv").symlink_to(BIN.parent)
    ports = {"APP_PORT": str(reserve_port()), "SIMULATOR_PORT": str(reserve_port()), "REDIS_PORT": str(reserve_port())}
    url, simulator_url, _ = (f"http://127.0.0.1:{port}" for port in ports.values())
    log = folder / "make-run.log"  # for people: it shows numbers, so it is none of those that are searched for them
    environment = {**os.environ, **ports, "PYTHONPATH": str(tree)}
    command = ["make", "--directory", str(tree), "--old-file", ".venv/running", "run"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        wait_until(lambda: "Place a call" in log.read_text() or process.poll() is not None, START_SECONDS)
        assert process.poll() is None, log.read_text()
        yield Place(folder, url, simulator_url, "", {}, "")
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(STOP_SECONDS)
    assert "stopping" in log.read_text()
    assert not _answers(f"{url}/livez")


def _try(command: Command, place: Place) -> None:
    if command.prints is not None:
        printed = place.ask(command.text, command.prints)
        assert fits(command.prints, printed), f"{command.page}: {command.text}\nprints {printed}"
    elif command.text.startswith("curl -N"):
        assert place.run(command.text).startswith("event: "), command
    elif command.text.startswith("curl"):
        assert "detail" not in place.ask(command.text, None), command
    elif _begins(command, SERVERS):
        _serve(command, place)
    else:
        place.run(command.text)


def _serve(command: Command, place: Place) -> None:
    port = reserve_port()
    environment = place.environment(APP_PORT=str(port), FLOWER_PORT=str(port))
    serves = next(serves for beginning, serves in SERVERS.items() if command.text.startswith(beginning))
    words = ["bash", "-c", f"exec {place.adapted(command.text)}"]
    process = Process("server", words, place.folder, environment)
    try:
        wait_until(lambda: serves(process, port), START_SECONDS, command.text)
    finally:
        code = process.stop()
    assert code == 0, process.output


@pytest.mark.parametrize("page", [page for page in PAGES if page != "README.md" and _of(page)])
def test_what_a_page_tells_to_run_works_and_prints_what_it_shows(page: str, place: Place) -> None:
    waiting: dict[str, Any] = {"to_number": "+12025550199", "delay_seconds": 3600}
    place.task_id = requests.post(f"{place.url}{BASE_PATH}/queue-single-call", json=waiting, timeout=20).json()[
        "task_id"
    ]
    for command in _of(page):
        _try(command, place)


def test_make_run_starts_what_the_readme_then_tells_to_run(tmp_path: Path) -> None:
    first, *others = _of("README.md")
    assert first.text == "make run"
    assert others

    with made(tmp_path) as place:
        for command in others:
            _try(command, place)


def test_each_reason_not_to_run_something_is_about_a_command_there_is() -> None:
    begun = {beginning for beginning in NOT_RUN for command in commands() if command.text.startswith(beginning)}

    assert begun == set(NOT_RUN)


def test_the_page_of_the_api_shows_every_endpoint_at_work() -> None:
    asked = "\n".join(command.text for command in _of("docs/api.md"))
    paths = (
        "queue-single-call",
        "queue-bulk-calls",
        "schedule-call",
        "task-status/",
        "cancel-task/",
        "tasks?",
        "health",
    )

    assert [path for path in paths if f"{BASE_PATH}/{path}" not in asked] == []

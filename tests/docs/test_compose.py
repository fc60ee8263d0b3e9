"""Recipes of docs/deploying.md that take Docker, as they stand there, with a `docker` that runs processes instead."""

import os
import re
import signal
from pathlib import Path
from typing import Final

import requests

from tests.docker.operator import Operator
from tests.docs.for_real import BESIDE, BUILD, KEY, OFFLINE, pids, service
from tests.processes import START_SECONDS, wait_until

NUMBER: Final = "+12025550131"


def test_an_image_is_built_of_what_its_target_copies(tmp_path: Path) -> None:
    with Operator(tmp_path, {}) as operator:
        operator.run(BUILD)
        (built,) = operator.shelf.folder.joinpath("images").glob("web-*/srv")
        assert {path.name for path in built.iterdir()} == {"app", "schemas", "runtime", "probe.py"}


def test_without_an_account_all_of_it_starts_places_a_call_and_ends_by_ctrl_c(tmp_path: Path) -> None:
    with Operator(tmp_path, {}) as operator:
        docker = operator.starts(OFFLINE)
        wait_until(lambda: operator.health().get("status") == "healthy", START_SECONDS, "all is healthy")
        assert operator.health()["simulated"]
        operator.await_end(operator.accepted(NUMBER), NUMBER)
        flower = f"http://127.0.0.1:{operator.shell['FLOWER_PORT']}/healthcheck"
        wait_until(lambda: _answers(flower), START_SECONDS, "Flower answers")
        docker.may_end()
        os.kill(docker.pid, signal.SIGINT)
        wait_until(lambda: not docker.alive, what="docker has ended")
        assert pids(operator) == {}


def test_for_real_it_runs_on_with_eight_workers_asks_for_keys_and_tells_a_command_beside_it(tmp_path: Path) -> None:
    with service(tmp_path, workers=8) as operator:
        operator.await_end(operator.accepted(NUMBER, KEY), NUMBER, KEY)
        told = operator.run(BESIDE)
        assert (
            requests.post(f"{operator.url}/api/v1/celery/twilio/queue-single-call", json={}, timeout=20).status_code
            == 401
        )
        found = {part: len(ones) for part, ones in pids(operator).items()}

    assert found == {"redis": 1, "web": 1, "worker": 8, "beat": 2, "flower": 1, "simulator": 1}
    (workers,) = re.findall(r"^workers: +(.*)$", told, re.MULTILINE)
    assert len(workers.split(", ")) == 8


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False

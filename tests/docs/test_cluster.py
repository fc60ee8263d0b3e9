"""What docs/deploying.md tells of Kubernetes, with a `kubectl` that runs each pod's own command as a process."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import yaml

from tests.docker.operator import Operator
from tests.docs.pages import commands
from tests.processes import ACCOUNT_SID, BASE_PATH, Simulator, wait_until

APPLY, SCALE, BESIDE = (
    one.text for one in commands() if one.page == "docs/deploying.md" and one.text.startswith("kubectl ")
)
KEY = "change-me"
NUMBER = "+12025550151"


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """With the token of the example."""
    one = Simulator(tmp_path_factory.mktemp("simulator"), "--speed", "10", "--auth-token", KEY)
    yield one
    one.process.stop()


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory, simulator: Simulator) -> Iterator[Operator]:
    """Who has built the images, and made the Secret as the example says."""
    with Operator(tmp_path_factory.mktemp("operator"), {}) as one:
        folder = one.tree / "docker" / "kubernetes"
        kustomization, example = folder / "kustomization.yaml", (folder / "secret.example.yaml").read_text()
        told = yaml.safe_load(kustomization.read_text())
        (tag,) = {image["newTag"] for image in told["images"] if image["name"].startswith("celery-")}
        for target in ("web", "worker"):
            tagged = f"celery-twilio-api-{target}:{tag}"
            one.run(f"docker build --file docker/Dockerfile --target {target} --tag {tagged} .")
        (make,) = re.findall(r"`(kubectl create secret .+?)…`", example)
        secret = yaml.safe_load(example)["stringData"] | {"TWILIO_ACCOUNT_SID": ACCOUNT_SID}
        (one.tree / "secret.env").write_text("".join(f"{name}={value}\n" for name, value in secret.items()))
        one.run(f"{make}secret.env")
        elsewhere = f"      - TWILIO_API_BASE_URL=http://localhost:{simulator.port}\n      - LOG_LEVEL=INFO\n"
        kustomization.write_text(kustomization.read_text().replace("      - LOG_LEVEL=INFO\n", elsewhere))
        one.run(APPLY)
        yield one


def _url(operator: Operator) -> str:
    return f"http://{operator.shelf.of('web')[0].address}:8001{BASE_PATH}"


def _workers(operator: Operator) -> int:
    return int(requests.get(f"{_url(operator)}/health", timeout=10).json()["workers"])


def test_every_pod_is_well_and_a_call_is_placed(operator: Operator, simulator: Simulator) -> None:
    assert {name: len(operator.shelf.of(name)) for name in ("redis", "web", "worker", "beat")} == {
        "redis": 1,
        "web": 2,
        "worker": 1,
        "beat": 2,
    }
    key = {"Authorization": f"Bearer {KEY}"}
    answer = requests.post(f"{_url(operator)}/queue-single-call", json={"to_number": NUMBER}, headers=key, timeout=20)
    assert answer.status_code == 200, answer.text
    wait_until(lambda: len(simulator.calls_to(NUMBER)) == 1, what="the call is placed")


def test_there_are_as_many_workers_as_are_asked_for_and_a_command_beside_them_tells_so(operator: Operator) -> None:
    operator.run(SCALE)
    (many,) = map(int, re.findall(r"--replicas=(\d+)", SCALE))
    wait_until(lambda: _workers(operator) == many, what="they take messages")

    (workers,) = re.findall(r"^workers: +(.*)$", operator.run(BESIDE), re.MULTILINE)
    assert len(workers.split(", ")) == many


def test_what_is_not_known_is_refused(tmp_path: Path) -> None:
    operator = Operator(tmp_path, {})
    for command in ("kubectl get pods", "kubectl apply --filename x", BESIDE.replace("--", ""), APPLY):
        operator.run(f"{command} || true")

    for told in (
        "invalid choice: 'get'",
        "required: --kustomize",
        "what is to be run stands behind --",
        "there is no key REDIS_PASSWORD in a Secret credentials",
    ):
        assert told in operator.refused

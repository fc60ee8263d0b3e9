"""What stands in for Docker refuses all that it does not know, and whoever asked for it fails."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker.engine.project import Project
from tests.docker.engine.refusal import Refusal
from tests.docker.files import DOCKER
from tests.docker.operator import Operator

COMPOSE = "docker compose --env-file docker/offline.env --file docker/compose.yaml"


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    one = Operator(tmp_path, {})
    yield one
    (one.shelf.folder / "refused").unlink(missing_ok=True)
    one.__exit__()


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("docker ps", "invalid choice: 'ps'"),
        ("docker compose up", "required: --env-file, --file"),
        (f"{COMPOSE} logs web", "invalid choice: 'logs'"),
        (f"{COMPOSE} up --det", "unrecognized arguments: --det"),
        (f"{COMPOSE} ps worker", "required: --quiet"),
        (f"{COMPOSE} run --rm --no-deps --name x worker", "unrecognized arguments: --name"),
        (f"{COMPOSE} exec nobody python", "service nobody is not running"),
        (f"{COMPOSE} ps --quiet nobody", "no such service: nobody"),
        (f"{COMPOSE} up --detach --no-deps --no-build web", "no image celery-twilio-api-web:latest"),
        (f"{COMPOSE} --file docker/compose.tls.yaml up", "REDIS_TLS_FOLDER names a folder"),
        ("docker build --file docker/Dockerfile --target nothing --tag x .", "has no stage nothing"),
    ],
)
def test_what_it_does_not_know_is_refused_and_noted_even_where_a_script_passes_over_it(
    operator: Operator, command: str, told: str
) -> None:
    operator.run(f"{command} 2> told || true")

    assert told in (operator.tree / "told").read_text()
    assert told in operator.refused
    with pytest.raises(AssertionError, match="docker"):
        operator.__exit__()


def test_a_service_that_says_what_it_does_not_know_or_has_a_program_that_is_not_here_is_refused(tmp_path: Path) -> None:
    env = DOCKER / "offline.env"
    for file, shell, told in (
        ("compose.monitoring.yaml", {"METRICS_KEY": "x"}, "does not know what entrypoint of prometheus is"),
        ("compose.proxy.yaml", {"PUBLIC_HOST": "x"}, "does not know what cap_add of caddy is"),
    ):
        with pytest.raises(Refusal, match=told):
            Project([DOCKER / "compose.yaml", DOCKER / file], env, shell)


def test_later_files_add_to_what_earlier_ones_say(tmp_path: Path) -> None:
    files = [DOCKER / "compose.yaml", DOCKER / "compose.tls.yaml"]
    services = Project(files, DOCKER / "offline.env", {"REDIS_TLS_FOLDER": str(tmp_path)}).services

    assert services["credentials"].environment == {"REDIS_TLS": "1"}
    assert [path for _, path, _ in services["web"].volumes] == ["/credentials", "/tls/ca.crt"]
    assert list(services)[:2] == ["credentials", "redis"]


def test_a_command_that_ends_badly_is_told_by_its_code(operator: Operator) -> None:
    (operator.tree / ".env").write_text("API_KEYS=\n")
    command = f"{COMPOSE} run --rm --no-deps --entrypoint sh redis -c 'exit 7'"
    ended = subprocess.run(["sh", "-c", command], cwd=operator.tree, env=operator.shell, check=False)

    assert ended.returncode == 7

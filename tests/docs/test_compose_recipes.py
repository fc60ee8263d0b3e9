"""What docs/operating.md tells to do with compose, as it stands there, at a service that runs as by compose."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
import requests
from redis import Redis
from redis.exceptions import AuthenticationError

from tests.docker.operator import Operator
from tests.docs.for_real import KEY, await_parts, pids, service
from tests.docs.recipes import steps
from tests.processes import BASE_PATH

WORKERS = 2
PAGE, SECTION = "docs/operating.md", "With compose"
WORDS = steps(PAGE, SECTION)[:2]  # what $compose and $admin mean
WAITING, LATER, NEW, LAST = (f"+1202555014{last}" for last in range(4))


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    with service(tmp_path_factory.mktemp("operator"), WORKERS) as one:
        yield one


def follow(operator: Operator, recipe: str) -> str:
    """What the commands below a heading print."""
    assert [step.command.partition("=")[0] for step in WORDS] == ["compose", "admin"]
    below = steps(PAGE, SECTION, recipe)
    assert below
    return operator.run("\n".join(step.command for step in (*WORDS, *below)))


def status(operator: Operator, task_id: str) -> requests.Response:
    url = f"{operator.url}{BASE_PATH}/task-status/{task_id}"
    return requests.get(url, headers={"Authorization": f"Bearer {KEY}"}, timeout=20)


def test_a_copy_is_made_and_restored_and_what_was_there_before_is_kept(operator: Operator) -> None:
    waiting = operator.accepted(WAITING, KEY, delay_seconds=3600)
    follow(operator, "A copy with compose")
    assert {path.name for path in operator.tree.glob("*s.aof*")} == {"calls.aof"}
    later = operator.accepted(LATER, KEY)
    operator.await_end(later, LATER, KEY)

    told = follow(operator, "Its restore with compose")
    await_parts(operator, WORKERS)
    assert "Twilio has 0 of the calls in doubt" in told
    assert status(operator, waiting).json()["status"] == "PENDING"
    assert status(operator, later).status_code == HTTPStatus.NOT_FOUND
    operator.await_end(operator.accepted(NEW, KEY), NEW, KEY)
    (before,) = operator.shelf.volume("records").glob("before-*")
    assert list(before.iterdir())


def test_rediss_password_is_another_one_for_good_and_no_part_is_locked_out(operator: Operator) -> None:
    password = operator.shelf.volume("credentials") / "password"
    (redis,) = operator.shelf.of("redis")
    old, parts = password.read_text().strip(), pids(operator)
    follow(operator, "Redis's password with compose")

    new = password.read_text().strip()
    assert new != old
    await_parts(operator, WORKERS)
    assert {part for part, ones in pids(operator).items() if ones & parts[part]} == {"redis", "simulator"}
    operator.await_end(operator.accepted(LAST, KEY), LAST, KEY)
    operator.run("docker compose --env-file .env --file docker/compose.yaml restart redis")
    redis.await_health()
    with pytest.raises(AuthenticationError), Redis(host=redis.address, password=old) as client:
        client.ping()
    with Redis(host=redis.address, password=new) as client:
        assert client.ping()

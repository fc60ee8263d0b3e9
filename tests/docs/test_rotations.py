"""Recipes of docs/operating.md that rotate secrets, as they stand there, at a running stack."""

import subprocess
from collections.abc import Callable, Iterator
from http import HTTPStatus

import pytest
import requests
from redis import Redis
from redis.exceptions import AuthenticationError, RedisError

from tests.docs.place import Place
from tests.docs.recipes import Step, steps
from tests.e2e.conftest import QUICK
from tests.ports import reserve_port
from tests.processes import BASE_PATH, Process, RedisServer, Simulator, wait_until
from tests.receiver import Receiver
from tests.stack import Stack

NUMBER = "+12025557700"


class Locked(RedisServer):
    """A Redis that asks for a password, which its own configuration has."""

    password = "the-password-of-before"

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self) -> "Locked":
        config = self.folder / "redis.conf"
        if not config.exists():
            config.write_text(f"appendonly yes\nappendfsync always\nrequirepass {self.password}\n")
        super().start()
        return self

    def _answers(self, pid: int) -> bool:
        try:
            with Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.info("server")["process_id"] == pid)
        except RedisError:
            return False


class Rotating(Stack):
    """A stack whose parts are restarted with other settings, as an operator does."""

    @property
    def secret(self) -> str:
        """Of the newest API key."""
        return str(self.env["API_KEYS"].rpartition(":")[2])

    def follow(self, step: Step) -> None:
        """Does what the page says."""
        if step.command:
            place = Place(self.folder, self.url, self.simulator.url, self.redis.url, self.env, "")
            ended = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", step.command],
                cwd=self.folder,
                env=place.environment(),
                capture_output=True,
                text=True,
                timeout=90,
                check=False,
            )
            assert ended.returncode == 0, f"{step.command}\n{ended.stdout}{ended.stderr}"
            return
        self.env |= dict(line.split("=", 1) for line in self._adapted(step.settings).splitlines())
        for place_of_it, process in enumerate(self.processes):
            if step.restarts in {"all", process.name}:
                process.stop()
                self.processes[place_of_it] = self._again(process.name)
        wait_until(lambda: self._all_there(1, 1), what="the stack is healthy")

    def _adapted(self, settings: str) -> str:
        new = self.folder / "new-password"
        replaced = {
            "NEW-PASSWORD": new.read_text().strip() if new.exists() else "",
            "127.0.0.1:6379": f"127.0.0.1:{self.redis.port}",
        }
        for word, real in replaced.items():
            settings = settings.replace(word, real)
        return settings

    def _again(self, name: str) -> Process:
        starts: dict[str, Callable[[], Process]] = {
            "web": self.start_web,
            "worker": self.start_worker,
            "beat": self.start_beat,
        }
        starts[name]()
        return self.processes.pop()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rotating]:
    folder = tmp_path_factory.mktemp("stack")
    port = reserve_port()
    settings = {
        **QUICK,
        "APP_PORT": str(port),
        "PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "API_KEYS": "shop:the-old-secret",
        "TWILIO_AUTH_TOKEN": "the-old-token",
        "EVENT_SIGNING_KEYS": "shop:the-old-event-secret",
    }
    running = Rotating(folder, settings, "--speed", "10", "--auth-token", "the-old-token", redis=Locked(folder))
    running.port = port
    try:
        running.start()
        yield running
    finally:
        running.stop()


def placed(stack: Rotating, number: str, secret: str = "", **body: str) -> str:
    bearer = f"Bearer {secret or stack.secret}"
    answer = stack.post("queue-single-call", {"to_number": number, **body}, Authorization=bearer)
    assert answer.status_code == HTTPStatus.OK, answer.text
    task_id = str(answer.json()["task_id"])
    wait_until(lambda: len(stack.simulator.calls_to(number)) == 1, what=f"{number} is called")
    return task_id


def told(stack: Rotating, task_id: str) -> str:
    url = f"{stack.url}{BASE_PATH}/task-status/{task_id}"
    answer = requests.get(url, headers={"Authorization": f"Bearer {stack.secret}"}, timeout=20).json()
    return str((answer["result"] or {}).get("call_status"))


def test_api_keys_are_rotated_while_both_secrets_open(stack: Rotating) -> None:
    both, only_the_new = steps("docs/operating.md", "Rotation", "API keys")
    stack.follow(both)
    for place, secret in enumerate(("the-old-secret", "the-new-secret")):
        placed(stack, f"{NUMBER[:-1]}{place}", secret)

    stack.follow(only_the_new)
    placed(stack, f"{NUMBER[:-1]}2")
    refused = stack.post("queue-single-call", {"to_number": NUMBER}, Authorization="Bearer the-old-secret")
    assert refused.status_code == HTTPStatus.UNAUTHORIZED


def test_keys_that_sign_events_are_rotated(stack: Rotating) -> None:
    (change,) = steps("docs/operating.md", "Rotation", "Keys that sign events")
    for place, secret in (("3", "the-old-event-secret"), ("4", "the-new-event-secret")):
        receiver = Receiver(secret=secret)
        try:
            placed(stack, f"{NUMBER[:-1]}{place}", status_callback_url=f"{receiver.url}/events")
            wait_until(lambda receiver=receiver: "completed" in receiver.told("/events"), what="the call's end")  # type: ignore[misc]
        finally:
            receiver.close()
        if place == "3":
            stack.follow(change)


def test_twilios_token_is_rotated_and_no_call_fails(stack: Rotating) -> None:
    drain, change, *rest = steps("docs/operating.md", "Rotation", "Twilio's token")
    stack.follow(drain)
    waiting = stack.post(
        "queue-single-call", {"to_number": f"{NUMBER[:-1]}5"}, Authorization=f"Bearer {stack.secret}"
    ).json()["task_id"]
    stack.simulator.process.stop()
    again = ("--port", str(stack.simulator.port), "--speed", "10", "--auth-token", "the-new-token")
    stack.simulator = Simulator(stack.folder, *again)
    for step in (change, *rest):
        stack.follow(step)
    wait_until(lambda: told(stack, waiting) == "completed", what="the call that waited has ended")
    assert len(stack.simulator.requests()) == 1
    placed(stack, f"{NUMBER[:-1]}6")


def test_rediss_password_is_rotated_for_good(stack: Rotating) -> None:
    old = stack.redis.url
    make, add, change, only = steps("docs/operating.md", "Rotation", "Redis's password")
    for step in (make, add):
        stack.follow(step)
    placed(stack, f"{NUMBER[:-1]}7")
    stack.follow(change)
    assert isinstance(stack.redis, Locked)
    stack.redis.password = (stack.folder / "new-password").read_text().strip()
    stack.follow(only)
    placed(stack, f"{NUMBER[:-1]}8")

    stack.redis.stop()
    stack.redis.start()
    with pytest.raises(AuthenticationError), Redis.from_url(old) as client:
        client.ping()
    placed(stack, f"{NUMBER[:-1]}9")

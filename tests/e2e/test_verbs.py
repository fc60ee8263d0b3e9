"""Every verb that steers a task, while who answers it dies before Redis has it, or before the client knows."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
import requests
from redis import Redis

from schemas.lua.source import digest, source
from tests.e2e.conftest import QUICK
from tests.gate import Gate
from tests.ports import reserve_port
from tests.processes import BASE_PATH, RedisServer, wait_until
from tests.receiver import Receiver
from tests.stack import Stack

NUMBERS = ["+12025559201", "+12025559202"]
BUSY = "+12025559203"


class Client:
    """Of the one stack of these tests, whose web tier reaches Redis through a gate."""

    def __init__(self, folder: Path) -> None:
        redis = RedisServer(folder)
        self.gate = Gate(redis.port)
        self.refuses = True
        self.receiver = Receiver(lambda _path, _form: 302 if self.refuses else 204)
        port = reserve_port()
        base = {"PUBLIC_BASE_URL": f"http://127.0.0.1:{port}", "REDIS_URL": self.gate.url}
        self.stack = Stack(folder, QUICK | base, redis=redis)
        self.stack.port = port
        self.stack.start()
        self.stack.simulator.script(BUSY, outcome="busy")

    def close(self) -> None:
        self.stack.stop()
        self.receiver.close()
        self.gate.close()

    def ask(self, method: str, path: str, body: Any = None, key: str = "") -> requests.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return requests.request(method, f"{self.stack.url}{BASE_PATH}/{path}", json=body, headers=headers, timeout=30)

    def ask_until_answered(self, *request: Any) -> requests.Response:
        """As a careful client does."""
        answers: list[requests.Response] = []

        def answered() -> bool:
            with suppress(requests.ConnectionError):
                answers.append(self.ask(*request))
            return bool(answers) and answers[-1].status_code != 503

        wait_until(answered, what=f"{request} is answered")
        return answers[-1]

    def deeds(self, task_id: str) -> list[str]:
        """What somebody did to a task."""
        return [event["kind"] for event in self.stack.events(task_id) if event["kind"] not in {"call", "campaign"}]

    def kill(self, *names: str) -> None:
        """With SIGKILL; others take their places."""
        starts: Mapping[str, Callable[[], Any]] = {
            "web": self.stack.start_web,
            "worker": self.stack.start_worker,
            "beat": self.stack.start_beat,
        }
        for name in names:
            victim = next(process for process in self.stack.processes if process.name == name and process.alive)
            victim.kill()
        self.gate.cut()
        for name in names:
            starts[name]()

    # How each verb's task is made.

    def later(self, **more: Any) -> str:
        return self.stack.queue("queue-single-call", to_number=NUMBERS[0], delay_seconds=3600, **more)

    def paused(self) -> str:
        task_id = self.later()
        assert self.ask("POST", f"tasks/{task_id}/pause").ok
        return task_id

    def campaign(self) -> str:
        return self.stack.queue("queue-bulk-calls", phone_numbers=NUMBERS, start="paused")

    def busy(self) -> str:
        task_id = self.stack.queue("queue-single-call", to_number=BUSY)
        wait_until(lambda: self.stack.status(task_id)["result"].get("outcome") == "busy", what="the line is busy")
        return task_id

    def over(self) -> str:
        task_id = self.later()
        assert self.stack.cancel(task_id).ok
        return task_id

    def refused_event(self) -> str:
        self.refuses = True
        task_id = self.later(status_callback_url=f"{self.receiver.url}/{uuid4()}")
        assert self.stack.cancel(task_id).ok
        wait_until(
            lambda: self.stack.status(task_id)["result"].get("undelivered_callbacks"), what="the event is given up"
        )
        self.refuses = False
        return task_id

    def name(self) -> str:
        return f"Reminders {uuid4()}"


# What is so afterwards, by the id and the last answer.


def _is_deleted(client: Client, task_id: str, answer: requests.Response) -> bool:
    return answer.status_code in {200, 404} and client.ask("GET", f"task-status/{task_id}").status_code == 404


def _is_queued_once(client: Client, name: str, answer: requests.Response) -> bool:
    listed = client.ask("GET", f"tasks?name={name}").json()["tasks"]
    return [task["task_id"] for task in listed] == [answer.json()["task_id"]]


def _has_four_numbers(client: Client, task_id: str, answer: requests.Response) -> bool:
    counts = client.stack.status(task_id)["result"]["counts"]
    return bool(answer.json()["added"] == 2 and counts["total"] == counts["waiting"] == 4)


def _is_tried_again_once(client: Client, task_id: str, answer: requests.Response) -> bool:
    return bool(answer.json()["count"] == 1 and client.deeds(task_id) == ["retried"])


def _is_edited(client: Client, task_id: str, answer: requests.Response) -> bool:
    listed = client.ask("GET", "tasks?name=Otherwise").json()["tasks"]
    return answer.ok and task_id in [task["task_id"] for task in listed] and set(client.deeds(task_id)) == {"edited"}


def _is_told(client: Client, task_id: str, answer: requests.Response) -> bool:
    events = client.receiver.events
    wait_until(lambda: sum(form["TaskId"] == task_id for _, _, form, _ in list(events)) > 1, what="it is told again")
    status = wait_until(lambda: not client.stack.status(task_id)["result"].get("undelivered_callbacks"))
    return bool(status) and answer.ok and sum(form["TaskId"] == task_id for _, _, form, _ in list(events)) == 2


def _did(*deeds: str) -> Callable[[Client, str, requests.Response], bool]:
    return lambda client, task_id, answer: answer.ok and client.deeds(task_id) == list(deeds)


class Verb(NamedTuple):
    """A request that changes a task; `{}` in the path and the body's `name` are what was made for it."""

    script: str
    made: Callable[[Client], str]
    method: str
    path: str
    body: Any
    is_done_once: Callable[[Client, str, requests.Response], bool]


MORE = {"phone_numbers": ["+12025559204", "+12025559205"]}
AGAIN = {"outcomes": ["busy"], "delay_seconds": 3600}
NEW = {"phone_numbers": NUMBERS, "start": "paused", "name": "{}"}
VERBS = {
    "queue": Verb("accept", Client.name, "POST", "queue-bulk-calls", NEW, _is_queued_once),
    "pause": Verb("pause", Client.later, "POST", "tasks/{}/pause", None, _did("paused")),
    "resume": Verb("pause", Client.paused, "POST", "tasks/{}/resume", None, _did("paused", "resumed")),
    "recipients": Verb("append", Client.campaign, "POST", "tasks/{}/recipients", MORE, _has_four_numbers),
    "retry": Verb("retry", Client.busy, "POST", "tasks/{}/retry", AGAIN, _is_tried_again_once),
    "edit": Verb("edit", Client.campaign, "PATCH", "tasks/{}", {"name": "Otherwise"}, _is_edited),
    "redeliver": Verb("redeliver", Client.refused_event, "POST", "tasks/{}/redeliver", None, _is_told),
    "cancel": Verb("cancel", Client.later, "DELETE", "cancel-task/{}", None, _did("cancelled")),
    "delete": Verb("forget", Client.over, "DELETE", "tasks/{}", None, _is_deleted),
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    running = Client(tmp_path_factory.mktemp("verbs"))
    yield running
    running.close()


@pytest.mark.parametrize("verb", VERBS.values(), ids=VERBS)
@pytest.mark.parametrize(("passes", "dies_too"), [(False, "worker"), (True, "beat")], ids=["before", "after"])
def test_a_verb_counts_once_when_web_tier_and_another_die_before_or_after_redis_has_it(
    client: Client, verb: Verb, *, passes: bool, dies_too: str
) -> None:
    made, key = verb.made(client), str(uuid4())
    body = {**verb.body, "name": made} if verb is VERBS["queue"] else verb.body
    request = (verb.method, verb.path.format(made), body, key)
    with Redis.from_url(client.stack.redis.url) as redis:
        redis.script_load(source(verb.script))
    client.gate.stop_at(digest(verb.script), passes=passes)
    lost: list[type[Exception]] = []

    def ask() -> None:
        try:
            client.ask(*request)
        except requests.ConnectionError as error:
            lost.append(type(error))

    asking = threading.Thread(target=ask)
    asking.start()
    assert client.gate.reached.wait(30), "the script is on its way"
    client.kill("web", dies_too)
    asking.join()
    assert lost, "the client heard nothing"

    answer = client.ask_until_answered(*request)
    assert verb.is_done_once(client, made, answer), f"{answer.status_code} {answer.text}"

"""A campaign that is paused, filled, resumed and tried again, while processes are killed between request and answer."""

from collections import Counter
from typing import Any

import requests

from tests.processes import BASE_PATH, wait_until
from tests.stack import Stack

NUMBERS = [f"+1202555{place:04d}" for place in range(200, 208)]
BUSY, ADDED = NUMBERS[:2], NUMBERS[6:]


def _asked(stack: Stack, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
    """The answer, asked for until the web tier is back."""
    answers: list[requests.Response] = []

    def answered() -> bool:
        try:
            url = f"{stack.url}{BASE_PATH}/tasks/{path}"
            answers.append(requests.request(method, url, json=body, headers=headers, timeout=10))
        except requests.ConnectionError:
            return False
        return answers[-1].ok

    wait_until(answered, what=f"{method} {path} is answered")
    return dict(answers[-1].json())


def test_no_number_is_lost_or_called_twice_when_processes_die_while_a_campaign_is_steered(stack: Stack) -> None:
    for number in BUSY:
        stack.simulator.script(number, outcome="busy")
    task_id = stack.queue(
        "queue-bulk-calls", phone_numbers=NUMBERS[:6], delay_between_calls=1, max_concurrent_calls=5, start="paused"
    )
    web = next(process for process in stack.processes if process.name == "web")
    worker = next(process for process in stack.processes if process.name == "worker")
    added = {"Idempotency-Key": f"more of {task_id}"}
    _asked(stack, "POST", f"{task_id}/recipients", {"phone_numbers": ADDED}, **added)
    web.kill()
    stack.start_web()
    assert _asked(stack, "POST", f"{task_id}/recipients", {"phone_numbers": ADDED}, **added)["added"] == 2
    assert stack.simulator.calls_to(*NUMBERS) == []
    _asked(stack, "POST", f"{task_id}/resume")
    worker.kill()
    stack.start_worker()
    wait_until(lambda: stack.status(task_id)["status"] == "SUCCESS", what="every number is settled")
    assert Counter(call["to"] for call in stack.simulator.calls_to(*NUMBERS)) == Counter(NUMBERS)
    assert _asked(stack, "POST", f"{task_id}/retry", {"outcomes": ["busy"]})["count"] == 2
    wait_until(lambda: len(stack.simulator.calls_to(*BUSY)) == 4, what="the busy ones are called again")
    wait_until(lambda: stack.status(task_id)["status"] == "SUCCESS", what="every number is settled again")
    rows = _asked(stack, "GET", f"{task_id}/calls")["calls"]
    assert [len(row["attempts"]) for row in rows] == [2, 2, 1, 1, 1, 1, 1, 1]

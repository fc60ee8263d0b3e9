"""What each verb answers to a task, by its state."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from schemas import keys
from schemas.do_not_call.lists import SERVICE, OptOut, opt_out
from schemas.hours.plan import Policy
from schemas.scripts.outcome import in_doubt, placed, refused
from tests.app.client import Client
from tests.app.test_campaign_windows import sweep
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

NUMBERS: Final = ["+12025550100", "+12025550101"]
VERBS: Final[dict[str, tuple[str, str, Any]]] = {
    "events": ("GET", "tasks/{}/events", None),
    "calls": ("GET", "tasks/{}/calls", None),
    "redeliver": ("POST", "tasks/{}/redeliver", None),
    "recipients": ("POST", "tasks/{}/recipients", {"phone_numbers": ["+12025550109"]}),
    "retry": ("POST", "tasks/{}/retry", {"outcomes": ["busy", "no_answer", "failed", "expired"]}),
    "patch": ("PATCH", "tasks/{}", {"call_metadata": {"message": "Hello again."}}),
    "pause": ("POST", "tasks/{}/pause", None),
    "resume": ("POST", "tasks/{}/resume", None),
    "cancel": ("DELETE", "cancel-task/{}", None),
    "delete": ("DELETE", "tasks/{}", None),
}
READ: Final = {"events": 200, "calls": 200, "redeliver": 200}
OPEN: Final = READ | {"retry": 200, "patch": 200, "pause": 200, "resume": 200, "cancel": 200, "delete": 409}
OVER: Final = READ | {"retry": 200, "patch": 409, "pause": 409, "resume": 409, "cancel": 404, "delete": 200}
CANCELLED: Final = OVER | {"retry": 409, "cancel": 200}
EXPIRED: Final = OVER | {"retry": 409}
BARRED: Final = EXPIRED
SINGLE, BULK, FULL = {"recipients": 409}, {"recipients": 200}, {"recipients": 409}
PART: Final = {"recipients": 409, "retry": 409, "patch": 409, "pause": 409, "resume": 409}


def dial(store: Store, call: str) -> None:
    assert store.ledger.admit(50) == [call]
    store.ledger.begin(call, "attempt")


def place(store: Store, call: str, *statuses: str) -> None:
    dial(store, call)
    store.outcome(call, placed(f"CA of {call}", "queued", 60))
    for status in statuses:
        store.callback(call, status)


def doubt(store: Store, call: str, *, given_up: bool = False) -> None:
    dial(store, call)
    store.outcome(call, in_doubt("no answer"))
    if given_up:
        store.give_up(call)


def reject(store: Store, call: str) -> None:
    dial(store, call)
    store.outcome(call, refused("number", "no such number", by_twilio=True))


def expire(store: Store, task: str) -> None:
    past_ms = store.now_ms() - 1
    store.redis.hset(keys.task(task), "expires_ms", past_ms)
    store.redis.zadd(f"{keys.PREFIX}closing", {task: past_ms})
    sweep(store, Policy())


def bar(store: Store, call: str) -> None:
    store.scripts.run(opt_out(OptOut(SERVICE, NUMBERS)))
    assert store.ledger.admit(50) == [call]
    assert store.ledger.bar(call)


def hang_up(store: Store, call: str) -> None:
    place(store, call)
    store.cancel(call)
    store.callback(call, "completed")


SINGLES: Final[dict[str, tuple[Callable[[Store, str], object], dict[str, int]]]] = {
    "waiting": (lambda store, call: None, OPEN),
    "dispatched": (lambda store, call: store.ledger.admit(50), OPEN),
    "dialling": (dial, OPEN),
    "confirming": (doubt, OPEN),
    "placed": (place, OPEN),
    "answered": (lambda store, call: place(store, call, "completed"), OVER),
    "busy": (lambda store, call: place(store, call, "busy"), OVER),
    "rejected": (reject, OVER),
    "unknown": (lambda store, call: doubt(store, call, given_up=True), OVER),
    "cancelled": (lambda store, call: store.cancel(call), CANCELLED),
    "hung up": (hang_up, CANCELLED),
    "expired": (expire, EXPIRED),
    "barred": (bar, BARRED),
}


async def answers(client: Client, make: Callable[[], Any]) -> dict[str, int]:
    """Each verb's, to a task that is made for it."""
    found = {}
    for name, (method, path, body) in VERBS.items():
        its = await make()
        assert (await client.status(its)).status == 200
        answer = await client.ask(method, f"{BASE_PATH}/{path.format(its)}", json=body)
        found[name] = answer.status
    return found


@pytest.mark.parametrize("kind", ["single", "scheduled"])
@pytest.mark.parametrize("state", SINGLES)
async def test_verbs_of_a_call(
    client: Client, store: Store, monkeypatch: pytest.MonkeyPatch, kind: str, state: str
) -> None:
    monkeypatch.setattr("app.store.leaving.LEAVING_SECONDS", 0.1)  # nobody answers those that are dialled
    come_to, expected = SINGLES[state]

    async def make() -> str:
        store.redis.flushall()
        task_id = await client.queue("queue-single-call", {"to_number": NUMBERS[0]})
        if kind == "scheduled":
            store.redis.hset(keys.task(task_id), "kind", kind)
        come_to(store, task_id)
        return task_id

    assert await answers(client, make) == expected | SINGLE


def finish(store: Store, task: str) -> None:
    for place_of in (1, 2):
        place(store, f"{task}-{place_of}", "busy")
        store.pass_time(2)


def cancel_each(store: Store, task: str) -> None:
    for place_of in (1, 2):
        store.cancel(f"{task}-{place_of}")


def expire_while_live(store: Store, task: str) -> None:
    place(store, f"{task}-1")
    expire(store, task)


def revive(store: Store, task: str) -> None:
    store.cancel(f"{task}-2")
    doubt(store, f"{task}-1", given_up=True)
    store.callback(f"{task}-1", "in-progress", "CA1")


CAMPAIGNS: Final[dict[str, tuple[Callable[[Store, str], object], dict[str, int]]]] = {
    "waiting": (lambda store, task: None, OPEN | BULK),
    "live": (lambda store, task: place(store, f"{task}-1"), OPEN | BULK),
    "finished": (finish, OVER | BULK),
    "all cancelled by themselves": (cancel_each, OVER | BULK),
    "cancelled": (lambda store, task: store.cancel(task), CANCELLED | FULL),
    "expired": (expire, EXPIRED | FULL),
    "expired with a live call": (
        expire_while_live,
        OPEN | FULL | {"retry": 409},
    ),
    "unknown that turns out to live": (
        revive,
        OVER | BULK | {"cancel": 200, "delete": 409},
    ),
}


@pytest.mark.parametrize("state", CAMPAIGNS)
async def test_verbs_of_a_campaign(client: Client, store: Store, state: str) -> None:
    come_to, expected = CAMPAIGNS[state]

    async def make() -> str:
        store.redis.flushall()
        task_id = await client.queue("queue-bulk-calls", {"phone_numbers": NUMBERS, "delay_between_calls": 1})
        come_to(store, task_id)
        return task_id

    assert await answers(client, make) == expected


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("waiting", {"cancel": 200, "delete": 409}),
        ("dispatched", {"cancel": 200, "delete": 409}),
        ("placed", {"cancel": 200, "delete": 409}),
        ("busy", {"cancel": 404, "delete": 200}),
        ("cancelled", {"cancel": 200, "delete": 404}),
    ],
)
async def test_verbs_of_a_call_of_a_campaign(
    client: Client, store: Store, state: str, expected: dict[str, int]
) -> None:
    """What never began has no record that could be deleted."""

    async def make() -> str:
        store.redis.flushall()
        task_id = await client.queue("queue-bulk-calls", {"phone_numbers": NUMBERS, "delay_between_calls": 1})
        SINGLES[state][0](store, f"{task_id}-1")
        return f"{task_id}-1"

    assert await answers(client, make) == READ | PART | expected

"""A name sees, counts and changes only its own tasks; some names see all, some of them change nothing."""

import pytest

from app.application import create_app
from app.settings import Settings
from tests.app.client import Answer, Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

SECRETS = {name: f"secret-of-{name}-for-tests" for name in ("alice", "bob", "root", "auditor")}
API_KEYS = ",".join(f"{name}:{secret}" for name, secret in SECRETS.items())
CALL = {"to_number": "+12025550100", "delay_seconds": 600}
CAMPAIGN = {"phone_numbers": ["+12025550101", "+12025550102"]}


@pytest.fixture
async def divided(start: Start) -> Client:
    """Several names, one of which steers all and one of which only looks."""
    return await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor")


async def ask(client: Client, name: str, method: str, path: str, body: object = None) -> Answer:
    headers = {"X-API-Key": SECRETS[name]} if name else {}
    return await client.ask(method, path, json=body, headers=headers)


async def queued(client: Client, name: str, endpoint: str, body: object) -> str:
    answer = await ask(client, name, "POST", f"{BASE_PATH}/{endpoint}", body)
    assert answer.status == 200, answer.text
    return str(answer.body["task_id"])


ABOUT_A_TASK = (
    ("GET", "task-status/{task_id}"),
    ("DELETE", "cancel-task/{task_id}"),
    ("DELETE", "tasks/{task_id}"),
    ("GET", "tasks/{task_id}/calls"),
    ("GET", "tasks/{task_id}/events"),
    ("POST", "tasks/{task_id}/pause"),
    ("POST", "tasks/{task_id}/resume"),
    ("POST", "tasks/{task_id}/recipients"),
    ("POST", "tasks/{task_id}/redeliver"),
    ("POST", "tasks/{task_id}/retry"),
    ("PATCH", "tasks/{task_id}"),
)
#: Bodies of those that take one, by their ends.
BODIES: dict[str, object] = {
    "recipients": {"phone_numbers": ["+12025550103"]},
    "retry": {"outcomes": ["busy"]},
    "PATCH": {"delay_between_calls": 10},
}


@pytest.mark.parametrize(("endpoint", "body"), [("queue-single-call", CALL), ("queue-bulk-calls", CAMPAIGN)])
@pytest.mark.parametrize(("method", "address"), ABOUT_A_TASK)
async def test_of_another_names_task_is_told_what_is_told_of_none(
    divided: Client, endpoint: str, body: object, method: str, address: str
) -> None:
    task_id = await queued(divided, "alice", endpoint, body)
    given = BODIES.get(method, BODIES.get(address.rpartition("/")[2]))
    theirs = await ask(divided, "bob", method, f"{BASE_PATH}/{address.format(task_id=task_id)}", given)
    nobodys = await ask(divided, "bob", method, f"{BASE_PATH}/{address.format(task_id='no-such-task')}", given)

    assert (theirs.status, theirs.text.replace(task_id, "no-such-task")) == (nobodys.status, nobodys.text)
    assert theirs.status == 404
    assert (await ask(divided, "alice", "GET", f"{BASE_PATH}/task-status/{task_id}")).body["status"] == "PENDING"


async def test_an_admin_steers_every_names_tasks(divided: Client) -> None:
    task_id = await queued(divided, "alice", "queue-single-call", CALL)
    assert (await ask(divided, "root", "GET", f"{BASE_PATH}/task-status/{task_id}")).status == 200
    assert (await ask(divided, "root", "DELETE", f"{BASE_PATH}/cancel-task/{task_id}")).status == 200
    assert (await ask(divided, "alice", "GET", f"{BASE_PATH}/task-status/{task_id}")).body["status"] == "REVOKED"


async def test_who_may_only_read_sees_all_and_changes_nothing(divided: Client) -> None:
    task_id = await queued(divided, "alice", "queue-single-call", CALL)
    assert (await ask(divided, "auditor", "GET", f"{BASE_PATH}/task-status/{task_id}")).status == 200
    for method, path, body in (
        ("DELETE", f"cancel-task/{task_id}", None),
        ("DELETE", f"tasks/{task_id}", None),
        ("POST", f"tasks/{task_id}/redeliver", None),
        ("PATCH", f"tasks/{task_id}", {"priority": "high"}),
        ("POST", f"tasks/{task_id}/retry", {"outcomes": ["busy"]}),
        ("POST", "drain", None),
        ("POST", "undrain", None),
        ("POST", "queue-single-call", CALL),
        ("POST", "queue-bulk-calls", CAMPAIGN),
    ):
        refused(await ask(divided, "auditor", method, f"{BASE_PATH}/{path}", body), 403)


@pytest.mark.parametrize("isolate", ["", "0", "1"])
async def test_metrics_are_for_admins_and_readers_divided_or_not(start: Start, isolate: str) -> None:
    more = {"ISOLATE_KEYS": isolate} if isolate else {}
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor", **more)
    statuses = [(await ask(client, name, "GET", "/metrics")).status for name in ("alice", "root", "auditor", "")]
    assert statuses == [403, 200, 200, 401]


async def test_the_only_name_gets_metrics_when_it_is_an_admins(start: Start) -> None:
    only = {"API_KEYS": f"alice:{SECRETS['alice']}"}
    refused(await ask(await start(**only), "alice", "GET", "/metrics"), 403)
    assert (await ask(await start(**only, ADMIN_KEYS="alice"), "alice", "GET", "/metrics")).status == 200


async def test_health_counts_a_names_own_calls_and_tells_strangers_none(divided: Client) -> None:
    for name, count in (("alice", 1), ("bob", 2)):
        for _ in range(count):
            await queued(divided, name, "queue-single-call", {"to_number": "+12025550100"})
    depths = {}
    for name in ("alice", "bob", "root", "auditor", ""):
        depths[name] = (await ask(divided, name, "GET", f"{BASE_PATH}/health")).body.get("queue_depth")
    assert depths == {"alice": 1, "bob": 2, "root": 3, "auditor": 3, "": None}


async def test_nobody_is_told_of_the_number_for_whose_refusal_all_is_held(divided: Client, store: Store) -> None:
    task_id = await queued(divided, "bob", "queue-single-call", {"to_number": "+12025550100"})
    store.hold("Twilio refused the call: Account not allowed to call +12025550199 (error 21216)")
    for path in (f"task-status/{task_id}", "tasks", "calls", "health", "overview"):
        told = (await ask(divided, "bob", "GET", f"{BASE_PATH}/{path}")).text
        assert "+12025550199" not in told
    told = (await ask(divided, "bob", "GET", f"{BASE_PATH}/task-status/{task_id}")).text
    assert "call +1202…99 (error 21216)" in told


async def test_nobody_is_told_of_the_url_for_whose_refusal_all_is_held(divided: Client, store: Store) -> None:
    """It may be another client's, or ours, in which another's call stands."""
    task_id = await queued(divided, "bob", "queue-single-call", {"to_number": "+12025550100"})
    store.hold("Twilio refused the call: Url is not valid: https://hook.example/?call=another (error 21205)")
    for path in (f"task-status/{task_id}", "tasks", "calls", "health", "overview"):
        told = (await ask(divided, "bob", "GET", f"{BASE_PATH}/{path}")).text
        assert "hook.example" not in told
        assert "another" not in told
    assert "error 21205" in (await ask(divided, "bob", "GET", f"{BASE_PATH}/health")).text


async def test_several_names_may_do_without_division(start: Start) -> None:
    together = await start(API_KEYS=API_KEYS, ISOLATE_KEYS="0")
    task_id = await queued(together, "alice", "queue-single-call", CALL)
    assert (await ask(together, "bob", "DELETE", f"{BASE_PATH}/cancel-task/{task_id}")).status == 200


def test_every_route_about_a_task_is_among_those_that_are_tried() -> None:
    """So that one added later is tried with two names, too."""
    routes = create_app(Settings.read({})).router.routes()
    about = {(route.method, route.resource.canonical) for route in routes if route.resource}
    tried = {(method, f"{BASE_PATH}/{address}") for method, address in ABOUT_A_TASK}
    assert {(method, path) for method, path in about if "{task_id}" in path and method != "HEAD"} == tried

"""
A client with a key, after another's tasks: every route about a task, ids in every form, Idempotency-Keys; and after
another's time: the longest pages of its own lists.
"""

import json
import random
from typing import Final

from tests.attack.loot import Loot
from tests.attack.shot import Shot, head, key, with_body
from tests.processes import BASE_PATH

_ROUTES: Final = {"task-status": "GET", "cancel-task": "DELETE", "tasks": "DELETE"}
_LISTS: Final = ("tasks", "calls", "do-not-call")
_DRESSES: Final = (
    "{}",
    "{}-1",
    "{}%00",
    "./{}",
    "{}/",
    "{}?task_id={}",
    "tw:task:{}",
    "{}%20",
    "{}#",
    "%7B{}%7D",
    "{}*",
)


def draw(drawn: random.Random, loot: Loot) -> Shot:
    """One request with the attacker's own key, or with one that may only read."""
    name = drawn.choice(["mallory", "mallory", "auditor"])
    victim = drawn.choice(loot.ids)
    if drawn.random() < 0.1:
        body = json.dumps({"to_number": "+12025550199", "delay_seconds": 3600}).encode()
        lines = ("Host: localhost", key(name), "Content-Type: application/json", f"Idempotency-Key: {victim}")
        path = f"{BASE_PATH}/queue-single-call"
        return Shot("neighbour, key of idempotency", with_body("POST", path, body, *lines), "post", path)
    if drawn.random() < 0.1:
        path = f"{BASE_PATH}/{drawn.choice(_LISTS)}"
        filters = drawn.choice(["", "&created_from=2026-01-01T00:00:00Z"]) if path.endswith(("tasks", "calls")) else ""
        shot = head("GET", f"{path}?limit=200{filters}", "Host: localhost", key(name))
        return Shot("neighbour, list", shot, "get", path)
    route, method = drawn.choice([*_ROUTES.items()])
    dressed = drawn.choice(_DRESSES) if drawn.random() < 0.5 else "{}"
    target = f"{BASE_PATH}/{route}/{dressed.format(victim, victim)}"
    reads = name == "auditor" and method == "GET"
    path = f"{BASE_PATH}/{route}/{{task_id}}"
    return Shot("neighbour", head(method, target, "Host: localhost", key(name)), method.lower(), path, harmless=reads)

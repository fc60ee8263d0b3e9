"""Keys x addresses x headers of proxies x methods x paths: who gets in without a key that is his."""

import random
from typing import Final

from tests.attack.loot import Loot
from tests.attack.shot import SECRETS, Shot, head
from tests.processes import BASE_PATH

_PATHS: Final = {
    f"{BASE_PATH}/task-status/{{task_id}}": "GET",
    f"{BASE_PATH}/cancel-task/{{task_id}}": "DELETE",
    f"{BASE_PATH}/tasks/{{task_id}}": "DELETE",
    "/metrics": "GET",
}
_DETOURS: Final = ("", "/livez/..", "/api/docs/static/../..", "//", "/./", "/%2e%2e", "/livez;", "/api/docs/%2f")
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "BREW")
_ADDRESSES: Final = (
    "127.0.0.1",
    "::1",
    "10.0.0.1:99",
    "[2001:db8::1]:5",
    "unknown",
    "",
    "203.0.113.7, 127.0.0.1",
    "x" * 300,
    "," * 8000,
)
_PROXIES: Final = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL")
_OVERRIDES: Final = (
    "X-HTTP-Method-Override: DELETE",
    "X-Original-URL: /livez",
    "X-Forwarded-User: alice",
    "Cookie: key=1",
)


def key_lines(drawn: random.Random) -> list[str]:
    """Headers that carry no key that is right: guesses, halves, several, other schemes."""
    secret = SECRETS["alice"]
    guess = drawn.choice(
        [
            *("", " ", "alice", "null", "undefined", "*", "%00", secret[:-1], secret + "x", secret.upper()),
            *(f"alice:{secret}", f'"{secret}"', f"{secret}\t{secret}", secret[::-1], f"guess-{drawn.random()}"),
        ]
    )
    return drawn.choice(
        [
            *([], [f"X-API-Key: {guess}"], [f"Authorization: Bearer {guess}"], [f"Authorization: Basic {secret}"]),
            *(
                [f"Authorization: {secret}"],
                [f"X-API-Key : {secret}"],
                [f"X_API_Key: {secret}"],
                [f"API-Key: {secret}"],
            ),
            *(
                [f"X-API-Key: {guess}", f"X-API-Key: {secret}"],
                [f"Authorization: Bearer {guess}", f"X-API-Key: {secret}"],
            ),
        ]
    )


def draw(drawn: random.Random, loot: Loot) -> Shot:
    """A request about somebody's task, or for everybody's figures, by somebody who has no key."""
    path, method = drawn.choice([*_PATHS.items()])
    target = path.replace("{task_id}", drawn.choice(loot.ids))
    lines = [
        f"Host: {drawn.choice(['localhost', 'evil.example', '127.0.0.1:1', loot.base_url[7:]])}",
        *key_lines(drawn),
    ]
    if drawn.random() < 0.5:
        lines += [f"{drawn.choice(_PROXIES)}: {drawn.choice(_ADDRESSES)}"] * drawn.choice([1, 1, 90])
    if drawn.random() < 0.2:
        lines.append(drawn.choice(_OVERRIDES))
    if drawn.random() < 0.3:  # another address or another method: no operation is meant
        target = drawn.choice(_DETOURS) + target if drawn.random() < 0.5 else f"{loot.base_url}{target}"
        return Shot("door, odd", head(drawn.choice(_METHODS), target, *lines), harmless=False)
    return Shot("door", head(method, target, *lines), method.lower(), path, harmless=False)

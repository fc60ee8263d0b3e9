"""
The honest client: python -m tests.attack.honest URL SECRET SECONDS. A process of its own, so that what it measures is
the server and not the attacker. Prints one line of JSON: how many requests, what was no 200, how long they took.
"""

import json
import sys
import time
from dataclasses import dataclass, field
from typing import Any, Final

import requests

from tests.processes import BASE_PATH

_PAUSE_SECONDS: Final = 0.02
_ANSWER_SECONDS: Final = 20.0
_CALL: Final = {"to_number": "+12025550100", "delay_seconds": 3600}


@dataclass
class Honest:
    """Queues calls for tomorrow, asks after them and cancels them, one request after another."""

    url: str
    session: requests.Session
    took_ms: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def run(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            task_id = self._ask("POST", f"{BASE_PATH}/queue-single-call", _CALL).get("task_id", "none")
            self._ask("GET", f"{BASE_PATH}/task-status/{task_id}")
            self._ask("GET", f"{BASE_PATH}/health")
            self._ask("DELETE", f"{BASE_PATH}/cancel-task/{task_id}")

    def _ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        time.sleep(_PAUSE_SECONDS)
        began = time.monotonic()
        answer = self.session.request(method, self.url + path, json=body, timeout=_ANSWER_SECONDS)
        self.took_ms.append(1000 * (time.monotonic() - began))
        if answer.status_code != requests.codes.ok:
            self.refused.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
        return dict(answer.json())

    def figures(self) -> dict[str, Any]:
        ordered = sorted(self.took_ms)
        names = {"p50_ms": 0.5, "p99_ms": 0.99, "worst_ms": 1.0}
        shares = {
            name: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1) for name, share in names.items()
        }
        return {"requests": len(ordered), "refused": self.refused, **shares}


def main(url: str, secret: str, seconds: float) -> None:
    """Prints the figures."""
    with requests.Session() as session:
        session.headers["X-API-Key"] = secret
        one = Honest(url, session)
        one.run(seconds)
    print(json.dumps(one.figures()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]))

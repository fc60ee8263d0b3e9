"""The stack under attack: names with and without rights, an honest client's tasks, and what is left of them."""

from pathlib import Path
from typing import Any, Final

import requests
from redis import Redis

from schemas import keys
from tests import logs
from tests.attack.loot import Loot
from tests.attack.shot import SECRETS
from tests.ports import reserve_port
from tests.processes import wait_until
from tests.stack import Stack

_TALKS, _ENDS, _WAITS = "+12025550111", "+12025550112", "+12025550113"
_SETTINGS: Final = {
    "API_KEYS": ",".join(f"{name}:{secret}" for name, secret in SECRETS.items()),
    "ADMIN_KEYS": "root",
    "READ_ONLY_KEYS": "auditor",
    # The attacker has none, so that what is signed for him is signed with the token that proves Twilio.
    "EVENT_SIGNING_KEYS": f"alice:{SECRETS['alice']}-events",
    "CALLS_PER_SECOND": "50",
    "SINGLE_CALLS_PER_MINUTE": "3000",
    "MAX_WAITING_PER_KEY": "5000",
}


class Stage:
    """A running stack, and what an attacker is after in it."""

    def __init__(self, folder: Path) -> None:
        self.stack = Stack(folder, _SETTINGS)
        self.stack.env["PUBLIC_BASE_URL"] = self.stack.url
        self.loot = Loot(self.stack.url, f"http://127.0.0.1:{reserve_port()}")
        self._before: dict[str, dict[str, str]] = {}

    def set(self) -> None:
        """Starts everything: a call that talks, one that has ended, one that waits, a campaign that waits."""
        self.stack.start()
        self.stack.simulator.script(_TALKS, outcome="answered", ring_seconds=0, talk_seconds=36_000)
        self.stack.simulator.script(_ENDS, outcome="answered", ring_seconds=0, talk_seconds=0)
        later = {"delay_seconds": 3600}
        talks, ends = self._queue({"to_number": _TALKS}), self._queue({"to_number": _ENDS})
        waits = [self._queue({"to_number": _WAITS} | later) for _ in range(3)]
        self.loot.ids += [talks, ends, *waits]
        wait_until(lambda: self._record(ends).get("state") == "ended", what="a call ends")
        wait_until(lambda: self._record(talks).get("call_status") == "in-progress", what="a call is answered")
        self.loot.sids += [self._record(one)["sid"] for one in (talks, ends)]
        self._before = {one: self._kept(one) for one in self.loot.ids}

    def changed(self) -> list[str]:
        """What is not as it was of the other client's tasks."""
        return [
            f"{task}: {before} became {after}"
            for task, before in self._before.items()
            if (after := self._kept(task)) != before
        ]

    def wrongly_signed(self) -> list[str]:
        """Events that the attacker caught and that are not of a task of his own."""
        owners = {
            task: self._record(task).get("client") for task in {self._task(one.fields) for one in self.loot.caught}
        }
        return [f"{one.target}: {one.body}" for one in self.loot.caught if owners[self._task(one.fields)] != "mallory"]

    def logged(self) -> list[str]:
        """Tracebacks, and what no log may hold."""
        faults = [f"a traceback of {one.name}" for one in self.stack.processes if "Traceback" in one.output]
        return faults + logs.RUN.leaks()

    @staticmethod
    def _task(fields: list[tuple[str, str]]) -> str:
        return dict(fields).get("TaskId", "")

    def _queue(self, body: dict[str, Any]) -> str:
        answer = self.stack.post("queue-single-call", body, **{"X-API-Key": SECRETS["alice"]})
        assert answer.status_code == requests.codes.ok, answer.text
        return str(answer.json()["task_id"])

    def _record(self, task: str) -> dict[str, str]:
        with Redis.from_url(self.stack.redis.url, decode_responses=True, protocol=2) as redis:
            return dict(redis.hgetall(keys.task(task)))

    def _kept(self, task: str) -> dict[str, str]:
        """All of a record but when it was last looked at."""
        return {name: value for name, value in self._record(task).items() if name != "updated_ms"}

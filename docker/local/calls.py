"""What becomes of each call, one line an event, for whoever watches the terminal."""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from redis import Redis
from redis.exceptions import RedisError

from runtime.masking import mask_number, mask_numbers
from schemas import keys
from schemas.states import FINAL_STATES, CallState, CampaignState

#: How soon a change of a live call is seen that no part logs.
LOOK_SECONDS: Final = 0.25
#: Tasks whose last line is not told again.
REMEMBERED: Final = 20_000
_FIELDS: Final = ("kind", "state", "to", "call_status", "error", "total")
_AT_REST: Final = {CallState.WAITING, *FINAL_STATES, *set(CampaignState) - {CampaignState.ACTIVE}}
#: Here a call's own status tells more.
_TOLD_BY_STATUS: Final = {CallState.PLACED, CallState.ENDED}
#: On its way from one process to the other.
_UNTOLD: Final = {CallState.DISPATCHED, CallState.DIALLING}

Record = dict[str, str | None]


class Calls:
    """Looks at the records of those tasks that a part has just named, and at live ones again and again."""

    def __init__(self, redis: "Redis", tell: Callable[[str], None]) -> None:
        self._redis = redis
        self._tell = tell
        self._named = set[str]()
        self._moving = set[str]()
        self._told: dict[str, str] = {}
        self._news = threading.Event()
        self._lock = threading.Lock()

    def start(self) -> None:
        threading.Thread(target=self._follow, name="calls", daemon=True).start()

    def name(self, task_id: str) -> None:
        """A part did something with this task."""
        with self._lock:
            self._named.add(task_id)
        self._news.set()

    def _follow(self) -> None:
        while True:
            self._news.wait(LOOK_SECONDS if self._moving else None)
            self._news.clear()
            with self._lock:
                looked_at = sorted(self._named | self._moving)
                self._named.clear()
            try:
                self._look(looked_at)
            except RedisError:  # The parts say so; they name the task again when it goes on.
                self._moving.clear()

    def _look(self, task_ids: Iterable[str]) -> None:
        pipeline = self._redis.pipeline(transaction=False)
        for task_id in task_ids:
            pipeline.hmget(keys.task(task_id), _FIELDS)
        for task_id, values in zip(task_ids, pipeline.execute(), strict=True):
            record: Record = dict(zip(_FIELDS, values, strict=True))
            at_rest = record["state"] is None or record["state"] in _AT_REST
            (self._moving.discard if at_rest else self._moving.add)(task_id)
            self._tell_once(task_id, line_about(record))

    def _tell_once(self, task_id: str, line: str) -> None:
        if not line or line == self._told.get(task_id):
            return
        self._told[task_id] = line
        if len(self._told) > REMEMBERED:
            del self._told[next(iter(self._told))]
        self._tell(line)


def tasks_in(entry: Mapping[str, Any]) -> set[str]:
    """What may be ids of tasks in a line of a log; a request may have one at the end of its path."""
    named = (entry.get("call_id") or entry.get("request_id"), str(entry.get("path", "")).rpartition("/")[2])
    return {str(name) for name in named if name}


def line_about(record: Record) -> str:
    """Whom it calls and how that goes; '' of what is not told."""
    state = record["state"]
    if not state or state in _UNTOLD:
        return ""
    if record["kind"] == "bulk":
        return f"campaign of {record['total']} numbers: {state}"
    word = (record["call_status"] if state in _TOLD_BY_STATUS else None) or state
    reason = f": {mask_numbers(record['error'])}" if record["error"] else ""
    return f"{mask_number(record['to'] or '')} {word}{reason}"

"""Requests that came twice within a short time: what a retry without an Idempotency-Key looks like."""

import time
from typing import Final

from aiohttp import web

from app.context import CLIENT
from app.http.body.checking import RAW_BODY
from app.http.idempotency import HEADER

REPEAT_SECONDS: Final = 300.0
#: The most that one process remembers, and the newest half at least; of other processes it knows nothing.
MOST_REMEMBERED: Final = 10_000


class Repeats:
    """
    Hash of an accepted request -> its newest task, and when that was. Of what is remembered the older half is forgotten
    at once: for one after another, all of it would have to be kept in an order.
    """

    def __init__(self) -> None:
        self._newer: dict[int, tuple[str, float]] = {}
        self._older: dict[int, tuple[str, float]] = {}

    def __len__(self) -> int:
        return len(self._newer) + len(self._older)

    def told(self, request: web.Request, task_id: str) -> list[str]:
        """Notes that a request was accepted; a sentence if the same one was just before, by the same client."""
        if HEADER in request.headers:
            return []
        known_by = hash((request.get(CLIENT), request.path, request[RAW_BODY]))  # another one in each process
        now = time.monotonic()
        before = self._newer.get(known_by) or self._older.get(known_by)
        self._newer[known_by] = (task_id, now)
        if 2 * len(self._newer) >= MOST_REMEMBERED:
            self._older, self._newer = self._newer, {}
        if before is None or now - before[1] > REPEAT_SECONDS:
            return []
        ago = max(1, round(now - before[1]))
        when = f"{ago} second{'' if ago == 1 else 's'} before, as task {before[0]}"
        return [
            f"The same request was accepted {when}, and both are dialled: cancel one of them if that is not meant."
            f" With one {HEADER} for both it would be dialled once."
        ]


REPEATS: Final = web.AppKey("repeats", Repeats)
